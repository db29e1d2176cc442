/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SYSCALL_FILE_SYS_POLL_H
#define KERNEL_SYSCALL_FILE_SYS_POLL_H

#include "lib/types.h"

/*
 * Replaces the set of blocked signals for the rest of a call, by that at `place` (0: none). 0,
 * -EINVAL, -EFAULT. mask_end() undoes it; after an interruption, -ERESTARTNOHAND, the mask stays
 * until the handler runs.
 */
int mask_begin(vaddr_t place, u32 bytes);
void mask_end(s32 result);

#endif
