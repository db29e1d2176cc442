/* SPDX-License-Identifier: MIT */
/* Waiting for children. */
#include "kernel/process/wait_child.h"
#include "abi/linux/errno.h"
#include "kernel/process/exit.h"
#include "kernel/task/sched.h"
#include "kernel/signal/signal.h"
#include "lib/assert.h"

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
	bool ended = options & WEXITED && has_ended(child);
	bool stopped = options & WSTOPPED && child->stop_signal;

	if (!ended && !stopped && !(options & WCONTINUED && child->continued))
		return false;
	news->pid = child->pid;
	news->uid = child->group->user.real;
	usage_sum(child->group, &news->usage);
	usage_add(&news->usage, &child->group->children);
	if (ended)
		hear_end(child, news, options);
	else if (stopped)
		hear_stop(child, news, options);
	else
		hear_continue(child, news, options);
	return true;
}

/* A thread that waits for a child, on its stack. */
struct waiter {
	struct list_head link;
	struct task *task;
};

void wake_waiters(struct task *leader)
{
	struct waiter *waiter;

	list_for_each_entry (waiter, &leader->group->waiters, link)
		if (waiter->task->state == TASK_WAITING)
			task_wake(waiter->task);
}

u32 sleep_for_child(u32 ticks)
{
	struct waiter waiter = { .task = current };

	list_add_tail(&waiter.link, &current->group->waiters);
	current->state = TASK_WAITING;
	if (ticks)
		ticks = schedule_timeout(ticks);
	else
		schedule();
	list_del(&waiter.link);
	return ticks;
}

/* The one child that the call waits for, or NULL. */
static struct task *only_child(const struct wait_request *request)
{
	struct task *child = task_find(request->id);

	return child && child->group && child->group->leader == child &&
			       child->parent == current->group->leader && eligible(child, request)
		       ? child
		       : NULL;
}

/*
 * Looks for news of a child that the call waits for, and for such a child. Of all children it
 * looks at those with news, and at others until the call waits for one: usually at one.
 */
static bool look(const struct wait_request *request, struct wait_news *news, bool *found)
{
	struct task *leader = current->group->leader, *child, *next;

	*found = true;
	list_for_each_entry_safe (child, next, &leader->news, in_news) {
		if (!has_ended(child) && !child->stop_signal && !child->continued)
			list_del_init(&child->in_news);
		else if (eligible(child, request) && hear(child, news, request->options))
			return true;
	}
	list_for_each_entry (child, &leader->children, sibling)
		if (eligible(child, request))
			return false;
	*found = false;
	return false;
}

static bool look_at(struct task *child, const struct wait_request *request, struct wait_news *news)
{
	return child && hear(child, news, request->options);
}

int wait_child(const struct wait_request *request, struct wait_news *news)
{
	for (;;) {
		struct task *only = request->which == P_PID ? only_child(request) : NULL;
		bool found = only;

		if (request->which == P_PID ? look_at(only, request, news)
					    : look(request, news, &found))
			return 0;
		news->pid = 0;
		if (!found)
			return -ECHILD;
		if (request->options & WNOHANG)
			return 0;
		if (signal_pending(current))
			return -ERESTARTSYS;
		sleep_for_child(0);
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
