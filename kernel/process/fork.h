/* SPDX-License-Identifier: MIT */
/* New tasks, and leaving an address space. */
#ifndef KERNEL_PROCESS_FORK_H
#define KERNEL_PROCESS_FORK_H

#include "abi/linux/sched.h"
#include "lib/types.h"

struct pt_regs;

struct clone_args {
	u32 flags;
	vaddr_t stack; /* 0: the parent's address */
	vaddr_t parent_tid, child_tid, tls;
};

/*
 * clone(): a task that returns 0 from `regs`. Returns its pid; -EINVAL for flags that contradict each other or are not here, -EFAULT,
 * -ENOMEM, -EAGAIN. With CLONE_VFORK it sleeps until the child has left the address space.
 */
int do_clone(const struct pt_regs *regs, const struct clone_args *args);

/*
 * The current task leaves its address space, by its end or by execve: the word that wants it is cleared, and who waits by vfork goes
 * on. The space is still the active one.
 */
void mm_release(void);

#endif
