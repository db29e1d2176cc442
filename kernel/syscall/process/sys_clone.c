/* SPDX-License-Identifier: MIT */
/* System calls that create tasks. */
#include "abi/linux/errno.h"
#include "abi/linux/signal.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/process/fork.h"
#include "kernel/syscall/syscall.h"
#include "lib/string.h"
#include "mm/frames/page.h"

s32 sys_fork(struct pt_regs *regs)
{
	const struct clone_args args = { .flags = SIGCHLD };

	return do_clone(regs, &args);
}

s32 sys_vfork(struct pt_regs *regs)
{
	const struct clone_args args = { .flags = CLONE_VFORK | CLONE_VM | SIGCHLD };

	return do_clone(regs, &args);
}

/* In the argument order of the i386: flags, stack, parent_tid, tls, child_tid. */
s32 sys_clone(struct pt_regs *regs)
{
	const struct clone_args args = {
		.flags = regs->ebx,
		.stack = regs->ecx,
		.parent_tid = regs->edx,
		.tls = regs->esi,
		.child_tid = regs->edi,
		.pidfd = regs->edx,
	};

	if (args.flags & CLONE_PIDFD && args.flags & (CLONE_PARENT_SETTID | CLONE_DETACHED))
		return -EINVAL;
	return do_clone(regs, &args);
}

/* The structure may be a later, longer one if the members that are not known here are 0. */
static int read_request(vaddr_t from, u32 size, struct clone3_args *request)
{
	u32 known = min(size, (u32)sizeof(*request));

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	for (u32 at = known; at < size; at += sizeof(u32)) {
		u32 rest = 0;

		if (copy_from_user(&rest, from + at, min(size - at, (u32)sizeof(rest))))
			return -EFAULT;
		if (rest)
			return -E2BIG;
	}
	memset(request, 0, sizeof(*request));
	return copy_from_user(request, from, known) ? -EFAULT : 0;
}

/* There are no name spaces and no control groups, and no number can be chosen. */
static int check_request(const struct clone3_args *request)
{
	const u64 refused = CLONE_DETACHED | CSIGNAL;

	if (request->flags & ~(u64)(UINT32_MAX | CLONE_CLEAR_SIGHAND) || request->flags & refused)
		return -EINVAL;
	if (request->set_tid || request->set_tid_size || request->exit_signal > NR_SIGNALS)
		return -EINVAL;
	if (request->flags & CLONE_CLEAR_SIGHAND && request->flags & CLONE_SIGHAND)
		return -EINVAL;
	if (request->flags & (CLONE_THREAD | CLONE_PARENT) && request->exit_signal)
		return -EINVAL;
	if (!request->stack != !request->stack_size)
		return -EINVAL;
	if (request->stack > UINT32_MAX || request->stack_size > UINT32_MAX ||
	    !access_ok((vaddr_t)request->stack, (u32)request->stack_size))
		return -EINVAL;
	return 0;
}

s32 sys_clone3(struct pt_regs *regs)
{
	struct clone3_args request;
	int err = read_request(regs->ebx, regs->ecx, &request);

	if (!err)
		err = check_request(&request);
	if (err)
		return err;
	return do_clone(regs, &(struct clone_args){
				      .flags = (u32)(request.flags | request.exit_signal),
				      .clear_sighand = request.flags & CLONE_CLEAR_SIGHAND,
				      .stack = (vaddr_t)(request.stack + request.stack_size),
				      .parent_tid = (vaddr_t)request.parent_tid,
				      .child_tid = (vaddr_t)request.child_tid,
				      .tls = (vaddr_t)request.tls,
				      .pidfd = (vaddr_t)request.pidfd,
			      });
}
