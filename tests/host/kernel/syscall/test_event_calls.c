/* SPDX-License-Identifier: MIT */
/*
 * Calls on files that are events: eventfd, timerfd, signalfd, epoll and inotify. Their flags,
 * structures, masks and times, and which error comes first, as Linux 6.18 has it.
 *
 * sources: kernel/syscall/file/sys_events.c kernel/syscall/file/sys_inotify.c
 * sources: kernel/syscall/file/sys_descriptor.c kernel/syscall/file/sys_poll.c
 * sources: kernel/syscall/file/sys_file.c kernel/syscall/time/sys_time.c
 * sources: kernel/syscall/file/user_path.c kernel/task/files.c
 * sources: tests/host/kernel/syscall/file_rig.c
 */
#include "abi/linux/time.h"
#include "fs/events/epoll.h"
#include "fs/events/eventfd.h"
#include "fs/events/inotify.h"
#include "fs/poll.h"
#include "kernel/devices/time.h"
#include "kernel/signal/signal.h"
#include "kernel/signal/signalfd.h"
#include "kernel/syscall/file/sys_poll.h"
#include "kernel/syscall/file/user_path.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/time/timerfd.h"
#include "tests/host/kernel/syscall/file_rig.h"
#include "tests/host/resched.h"
#include "tests/host/user.h"

#define PLACE  (USER_BYTES + 16)
#define BUFFER (USER_BYTES + 256)
#define BOTH   (O_CLOEXEC | O_NONBLOCK)
#define SECOND 1000000000ull
#define START  (100 * SECOND)

static const char *const names[] = { NULL };

u64 clock_monotonic(void)
{
	return host_now;
}

static u64 last_mask;
static u32 masks;

void signal_set_blocked(u64 blocked)
{
	masks++;
	last_mask = blocked;
	own.blocked = blocked;
}

static u32 blank, place;

static void files(void)
{
	begin_names(names);
	host_now = START;
	blank = blank_fd(O_RDWR);
	place = open_fd("/tmp", O_PATH);
	EXPECT(blank == 0 && place == 1);
}

/* The new descriptor, 2, has these flags. It is closed. */
static void expect_new(s32 fd, u32 flags, bool closes)
{
	if (!EXPECT_EQ(fd, 2))
		return;
	EXPECT_EQ(file_at(2)->flags, flags);
	EXPECT_EQ(fd_close_on_exec(own.files, 2), closes);
	EXPECT_EQ(fd_close(own.files, 2), 0);
}

/* ---- eventfd ---- */

static void eventfds(void)
{
	files();
	expect_new(CALL(eventfd, 1, UINT32_MAX), O_RDWR, false);
	expect_new(CALL(eventfd2, 1, 0), O_RDWR, false);
	expect_new(CALL(eventfd2, 1, BOTH), O_RDWR | O_NONBLOCK, true);
	expect_new(CALL(eventfd2, 1, O_CLOEXEC), O_RDWR, true);
	EXPECT_EQ(CALL(eventfd2, 1, 2), -EINVAL);
	EXPECT_EQ(CALL(eventfd2, 1, O_APPEND), -EINVAL);
	EXPECT_EQ(CALL(eventfd2, 7, EFD_SEMAPHORE), 2);
	EXPECT_EQ(CALL(read, 2, BUFFER, 8), 8);
	EXPECT_EQ(wide_at(BUFFER), 1);
	EXPECT_EQ(CALL(eventfd, 7), 3);
	EXPECT_EQ(CALL(read, 3, BUFFER, 8), 8);
	EXPECT_EQ(wide_at(BUFFER), 7);
	fail(1);
	EXPECT_EQ(CALL(eventfd, 7), -ENOMEM);
	fail(0);
	host_rlim[RLIMIT_NOFILE].cur = 4;
	EXPECT_EQ(CALL(eventfd, 7), -EMFILE);
}

/* ---- timerfd: kernel/time/timerfd.c ---- */

