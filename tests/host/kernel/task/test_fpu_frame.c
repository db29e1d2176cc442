/* SPDX-License-Identifier: MIT */
/*
 * x87 and SSE registers in a signal frame: both forms of the registers, tags of every kind of
 * number, what is taken from a frame that a program wrote.
 *
 * sources: kernel/task/fpu_frame.c
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/task/fpu.h"
#include "kernel/task/task.h"
#include "tests/host/tap.h"
#include "tests/host/kernel/user_bytes.h"

#define PLACE	  (USER_BYTES + 64)
#define HEAD	  112u
#define END	  (USER_BYTES + (u32)sizeof(user_bytes))
#define MXCSR_ALL 0xffbfu

static struct task thread;
struct task *current = &thread;
bool fpu_has_fxsr = true;
u32 fpu_mxcsr_mask = MXCSR_ALL;

static union fpu_state state;
static u32 saves, resets, releases, owned, killed;
static bool no_memory;

void fpu_save(void)
{
	saves++;
}

void fpu_reset(void)
{
	EXPECT(current->fpu);
	resets++;
}

void fpu_release(struct task *task)
{
	EXPECT(task == current);
	releases++;
	task->fpu = NULL;
}

int fpu_own_memory(void)
{
	if (no_memory)
		return -ENOMEM;
	owned++;
	current->fpu = &state;
	return 0;
}

void fpu_no_memory(u32 eip)
{
	EXPECT_EQ(eip, 0);
	killed++;
}

static struct fsave *first_part(void)
{
	return (struct fsave *)(user_bytes + 64);
}

static struct fxsave *second_part(void)
{
	return (struct fxsave *)(user_bytes + 64 + HEAD);
}

static void start(void)
{
	memset(&state, 0, sizeof(state));
	memset(user_bytes, 0xee, sizeof(user_bytes));
	current->fpu = &state;
}

static void places(void)
{
	for (u32 esp = 0xbffff000u; esp < 0xbffff080u; esp++) {
		vaddr_t place = fpu_frame_place(esp);

		EXPECT((place + HEAD) % 64 == 0);
		EXPECT(place + HEAD + 512 <= esp && place + HEAD + 512 + 64 > esp);
	}
	fpu_has_fxsr = false;
	for (u32 esp = 0xbffff000u; esp < 0xbffff080u; esp++) {
		vaddr_t place = fpu_frame_place(esp);

		EXPECT(place % 64 == 0 && place + HEAD <= esp && place + HEAD + 64 > esp);
	}
}

/* Ten bytes of a number, from the lowest. */
static void put(u32 number, u64 mantissa, u16 exponent)
{
	memcpy(state.fx.st[number], &mantissa, 8);
	memcpy((char *)state.fx.st[number] + 8, &exponent, 2);
}

