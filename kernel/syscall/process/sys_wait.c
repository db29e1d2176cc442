/* SPDX-License-Identifier: MIT */
/* System calls that wait for children. */
#include "kernel/process/pidfd.h"
#include "kernel/process/wait_child.h"
#include "kernel/syscall/process/sys_wait.h"
#include "kernel/syscall/syscall.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"

static s32 wait_and_tell(int pid, vaddr_t status, int options, vaddr_t usage)
{
	struct wait_news news;
	int child = do_wait4(pid, options, &news);

	/* As on Linux: the child has been reaped, even if its status cannot be written. */
	if (child > 0 && usage && put_usage(usage, &news.usage))
		return -EFAULT;
	if (child > 0 && status && put_user((u32)news.status, status))
		return -EFAULT;
	return child;
}

s32 sys_wait4(struct pt_regs *regs)
{
	return wait_and_tell((int)regs->ebx, regs->ecx, (int)regs->edx, regs->esi);
}

s32 sys_waitpid(struct pt_regs *regs)
{
	return wait_and_tell((int)regs->ebx, regs->ecx, (int)regs->edx, 0);
}

/* The first six words of a siginfo_t, as Linux; without news they are 0. */
static int put_news(vaddr_t place, const struct wait_news *news)
{
	const u32 told[] = { SIGCHLD,	     0,		(u32)news->code,
			     (u32)news->pid, news->uid, (u32)news->signal_or_exit };
	static const u32 none[ARRAY_SIZE(told)];

	return copy_to_user(place, news->pid ? told : none, sizeof(told)) ? -EFAULT : 0;
}

/* Replaces the descriptor of a process by its number. */
static int read_pidfd(struct wait_request *request)
{
	const struct file *file = fd_file((u32)request->id);
	struct task *task;

	if (!file || !pidfd_task(file, &task))
		return -EBADF;
	request->which = P_PID;
	request->id = task ? task->pid : 0; /* 0: no child */
	request->nonblock = file->flags & O_NONBLOCK && !(request->options & WNOHANG);
	request->options |= request->nonblock ? WNOHANG : 0;
	return 0;
}

static int read_request(const struct pt_regs *regs, struct wait_request *request)
{
	const u32 kinds = WEXITED | WSTOPPED | WCONTINUED;
	const u32 known = WNOHANG | WNOWAIT | kinds | __WNOTHREAD | __WALL | (u32)__WCLONE;

	*request = (struct wait_request){ .which = (int)regs->ebx,
					  .id = (int)regs->ecx,
					  .options = (int)regs->esi };
	if (regs->esi & ~known || !(regs->esi & kinds))
		return -EINVAL;
	switch (request->which) {
	case P_ALL:
		return 0;
	case P_PID:
		return request->id > 0 ? 0 : -EINVAL;
	case P_PGID:
		return request->id >= 0 ? 0 : -EINVAL;
	case P_PIDFD:
		return request->id >= 0 ? read_pidfd(request) : -EINVAL;
	}
	return -EINVAL;
}

s32 sys_waitid(struct pt_regs *regs)
{
	struct wait_request request;
	struct wait_news news = { 0 };
	int err = read_request(regs, &request);

	if (!err)
		err = wait_child(&request, &news);
	if (!err && !news.pid && request.nonblock)
		err = -EAGAIN;
	if (err) {
		/* As Linux: "no news" is told with an error too, and a fault hides that error. */
		news = (struct wait_news){ 0 };
		return regs->edx && put_news(regs->edx, &news) ? -EFAULT : err;
	}
	if (news.pid && regs->edi && put_usage(regs->edi, &news.usage))
		return -EFAULT;
	return regs->edx ? put_news(regs->edx, &news) : 0;
}
