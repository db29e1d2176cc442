/* SPDX-License-Identifier: MIT */
/*
 * System calls that send signals, to those that may_signal() allows. Kernel tasks take no signals
 * (kernel/signal/signal.h, (3)); some to init end the run.
 */
#include "kernel/process/run_end.h"
#include "kernel/signal/signal.h"
#include "kernel/task/pid.h"
#include "kernel/syscall/process/sys_kill.h"
#include "kernel/syscall/syscall.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"

static int check(const struct task *task, const struct siginfo *info)
{
	if (info->signo < 0 || info->signo > NR_SIGNALS)
		return -EINVAL;
	/* SIGCONT may go to all of the session: a job may have changed its IDs. */
	if (info->signo == SIGCONT && task->group->job.session == current->group->job.session)
		return 0;
	return may_signal(task) ? 0 : -EPERM;
}

/* Signal 0 only checks that the task exists. */
static s32 send(struct task *task, const struct siginfo *info)
{
	int err = check(task, info);

	return err || !info->signo ? err : signal_send_info(task, info);
}

/* Sends to a process. It may be a zombie. */
static s32 send_to_process(const struct task *task, const struct siginfo *info)
{
	int err = check(task, info);

	if (err || !info->signo)
		return err;
	if (task == init_task)
		return run_may_end ? run_end_by_signal(info->signo) : 0;
	return signal_send_process(task->group, info);
}

/* The result of a send to several, after one more: as on Linux, an error counts if all fail. */
static s32 result_of(s32 result, s32 err)
{
	return result == -ESRCH || err != -EPERM ? err : result;
}

/*
 * To every process, except init and the caller's. As on Linux, those that it may not are no
 * error.
 */
static s32 send_all(const struct siginfo *info)
{
	struct task *task;
	s32 result = -ESRCH, err;

	list_for_each_entry (task, &task_list, link) {
		const struct thread_group *process = task->group;
		const struct task *taker;

		if (process->leader != task || process == current->group)
			continue;
		taker = signal_taker(process, 0);
		if (!taker || !taker->mm)
			continue;
		err = send_to_process(task, info);
		if (err != -EPERM)
			result = err;
		else if (result == -ESRCH)
			result = 0;
	}
	return result;
}

static s32 send_to_group(const struct siginfo *info, int group)
{
	struct thread_group *process;
	s32 result = -ESRCH;

	for_each_in_group(process, group) result =
		result_of(result, send_to_process(process->leader, info));
	return result;
}

void sign_info(struct siginfo *info)
{
	info->pid = current->tgid;
	info->uid = current->group->user.real;
}

s32 signal_by_scope(struct task *task, const struct siginfo *info, u32 scope)
{
	if (scope == 1)
		return send(task, info);
	return scope == 2 ? send_to_process(task, info)
			  : send_to_group(info, task->group->job.group);
}

s32 sys_kill(struct pt_regs *regs)
{
	int pid = (int)regs->ebx;
	struct siginfo info = { .signo = (s32)regs->ecx, .code = SI_USER };
	struct task *task;

	sign_info(&info);
	if (pid == -1)
		return send_all(&info);
	if (pid == INT32_MIN)
		return -ESRCH;
	if (pid <= 0)
		return send_to_group(&info, pid ? -pid : current->group->job.group);
	task = task_find(pid);
	return task ? send_to_process(task, &info) : -ESRCH;
}

s32 sys_tkill(struct pt_regs *regs)
{
	struct siginfo info = { .signo = (s32)regs->ecx, .code = SI_TKILL };
	struct task *task;

	sign_info(&info);
	if ((int)regs->ebx <= 0)
		return -EINVAL;
	task = task_find((int)regs->ebx);
	return task ? send(task, &info) : -ESRCH;
}

s32 sys_tgkill(struct pt_regs *regs)
{
	struct siginfo info = { .signo = (s32)regs->edx, .code = SI_TKILL };
	int group = (int)regs->ebx, pid = (int)regs->ecx;
	struct task *task;

	sign_info(&info);
	if (group <= 0 || pid <= 0)
		return -EINVAL;
	task = task_find(pid);
	return task && task->tgid == group ? send(task, &info) : -ESRCH;
}

/* Only to itself a thread may send a siginfo which claims that the kernel or kill() sent it. */
static bool may_claim(const struct siginfo *info, int pid)
{
	return (info->code < 0 && info->code != SI_TKILL) || pid == current->pid;
}

static int read_siginfo(vaddr_t from, int signal, struct siginfo *info)
{
	if (copy_from_user(info, from, sizeof(*info)))
		return -EFAULT;
	info->signo = signal;
	return 0;
}

s32 sys_rt_sigqueueinfo(struct pt_regs *regs)
{
	int pid = (int)regs->ebx;
	struct siginfo info;
	struct task *task;

	if (read_siginfo(regs->edx, (s32)regs->ecx, &info))
		return -EFAULT;
	if (!may_claim(&info, pid))
		return -EPERM;
	task = pid > 0 ? task_find(pid) : NULL;
	return task ? send_to_process(task, &info) : -ESRCH;
}

s32 sys_rt_tgsigqueueinfo(struct pt_regs *regs)
{
	int group = (int)regs->ebx, pid = (int)regs->ecx;
	struct siginfo info;
	struct task *task;

	if (read_siginfo(regs->esi, (s32)regs->edx, &info))
		return -EFAULT;
	if (group <= 0 || pid <= 0)
		return -EINVAL;
	if (!may_claim(&info, pid))
		return -EPERM;
	task = task_find(pid);
	return task && task->tgid == group ? send(task, &info) : -ESRCH;
}
