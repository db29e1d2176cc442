/* SPDX-License-Identifier: MIT */
/*
 * /proc: what the memory manager lets a program see, in Linux's formats (proc(5); Documentation/admin-guide/mm/pagemap.rst).
 *
 *   /proc/self/maps     the areas               /proc/meminfo     totals, in KiB
 *   /proc/self/statm    sizes, in pages         /proc/buddyinfo   free blocks by order
 *   /proc/self/pagemap  a u64 for each page     /proc/slabinfo    the caches
 */
#ifndef FS_PROC_H
#define FS_PROC_H

#include "lib/types.h"

struct file;
struct mm_struct;

/* Opens the file that `name`, the path behind "/proc/", says, for a process that lives in `mm`. 0, -ENOENT or -ENOMEM. */
int proc_open(const char *name, struct mm_struct *mm, struct file **file);

#endif
