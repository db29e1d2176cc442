/* SPDX-License-Identifier: MIT */
/* Descriptors and paths of the current task, for the system calls on files. */
#ifndef KERNEL_SYSCALL_SYS_FS_H
#define KERNEL_SYSCALL_SYS_FS_H

#include "kernel/process/task.h"

/* The file of a descriptor, or NULL. */
static inline struct file *file_of(u32 fd)
{
	return fd_file(fd);
}

/* Copies a path from ring 3. 0, -EFAULT, -ENOENT for an empty path, -ENAMETOOLONG. */
int get_path(vaddr_t from, char path[PATH_MAX]);

/*
 * The same for an `at` call. For a relative path only AT_FDCWD is supported: -EBADF or -ENOTDIR
 * for another directory.
 */
int get_path_at(u32 directory, vaddr_t from, char path[PATH_MAX]);

#endif
