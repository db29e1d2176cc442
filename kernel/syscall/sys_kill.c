/* SPDX-License-Identifier: MIT */
/*
 * System calls that send signals. There is one user, root, so a process may send to any other;
 * there is one process group. Kernel tasks take no signals (kernel/process/signal.h, (3)).
 */
#include "kernel/process/signal.h"
#include "kernel/syscall/syscall.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"

/* Signal 0 only checks that the task exists. */
static s32 send(struct task *task, struct siginfo *info)
{
	if (info->signo < 0 || info->signo > NR_SIGNALS)
		return -EINVAL;
	return info->signo ? signal_send_info(task, info) : 0;
}

/* Sends to a process. It may be a zombie. */
static s32 send_to_process(const struct task *task, struct siginfo *info)
{
	struct task *taker;

	if (info->signo < 0 || info->signo > NR_SIGNALS)
		return -EINVAL;
	taker = signal_taker(task, info->signo);
	return taker ? send(taker, info) : 0;
}

/*
 * pid -1: every process except init and the caller. pid 0 or below -1: the one process group,
 * which is all processes, the caller included.
 */
static s32 send_all(struct siginfo *info, bool caller_too)
{
	struct task *task;
	s32 result = -ESRCH;

	list_for_each_entry (task, &task_list, link) {
		const struct task *taker =
			task->group->leader == task ? signal_taker(task, 0) : NULL;

		if (!taker || !taker->mm || (task->group == current->group && !caller_too))
			continue;
		result = send_to_process(task, info);
		if (result == -EINVAL)
			break;
	}
	return result;
}

s32 sys_kill(struct pt_regs *regs)
{
	int pid = (int)regs->ebx;
	struct siginfo info = { .signo = (s32)regs->ecx, .code = SI_USER, .pid = current->tgid };
	struct task *task;

	if (pid <= 0)
		return send_all(&info, pid != -1);
	task = task_find(pid);
	return task ? send_to_process(task, &info) : -ESRCH;
}

s32 sys_tkill(struct pt_regs *regs)
{
	struct siginfo info = { .signo = (s32)regs->ecx, .code = SI_TKILL, .pid = current->tgid };
	struct task *task;

	if ((int)regs->ebx <= 0)
		return -EINVAL;
	task = task_find((int)regs->ebx);
	return task ? send(task, &info) : -ESRCH;
}

s32 sys_tgkill(struct pt_regs *regs)
{
	struct siginfo info = { .signo = (s32)regs->edx, .code = SI_TKILL, .pid = current->tgid };
	int group = (int)regs->ebx, pid = (int)regs->ecx;
	struct task *task;

	if (group <= 0 || pid <= 0)
		return -EINVAL;
	task = task_find(pid);
	return task && task->tgid == group ? send(task, &info) : -ESRCH;
}

/* A process may send any siginfo, but may not claim that the kernel or kill() sent it. */
s32 sys_rt_sigqueueinfo(struct pt_regs *regs)
{
	int pid = (int)regs->ebx;
	struct siginfo info;
	struct task *task;

	if (copy_from_user(&info, regs->edx, sizeof(info)))
		return -EFAULT;
	info.signo = (s32)regs->ecx;
	if ((info.code >= 0 || info.code == SI_TKILL) && pid != current->tgid)
		return -EPERM;
	task = pid > 0 ? task_find(pid) : NULL;
	return task ? send_to_process(task, &info) : -ESRCH;
}
