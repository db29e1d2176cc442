/* SPDX-License-Identifier: MIT */
/*
 * The system calls about signals, in the way of syscall.h. To send a signal,
 * sys_kill() of syscall.h may be enough.
 */
#ifndef RING3_SIGNAL_CALLS_H
#define RING3_SIGNAL_CALLS_H

#include "tests/ring3/runtime/syscall.h"

/* The bit of a signal in a set. */
#define SIGNAL_BIT(signal) (1ull << ((signal)-1))

static inline long sys_rt_sigaction(int signal, const struct sigaction *action,
				    struct sigaction *old)
{
	return system_call(NR_rt_sigaction, signal, (long)action, (long)old, 8, 0, 0);
}

static inline long sys_sigaction(int signal, const struct old_sigaction *action,
				 struct old_sigaction *old)
{
	return system_call(NR_sigaction, signal, (long)action, (long)old, 0, 0, 0);
}

static inline long sys_signal(int signal, u32 handler)
{
	return system_call(NR_signal, signal, (long)handler, 0, 0, 0, 0);
}

static inline long sys_rt_sigprocmask(int how, const u64 *set, u64 *old)
{
	return system_call(NR_rt_sigprocmask, how, (long)set, (long)old, 8, 0, 0);
}

static inline long sys_sigprocmask(int how, const u32 *set, u32 *old)
{
	return system_call(NR_sigprocmask, how, (long)set, (long)old, 0, 0, 0);
}

static inline long sys_rt_sigpending(u64 *set, u32 size)
{
	return system_call(NR_rt_sigpending, (long)set, (long)size, 0, 0, 0, 0);
}

static inline long sys_sigpending(u32 *set)
{
	return system_call(NR_sigpending, (long)set, 0, 0, 0, 0, 0);
}

static inline long sys_rt_sigsuspend(const u64 *set)
{
	return system_call(NR_rt_sigsuspend, (long)set, 8, 0, 0, 0, 0);
}

static inline long sys_sigsuspend(u32 set)
{
	return system_call(NR_sigsuspend, 0, 0, (long)set, 0, 0, 0);
}

static inline long sys_pause(void)
{
	return system_call(NR_pause, 0, 0, 0, 0, 0, 0);
}

static inline long sys_sigaltstack(const struct altstack *stack, struct altstack *old)
{
	return system_call(NR_sigaltstack, (long)stack, (long)old, 0, 0, 0, 0);
}

static inline long sys_tkill(int thread, int signal)
{
	return system_call(NR_tkill, thread, signal, 0, 0, 0, 0);
}

static inline long sys_tgkill(int process, int thread, int signal)
{
	return system_call(NR_tgkill, process, thread, signal, 0, 0, 0);
}

/* `info` has SI_MAX_SIZE bytes. */
static inline long sys_rt_sigqueueinfo(int pid, int signal, const void *info)
{
	return system_call(NR_rt_sigqueueinfo, pid, signal, (long)info, 0, 0, 0);
}

#endif
