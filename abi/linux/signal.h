/* SPDX-License-Identifier: MIT */
/*
 * Signals: numbers, codes, flags, and the structures of their calls and frames.
 *
 * Source: Linux include/uapi/asm-generic/siginfo.h; arch/x86/include/uapi/asm/signal.h,
 * sigcontext.h, ucontext.h.
 */
#ifndef ABI_LINUX_SIGNAL_H
#define ABI_LINUX_SIGNAL_H

#include "abi/types.h"

enum signal_number {
	SIGHUP = 1,
	SIGINT = 2,
	SIGQUIT = 3,
	SIGILL = 4,
	SIGTRAP = 5,
	SIGABRT = 6,
	SIGBUS = 7,
	SIGFPE = 8,
	SIGKILL = 9,
	SIGUSR1 = 10,
	SIGSEGV = 11,
	SIGUSR2 = 12,
	SIGPIPE = 13,
	SIGALRM = 14,
	SIGTERM = 15,
	SIGSTKFLT = 16,
	SIGCHLD = 17,
	SIGCONT = 18,
	SIGSTOP = 19,
	SIGTSTP = 20,
	SIGTTIN = 21,
	SIGTTOU = 22,
	SIGURG = 23,
	SIGXCPU = 24,
	SIGXFSZ = 25,
	SIGVTALRM = 26,
	SIGPROF = 27,
	SIGWINCH = 28,
	SIGIO = 29,
	SIGPWR = 30,
	SIGSYS = 31,
	SIGRTMIN = 32, /* from here on signals are queued one by one */
	NR_SIGNALS = 64,
};

/* si_code */
enum {
	SI_USER = 0,
	SI_KERNEL = 0x80,
	POLL_IN = 1, /* of a file's signal: readable, writable, a message */
	POLL_OUT = 2,
	POLL_MSG = 3,
	SI_QUEUE = -1,
	SI_TIMER = -2,
	SI_TKILL = -6,
	ILL_ILLOPN = 2,
	ILL_COPROC = 7,
	FPE_INTDIV = 1,
	FPE_FLTDIV = 3,
	FPE_FLTOVF = 4,
	FPE_FLTUND = 5,
	FPE_FLTRES = 6,
	FPE_FLTINV = 7,
	SEGV_MAPERR = 1,
	SEGV_ACCERR = 2,
	BUS_ADRALN = 1,
	BUS_ADRERR = 2,
	TRAP_TRACE = 2,
	CLD_EXITED = 1,
	CLD_KILLED = 2,
	CLD_DUMPED = 3,
	CLD_STOPPED = 5,
	CLD_CONTINUED = 6,
};

enum {
	SA_NOCLDSTOP = 0x00000001,
	SA_NOCLDWAIT = 0x00000002,
	SA_SIGINFO = 0x00000004,
	SA_EXPOSE_TAGBITS = 0x00000800,
	SA_RESTORER = 0x04000000,
	SA_ONSTACK = 0x08000000,
	SA_RESTART = 0x10000000,
	SA_NODEFER = 0x40000000,
};
#define SA_RESETHAND 0x80000000u

enum { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK };

/* Handlers that are not addresses. */
enum { SIG_DFL = 0, SIG_IGN = 1 };

enum { SS_ONSTACK = 1, SS_DISABLE = 2, MINSIGSTKSZ = 2048 };
#define SS_AUTODISARM 0x80000000u

/* struct sigevent of timer_create(): 64 bytes, the rest is unused. */
enum { SIGEV_SIGNAL = 0, SIGEV_NONE = 1, SIGEV_THREAD = 2, SIGEV_THREAD_ID = 4 };
struct sigevent {
	u32 value;
	s32 signo, notify, thread;
	u32 unused[12];
};
_Static_assert(sizeof(struct sigevent) == 64, "the ABI's");

/* struct sigaction of rt_sigaction(). */
struct sigaction {
	u32 handler;
	u32 flags;
	u32 restorer;
	u64 mask;
} __packed __aligned(4);
_Static_assert(sizeof(struct sigaction) == 20, "the ABI's");

/* struct sigaction of sigaction(), call 67. */
struct old_sigaction {
	u32 handler;
	u32 mask;
	u32 flags;
	u32 restorer;
};

#define SI_MAX_SIZE 128

/* Data of a signal: the beginning of siginfo_t, which has SI_MAX_SIZE bytes; the rest is zero. */
struct siginfo {
	s32 signo; /* 0: none */
	s32 error;
	s32 code;
	union {
		u32 address; /* si_addr */
		struct {
			s32 pid;
			u32 uid;
			u32 value; /* si_value, or si_status */
		};
		u32 words[5];
	};
};

/* stack_t */
struct altstack {
	u32 start;
	u32 flags;
	u32 size;
};

struct sigcontext {
	u32 gs, fs, es, ds;
	u32 edi, esi, ebp, esp, ebx, edx, ecx, eax;
	u32 trapno, err;
	u32 eip, cs, eflags;
	u32 esp_at_signal, ss;
	u32 fpstate, oldmask, cr2;
};
_Static_assert(sizeof(struct sigcontext) == 88, "the ABI's");

struct ucontext {
	u32 flags, link;
	struct altstack stack;
	struct sigcontext context;
	u64 mask;
} __packed __aligned(4);
_Static_assert(sizeof(struct ucontext) == 116, "the ABI's");

#endif
