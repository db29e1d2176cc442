/* SPDX-License-Identifier: MIT */
/*
 * Segments for the data of one thread: a program names base and limit, and loads the selector into FS or GS.
 *
 * The descriptors are the task's; schedule() writes them to the GDT when a task that has some comes or goes.
 *
 * Sources: Linux asm/ldt.h (struct user_desc), set_thread_area(2); Intel SDM vol. 3A 3.4.5.
 */
#ifndef KERNEL_PROCESS_TLS_H
#define KERNEL_PROCESS_TLS_H

#include "kernel/cpu/gdt.h"
#include "kernel/process/task.h"

/*
 * Sets a descriptor of `task` from the struct user_desc at `place` in ring 3 of the current task. Entry number -1 is, with `allocate`,
 * replaced by a free one, which is written back. Returns 0, -EFAULT, -EINVAL for what is no data segment or no TLS entry, -ESRCH when
 * none is free.
 */
int tls_set(struct task *task, vaddr_t place, bool allocate);

/* Fills in the rest of the struct user_desc at `place` from its entry number. Returns 0, -EFAULT or -EINVAL. */
int tls_get(const struct task *task, vaddr_t place);

/* The current task has none any more: execve. */
void tls_clear(void);

#endif
