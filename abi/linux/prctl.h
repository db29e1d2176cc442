/* SPDX-License-Identifier: MIT */
/* prctl(), personality() and the capabilities. Source: Linux include/uapi/linux/prctl.h,
 * personality.h, capability.h. */
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
	PR_GET_TSC = 25,
	PR_SET_TSC = 26,
	PR_SET_TIMERSLACK = 29,
	PR_GET_TIMERSLACK = 30,
	PR_SET_CHILD_SUBREAPER = 36,
	PR_GET_CHILD_SUBREAPER = 37,
	PR_SET_NO_NEW_PRIVS = 38,
	PR_GET_NO_NEW_PRIVS = 39,
	PR_GET_TID_ADDRESS = 40,
};

#define PR_TSC_ENABLE	 1u
#define CAP_LAST	 40u
#define CAPABILITY_BYTES 8u

#define PERSONALITY_QUERY 0xffffffffu

/* For capget() and capset(); one word of each set for 32 capabilities. */
#define CAPABILITY_VERSION_1 0x19980330u
#define CAPABILITY_VERSION_2 0x20071026u
#define CAPABILITY_VERSION_3 0x20080522u
struct cap_header {
	u32 version;
	s32 pid;
};
struct cap_data {
	u32 effective, permitted, inheritable;
};

#endif