static struct timerfd_times set_times;
static bool set_absolute;
static int timer_error, timer_clock;

int timerfd_open(int clock, u32 flags, struct file **file)
{
	timer_clock = clock;
	*file = timer_error ? NULL : file_alloc(&probe_operations);
	if (*file)
		(*file)->flags = O_RDWR | (flags & O_NONBLOCK);
	return timer_error;
}

int timerfd_set(struct file *file, bool absolute, const struct timerfd_times *new,
		struct timerfd_times *old)
{
	EXPECT(file == file_at(2));
	set_absolute = absolute;
	set_times = *new;
	*old = (struct timerfd_times){ 7 * SECOND + 8, 9 * SECOND + 10 };
	return timer_error;
}

int timerfd_get(const struct file *file, struct timerfd_times *now)
{
	EXPECT(file == file_at(2));
	*now = (struct timerfd_times){ 17 * SECOND + 18, (3ull << 32) * SECOND + 20 };
	return timer_error;
}

static void timers_made(void)
{
	files();
	expect_new(CALL(timerfd_create, 3, 0), O_RDWR, false);
	EXPECT_EQ(timer_clock, 3);
	expect_new(CALL(timerfd_create, 3, BOTH), O_RDWR | O_NONBLOCK, true);
	EXPECT_EQ(CALL(timerfd_create, 3, 1), -EINVAL);
	timer_error = -EPERM;
	EXPECT_EQ(CALL(timerfd_create, 3, 1), -EINVAL);
	EXPECT_EQ(CALL(timerfd_create, 3, 0), -EPERM);
}

static s32 settime(u32 fd, u32 flags, vaddr_t new, vaddr_t old, bool wide)
{
	struct pt_regs regs = { .ebx = fd, .ecx = flags, .edx = new, .esi = old };

	regs.orig_eax = wide ? NR_timerfd_settime64 : NR_timerfd_settime;
	return sys_timerfd_settime(&regs);
}

static s32 gettime(u32 fd, vaddr_t to, bool wide)
{
	struct pt_regs regs = { .ebx = fd, .ecx = to };

	regs.orig_eax = wide ? NR_timerfd_gettime64 : NR_timerfd_gettime;
	return sys_timerfd_gettime(&regs);
}

static bool words_are(vaddr_t at, const u32 *words, u32 count)
{
	return !memcmp(&user_bytes[at - USER_BYTES], words, count * 4);
}

#define WORDS(...)          \
	(const u32[])       \
	{                   \
		__VA_ARGS__ \
	}

static void timers_set(void)
{
	files();
	EXPECT_EQ(CALL(timerfd_create, 1, 0), 2);
	put(PLACE, WORDS(1, 2, 3, 4), 16);
	EXPECT_EQ(settime(2, 0, PLACE, 0, false), 0);
	EXPECT(set_times.interval == SECOND + 2 && set_times.value == 3 * SECOND + 4);
	EXPECT(!set_absolute);
	EXPECT_EQ(settime(2, 3, PLACE, BUFFER, false), 0);
	EXPECT(set_absolute && words_are(BUFFER, WORDS(7, 8, 9, 10, 0), 5));
	put(PLACE, WORDS(1, 1, 2, 0, 3, 0, 4, 0), 32);
	EXPECT_EQ(settime(2, 2, PLACE, BUFFER, true), 0);
	EXPECT(set_times.interval == 0x100000001 * SECOND + 2);
	EXPECT(set_times.value == 3 * SECOND + 4 && !set_absolute);
	EXPECT(words_are(BUFFER, WORDS(7, 0, 8, 0, 9, 0, 10, 0, 0), 9));
	EXPECT_EQ(settime(2, 4, PLACE, 0, true), -EINVAL);
	EXPECT_EQ(settime(CLOSED, 4, NOWHERE, 0, true), -EFAULT);
	EXPECT_EQ(settime(CLOSED, 4, PLACE, 0, true), -EINVAL);
	EXPECT_EQ(settime(CLOSED, 3, PLACE, 0, true), -EBADF);
	EXPECT_EQ(settime(place, 3, PLACE, 0, true), -EBADF);
	EXPECT_EQ(settime(2, 0, PLACE, NOWHERE, true), -EFAULT);
	EXPECT_EQ(settime(2, 0, USER_BYTES + 8192 - 16, 0, true), -EFAULT);
	EXPECT_EQ(settime(2, 0, USER_BYTES + 8192 - 8, 0, false), -EFAULT);
	put(PLACE, WORDS(0, 0, 0, 1000000000), 16);
	EXPECT_EQ(settime(CLOSED, 0, PLACE, 0, false), -EINVAL);
	put(PLACE, WORDS(0, 1000000000, 0, 0), 16);
	EXPECT_EQ(settime(CLOSED, 0, PLACE, 0, false), -EINVAL);
	put(PLACE, WORDS(0, 0, 0, 0), 16);
	timer_error = -EPERM;
	EXPECT_EQ(settime(2, 0, PLACE, BUFFER, false), -EPERM);
}

