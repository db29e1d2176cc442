/* SPDX-License-Identifier: MIT */
/*
 * Locks on files: fcntl(2), flock(2).
 *
 * Source: Linux include/uapi/asm-generic/fcntl.h, arch/x86/include/asm/compat.h.
 */
#ifndef ABI_LINUX_FLOCK_H
#define ABI_LINUX_FLOCK_H

#include "abi/types.h"

enum { LOCK_SH = 1, LOCK_EX = 2, LOCK_NB = 4, LOCK_UN = 8, LOCK_MAND = 32 };

struct flock {
	s16 type, whence;
	s32 start, length, pid;
};

struct flock64 {
	s16 type, whence;
	s64 start, length;
	s32 pid;
} __packed __aligned(4);
_Static_assert(sizeof(struct flock64) == 24, "struct flock64 is not Linux's");

#endif
