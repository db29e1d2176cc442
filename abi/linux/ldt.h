/* SPDX-License-Identifier: MIT */
/* Thread-local segments: set_thread_area(). Source: Linux arch/x86/include/uapi/asm/ldt.h. */
#ifndef ABI_LINUX_LDT_H
#define ABI_LINUX_LDT_H

#include "abi/types.h"

/* Bits of user_desc.flags; a bit field in C libraries. */
enum user_desc_flags {
	DESC_32BIT = 1 << 0,
	DESC_CONTENTS = 3 << 1, /* bit 1: grows down; bit 2: code */
	DESC_CODE = 2 << 1,
	DESC_READ_ONLY = 1 << 3,
	DESC_PAGES = 1 << 4,
	DESC_NOT_PRESENT = 1 << 5,
	DESC_USEABLE = 1 << 6,
	DESC_ALL = 0x7f,
};

struct user_desc {
	u32 entry, base, limit, flags;
};

#endif
