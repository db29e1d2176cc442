/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SYSCALL_FILE_SYS_LOCK_H
#define KERNEL_SYSCALL_FILE_SYS_LOCK_H

#include "fs/file.h"

/* fcntl() with a command about locks, for the file of descriptor `fd`. 0 or -errno. */
s32 fcntl_lock(u32 fd, struct file *file, u32 command, vaddr_t argument);

#endif
