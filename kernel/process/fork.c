/* SPDX-License-Identifier: MIT */
/*
 * clone, fork and vfork: what the child shares, what it copies, and when the parent continues.
 *
 *   fork     the address space is copied on write, the table of descriptors is copied
 *   vfork    the address space is shared until the child calls execve or ends;
 *            the parent sleeps meanwhile
 *   thread   shares address space, descriptors and the process: CLONE_THREAD,
 *            which needs CLONE_SIGHAND, which needs CLONE_VM
 *
 * All that can fail comes before the child is visible; task_free() then undoes the rest.
 */
#include "kernel/task/fpu.h"
#include "kernel/process/fork.h"
#include "kernel/process/fs_struct.h"
#include "kernel/process/futex.h"
#include "kernel/process/pidfd.h"
#include "kernel/signal/signal.h"
#include "kernel/task/sched.h"
#include "kernel/task/trace_events.h"
#include "kernel/task/pid.h"
#include "kernel/task/ldt.h"
#include "kernel/task/tls.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/user_space/page_fault.h"

/*
 * These need no work: there is no tracing, and there are no System V semaphores. CLONE_DETACHED
 * has no meaning on Linux either.
 */
#define CLONE_WITHOUT_EFFECT (CLONE_PTRACE | CLONE_UNTRACED | CLONE_SYSVSEM | CLONE_DETACHED)

#define CLONE_KNOWN                                                                                \
	(CSIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_PIDFD | CLONE_VFORK | \
	 CLONE_PARENT | CLONE_THREAD | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | \
	 CLONE_CHILD_SETTID | CLONE_WITHOUT_EFFECT)

static int check_flags(u32 flags)
{
	if (flags & ~CLONE_KNOWN)
		return -EINVAL;
	if (flags & CLONE_THREAD && !(flags & CLONE_SIGHAND))
		return -EINVAL;
	if (flags & CLONE_SIGHAND && !(flags & CLONE_VM))
		return -EINVAL;
	return 0;
}

static int copy_files(struct task *child, u32 flags)
{
	if (flags & CLONE_FILES) {
		files_get(current->files);
		child->files = current->files;
		return 0;
	}
	child->files = files_copy(current->files);
	return child->files ? 0 : -ENOMEM;
}

