/* SPDX-License-Identifier: MIT */
/* sysinfo(2) of the i386. Source: Linux include/uapi/linux/sysinfo.h. */
#ifndef ABI_LINUX_SYSINFO_H
#define ABI_LINUX_SYSINFO_H

#include "abi/types.h"

#define SYSINFO_LOAD_SHIFT 16

struct sysinfo {
	s32 uptime;   /* seconds */
	u32 loads[3]; /* 1 << SYSINFO_LOAD_SHIFT is one task */
	u32 total_ram, free_ram, shared_ram, buffer_ram, total_swap, free_swap; /* in units */
	u16 processes, padding;
	u32 total_high, free_high;
	u32 unit; /* bytes; 1 where less than 4 GiB are counted */
	u8 unused[8];
};

#endif
