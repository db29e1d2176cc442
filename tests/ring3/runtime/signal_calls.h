/* SPDX-License-Identifier: MIT */
/*
 * The system calls about signals: numbers, constants, structures, and one thin wrapper each, in
 * the way of syscall.h. To send a signal, sys_kill() of syscall.h may be enough.
 */
#ifndef RING3_SIGNAL_CALLS_H
#define RING3_SIGNAL_CALLS_H

#include "tests/ring3/runtime/syscall.h"

#define NR_PAUSE	   29
#define NR_SIGNAL	   48
#define NR_SIGACTION	   67
#define NR_SIGSUSPEND	   72
#define NR_SIGPENDING	   73
#define NR_SIGRETURN	   119
#define NR_SIGPROCMASK	   126
#define NR_RT_SIGRETURN	   173
#define NR_RT_SIGACTION	   174
#define NR_RT_SIGPROCMASK  175
#define NR_RT_SIGPENDING   176
#define NR_RT_SIGQUEUEINFO 178
#define NR_RT_SIGSUSPEND   179
#define NR_SIGALTSTACK	   186
#define NR_TKILL	   238
#define NR_TGKILL	   270

#define SIG_DFL 0u
#define SIG_IGN 1u

#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SA_NOCLDSTOP 0x00000001u
#define SA_NOCLDWAIT 0x00000002u
#define SA_SIGINFO   0x00000004u
#define SA_RESTORER  0x04000000u
#define SA_ONSTACK   0x08000000u
#define SA_RESTART   0x10000000u
#define SA_NODEFER   0x40000000u
#define SA_RESETHAND 0x80000000u

#define SI_USER	    0
#define SI_KERNEL   0x80
#define SI_QUEUE    -1
#define SI_TKILL    -6
#define ILL_ILLOPN  2
#define FPE_INTDIV  1
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define BUS_ADRALN  1
#define BUS_ADRERR  2
#define TRAP_TRACE  2

#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_DUMPED    3
#define CLD_STOPPED   5
#define CLD_CONTINUED 6

#define SS_ONSTACK    1
#define SS_DISABLE    2
#define SS_AUTODISARM 0x80000000u
#define MINSIGSTKSZ   2048u

/* The bit of a signal in a set. */
#define SIGNAL_BIT(signal) (1ull << ((signal)-1))

/* rt_sigaction(): a set is a u64. */
struct sigaction {
	u32 handler;
	u32 flags;
	u32 restorer;
	u32 mask[2];
};

/* sigaction() */
struct old_sigaction {
	u32 handler;
	u32 mask;
	u32 flags;
	u32 restorer;
};

struct siginfo {
	int signo, error, code;
	union {
		u32 address;
		struct {
			int pid;
			u32 uid;
			int value; /* or the status of a child */
		};
		u32 words[29];
	};
};

struct sigcontext {
	u32 gs, fs, es, ds;
	u32 edi, esi, ebp, esp, ebx, edx, ecx, eax;
	u32 trapno, err;
	u32 eip, cs, eflags;
	u32 esp_at_signal, ss;
	u32 fpstate, oldmask, cr2;
};

struct altstack {
	u32 start;
	u32 flags;
	u32 size;
};

struct ucontext {
	u32 flags, link;
	struct altstack stack;
	struct sigcontext context;
	u32 mask[2];
};

static inline long sys_rt_sigaction(int signal, const struct sigaction *action,
				    struct sigaction *old)
{
	return system_call(NR_RT_SIGACTION, signal, (long)action, (long)old, 8, 0, 0);
}

static inline long sys_sigaction(int signal, const struct old_sigaction *action,
				 struct old_sigaction *old)
{
	return system_call(NR_SIGACTION, signal, (long)action, (long)old, 0, 0, 0);
}

static inline long sys_signal(int signal, u32 handler)
{
	return system_call(NR_SIGNAL, signal, (long)handler, 0, 0, 0, 0);
}

static inline long sys_rt_sigprocmask(int how, const u64 *set, u64 *old)
{
	return system_call(NR_RT_SIGPROCMASK, how, (long)set, (long)old, 8, 0, 0);
}

static inline long sys_sigprocmask(int how, const u32 *set, u32 *old)
{
	return system_call(NR_SIGPROCMASK, how, (long)set, (long)old, 0, 0, 0);
}

static inline long sys_rt_sigpending(u64 *set, u32 size)
{
	return system_call(NR_RT_SIGPENDING, (long)set, (long)size, 0, 0, 0, 0);
}

static inline long sys_sigpending(u32 *set)
{
	return system_call(NR_SIGPENDING, (long)set, 0, 0, 0, 0, 0);
}

static inline long sys_rt_sigsuspend(const u64 *set)
{
	return system_call(NR_RT_SIGSUSPEND, (long)set, 8, 0, 0, 0, 0);
}

static inline long sys_sigsuspend(u32 set)
{
	return system_call(NR_SIGSUSPEND, 0, 0, (long)set, 0, 0, 0);
}

static inline long sys_pause(void)
{
	return system_call(NR_PAUSE, 0, 0, 0, 0, 0, 0);
}

static inline long sys_sigaltstack(const struct altstack *stack, struct altstack *old)
{
	return system_call(NR_SIGALTSTACK, (long)stack, (long)old, 0, 0, 0, 0);
}

static inline long sys_tkill(int thread, int signal)
{
	return system_call(NR_TKILL, thread, signal, 0, 0, 0, 0);
}

static inline long sys_tgkill(int process, int thread, int signal)
{
	return system_call(NR_TGKILL, process, thread, signal, 0, 0, 0);
}

static inline long sys_rt_sigqueueinfo(int pid, int signal, const struct siginfo *info)
{
	return system_call(NR_RT_SIGQUEUEINFO, pid, signal, (long)info, 0, 0, 0);
}

#endif
