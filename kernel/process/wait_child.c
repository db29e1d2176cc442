/* SPDX-License-Identifier: MIT */
/* Waiting for children. */
#include "kernel/process/wait_child.h"
#include "abi/linux/errno.h"
#include "kernel/process/exit.h"
#include "kernel/task/sched.h"
#include "kernel/signal/signal.h"
#include "lib/assert.h"

/* The resource use of a child and of its own children. */
static struct usage whole_usage(const struct task *child)
{
	struct usage usage = usage_of_group(child->group);

	usage_add(&usage, &child->group->children);
	return usage;
}

/* Does the call wait for this child? */
static bool eligible(const struct task *child, const struct wait_request *request)
{
	u32 options = (u32)request->options;

	int group = request->id ? request->id : current->group->job.group;

	if (request->which == P_PID && child->pid != request->id)
		return false;
	if (request->which == P_PGID && child->group->job.group != group)
		return false;
	return options & __WALL || (child->exit_signal != SIGCHLD) == !!(options & __WCLONE);
}

static void hear_end(struct task *child, struct wait_news *news, int options)
{
	news->status = child->exit_status;
	news->signal_or_exit = child->exit_status & 0x7f;
	news->code = child->exit_status & STATUS_CORE ? CLD_DUMPED : CLD_KILLED;
	if (!news->signal_or_exit) {
		news->code = CLD_EXITED;
		news->signal_or_exit = child->exit_status >> 8 & 0xff;
	}
	if (options & WNOWAIT)
		return;
	usage_add(&current->group->children, &news->usage);
	task_free(child);
}

static void hear_stop(struct task *child, struct wait_news *news, int options)
{
	news->status = child->stop_signal << 8 | 0x7f;
	news->signal_or_exit = child->stop_signal;
	news->code = CLD_STOPPED;
	if (!(options & WNOWAIT))
		child->stop_signal = 0;
}

static void hear_continue(struct task *child, struct wait_news *news, int options)
{
	news->status = 0xffff;
	news->signal_or_exit = SIGCONT;
	news->code = CLD_CONTINUED;
	if (!(options & WNOWAIT))
		child->continued = false;
}

/* Has the child ended, stopped or continued, as the options ask? */
static bool hear(struct task *child, struct wait_news *news, int options)
{
	news->pid = child->pid;
	news->uid = child->group->user.real;
	news->usage = whole_usage(child);
	if (options & WEXITED && has_ended(child))
		hear_end(child, news, options);
	else if (options & WSTOPPED && child->stop_signal)
		hear_stop(child, news, options);
	else if (options & WCONTINUED && child->continued)
		hear_continue(child, news, options);
	else
		news->pid = 0;
	return news->pid;
}

int wait_child(const struct wait_request *request, struct wait_news *news)
{
	struct list_head *children = &current->group->leader->children;

	for (;;) {
		bool found = false;
		struct task *child;

		list_for_each_entry (child, children, sibling) {
			if (!eligible(child, request))
				continue;
			found = true;
			if (hear(child, news, request->options))
				return 0;
		}
		news->pid = 0;
		if (!found)
			return -ECHILD;
		if (request->options & WNOHANG)
			return 0;
		if (signal_pending(current))
			return -ERESTARTSYS;
		current->state = TASK_WAITING;
		schedule();
	}
}

int do_wait4(int pid, int options, struct wait_news *news)
{
	struct wait_request request = { .options = options | WEXITED };
	int err;

	if ((u32)options &
	    ~(u32)(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WALL | __WCLONE))
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	request.which = pid == -1 ? P_ALL : pid > 0 ? P_PID : P_PGID;
	request.id = pid > 0 ? pid : -pid;
	err = wait_child(&request, news);
	return err ? err : news->pid;
}

int do_wait(int pid, int *status, int options)
{
	struct wait_news news;
	int child = do_wait4(pid, options, &news);

	if (child > 0)
		*status = news.status;
	return child;
}
