/* SPDX-License-Identifier: MIT */
/* Resource limits. Source: Linux include/uapi/asm-generic/resource.h. */
#ifndef ABI_LINUX_RESOURCE_H
#define ABI_LINUX_RESOURCE_H

#include "abi/types.h"

enum rlimit_resource {
	RLIMIT_CPU = 0,
	RLIMIT_FSIZE = 1,
	RLIMIT_DATA = 2,
	RLIMIT_STACK = 3,
	RLIMIT_CORE = 4,
	RLIMIT_RSS = 5,
	RLIMIT_NPROC = 6,
	RLIMIT_NOFILE = 7,
	RLIMIT_MEMLOCK = 8,
	RLIMIT_AS = 9,
	RLIMIT_LOCKS = 10,
	RLIMIT_SIGPENDING = 11,
	RLIMIT_MSGQUEUE = 12,
	RLIMIT_NICE = 13,
	RLIMIT_RTPRIO = 14,
	RLIMIT_RTTIME = 15,
	RLIM_NLIMITS = 16,
};

#define RLIM_INFINITY 0xffffffffu

struct rlimit {
	u32 cur, max;
};

/* For prlimit64(). */
struct rlimit64 {
	u64 cur, max;
};

#endif
