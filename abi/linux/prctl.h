/* SPDX-License-Identifier: MIT */
/* prctl() and personality(). Source: Linux include/uapi/linux/prctl.h, personality.h. */
#ifndef ABI_LINUX_PRCTL_H
#define ABI_LINUX_PRCTL_H

#include "abi/types.h"

enum {
	PR_SET_PDEATHSIG = 1,
	PR_GET_PDEATHSIG = 2,
	PR_GET_DUMPABLE = 3,
	PR_SET_DUMPABLE = 4,
	PR_GET_KEEPCAPS = 7,
	PR_SET_KEEPCAPS = 8,
	PR_GET_TIMING = 13,
	PR_SET_TIMING = 14,
	PR_SET_NAME = 15,
	PR_GET_NAME = 16,
	PR_CAPBSET_READ = 23,
	PR_CAPBSET_DROP = 24,
	PR_GET_TSC = 25,
	PR_SET_TSC = 26,
	PR_GET_SECUREBITS = 27,
	PR_SET_SECUREBITS = 28,
	PR_SET_TIMERSLACK = 29,
	PR_GET_TIMERSLACK = 30,
	PR_SET_CHILD_SUBREAPER = 36,
	PR_GET_CHILD_SUBREAPER = 37,
	PR_SET_NO_NEW_PRIVS = 38,
	PR_GET_SECCOMP = 21,
	PR_GET_NO_NEW_PRIVS = 39,
	PR_GET_TID_ADDRESS = 40,
	PR_CAP_AMBIENT = 47,
	PR_SET_MDWE = 65, /* memory: deny write and execute */
	PR_GET_MDWE = 66,
};

#define PR_MDWE_REFUSE_EXEC_GAIN 1u
#define PR_MDWE_NO_INHERIT	 2u

#define PR_TSC_ENABLE  1u
#define PR_TSC_SIGSEGV 2u

/* Flags of a personality that have an effect here. */
#define READ_IMPLIES_EXEC   0x0400000u
#define STICKY_TIMEOUTS	    0x4000000u
#define PERSONALITY_CLEARED 0x0740000u /* by a program that sets IDs (PER_CLEAR_ON_SETID) */
#define PERSONALITY_QUERY   0xffffffffu

#endif
