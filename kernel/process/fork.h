/* SPDX-License-Identifier: MIT */
/* Creating tasks, and leaving an address space. */
#ifndef KERNEL_PROCESS_FORK_H
#define KERNEL_PROCESS_FORK_H

#include "abi/linux/sched.h"
#include "lib/types.h"

struct pt_regs;

struct clone_args {
	u32 flags;
	vaddr_t stack; /* 0: the parent's stack pointer */
	vaddr_t parent_tid, child_tid, tls;
	vaddr_t pidfd;	    /* with CLONE_PIDFD: where its descriptor is written */
	bool clear_sighand; /* handlers become the default action */
};

/*
 * clone(): creates a task that returns 0 with `regs`. Returns its pid; -EINVAL for contradictory
 * or unknown flags, -EFAULT, -ENOMEM, -EAGAIN. With CLONE_VFORK it sleeps until the child has left
 * the address space.
 */
int do_clone(const struct pt_regs *regs, const struct clone_args *args);

/*
 * The current task leaves its address space, at its end or by execve: clears clear_child_tid's
 * word, and wakes a vfork parent. The space is still active.
 */
void mm_release(void);

#endif
