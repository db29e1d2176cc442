/* SPDX-License-Identifier: MIT */
/*
 * fadvise(), readahead(), close_range() and unshare(): registers of lengths, ranges up to the last
 * descriptor, tables that are shared, and which error comes first, as Linux 6.18 has it.
 *
 * sources: kernel/syscall/file/sys_advice.c kernel/task/files.c
 * sources: tests/host/kernel/syscall/file_rig.c
 */
#include "abi/linux/sched.h"
#include "kernel/process/fs_struct.h"
#include "kernel/signal/signal.h"
#include "tests/host/kernel/syscall/file_rig.h"

#define UNSHARE 2u
#define CLOEXEC 4u

static u32 file, writer, folder, place, blank, ends[2];

static void files(void)
{
	begin();
	file = nameless(O_RDONLY, "abc");
	writer = nameless(O_WRONLY, "abc");
	folder = open_fd("/tmp", O_RDONLY);
	place = open_fd("/tmp", O_PATH);
	blank = blank_fd(O_RDWR);
	pipe_fds(ends, 0);
}

/* ---- Advice ---- */

static void advice(void)
{
	files();
	for (u32 kind = 0; kind < 6; kind++) {
		EXPECT_EQ(CALL(fadvise64, file, 0, 0, 0, kind), 0);
		EXPECT_EQ(CALL(fadvise64_64, writer, 0, 0, 0, 0, kind), 0);
	}
	EXPECT_EQ(CALL(fadvise64, file, 0, 0, 0, 6), -EINVAL);
	EXPECT_EQ(CALL(fadvise64, file, 0, 0, 0, UINT32_MAX), -EINVAL);
	EXPECT_EQ(CALL(fadvise64_64, file, 0, 0, 0, 0, 6), -EINVAL);
	/* The length of the old call has 32 bits and no sign. */
	EXPECT_EQ(CALL(fadvise64, file, 0, 0, UINT32_MAX, 0, 9), 0);
	EXPECT_EQ(CALL(fadvise64, file, UINT32_MAX, UINT32_MAX, 0x80000000, 0), 0);
	EXPECT_EQ(CALL(fadvise64_64, file, 0, 0, UINT32_MAX, INT32_MAX, 0), 0);
	EXPECT_EQ(CALL(fadvise64_64, file, 0, 0, 0, 0x80000000, 0), -EINVAL);
	EXPECT_EQ(CALL(fadvise64_64, file, 9, UINT32_MAX, 0, 0, 0), 0);
	EXPECT_EQ(CALL(fadvise64, folder, 0, 0, 0, 5), 0);
	EXPECT_EQ(CALL(fadvise64, blank, 0, 0, 0, 5), 0);
	EXPECT_EQ(CALL(fadvise64, blank, 0, 0, 0, 6), -EINVAL);
	EXPECT_EQ(CALL(fadvise64, ends[0], 0, 0, 0, 6), -ESPIPE);
	EXPECT_EQ(CALL(fadvise64, place, 0, 0, 0, 6), -EBADF);
	EXPECT_EQ(CALL(fadvise64_64, CLOSED, 0, 0, 0, 0x80000000, 6), -EBADF);
	EXPECT_EQ(CALL(readahead, file, UINT32_MAX, UINT32_MAX, 1), 0);
	EXPECT_EQ(CALL(readahead, writer, 0, 0, 1), -EBADF);
	EXPECT_EQ(CALL(readahead, folder, 0, 0, 1), -EINVAL);
	EXPECT_EQ(CALL(readahead, blank, 0, 0, 1), -EINVAL);
	EXPECT_EQ(CALL(readahead, ends[0], 0, 0, 1), -EINVAL);
	EXPECT_EQ(CALL(readahead, ends[1], 0, 0, 1), -EBADF);
	EXPECT_EQ(CALL(readahead, place, 0, 0, 1), -EBADF);
	EXPECT_EQ(CALL(readahead, CLOSED, 0, 0, 1), -EBADF);
}

/* ---- Ranges of descriptors ---- */

/* The descriptors 0 to 7 in use, as bits. */
static u32 in_use(void)
{
	return *own.files->open & 0xff;
}