static void timers_read(void)
{
	files();
	EXPECT_EQ(CALL(timerfd_create, 1, 0), 2);
	EXPECT_EQ(gettime(2, BUFFER, true), 0);
	EXPECT(words_are(BUFFER, WORDS(17, 0, 18, 0, 0, 3, 20, 0, 0), 9));
	EXPECT_EQ(gettime(2, BUFFER, false), 0);
	EXPECT(words_are(BUFFER, WORDS(17, 18, 0, 20, 0), 5));
	EXPECT_EQ(gettime(2, NOWHERE, false), -EFAULT);
	EXPECT_EQ(gettime(2, USER_BYTES + 8192 - 8, false), -EFAULT);
	EXPECT_EQ(gettime(CLOSED, NOWHERE, false), -EBADF);
	timer_error = -EINVAL;
	EXPECT_EQ(gettime(2, NOWHERE, false), -EINVAL);
}

/* ---- signalfd: kernel/signal/signalfd.c ---- */

static u64 signals;
static u32 signal_flags;
static int signal_error;

int signalfd_open(u64 set, u32 flags, struct file **file)
{
	signals = set;
	signal_flags = flags;
	*file = signal_error ? NULL : file_alloc(&probe_operations);
	return signal_error;
}

int signalfd_set(struct file *file, u64 set)
{
	EXPECT(file == file_at(2));
	signals = set;
	return signal_error;
}

static void signalfds(void)
{
	const u32 none = UINT32_MAX;

	files();
	put_wide(PLACE, 0x123456789);
	expect_new(CALL(signalfd, none, PLACE, 8, BOTH), 0, false);
	EXPECT(signals == 0x123456789 && !signal_flags);
	expect_new(CALL(signalfd4, none, PLACE, 8, BOTH), 0, true);
	EXPECT_EQ(signal_flags, BOTH);
	EXPECT_EQ(CALL(signalfd4, none, PLACE, 8, O_NONBLOCK), 2);
	EXPECT(!fd_close_on_exec(own.files, 2));
	put_wide(PLACE, 7);
	EXPECT_EQ(CALL(signalfd4, 2, PLACE, 8, 0), 2);
	EXPECT_EQ(signals, 7);
	EXPECT_EQ(CALL(signalfd4, none, NOWHERE, 4, 1), -EINVAL);
	EXPECT_EQ(CALL(signalfd4, none, NOWHERE, 8, 1), -EFAULT);
	EXPECT_EQ(CALL(signalfd4, CLOSED, PLACE, 8, 1), -EINVAL);
	EXPECT_EQ(CALL(signalfd4, CLOSED, PLACE, 8, 0), -EBADF);
	EXPECT_EQ(CALL(signalfd, place, PLACE, 8), -EBADF);
	signal_error = -ENOMEM;
	EXPECT_EQ(CALL(signalfd, none, PLACE, 8), -ENOMEM);
	signal_error = -EINVAL;
	EXPECT_EQ(CALL(signalfd, 2, PLACE, 8), -EINVAL);
}

