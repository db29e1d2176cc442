/* SPDX-License-Identifier: MIT */
/* System calls on files that are events: eventfd, timerfd, signalfd, epoll. */
#include "abi/linux/errno.h"
#include "fs/events/epoll.h"
#include "fs/events/eventfd.h"
#include "fs/poll.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/devices/time.h"
#include "kernel/signal/signalfd.h"
#include "kernel/syscall/file/sys_poll.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/task/task.h"
#include "kernel/time/timerfd.h"
#include "mm/kernel_space/vmalloc.h"

#define BOTH ((u32)(O_CLOEXEC | O_NONBLOCK))

static s32 open_eventfd(u32 count, u32 flags)
{
	struct file *file;
	int err = flags & ~(BOTH | EFD_SEMAPHORE) ? -EINVAL : eventfd_open(count, flags, &file);

	return err ? err : fd_new(file, flags & O_CLOEXEC);
}

s32 sys_eventfd(struct pt_regs *regs)
{
	return open_eventfd(regs->ebx, 0);
}

s32 sys_eventfd2(struct pt_regs *regs)
{
	return open_eventfd(regs->ebx, regs->ecx);
}

/* --- timerfd --- */

s32 sys_timerfd_create(struct pt_regs *regs)
{
	struct file *file;
	int err = regs->ecx & ~BOTH ? -EINVAL : timerfd_open((int)regs->ebx, regs->ecx, &file);

	return err ? err : fd_new(file, regs->ecx & O_CLOEXEC);
}

/* struct itimerspec: the interval, then the value. */
static u32 time_bytes(bool wide)
{
	return wide ? sizeof(struct timespec64) : sizeof(struct timespec);
}

static int put_times(vaddr_t place, bool wide, const struct timerfd_times *times)
{
	int err = put_time(place, wide, times->interval);

	return err ? err : put_time(place + time_bytes(wide), wide, times->value);
}

#define TFD_TIMER_ABSTIME	1u
#define TFD_TIMER_CANCEL_ON_SET 2u

s32 sys_timerfd_settime(struct pt_regs *regs)
{
	bool wide = has_wide_times(regs);
	struct timerfd_times new, old;
	struct file *file;
	int err = get_time(regs->edx, wide, &new.interval);

	if (!err)
		err = get_time(regs->edx + time_bytes(wide), wide, &new.value);
	if (err)
		return err;
	if (regs->ecx & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
		return -EINVAL;
	file = fd_file(regs->ebx);
	if (!file)
		return -EBADF;
	err = timerfd_set(file, regs->ecx & TFD_TIMER_ABSTIME, &new, &old);
	return err || !regs->esi ? err : put_times(regs->esi, wide, &old);
}

s32 sys_timerfd_gettime(struct pt_regs *regs)
{
	struct file *file = fd_file(regs->ebx);
	struct timerfd_times left;
	int err = file ? timerfd_get(file, &left) : -EBADF;

	return err ? err : put_times(regs->ecx, has_wide_times(regs), &left);
}

/* --- signalfd --- */

static s32 set_signalfd(u32 fd, vaddr_t from, u32 bytes, u32 flags)
{
	struct file *file;
	u64 set;
	int err;

	if (bytes != sizeof(set))
		return -EINVAL;
	if (copy_from_user(&set, from, sizeof(set)))
		return -EFAULT;
	if (flags & ~BOTH)
		return -EINVAL;
	if (fd == UINT32_MAX) {
		err = signalfd_open(set, flags, &file);
		return err ? err : fd_new(file, flags & O_CLOEXEC);
	}
	file = fd_file(fd);
	err = file ? signalfd_set(file, set) : -EBADF;
	return err ? err : (s32)fd;
}

s32 sys_signalfd(struct pt_regs *regs)
{
	return set_signalfd(regs->ebx, regs->ecx, regs->edx, 0);
}

s32 sys_signalfd4(struct pt_regs *regs)
{
	return set_signalfd(regs->ebx, regs->ecx, regs->edx, regs->esi);
}

/* --- epoll --- */

static s32 open_epoll(u32 flags)
{
	struct file *file;
	int err = flags & ~(u32)O_CLOEXEC ? -EINVAL : epoll_open(&file);

	return err ? err : fd_new(file, flags & O_CLOEXEC);
}

s32 sys_epoll_create(struct pt_regs *regs)
{
	return (s32)regs->ebx <= 0 ? -EINVAL : open_epoll(0);
}

s32 sys_epoll_create1(struct pt_regs *regs)
{
	return open_epoll(regs->ebx);
}

s32 sys_epoll_ctl(struct pt_regs *regs)
{
	struct epoll_event event = { 0 };
	struct file *epoll, *file;
	s32 result;

	if (regs->ecx != EPOLL_CTL_DEL && copy_from_user(&event, regs->esi, sizeof(event)))
		return -EFAULT;
	epoll = fd_file(regs->ebx);
	file = fd_file(regs->edx);
	if (!epoll || !file)
		return -EBADF;
	file_get(epoll); /* other threads may close them meanwhile */
	file_get(file);
	result = epoll_change(epoll, regs->ecx, file, regs->edx, &event);
	file_put(file);
	file_put(epoll);
	return result;
}

#define EVENTS_MAX  (INT32_MAX / sizeof(struct epoll_event))
#define EVENTS_TOLD 1024u /* at once; a program asks again for more */

static s32 wait_epoll(const struct pt_regs *regs, u64 deadline)
{
	struct file *file = fd_file(regs->ebx);
	u32 most = min(regs->edx, EVENTS_TOLD);
	struct epoll_event *events;
	s32 count;

	if (!file)
		return -EBADF;
	if ((s32)regs->edx <= 0 || regs->edx > EVENTS_MAX)
		return -EINVAL;
	if (!access_ok(regs->ecx, regs->edx * sizeof(*events)))
		return -EFAULT;
	file_get(file); /* another thread may close it while memory takes time */
	events = kvmalloc(most * sizeof(*events));
	count = events ? epoll_wait(file, events, most, deadline) : -ENOMEM;
	file_put(file);
	if (count > 0 && copy_to_user(regs->ecx, events, (u32)count * sizeof(*events)))
		count = -EFAULT;
	kvfree(events);
	return count;
}

/* Milliseconds; negative: for ever. */
static u64 deadline_of(s32 timeout)
{
	if (timeout < 0)
		return WAIT_FOREVER;
	return timeout ? clock_monotonic() + (u64)timeout * 1000000 : 0;
}

static s32 wait_masked(const struct pt_regs *regs, u64 deadline)
{
	s32 result = mask_begin(regs->edi, regs->ebp);

	if (result)
		return result;
	result = wait_epoll(regs, deadline);
	mask_end(result == -EINTR ? -ERESTARTNOHAND : result);
	return result;
}

s32 sys_epoll_wait(struct pt_regs *regs)
{
	return wait_epoll(regs, deadline_of((s32)regs->esi));
}

s32 sys_epoll_pwait(struct pt_regs *regs)
{
	return wait_masked(regs, deadline_of((s32)regs->esi));
}

s32 sys_epoll_pwait2(struct pt_regs *regs)
{
	u64 wait, deadline = WAIT_FOREVER;
	int err = regs->esi ? get_time(regs->esi, true, &wait) : 0;

	if (err)
		return err;
	if (regs->esi)
		deadline = wait ? min(clock_monotonic() + wait, TIME_FOREVER) : 0;
	return wait_masked(regs, deadline);
}
