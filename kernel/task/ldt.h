/* SPDX-License-Identifier: MIT */
/*
 * modify_ldt(2): segments of a process, for programs that run old or foreign code. Selectors with
 * bit 2 set name them.
 *
 *     thread_group.ldt ──> entries[count]      threads share it, a forked child has a copy,
 *                                              execve drops it
 *
 * schedule() loads the table if the old or the new task has one (EXTRA_LDT).
 *
 *  (1) As in tls.c, an entry is 0 or a segment of ring 3; code segments too. No 16-bit ones: the
 *      return to a 16-bit stack would show the upper half of the kernel's ESP.
 *  (2) A table never shrinks, and one that is loaded is not freed.
 */
#ifndef KERNEL_TASK_LDT_H
#define KERNEL_TASK_LDT_H

#include "lib/types.h"

#define LDT_ENTRIES 8192u

struct ldt {
	u32 count;
	u64 entries[];
};

struct task;
struct thread_group;

/* Sets an entry of the current process from ring 3's struct user_desc. 0 or -errno as Linux. */
int ldt_set(vaddr_t place, u32 bytes, bool old_format);

/* Copies the table to ring 3, and zeros behind it. Returns the bytes, or -EFAULT. */
s32 ldt_read(vaddr_t to, u32 bytes);

/* Loads the table, or none (NULL), and the null selector into FS and GS. */
void ldt_load(const struct ldt *ldt);

/* Gives a new process a copy of the current one's. 0 or -ENOMEM. */
int ldt_copy(struct task *child);

/* Frees a process's table: at execve and at its end. */
void ldt_free(struct thread_group *group);

#endif
