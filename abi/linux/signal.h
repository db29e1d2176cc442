/* SPDX-License-Identifier: MIT */
/*
 * Signals of the Linux i386 ABI: numbers, codes, flags, struct sigaction.
 *
 * Source: Linux include/uapi/asm-generic/siginfo.h, arch/x86/include/uapi/asm/signal.h.
 */
#ifndef ABI_LINUX_SIGNAL_H
#define ABI_LINUX_SIGNAL_H

#include "lib/types.h"

enum signal_number {
	SIGILL = 4,
	SIGTRAP = 5,
	SIGBUS = 7,
	SIGFPE = 8,
	SIGKILL = 9,
	SIGSEGV = 11,
	SIGCHLD = 17,
	SIGCONT = 18,
	SIGSTOP = 19,
	SIGTSTP = 20,
	SIGTTIN = 21,
	SIGTTOU = 22,
	SIGURG = 23,
	SIGXFSZ = 25,
	SIGWINCH = 28,
	SIGSYS = 31,
	SIGRTMIN = 32, /* from here on signals are queued one by one */
	NR_SIGNALS = 64,
};

/* si_code */
enum {
	SI_USER = 0,
	SI_KERNEL = 0x80,
	SI_QUEUE = -1,
	SI_TKILL = -6,
	ILL_ILLOPN = 2,
	ILL_COPROC = 7,
	FPE_INTDIV = 1,
	FPE_FLTDIV = 3,
	FPE_FLTOVF = 4,
	FPE_FLTUND = 5,
	FPE_FLTRES = 6,
	FPE_FLTINV = 7,
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

/* Handlers that are no addresses. */
enum { SIG_DFL = 0, SIG_IGN = 1 };

enum { SS_ONSTACK = 1, SS_DISABLE = 2, MINSIGSTKSZ = 2048 };
#define SS_AUTODISARM 0x80000000u

/* struct sigaction of rt_sigaction(). */
struct sigaction {
	u32 handler;
	u32 flags;
	u32 restorer;
	u64 mask;
};
_Static_assert(sizeof(struct sigaction) == 20, "the ABI's");

#endif
