/* SPDX-License-Identifier: MIT */
/* timer_create(2) and what belongs to it; each call with times in both widths. */
#include "kernel/time/clock.h"
#include "kernel/time/posix_timer.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/syscall/syscall.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "abi/linux/signal.h"

/* 0, -EINVAL: unknown clock; -EOPNOTSUPP: a clock without timers. */
static int check_clock(int clock)
{
	u64 now;

	switch (clock) {
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		return -EOPNOTSUPP;
	}
	return clock_read(clock, &now);
}

static int read_event(vaddr_t place, struct timer_event *event)
{
	struct sigevent user;
	const struct task *thread;

	if (copy_from_user(&user, place, sizeof(user)))
		return -EFAULT;
	*event = (struct timer_event){ user.notify, user.signo, user.value, user.thread };
	switch (user.notify) {
	case SIGEV_THREAD_ID:
		thread = task_find(user.thread);
		if (!thread || thread->group != current->group)
			return -EINVAL;
		break;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
		break;
	case SIGEV_NONE:
		return 0;
	default:
		return -EINVAL;
	}
	return user.signo > 0 && user.signo <= NR_SIGNALS ? 0 : -EINVAL;
}

s32 sys_timer_create(struct pt_regs *regs)
{
	struct timer_event event;
	struct posix_timer *timer;
	int id, err = regs->ecx ? read_event(regs->ecx, &event) : 0;

	if (err == -EFAULT)
		return err;
	if (check_clock((int)regs->ebx))
		return check_clock((int)regs->ebx);
	if (err) {
		posix_timer_skip_number(); /* as on Linux */
		return err;
	}
	id = posix_timer_create((int)regs->ebx, regs->ecx ? &event : NULL);
	if (id < 0)
		return id;
	if (!put_user((u32)id, regs->edx))
		return 0;
	timer = posix_timer_find(id);
	if (timer) /* another thread may have deleted it meanwhile */
		posix_timer_delete(timer);
	return -EFAULT;
}

/* struct itimerspec: the interval, then the value. */
static u32 time_bytes(bool wide)
{
	return wide ? sizeof(struct timespec64) : sizeof(struct timespec);
}

static int put_itimerspec(vaddr_t place, bool wide, const struct itimer *timer)
{
	int err = put_time(place, wide, timer->interval);

	return err ? err : put_time(place + time_bytes(wide), wide, timer->value);
}

s32 sys_timer_settime(struct pt_regs *regs)
{
	bool wide = has_wide_times(regs);
	struct posix_timer *timer;
	struct itimer new, old;
	int err;

	if (!regs->edx)
		return -EINVAL;
	err = get_time(regs->edx, wide, &new.interval);
	if (!err)
		err = get_time(regs->edx + time_bytes(wide), wide, &new.value);
	if (err)
		return err;
	timer = posix_timer_find((int)regs->ebx);
	if (!timer)
		return -EINVAL;
	posix_timer_get(timer, &old);
	posix_timer_set(timer, &new, regs->ecx & TIMER_ABSTIME);
	return regs->esi ? put_itimerspec(regs->esi, wide, &old) : 0;
}

s32 sys_timer_gettime(struct pt_regs *regs)
{
	struct posix_timer *timer = posix_timer_find((int)regs->ebx);
	struct itimer left;

	if (!timer)
		return -EINVAL;
	posix_timer_get(timer, &left);
	return put_itimerspec(regs->ecx, has_wide_times(regs), &left);
}

s32 sys_timer_getoverrun(struct pt_regs *regs)
{
	const struct posix_timer *timer = posix_timer_find((int)regs->ebx);

	return timer ? (s32)min(timer->last_overrun, (u64)INT32_MAX) : -EINVAL;
}

s32 sys_timer_delete(struct pt_regs *regs)
{
	struct posix_timer *timer = posix_timer_find((int)regs->ebx);

	if (!timer)
		return -EINVAL;
	posix_timer_delete(timer);
	return 0;
}
