/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SYSCALL_SYS_LOCK_H
#define KERNEL_SYSCALL_SYS_LOCK_H

#include "fs/file.h"

/* fcntl() with a command about locks. 0 or -errno. */
s32 fcntl_lock(struct file *file, u32 command, vaddr_t argument);

#endif
