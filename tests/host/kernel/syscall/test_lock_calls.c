/* SPDX-License-Identifier: MIT */
/*
 * fcntl() and flock() on files that have no inode, such as pipes: here they have no locks. Linux
 * gives them some, so a ring-3 program cannot say this.
 *
 * sources: kernel/syscall/file/sys_lock.c
 */
#include "abi/linux/errno.h"
#include "abi/linux/flock.h"
#include "fs/file.h"
#include "kernel/syscall/file/sys_lock.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/task.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/tap.h"

#define FD 3

struct task *current;

static struct file *table[FD + 1];
static struct files_struct files = { .fd = table, .end = FD + 1 };
static struct thread_group group;
static struct task task = { .group = &group, .files = &files };
static const struct file_operations operations;
static struct file file = { .operations = &operations, .count = 1, .flags = O_RDWR };

static void no_records(void)
{
	static const u32 commands[] = { F_GETLK,     F_SETLK,	  F_SETLKW,
					F_GETLK64,   F_SETLK64,	  F_SETLKW64,
					F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW };

	current = &task;
	for (u32 i = 0; i < ARRAY_SIZE(commands); i++)
		EXPECT_EQ(fcntl_lock(FD, &file, commands[i], USER_BYTES), -EINVAL);
	EXPECT_EQ(user_copies, 0);
	EXPECT_EQ(file.count, 1);
}

static s32 lock(u32 fd, u32 operation)
{
	struct pt_regs regs = { .ebx = fd, .ecx = operation };

	return sys_flock(&regs);
}

static void no_whole_files(void)
{
	current = &task;
	table[FD] = &file;
	EXPECT_EQ(lock(FD, LOCK_UN), 0);
	EXPECT_EQ(lock(FD, LOCK_UN | LOCK_NB), 0);
	EXPECT_EQ(lock(FD, LOCK_SH), -EBADF);
	EXPECT_EQ(lock(FD, LOCK_EX | LOCK_NB), -EBADF);
	EXPECT_EQ(lock(FD, LOCK_SH | LOCK_EX), -EINVAL);
	EXPECT_EQ(lock(FD, 0), -EINVAL);
	EXPECT_EQ(lock(FD + 1, LOCK_UN), -EBADF);
	EXPECT_EQ(file.count, 1);
}

TAP_MAIN({ "locks of records", no_records }, { "locks of whole files", no_whole_files })