static void ranges(void)
{
	files();
	EXPECT_EQ(in_use(), 0x7f);
	EXPECT_EQ(CALL(close_range, 3, 2, 0), -EINVAL);
	EXPECT_EQ(CALL(close_range, 0, 9, 1), -EINVAL);
	EXPECT_EQ(CALL(close_range, 0, 9, 8), -EINVAL);
	EXPECT_EQ(in_use(), 0x7f);
	EXPECT_EQ(CALL(close_range, 2, 2, 0), 0);
	EXPECT_EQ(in_use(), 0x7b);
	EXPECT_EQ(CALL(close_range, 0, 3, CLOEXEC), 0);
	EXPECT_EQ(*own.files->close_on_exec, 0x0b);
	EXPECT_EQ(CALL(close_range, 2, 4, 0), 0);
	EXPECT_EQ(in_use(), 0x63);
	EXPECT_EQ(CALL(close_range, 7, UINT32_MAX, 0), 0);
	EXPECT_EQ(CALL(close_range, UINT32_MAX, UINT32_MAX, 0), 0);
	EXPECT_EQ(in_use(), 0x63);
	EXPECT_EQ(CALL(close_range, 6, UINT32_MAX, 0), 0);
	EXPECT_EQ(in_use(), 0x23);
	EXPECT_EQ(CALL(close_range, 0, UINT32_MAX, 0), 0);
	EXPECT_EQ(in_use(), 0);
	EXPECT_EQ(CALL(close_range, 0, UINT32_MAX, 0), 0);
}

/* With a table of its own another one stays as it is. */
static void ranges_of_an_own_table(void)
{
	struct files_struct *shared;

	files();
	shared = own.files;
	EXPECT_EQ(CALL(close_range, 6, 6, UNSHARE), 0);
	EXPECT(own.files == shared && in_use() == 0x3f);
	files_get(shared);
	fail(1);
	EXPECT_EQ(CALL(close_range, 1, 9, UNSHARE), -ENOMEM);
	fail(0);
	EXPECT(own.files == shared && shared->count == 2 && in_use() == 0x3f);
	EXPECT_EQ(CALL(close_range, 1, 9, UNSHARE), 0);
	EXPECT(own.files != shared && in_use() == 1);
	EXPECT(shared->count == 1 && *shared->open == 0x3f && own.files->count == 1);
	EXPECT_EQ(file_at(0)->count, 2);
	files_put(shared);
}

/* ---- unshare() ---- */

static u32 fs_calls;
static bool fs_fails;

int fs_unshare(void)
{
	fs_calls++;
	return fs_fails ? -ENOMEM : 0;
}

static struct sighand handlers = { .count = 1 };
static struct mm_struct space = { .mm_users = 1 };

static s32 unshare(u32 flags)
{
	own.sighand = &handlers;
	own.mm = &space;
	return CALL(unshare, flags);
}

static void sharing(void)
{
	struct files_struct *shared;

	files();
	shared = own.files;
	own_group.threads = 1;
	EXPECT_EQ(unshare(0), 0);
	EXPECT_EQ(unshare(CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_SYSVSEM), 0);
	EXPECT_EQ(unshare(CLONE_PIDFD), -EINVAL);
	EXPECT_EQ(unshare(0x80000000), -EINVAL);
	EXPECT_EQ(fs_calls, 0);
	EXPECT_EQ(unshare(CLONE_FS), 0);
	EXPECT_EQ(fs_calls, 1);
	files_get(shared);
	EXPECT_EQ(unshare(CLONE_FS | CLONE_SYSVSEM), 0);
	EXPECT(own.files == shared);
	fs_fails = true;
	EXPECT_EQ(unshare(CLONE_FS | CLONE_FILES), -ENOMEM);
	EXPECT(own.files == shared);
	EXPECT_EQ(unshare(CLONE_FILES), 0);
	EXPECT(own.files != shared && shared->count == 1 && fs_calls == 3);
	files_put(shared);
	EXPECT_EQ(unshare(CLONE_FILES), 0);
}

/* What threads share they go on sharing. */
static void shared_with_threads(void)
{
	static const u32 flags[] = { CLONE_THREAD, CLONE_SIGHAND, CLONE_VM };

	files();
	for (u32 i = 0; i < ARRAY_SIZE(flags); i++) {
		own_group.threads = 2;
		EXPECT_EQ(unshare(flags[i]), -EINVAL);
		EXPECT_EQ(unshare(CLONE_FILES), 0);
		own_group.threads = 1;
		handlers.count = 2;
		EXPECT_EQ(unshare(flags[i]), flags[i] == CLONE_THREAD ? 0 : -EINVAL);
		handlers.count = 1;
		space.mm_users = 2;
		EXPECT_EQ(unshare(flags[i]), flags[i] == CLONE_VM ? -EINVAL : 0);
		space.mm_users = 1;
		EXPECT_EQ(unshare(flags[i]), 0);
	}
}

TAP_MAIN({ "advice", advice }, { "ranges", ranges },
	 { "ranges of an own table", ranges_of_an_own_table }, { "sharing", sharing },
	 { "shared with threads", shared_with_threads })
