/* SPDX-License-Identifier: MIT */
/* Descriptors of the current task, for the system calls on files. */
#ifndef KERNEL_SYS_FS_H
#define KERNEL_SYS_FS_H

#include "kernel/task.h"

/* The file of a descriptor, or NULL. */
static inline struct file *file_of(u32 fd)
{
	return fd_file(fd);
}

#endif