static int copy_signals(struct task *child, const struct clone_args *args)
{
	u32 flags = args->flags;
	int err = signal_copy(child, flags & CLONE_SIGHAND);

	if (!err && args->clear_sighand)
		sighand_exec(child->sighand);
	/* Two tasks in one space need two handler stacks. The parent of vfork does not run. */
	if ((flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM)
		altstack_reset(child);
	return err;
}

static int copy_mm(struct task *child, u32 flags)
{
	if (flags & CLONE_VM) {
		current->mm->mm_users++;
		child->mm = current->mm;
		return 0;
	}
	mm_hold();
	child->mm = mm_copy(current->mm);
	mm_unhold();
	return child->mm ? 0 : -ENOMEM;
}

static int copy_tls(struct task *child, const struct clone_args *args)
{
	child->extras = current->extras & (EXTRA_TLS | EXTRA_NO_TSC);
	if (child->extras & EXTRA_TLS)
		memcpy(child->tls, current->tls, sizeof(child->tls));
	return args->flags & CLONE_SETTLS ? tls_set(child, args->tls, false) : 0;
}

/* A child, or a thread, is scheduled as its parent, unless that asked for the contrary. */
static void inherit_policy(struct task *child)
{
	struct sched_policy *policy = &child->policy;

	*policy = current->policy;
	if (policy->reset_on_fork) {
		policy->reset_on_fork = false;
		policy->nice = policy->priority ? 0 : max(policy->nice, 0);
		if (policy->priority)
			policy->kind = SCHED_OTHER;
		policy->priority = 0;
	}
	child->personality = current->personality;
	child->timer_slack = current->timer_slack;
	child->timer_slack_default = current->timer_slack;
}

/*
 * Undoes copy_task(), also where it has come to a part only. To close a file may let other tasks
 * run: first they find no memory and no files. They may have sent signals while memory was copied.
 */
static void discard(struct task *child)
{
	struct files_struct *files = child->files;
	struct mm_struct *mm = child->mm;

	child->files = NULL;
	child->mm = NULL;
	files_put(files);
	fs_leave(child);
	if (mm)
		mm_put(mm);
	fpu_release(child);
	signal_exit(child);
	if (child->group != current->group) {
		ldt_free(child->group);
		signal_flush(child->group, &child->group->pending, ~0ull);
	}
	task_free(child);
}

/*
 * Returns the new task with all its parts, not runnable yet; or NULL and an error through *err.
 */
static struct task *copy_task(const struct clone_args *args, int *err)
{
	u32 flags = args->flags;
	struct task *leader = current->group->leader;
	struct task *child =
		task_alloc(flags & (CLONE_THREAD | CLONE_PARENT) ? leader->parent : leader,
			   flags & CLONE_THREAD ? current->group : NULL, current->name);
	int failed;

	if (!child) {
		*err = nr_tasks == PID_MAX - 1 ? -EAGAIN : -ENOMEM;
		return NULL;
	}
	inherit_policy(child);
	if (!(flags & (CLONE_THREAD | CLONE_PARENT))) {
		child->group->maker = current->pid;
		current->made_children = true;
	}
	child->exit_signal = flags & CLONE_PARENT ? leader->exit_signal : (int)(flags & CSIGNAL);
	failed = copy_tls(child, args);
	if (!failed && unlikely(current->group->ldt))
		failed = ldt_copy(child);
	if (!failed)
		failed = copy_files(child, flags);
	if (!failed)
		failed = fs_copy(child, flags & CLONE_FS);
	if (!failed && current->fpu)
		failed = fpu_copy(child);
	if (!failed)
		failed = copy_signals(child, args);
	if (!failed)
		failed = copy_mm(child, flags);
	if (likely(!failed))
		return child;
	*err = failed;
	discard(child);
	return NULL;
}

/* The descriptor of the child, for CLONE_PIDFD. */
struct child_file {
	struct file *file;
	int fd;
};

/* As on Linux it can be closed only when the child exists. 0, -EMFILE, -ENOMEM, -EFAULT. */
static int make_pidfd(const struct task *child, const struct clone_args *args,
		      struct child_file *made)
{
	u32 flags = args->flags & CLONE_THREAD ? PIDFD_THREAD : 0;
	int err = pidfd_open(child, flags, &made->file);

	if (err)
		return err;
	made->fd = fd_alloc(current->files, 0, rlimit(RLIMIT_NOFILE), true);
	if (made->fd >= 0 && !put_user((u32)made->fd, args->pidfd))
		return 0;
	file_put(made->file);
	if (made->fd < 0)
		return made->fd;
	fd_release(current->files, (u32)made->fd);
	return -EFAULT;
}

/* The child starts with the return to ring 3, and with 0 as the result. */
static void set_start(struct task *child, const struct pt_regs *regs, vaddr_t stack_pointer)
{
	struct pt_regs *frame = task_regs(child);
	u32 *stack = (u32 *)frame;

	BUG_ON(!user_mode(regs));
	*frame = *regs;
	frame->eax = 0;
	if (stack_pointer)
		frame->esp = stack_pointer;
	/* switch_to() pops these; then trap_return runs with ESP at the frame. */
	*--stack = (u32)trap_return;
	for (int i = 0; i < 4; i++)
		*--stack = 0;
	child->esp = (u32)stack;
}

/*
 * As on Linux, an address that cannot be written is not an error. The child has not started, but
 * it could be chosen when memory runs out, and its page tables be freed during the access.
 */
static void tell_pid(struct task *child, const struct clone_args *args)
{
	u32 pid = (u32)child->pid;

	if (args->flags & CLONE_PARENT_SETTID)
		put_user(pid, args->parent_tid);
	if (args->flags & CLONE_CHILD_SETTID) {
		current->ends_none = true;
		access_process_vm(child->mm, args->child_tid, &pid, sizeof(pid), FAULT_WRITE);
		current->ends_none = false;
	}
	if (args->flags & CLONE_CHILD_CLEARTID)
		child->clear_child_tid = args->child_tid;
}

/* Waits until the child has left the address space. A fatal signal ends the wait. */
static void wait_for_vfork(struct task *child)
{
	BUG_ON(current->vfork_child || child->vfork_parent); /* (7) */
	child->vfork_parent = current;
	current->vfork_child = child;
	while (current->vfork_child && !fatal_signal_pending(current)) {
		current->state = TASK_BLOCKED;
		schedule();
	}
	current->state = TASK_RUNNING;
	if (current->vfork_child)
		current->vfork_child->vfork_parent = NULL;
	current->vfork_child = NULL;
}

int do_clone(const struct pt_regs *regs, const struct clone_args *args)
{
	struct child_file made = { NULL };
	struct task *child;
	int err = check_flags(args->flags), pid;

	if (err)
		return err;
	/* Init has no parent that could reap such a child. */
	if (args->flags & CLONE_PARENT && current->group->leader == init_task)
		return -EINVAL;
	if (current->ends ||
	    (current->policy.kind == SCHED_DEADLINE && !current->policy.reset_on_fork))
		return -EAGAIN;
	child = copy_task(args, &err);
	if (!child)
		return err;
	if (args->flags & CLONE_PIDFD) {
		err = make_pidfd(child, args, &made);
		if (err) {
			discard(child);
			return err;
		}
	}
	set_start(child, regs, args->stack);
	pid = child->pid;
	tell_pid(child, args);
	trace_state(sched_process_fork, child);
	if (made.file)
		fd_install(current->files, (u32)made.fd, made.file);
	task_wake(child);
	if (args->flags & CLONE_VFORK)
		wait_for_vfork(child);
	return pid;
}

void mm_release(void)
{
	struct mm_struct *mm = current->mm;
	struct task *parent = current->vfork_parent;

	if (current->robust_list)
		robust_list_exit();
	usage_leave_mm();
	/* Without another user of the address space the word would not be read again. */
	if (current->clear_child_tid && mm->mm_users > 1 && !put_user(0, current->clear_child_tid))
		futex_wake(current->clear_child_tid, true, 1, FUTEX_BITSET_MATCH_ANY);
	current->clear_child_tid = 0;
	if (!parent)
		return;
	BUG_ON(parent->vfork_child != current); /* (7) */
	current->vfork_parent = NULL;
	parent->vfork_child = NULL;
	task_wake(parent);
}