/* As FNSAVE tags them: SDM vol. 1 8.1.7. */
static void tags(void)
{
	static const struct {
		u64 mantissa;
		u16 exponent;
		u32 tag;
	} cases[] = {
		{ 0x8000000000000000, 0x3fff, 0 }, /* 1.0 */
		{ 0xffffffffffffffff, 0xbfff, 0 }, /* negative */
		{ 0x8000000000000000, 0x7ffe, 0 }, /* the largest exponent */
		{ 0x8000000000000000, 1, 0 },
		{ 0, 0, 1 },
		{ 0, 0x8000, 1 },		   /* -0 */
		{ 0x8000000000000000, 0x7fff, 2 }, /* infinity */
		{ 0xc000000000000000, 0xffff, 2 }, /* not a number */
		{ 0x7fffffffffffffff, 0x3fff, 2 }, /* unnormal */
		{ 1, 0, 2 },			   /* denormal: each part of the mantissa */
		{ 0x10000, 0, 2 },
		{ 0x100000000, 0, 2 },
		{ 0x1000000000000, 0, 2 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		start();
		state.fx.swd = 0; /* the top is register 0 */
		state.fx.twd = 1;
		put(0, cases[i].mantissa, cases[i].exponent);
		EXPECT_EQ(fpu_frame_write(PLACE), 0);
		EXPECT_EQ(first_part()->twd, 0xfffffffcu | cases[i].tag);
	}
	/* Numbers count from the top, tags do not. */
	for (u32 top = 0; top < 8; top++) {
		start();
		state.fx.swd = (u16)(top << 11);
		state.fx.twd = (u16)(1 << top | 1 << ((top + 3) & 7));
		put(0, 0x8000000000000000, 0x3fff);
		put(3, 0, 0);
		EXPECT_EQ(fpu_frame_write(PLACE), 0);
		EXPECT_EQ(first_part()->twd,
			  (0xffffffffu & ~(3u << 2 * top) & ~(3u << 2 * ((top + 3) & 7))) |
				  1u << 2 * ((top + 3) & 7));
	}
}

static void fill(void)
{
	u8 *bytes = (u8 *)&state;

	for (u32 i = 0; i < sizeof(state); i++)
		bytes[i] = (u8)(i * 7 + 1);
	state.fx.twd = 0;
}

static void written(void)
{
	const u16 *status = (const u16 *)(user_bytes + 64 + 108);
	const struct fsave *fs = first_part();

	start();
	fill();
	EXPECT_EQ(fpu_frame_write(PLACE), 0);
	EXPECT(saves == 1 && resets == 1);
	EXPECT_EQ(fs->cwd, 0xffff0000u | state.fx.cwd);
	EXPECT_EQ(fs->swd, 0xffff0000u | state.fx.swd);
	EXPECT_EQ(fs->twd, 0xffffffffu);
	EXPECT_EQ(fs->fip, state.fx.fip);
	EXPECT_EQ(fs->fcs, (state.fx.fcs & 0xffff) | (u32)state.fx.fop << 16);
	EXPECT_EQ(fs->foo, state.fx.foo);
	EXPECT_EQ(fs->fos, state.fx.fos);
	for (u32 i = 0; i < 8; i++)
		EXPECT(!memcmp(fs->st[i], state.fx.st[i], 10));
	EXPECT_EQ(status[0], state.fx.swd);
	EXPECT_EQ(status[1], 0);
	EXPECT(!memcmp(second_part(), &state.fx, sizeof(state.fx)));
	EXPECT_EQ(user_bytes[63], 0xee);
	EXPECT_EQ(user_bytes[64 + HEAD + 512], 0xee);
	/* Each part may be where nothing can be written. */
	EXPECT_EQ(fpu_frame_write(END - 64), -EFAULT);
	EXPECT_EQ(fpu_frame_write(END - HEAD), -EFAULT);
	EXPECT_EQ(resets, 1);
}

static void read_back(void)
{
	union fpu_state before;

	start();
	fill();
	put(1, 0, 0);
	put(2, 0x8000000000000000, 0x3fff);
	state.fx.swd = 0;
	state.fx.twd = 6;
	state.fx.fcs &= 0xffff;
	state.fx.mxcsr &= MXCSR_ALL;
	before = state;
	EXPECT_EQ(fpu_frame_write(PLACE), 0);
	memset(&state, 0, sizeof(state));
	EXPECT_EQ(fpu_frame_read(PLACE), 0);
	EXPECT(!memcmp(&state, &before, sizeof(state)));
	EXPECT_EQ(owned, 1);
	/* The first part counts, as on Linux; each bit of MXCSR that is reserved is dropped. */
	first_part()->cwd = 0x1234;
	first_part()->swd = 0x5678;
	first_part()->twd = 0xfffffffcu;
	first_part()->fip = 1;
	first_part()->fcs = 0xabcd0023;
	first_part()->foo = 2;
	first_part()->fos = 3;
	first_part()->st[7][4] = 0x4321;
	second_part()->mxcsr = 0xffffffff;
	second_part()->xmm[7][3] = 77;
	EXPECT_EQ(fpu_frame_read(PLACE), 0);
	EXPECT(state.fx.cwd == 0x1234 && state.fx.swd == 0x5678 && state.fx.twd == 1);
	EXPECT(state.fx.fip == 1 && state.fx.fcs == 0x23 && state.fx.fop == 0xabcd);
	EXPECT(state.fx.foo == 2 && state.fx.fos == 3);
	EXPECT_EQ(state.fx.st[7][2] & 0xffff, 0x4321);
	EXPECT_EQ(state.fx.mxcsr, MXCSR_ALL);
	EXPECT_EQ(state.fx.xmm[7][3], 77);
}

static void read_nothing(void)
{
	start();
	EXPECT_EQ(fpu_frame_read(0), 0);
	EXPECT(releases == 1 && !owned && !current->fpu);
	no_memory = true;
	EXPECT_EQ(fpu_frame_read(PLACE), 0);
	EXPECT(killed == 1 && !current->fpu);
	no_memory = false;
	/* A bad frame leaves the initial state. */
	EXPECT_EQ(fpu_frame_read(END - 64), -EFAULT);
	EXPECT_EQ(resets, 1);
	EXPECT_EQ(fpu_frame_read(END - HEAD), -EFAULT);
	EXPECT_EQ(resets, 2);
}

/* A processor without FXSAVE: the first part alone. */
static void without_fxsave(void)
{
	union fpu_state before;
	const u16 *status = (const u16 *)(user_bytes + 64 + 108);

	fpu_has_fxsr = false;
	start();
	fill();
	state.fs.swd = 0xffff4321u;
	before = state;
	EXPECT_EQ(fpu_frame_write(PLACE), 0);
	EXPECT(!memcmp(first_part(), &before.fs, sizeof(before.fs)));
	EXPECT_EQ(status[0], 0x4321);
	EXPECT_EQ(status[1], 0xffff);
	EXPECT_EQ(user_bytes[64 + HEAD], 0xee);
	memset(&state, 0, sizeof(state));
	EXPECT_EQ(fpu_frame_read(PLACE), 0);
	EXPECT(!memcmp(&state.fs, &before.fs, sizeof(before.fs)));
	EXPECT_EQ(fpu_frame_write(END - HEAD), 0);
	EXPECT_EQ(fpu_frame_read(END - HEAD), 0);
	EXPECT_EQ(fpu_frame_read(END - HEAD + 1), -EFAULT);
}

TAP_MAIN({ "places of frames", places }, { "tags of registers", tags }, { "written", written },
	 { "read back", read_back }, { "nothing to read", read_nothing },
	 { "without FXSAVE", without_fxsave })