/* ---- epoll ---- */

static void epolls_made(void)
{
	files();
	expect_new(CALL(epoll_create, 1), O_RDWR, false);
	expect_new(CALL(epoll_create, INT32_MAX), O_RDWR, false);
	EXPECT_EQ(CALL(epoll_create, 0), -EINVAL);
	EXPECT_EQ(CALL(epoll_create, UINT32_MAX), -EINVAL);
	expect_new(CALL(epoll_create1, 0), O_RDWR, false);
	expect_new(CALL(epoll_create1, O_CLOEXEC), O_RDWR, true);
	EXPECT_EQ(CALL(epoll_create1, O_NONBLOCK), -EINVAL);
}

/* Descriptors 2: epoll, 3: an eventfd that can be read and written, 4: one that is full. */
static void watched(void)
{
	files();
	EXPECT_EQ(CALL(epoll_create, 1), 2);
	EXPECT_EQ(CALL(eventfd, 1), 3);
	EXPECT_EQ(CALL(eventfd, 0), 4);
}

static s32 change(u32 command, u32 fd, u32 events, u32 data)
{
	put(PLACE, WORDS(events, data, data + 1), 12);
	return CALL(epoll_ctl, 2, command, fd, PLACE);
}

static s32 wait(u32 most, s32 timeout)
{
	return CALL(epoll_wait, 2, BUFFER, most, (u32)timeout);
}

