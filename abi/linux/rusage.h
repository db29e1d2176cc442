/* SPDX-License-Identifier: MIT */
/*
 * Resource use. Source: Linux include/uapi/linux/resource.h.
 *
 * Not in resource.h: mm/ needs the limits on the host too, where the C library defines structures
 * with the names of the times.
 */
#ifndef ABI_LINUX_RUSAGE_H
#define ABI_LINUX_RUSAGE_H

#include "abi/linux/time.h"

enum { RUSAGE_SELF = 0, RUSAGE_CHILDREN = -1, RUSAGE_THREAD = 1 };

struct rusage {
	struct timeval user, system;
	u32 max_rss; /* KiB */
	u32 unused1[3];
	u32 minor_faults, major_faults;
	u32 unused2[6]; /* swaps, input and output of blocks, messages, signals */
	u32 voluntary, involuntary;
};

#endif
