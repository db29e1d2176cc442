/* SPDX-License-Identifier: MIT */
/* fork: a second process with the same memory, copied on write, and the same open files. */
#include "kernel/signal.h"
#include "lib/errno.h"

static void copy_files(struct task *to, const struct task *from)
{
	for (int i = 0; i < OPEN_MAX; i++) {
		to->files[i] = from->files[i];
		if (to->files[i])
			file_get(to->files[i]);
	}
}

int do_fork(const struct pt_regs *regs)
{
	struct task *child = task_alloc(current, current->name);
	struct pt_regs *frame;
	u32 *stack;

	if (!child)
		return -ENOMEM;
	child->mm = mm_copy(current->mm);
	if (!child->mm) {
		task_free(child);
		return -ENOMEM;
	}
	if (signal_copy(child, false)) {
		mm_put(child->mm);
		child->mm = NULL;
		task_free(child);
		return -ENOMEM;
	}
	copy_files(child, current);

	frame = task_regs(child);
	*frame = *regs;
	frame->eax = 0;
	/* What switch_to() pops; it goes on at trap_return with ESP at the frame. */
	stack = (u32 *)frame;
	*--stack = (u32)trap_return;
	for (int i = 0; i < 4; i++)
		*--stack = 0;
	child->esp = (u32)stack;
	task_wake(child);
	return child->pid;
}
