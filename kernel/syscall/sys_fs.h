/* SPDX-License-Identifier: MIT */
/* Paths in ring 3, for system calls. */
#ifndef KERNEL_SYSCALL_SYS_FS_H
#define KERNEL_SYSCALL_SYS_FS_H

#include "kernel/process/task.h"

/* Copies a path from ring 3. 0, -EFAULT, -ENOENT for an empty path, -ENAMETOOLONG. */
int get_path(vaddr_t from, char path[PATH_MAX]);

/* For an `at` call. A relative path needs AT_FDCWD: else -EBADF or -ENOTDIR. */
int get_path_at(u32 directory, vaddr_t from, char path[PATH_MAX]);

#endif
