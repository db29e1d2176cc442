/* SPDX-License-Identifier: MIT */
/*
 * x87, MMX and SSE registers in a signal frame: Linux's struct _fpstate_32.
 *
 *     place   struct fsave, 108 bytes     as FNSAVE would have written it
 *     + 108   status, magic               the status word; 0 if the rest exists, else 0xffff
 *     + 112   struct fxsave, 512 bytes    on a multiple of 64, if the processor has FXSAVE
 *
 *  (1) Both parts hold the x87 registers. As on Linux, a handler's changes to them count in the
 *      first part; in the second part only those to the SSE registers and MXCSR do.
 *  (2) A program can write any value there: reserved bits of MXCSR are masked out
 *      (kernel/task/fpu.c, (3)). All other bits are the program's own.
 *  (3) A task that does not use the registers has no such part, and fpstate in its sigcontext is
 *      NULL. To return by such a frame frees the task's registers.
 *
 * Source: Linux arch/x86/include/uapi/asm/sigcontext.h; Intel SDM vol. 1 8.1.7, 10.5.1 (tags).
 */
#include "kernel/task/fpu.h"
#include "kernel/task/task.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "lib/string.h"

#define ALIGNMENT  64u
#define MAGIC_FXSR 0x0000u
#define MAGIC_NONE 0xffffu

struct fpstate_head {
	struct fsave registers;
	u16 status, magic;
};
_Static_assert(sizeof(struct fpstate_head) == 112, "the ABI's");

enum tag { TAG_VALID, TAG_ZERO, TAG_SPECIAL, TAG_EMPTY };

vaddr_t fpu_frame_place(vaddr_t esp)
{
	if (!fpu_has_fxsr)
		return ALIGN_DOWN(esp - sizeof(struct fpstate_head), ALIGNMENT);
	return ALIGN_DOWN(esp - sizeof(struct fxsave), ALIGNMENT) - sizeof(struct fpstate_head);
}

/* The tag that FNSAVE writes for a register in use: five halves, the last is sign and exponent. */
static enum tag register_tag(const u16 *number)
{
	u32 exponent = number[4] & 0x7fff;

	if (exponent == 0x7fff)
		return TAG_SPECIAL;
	if (exponent)
		return number[3] & 0x8000 ? TAG_VALID : TAG_SPECIAL;
	return number[0] | number[1] | number[2] | number[3] ? TAG_SPECIAL : TAG_ZERO;
}

/* Tags count physical registers, st[] counts from the top of the stack. */
static u32 full_tags(const struct fxsave *fx)
{
	u32 top = fx->swd >> 11 & 7, tags = 0;

	for (u32 i = 0; i < 8; i++) {
		enum tag tag = TAG_EMPTY;

		if (fx->twd >> i & 1)
			tag = register_tag((const u16 *)fx->st[(i - top) & 7]);
		tags |= (u32)tag << 2 * i;
	}
	return tags;
}

static u16 short_tags(u32 tags)
{
	u16 used = 0;

	for (u32 i = 0; i < 8; i++)
		if ((tags >> 2 * i & 3) != TAG_EMPTY)
			used |= (u16)(1u << i);
	return used;
}

static void to_fsave(struct fsave *fs, const struct fxsave *fx)
{
	fs->cwd = 0xffff0000u | fx->cwd;
	fs->swd = 0xffff0000u | fx->swd;
	fs->twd = 0xffff0000u | full_tags(fx);
	fs->fip = fx->fip;
	fs->fcs = (fx->fcs & 0xffff) | (u32)fx->fop << 16;
	fs->foo = fx->foo;
	fs->fos = fx->fos;
	for (u32 i = 0; i < 8; i++)
		memcpy(fs->st[i], fx->st[i], sizeof(fs->st[i]));
}

static void from_fsave(struct fxsave *fx, const struct fsave *fs)
{
	fx->cwd = (u16)fs->cwd;
	fx->swd = (u16)fs->swd;
	fx->twd = short_tags(fs->twd);
	fx->fop = (u16)(fs->fcs >> 16);
	fx->fip = fs->fip;
	fx->fcs = fs->fcs & 0xffff;
	fx->foo = fs->foo;
	fx->fos = fs->fos;
	for (u32 i = 0; i < 8; i++)
		memcpy(fx->st[i], fs->st[i], sizeof(fs->st[i]));
}

int fpu_frame_write(vaddr_t place)
{
	struct fpstate_head head;
	union fpu_state *state = current->fpu;

	fpu_save();
	if (fpu_has_fxsr)
		to_fsave(&head.registers, &state->fx);
	else
		head.registers = state->fs;
	head.status = (u16)head.registers.swd;
	head.magic = fpu_has_fxsr ? MAGIC_FXSR : MAGIC_NONE;
	if (copy_to_user(place, &head, sizeof(head)))
		return -EFAULT;
	if (fpu_has_fxsr && copy_to_user(place + sizeof(head), &state->fx, sizeof(state->fx)))
		return -EFAULT;
	fpu_reset();
	return 0;
}

int fpu_frame_read(vaddr_t place)
{
	struct fpstate_head head;
	union fpu_state *state;

	if (!place) {
		fpu_release(current);
		return 0;
	}
	if (fpu_own_memory()) {
		fpu_no_memory(0);
		return 0;
	}
	state = current->fpu;
	if (copy_from_user(&head, place, sizeof(head)) ||
	    (fpu_has_fxsr && copy_from_user(&state->fx, place + sizeof(head), sizeof(state->fx)))) {
		fpu_reset();
		return -EFAULT;
	}
	if (fpu_has_fxsr) {
		from_fsave(&state->fx, &head.registers);
		state->fx.mxcsr &= fpu_mxcsr_mask;
	} else {
		state->fs = head.registers;
	}
	return 0;
}
