/* SPDX-License-Identifier: MIT */
/*
 * No memory for calls on files: names, descriptors, locks, pipes and files to wait for
 * (call_steps.h).
 */
#include "abi/linux/epoll.h"
#include "abi/linux/errno.h"
#include "abi/linux/fcntl.h"
#include "abi/linux/flock.h"
#include "abi/linux/poll.h"
#include "abi/linux/uio.h"
#include "abi/linux/unistd.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/sched.h"
#include "tests/kernel/call_steps.h"

#define LONG_NAME \
	"/tmp/././././././././././././././././././././././././././././././././././././nomem"

static s32 create(void)
{
	return call(NR_open, call_path("/tmp/nomem"), O_CREAT | O_RDWR, 0600, 0);
}

/* A part may have been written before memory was missing. */
static s32 write_pages(void)
{
	s32 done = call(NR_pwrite64, 0, CALL_BYTES, 3 * PAGE_SIZE, 0);

	return done >= 0 && done < 3 * (s32)PAGE_SIZE ? -ENOSPC : done;
}

static s32 open_long_name(void)
{
	return call(NR_stat64, call_path(LONG_NAME), CALL_BYTES, 0, 0);
}

static s32 write_parts(void)
{
	struct iovec parts[9];

	for (u32 i = 0; i < ARRAY_SIZE(parts); i++)
		parts[i] = (struct iovec){ CALL_BYTES + 64, 1 };
	return call(NR_writev, 0, call_put(parts, sizeof(parts)), ARRAY_SIZE(parts), 0);
}

static s32 make_link(void)
{
	EXPECT_EQ(copy_to_user(CALL_TEXT + 256, "/tmp/nomem.s", 13), 0);
	return call(NR_symlink, call_path("nomem"), CALL_TEXT + 256, 0, 0);
}

static s32 make_folder(void)
{
	return call(NR_mkdir, call_path("/tmp/nomem.d"), 0700, 0, 0);
}

static s32 make_fifo(void)
{
	return call(NR_mknod, call_path("/tmp/nomem.f"), S_IFIFO | 0600, 0, 0);
}

static s32 where(void)
{
	return call(NR_getcwd, CALL_BYTES, PAGE_SIZE, 0, 0);
}

static s32 lock(void)
{
	const struct flock64 range = { .type = 1, .start = 5, .length = 7 };

	return call(NR_fcntl64, 0, F_SETLK64, call_put(&range, sizeof(range)), 0);
}

static s32 lock_whole(void)
{
	return call(NR_flock, 0, 2, 0, 0);
}

static s32 send_file(void)
{
	call(NR_lseek, 0, 0, 0, 0);
	return call(NR_sendfile, 0, 0, 0, 0) < 0 ? -ENOMEM : 0;
}

static s32 high_descriptor(void)
{
	return call(NR_dup2, 0, 200, 0, 0);
}

static s32 select_many(void)
{
	u8 sets[32] = { 1 };

	return call(NR__newselect, 201, call_put(sets, sizeof(sets)), 0, 0);
}

static const struct call_step file_steps[] = {
	{ create, -ENOSPC },	  { write_pages, -ENOSPC }, { open_long_name, -ENOMEM },
	{ write_parts, -ENOMEM }, { make_link, -ENOSPC },   { make_folder, -ENOSPC },
	{ make_fifo, -ENOSPC },	  { where, -ENOMEM },	    { lock, -ENOLCK },
	{ lock_whole, -ENOMEM },  { send_file, -ENOMEM },   { high_descriptor, -ENOMEM },
	{ select_many, -ENOMEM },
};

/* --- Files that are none --- */

static s32 make_pipe(void)
{
	return call(NR_pipe2, CALL_BYTES, O_NONBLOCK, 0, 0);
}

static s32 own_pipe(void)
{
	return call(NR_fcntl64, 0, F_SETOWN, (u32)current->pid, 0);
}

static s32 make_epoll(void)
{
	return call(NR_epoll_create1, 0, 0, 0, 0);
}

static s32 add_pipe(void)
{
	const struct epoll_event event = { .events = POLLIN };

	return call(NR_epoll_ctl, 2, EPOLL_CTL_ADD, 0, call_put(&event, sizeof(event)));
}

static s32 wait_epoll(void)
{
	return call(NR_epoll_wait, 2, CALL_BYTES, 100, 0);
}

static s32 make_event(void)
{
	return call(NR_eventfd2, 3, 0, 0, 0);
}

static s32 make_timer_file(void)
{
	return call(NR_timerfd_create, 1, 0, 0, 0);
}

static s32 make_signal_file(void)
{
	const u64 mask = SIGMASK(SIGUSR1);

	return call(NR_signalfd4, ~0u, call_put(&mask, sizeof(mask)), sizeof(mask), 0);
}

static s32 make_inotify(void)
{
	return call(NR_inotify_init1, 0, 0, 0, 0);
}

static s32 watch(void)
{
	return call(NR_inotify_add_watch, 6, call_path("/tmp"), 2, 0);
}

static s32 make_memory_file(void)
{
	return call(NR_memfd_create, call_path("nomem"), 0, 0, 0);
}

static s32 make_pidfd(void)
{
	return call(NR_pidfd_open, (u32)current->pid, 0, 0, 0);
}

static s32 poll_many(void)
{
	struct pollfd fds[64];

	for (u32 i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = (struct pollfd){ .fd = 0, .events = POLLOUT };
	return call(NR_poll, call_put(fds, sizeof(fds)), ARRAY_SIZE(fds), 0, 0);
}

static const struct call_step event_steps[] = {
	{ make_pipe, -ENOMEM },	      { own_pipe, -ENOMEM },	     { make_epoll, -ENOMEM },
	{ add_pipe, -ENOMEM },	      { wait_epoll, -ENOMEM },	     { make_event, -ENOMEM },
	{ make_timer_file, -ENOMEM }, { make_signal_file, -ENOMEM }, { make_inotify, -ENOMEM },
	{ watch, -ENOMEM },	      { make_memory_file, -ENOMEM }, { make_pidfd, -ENOMEM },
	{ poll_many, -ENOMEM },
};

/* --- */

static void close_files(void)
{
	static const char *const names[] = { "/tmp/nomem", "/tmp/nomem.s", "/tmp/nomem.f" };

	call(NR_close_range, 0, ~0u, 0, 0);
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		call(NR_unlink, call_path(names[i]), 0, 0, 0);
	call(NR_rmdir, call_path("/tmp/nomem.d"), 0, 0, 0);
	files_put(current->files);
	current->files = NULL;
}

static void files(void)
{
	static const struct call_list list = {
		.steps = file_steps,
		.count = ARRAY_SIZE(file_steps),
		.least = 30,
		.begin = call_open_table,
		.undo = close_files,
	};

	call_list_run(&list);
}

static void events(void)
{
	static const struct call_list list = {
		.steps = event_steps,
		.count = ARRAY_SIZE(event_steps),
		.least = 30,
		.begin = call_open_table,
		.undo = close_files,
	};

	call_list_run(&list);
}

static const struct test_case cases[] = {
	{ "files", files },
	{ "events", events },
};

TEST_SUITE(nomem_files, cases);
