/* SPDX-License-Identifier: MIT */
/*
 * getrandom() and /dev/random: flags, lengths, memory that ends, and signals; each byte is
 * written, and no two requests are the same.
 *
 * sources: kernel/syscall/sys_random.c
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "fs/device.h"
#include "fs/file.h"
#include "kernel/cpu/cpu.h"
#include "kernel/devices/time.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/task.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/machine.h"
#include "tests/host/resched.h"

#define OUTSIDE 0x1000u
#define END	(USER_BYTES + (u32)sizeof(user_bytes))

static struct thread_group group;
static struct task own = { .group = &group };
struct task *current = &own;
struct cpu_info cpu = { .words = { 1u << CPU_TSC } };
volatile u32 jiffies;

static s32 get(u32 to, u32 bytes, u32 flags)
{
	struct pt_regs regs = { .ebx = to, .ecx = bytes, .edx = flags };

	return sys_getrandom(&regs);
}

/* The last byte that is not 0, and one more. Of 16 random bytes one is, but for one in 2^128. */
static u32 written(const u8 *bytes, u32 count)
{
	while (count && !bytes[count - 1])
		count--;
	return count;
}

static void flags(void)
{
	for (u32 flags = 0; flags < 32; flags++)
		EXPECT_EQ(get(USER_BYTES, 1, flags), flags > 7 || (flags & 6) == 6 ? -EINVAL : 1);
	EXPECT_EQ(get(USER_BYTES, 1, 1u << 31), -EINVAL);
	EXPECT_EQ(get(OUTSIDE, 1, 8), -EINVAL);
}

static void lengths(void)
{
	static const u32 all[] = { 1, 2, 3, 4, 5, 255, 256, 257, 512, 1000 };

	for (u32 i = 0; i < ARRAY_SIZE(all); i++) {
		const u32 bytes = all[i];

		memset(user_bytes, 0, sizeof(user_bytes));
		EXPECT_EQ(get(USER_BYTES, bytes, 0), bytes);
		EXPECT(written(user_bytes, sizeof(user_bytes)) <= bytes);
		if (bytes >= 255)
			EXPECT(written(user_bytes, bytes) > bytes - 16);
	}
	EXPECT_EQ(get(USER_BYTES, 0, 0), 0);
	EXPECT_EQ(get(OUTSIDE, 0, 0), 0);
	EXPECT_EQ(get(OUTSIDE, 1, 0), -EFAULT);
	EXPECT_EQ(get(0xfffffff0, 0x20, 0), -EFAULT);
	/* What could be written counts, by blocks of 256 bytes. */
	EXPECT_EQ(get(END - 300, 300, 0), 300);
	EXPECT_EQ(get(END - 256, 300, 0), 256);
}

static void others(void)
{
	group.pending.signals = 1;
}

/* A signal ends the call, but not before the first 256 bytes. */
static void signals(void)
{
	group.pending.signals = 1;
	EXPECT_EQ(get(USER_BYTES, 256, 0), 256);
	EXPECT_EQ(get(USER_BYTES, 257, 0), 256);
	EXPECT_EQ(get(USER_BYTES, 100, 0), 100);
	group.pending.signals = 0;
	host_others = others; /* it comes while other tasks run, after a block */
	EXPECT_EQ(get(USER_BYTES, 2000, 0), 512);
	host_others = NULL;
	group.pending.signals = 0;
}

/* Also without the processor's counter, and with nothing that moves but the state. */
static void differ(void)
{
	u8 first[64];

	for (u32 tsc = 0; tsc < 2; tsc++) {
		cpu.words[0] = tsc << CPU_TSC;
		EXPECT_EQ(get(USER_BYTES, 64, 0), 64);
		memcpy(first, user_bytes, 64);
		EXPECT(memcmp(first, first + 32, 32));
		EXPECT_EQ(get(USER_BYTES, 64, 0), 64);
		EXPECT(memcmp(first, user_bytes, 64));
	}
}

static s32 read_device(struct file *file, u8 *to, u32 bytes)
{
	return file_read(file, &file->position, bytes, copy_to_buffer, &to);
}

static u32 takes_ten(void *kernel, u32 bytes, void *context)
{
	u32 *left = context, part = min(bytes, *left);

	EXPECT(kernel != NULL);
	*left -= part;
	return bytes - part;
}

static void devices(void)
{
	static const char *const paths[] = { "/dev/random", "/dev/urandom" };
	u8 got[600];

	start();
	random_init();
	machine_settle();
	for (u32 i = 0; i < ARRAY_SIZE(paths); i++) {
		struct file *file = opened(paths[i], O_RDWR);
		u32 ten = 10;

		EXPECT_EQ(file->operations->rdev, 0x108 + i);
		memset(got, 0, sizeof(got));
		EXPECT_EQ(read_device(file, got, 600), 600);
		EXPECT(written(got, 600) > 584);
		EXPECT_EQ(read_device(file, got, 0), 0);
		EXPECT_EQ(put_text(file, "text"), 4);
		EXPECT_EQ(file_read(file, &file->position, 300, takes_ten, &ten), 10);
		EXPECT_EQ(file_read(file, &file->position, 300, takes_ten, &ten), -EFAULT);
		EXPECT_EQ(file_write(file, &file->position, 300, takes_ten, &ten), -EFAULT);
		EXPECT_EQ(file_write(file, &file->position, 0, takes_ten, &ten), 0);
		ten = 10;
		EXPECT_EQ(file_write(file, &file->position, 300, takes_ten, &ten), 300);
		group.pending.signals = 1;
		EXPECT_EQ(read_device(file, got, 600), 256);
		group.pending.signals = 0;
		file_put(file);
	}
}

TAP_MAIN({ "flags", flags }, { "lengths", lengths }, { "signals", signals },
	 { "no two are the same", differ }, { "devices", devices })
