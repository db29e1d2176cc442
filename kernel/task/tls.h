/* SPDX-License-Identifier: MIT */
/*
 * Thread-local segments: a program sets base and limit, and loads the selector into FS or GS.
 *
 * The descriptors belong to the task; schedule() writes them to the GDT if the old or the new task
 * has some.
 *
 * Sources: Linux asm/ldt.h (struct user_desc), set_thread_area(2); Intel SDM vol. 3A 3.4.5.
 */
#ifndef KERNEL_TASK_TLS_H
#define KERNEL_TASK_TLS_H

#include "kernel/cpu/gdt.h"
#include "kernel/task/task.h"

/*
 * Sets a descriptor of `task` from the struct user_desc at `place`, in ring 3 of the current task.
 * With `allocate`, entry number -1 becomes a free one, which is written back. Returns 0; -EFAULT;
 * -EINVAL for another kind of segment or entry; -ESRCH if none is free.
 */
int tls_set(struct task *task, vaddr_t place, bool allocate);

/* Completes the struct user_desc at `place` by its entry number. Returns 0, -EFAULT or -EINVAL. */
int tls_get(const struct task *task, vaddr_t place);

/* The processor's form of a segment of ring 3; 0 for one of the two forms of "no segment". */
struct user_desc;
u64 desc_encode(const struct user_desc *desc);
bool desc_is_empty(const struct user_desc *desc);

/* Clears the current task's descriptors: for execve. */
void tls_clear(void);

#endif