static void watches(void)
{
	watched();
	EXPECT_EQ(change(EPOLL_CTL_ADD, 3, POLLIN, 33), 0);
	EXPECT_EQ(change(EPOLL_CTL_ADD, 4, POLLIN, 44), 0);
	EXPECT_EQ(change(EPOLL_CTL_ADD, 4, POLLIN, 44), -EEXIST);
	EXPECT_EQ(wait(1024, 0), 1);
	EXPECT(words_are(BUFFER, WORDS(POLLIN, 33, 34, 0), 4));
	EXPECT_EQ(change(EPOLL_CTL_MOD, 4, POLLOUT, 55), 0);
	EXPECT_EQ(wait(1, 0), 1);
	EXPECT_EQ(wait(UINT16_MAX / 16, 0), 2);
	EXPECT_EQ(CALL(epoll_ctl, 2, EPOLL_CTL_MOD, 4, NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(epoll_ctl, 2, EPOLL_CTL_DEL, 4, NOWHERE), 0);
	EXPECT_EQ(CALL(epoll_ctl, 2, EPOLL_CTL_DEL, 4, NOWHERE), -ENOENT);
	EXPECT_EQ(CALL(epoll_ctl, CLOSED, EPOLL_CTL_ADD, 4, NOWHERE), -EFAULT);
	EXPECT_EQ(CALL(epoll_ctl, CLOSED, EPOLL_CTL_ADD, 4, PLACE), -EBADF);
	EXPECT_EQ(CALL(epoll_ctl, 2, EPOLL_CTL_ADD, CLOSED, PLACE), -EBADF);
	EXPECT_EQ(CALL(epoll_ctl, 2, EPOLL_CTL_ADD, place, PLACE), -EBADF);
	EXPECT_EQ(CALL(epoll_ctl, 3, EPOLL_CTL_ADD, 4, PLACE), -EINVAL);
	EXPECT_EQ(wait(1024, 0), 1);
}

static void waits(void)
{
	const u32 most = INT32_MAX / 12;

	watched();
	EXPECT_EQ(change(EPOLL_CTL_ADD, 3, POLLIN, 33), 0);
	EXPECT_EQ(wait(0, 0), -EINVAL);
	EXPECT_EQ(wait(UINT32_MAX, 0), -EINVAL);
	EXPECT_EQ(wait(most, 0), 1);
	EXPECT_EQ(wait(most + 1, 0), -EINVAL);
	EXPECT_EQ(CALL(epoll_wait, CLOSED, BUFFER, 0, 0), -EBADF);
	EXPECT_EQ(CALL(epoll_wait, 3, BUFFER, 1, 0), -EINVAL);
	EXPECT_EQ(CALL(epoll_wait, 2, KERNEL, 1, 0), -EFAULT);
	EXPECT_EQ(CALL(epoll_wait, 2, NOWHERE, 1, 0), -EFAULT);
	EXPECT_EQ(CALL(epoll_wait, 2, 0xbfff0000, most, 0), -EFAULT);
	fail(1);
	EXPECT_EQ(wait(1, 0), -ENOMEM);
	fail(0);
	EXPECT_EQ(CALL(epoll_ctl, 2, EPOLL_CTL_DEL, 3, 0), 0);
	EXPECT_EQ(CALL(epoll_wait, 2, NOWHERE, 1, 0), 0);
	EXPECT_EQ(host_now, START);
	EXPECT_EQ(wait(1, 3), 0);
	EXPECT_EQ(host_now, START + 3000000);
	EXPECT_EQ(wait(1, INT32_MAX), 0);
	EXPECT_EQ(host_now, START + 3000000 + INT32_MAX * 1000000ull);
	EXPECT_EQ(wait(1, -1), -EINTR);
}

static void masked_waits(void)
{
	watched();
	own.blocked = 5;
	put_wide(PLACE, 0x700000009);
	EXPECT_EQ(CALL(epoll_pwait, 2, BUFFER, 1, 2, PLACE, 8), 0);
	EXPECT(host_now == START + 2000000 && masks == 2 && last_mask == 5);
	EXPECT_EQ(CALL(epoll_pwait, 2, BUFFER, 1, UINT32_MAX, 0, 99), -EINTR);
	EXPECT_EQ(masks, 2);
	EXPECT_EQ(CALL(epoll_pwait, CLOSED, BUFFER, 1, 0, PLACE, 4), -EINVAL);
	EXPECT_EQ(CALL(epoll_pwait, CLOSED, BUFFER, 1, 0, NOWHERE, 8), -EFAULT);
	EXPECT_EQ(masks, 2);
	EXPECT_EQ(CALL(epoll_pwait, CLOSED, BUFFER, 1, 0, PLACE, 8), -EBADF);
	EXPECT(masks == 4 && last_mask == 5 && !own.restore_blocked);
	/* Interrupted: the signal is taken with the call's mask, which is then replaced. */
	EXPECT_EQ(CALL(epoll_pwait, 2, BUFFER, 1, UINT32_MAX, PLACE, 8), -EINTR);
	EXPECT(masks == 5 && last_mask == 0x700000009);
	EXPECT(own.restore_blocked && own.saved_blocked == 5);
}

static void waits_with_wide_times(void)
{
	watched();
	put(BUFFER, WORDS(2, 0, 3, 0), 16);
	EXPECT_EQ(CALL(epoll_pwait2, 2, NOWHERE, 1, BUFFER, 0, 0), 0);
	EXPECT_EQ(host_now, START + 2 * SECOND + 3);
	put(BUFFER, WORDS(0, 0, 0, 0), 16);
	EXPECT_EQ(CALL(epoll_pwait2, 2, NOWHERE, 1, BUFFER, 0, 0), 0);
	EXPECT_EQ(host_now, START + 2 * SECOND + 3);
	put(BUFFER, WORDS(0, 0, 1000000000, 0), 16);
	EXPECT_EQ(CALL(epoll_pwait2, CLOSED, NOWHERE, 1, BUFFER, 0, 0), -EINVAL);
	EXPECT_EQ(CALL(epoll_pwait2, CLOSED, NOWHERE, 1, NOWHERE, 0, 0), -EFAULT);
	EXPECT_EQ(CALL(epoll_pwait2, 2, NOWHERE, 1, 0, 0, 0), -EINTR);
	EXPECT_EQ(host_now, START + 2 * SECOND + 3);
	put(BUFFER, WORDS(UINT32_MAX, INT32_MAX, 3, 0), 16);
	EXPECT_EQ(CALL(epoll_pwait2, 2, NOWHERE, 1, BUFFER, 0, 0), 0);
	EXPECT_EQ(host_now, TIME_FOREVER);
}

/* ---- inotify ---- */

static void inotifys(void)
{
	u32 fd = 2;

	files();
	expect_new(CALL(inotify_init, UINT32_MAX), O_RDONLY, false);
	expect_new(CALL(inotify_init1, BOTH), O_RDONLY | O_NONBLOCK, true);
	EXPECT_EQ(CALL(inotify_init1, 1), -EINVAL);
	EXPECT_EQ(CALL(inotify_init1, O_NONBLOCK), 2);
	EXPECT_EQ(CALL(inotify_add_watch, fd, PATH("/tmp"), IN_CREATE), 1);
	EXPECT_EQ(CALL(inotify_add_watch, fd, PATH("/tmp/f"), IN_OPEN), 2);
	EXPECT_EQ(path_symlink("/tmp/f", NULL, "/tmp/d/l"), 0);
	EXPECT_EQ(CALL(inotify_add_watch, fd, PATH("/tmp/d/l"), IN_OPEN), 2);
	EXPECT_EQ(CALL(inotify_add_watch, fd, PATH("/tmp/d/l"), IN_OPEN | IN_DONT_FOLLOW), 3);
	EXPECT_EQ(CALL(inotify_add_watch, fd, PATH("/tmp/f"), IN_OPEN | IN_ONLYDIR), -ENOTDIR);
	EXPECT_EQ(CALL(inotify_add_watch, CLOSED, NOWHERE, 0), -EINVAL);
	EXPECT_EQ(CALL(inotify_add_watch, CLOSED, NOWHERE, 1 << 19), -EINVAL);
	EXPECT_EQ(CALL(inotify_add_watch, CLOSED, NOWHERE, IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE),
		  -EINVAL);
	EXPECT_EQ(CALL(inotify_add_watch, CLOSED, NOWHERE, IN_MASK_CREATE), -EBADF);
	EXPECT_EQ(CALL(inotify_add_watch, CLOSED, NOWHERE, IN_MASK_ADD), -EBADF);
	EXPECT_EQ(CALL(inotify_add_watch, CLOSED, NOWHERE, IN_ISDIR | 1 << 19), -EBADF);
	EXPECT_EQ(CALL(inotify_add_watch, blank, NOWHERE, IN_OPEN), -EINVAL);
	EXPECT_EQ(CALL(inotify_add_watch, fd, NOWHERE, IN_OPEN), -EFAULT);
	EXPECT_EQ(CALL(inotify_add_watch, fd, PATH("/none"), IN_OPEN), -ENOENT);
	EXPECT_EQ(CALL(inotify_rm_watch, fd, 3), 0);
	EXPECT_EQ(CALL(inotify_rm_watch, fd, 3), -EINVAL);
	EXPECT_EQ(CALL(inotify_rm_watch, blank, 1), -EINVAL);
	EXPECT_EQ(CALL(inotify_rm_watch, CLOSED, 1), -EBADF);
	EXPECT_EQ(path_unlink(NULL, "/tmp/d/l"), 0);
}

TAP_MAIN({ "eventfd", eventfds }, { "timerfd: made", timers_made }, { "timerfd: set", timers_set },
	 { "timerfd: read", timers_read }, { "signalfd", signalfds },
	 { "epoll: made", epolls_made }, { "epoll: watches", watches }, { "epoll: waits", waits },
	 { "epoll: masks", masked_waits }, { "epoll: wide times", waits_with_wide_times },
	 { "inotify", inotifys })
