/* SPDX-License-Identifier: MIT */
/* System calls on processes. */
#include "kernel/exec.h"
#include "kernel/signal.h"
#include "kernel/syscall.h"
#include "kernel/uaccess.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/text.h"

s32 sys_exit(struct pt_regs *regs)
{
	do_exit(EXIT_STATUS(regs->ebx));
}

s32 sys_fork(struct pt_regs *regs)
{
	return do_fork(regs);
}

/* int 0x80 */
#define SYSCALL_INSTRUCTION_BYTES 2

static s32 wait_and_tell(struct pt_regs *regs, int pid, vaddr_t status_place, int options)
{
	int status, child = do_wait(pid, &status, options);

	/* There are no handlers: who survives the signal has only been stopped, and makes the call again. */
	if (child == -EINTR) {
		regs->eip -= SYSCALL_INSTRUCTION_BYTES;
		return (s32)regs->eax;
	}

	/* As on Linux: the child is gone, even if its status can't be told. */
	if (child > 0 && status_place && put_user((u32)status, status_place))
		return -EFAULT;
	return child;
}

s32 sys_waitpid(struct pt_regs *regs)
{
	return wait_and_tell(regs, (int)regs->ebx, regs->ecx, (int)regs->edx);
}

/* The resources that a child used are not counted: a caller that asks for them gets zeros. */
s32 sys_wait4(struct pt_regs *regs)
{
	static const char no_usage[72];
	s32 child = wait_and_tell(regs, (int)regs->ebx, regs->ecx, (int)regs->edx);

	if (child > 0 && regs->esi && copy_to_user(regs->esi, no_usage, sizeof(no_usage)))
		return -EFAULT;
	return child;
}

s32 sys_execve(struct pt_regs *regs)
{
	char path[PATH_MAX];
	struct exec_strings argv = { .user = regs->ecx }, envp = { .user = regs->edx };
	int length = strncpy_from_user(path, regs->ebx, sizeof(path));

	if (length < 0)
		return length;
	if (!length)
		return -ENOENT;
	if (length == sizeof(path))
		return -ENAMETOOLONG;
	return do_execve(path, &argv, &envp, regs);
}

s32 sys_getpid(struct pt_regs *regs)
{
	(void)regs;
	return current->pid;
}

s32 sys_getppid(struct pt_regs *regs)
{
	(void)regs;
	return current->parent->pid;
}

s32 sys_sched_yield(struct pt_regs *regs)
{
	(void)regs;
	schedule();
	return 0;
}

/* -1: every process but init and the caller. There is one process group, which 0 and less than -1 speak of: all, the caller included. */
static s32 kill_all(int signal, bool caller_too)
{
	struct task *task;
	s32 result = -ESRCH;

	list_for_each_entry (task, &task_list, link) {
		if (!task->mm || (task == current && !caller_too))
			continue;
		result = 0;
		if (signal)
			signal_send(task, signal < NR_SIGNALS ? signal : SIGKILL);
	}
	return result;
}

s32 sys_kill(struct pt_regs *regs)
{
	int pid = (int)regs->ebx, signal = (int)regs->ecx;
	struct task *task;

	if (signal < 0 || signal > 64)
		return -EINVAL;
	if (pid <= 0)
		return kill_all(signal, pid != -1);
	task = task_find(pid);
	if (!task)
		return -ESRCH;
	/* Kernel tasks take no signals; those above 31 are real-time signals, whose default is to end the process too. */
	if (signal && task->mm)
		signal_send(task, signal < NR_SIGNALS ? signal : SIGKILL);
	return 0;
}

struct utsname {
	char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65];
};

/* The system whose ABI this is, so that programs which ask go on; who reads on learns what it is. */
s32 sys_uname(struct pt_regs *regs)
{
	static const struct utsname name = {
		.sysname = "Linux",
		.nodename = "pagewright",
		.release = "6.1.0-pagewright",
		.version = "#1 Pagewright",
		.machine = "i686",
		.domainname = "(none)",
	};

	return copy_to_user(regs->ebx, &name, sizeof(name)) ? -EFAULT : 0;
}
