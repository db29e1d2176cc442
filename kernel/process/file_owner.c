/* SPDX-License-Identifier: MIT */
/* The signals of the owner of an open file. */
#include "abi/linux/poll.h"
#include "fs/owner.h"
#include "kernel/process/job.h"
#include "kernel/signal/signal.h"

void process_becomes_owner(struct file_owner *owner)
{
	if (owner->id)
		return;
	owner->kind = F_OWNER_PID;
	owner->id = current->tgid;
	owner->real = current->group->user.real;
	owner->effective = current->group->user.effective;
}

/* As for kill(), by the IDs of the process that set the owner. */
static bool may_tell(const struct file_owner *owner, const struct task *task)
{
	const struct id_set *user = &task->group->user;

	return !owner->effective || owner->effective == user->real ||
	       owner->effective == user->saved || owner->real == user->real ||
	       owner->real == user->saved;
}

static void fill(const struct file_owner *owner, int code, struct siginfo *info)
{
	static const u32 bands[] = {
		[POLL_IN] = POLLIN | POLLRDNORM,
		[POLL_OUT] = POLLOUT | POLLWRNORM | POLLWRBAND,
		[POLL_MSG] = POLLIN | POLLRDNORM | POLLMSG,
	};

	*info = (struct siginfo){ .signo = owner->signal, .code = code };
	info->words[0] = bands[code];
	info->words[1] = owner->fd;
	if (!owner->signal)
		*info = (struct siginfo){ .signo = SIGIO, .code = SI_KERNEL };
}

static void tell(const struct file_owner *owner, struct task *task, const struct siginfo *info)
{
	int err;

	if (!task->mm || !may_tell(owner, task))
		return;
	if (owner->kind == F_OWNER_TID)
		err = signal_send_info(task, info);
	else
		err = signal_send_process(task->group, info);
	if (err) /* the queue is full: then SIGIO says that something was lost */
		signal_send(task, SIGIO);
}

void process_tell_owner(const struct file_owner *owner, int code)
{
	struct siginfo info;
	struct task *task;

	if (!owner->id)
		return;
	fill(owner, code, &info);
	if (owner->kind != F_OWNER_PGRP) {
		task = task_find(owner->id);
		if (task)
			tell(owner, task, &info);
		return;
	}
	list_for_each_entry (task, &task_list, link)
		if (task->group->leader == task && task->group->job.group == owner->id)
			tell(owner, task, &info);
}
