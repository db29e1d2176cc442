/* SPDX-License-Identifier: MIT */
/* Files that name a process. */
#include "kernel/process/pidfd.h"
#include "abi/linux/errno.h"
#include "fs/poll.h"
#include "kernel/process/wait_child.h"
#include "kernel/task/task.h"
#include "mm/slab/slab.h"

struct pidfd {
	int pid;
	u64 born;
	bool thread;
};

/* One queue for all: few wait, and each looks again. */
static struct wait_queue waiting = { LIST_HEAD_INIT(waiting.entries) };

void pidfd_wake(void)
{
	if (unlikely(!list_empty(&waiting.entries)))
		wait_queue_wake(&waiting);
}

static struct task *find(const struct pidfd *pidfd)
{
	struct task *task = task_find(pidfd->pid);

	return task && task->born == pidfd->born ? task : NULL;
}

/* A thread, and a process when no thread is left. A zombie is still there: POLLHUP comes later. */
static u32 pidfd_poll(struct file *file, struct poll_table *table)
{
	const struct pidfd *pidfd = file->data;
	const struct task *task;

	poll_wait(table, &waiting);
	task = find(pidfd);
	if (!task)
		return POLLIN | POLLRDNORM | POLLHUP;
	if (pidfd->thread ? task->state == TASK_ZOMBIE : has_ended(task))
		return POLLIN | POLLRDNORM;
	return 0;
}

static void pidfd_release(struct file *file)
{
	kfree(file->data);
}

static const struct file_operations pidfd_operations = {
	.name = "[pidfd]",
	.poll = pidfd_poll,
	.release = pidfd_release,
	.mode = 0700,
};

int pidfd_open(const struct task *task, u32 flags, struct file **opened)
{
	struct pidfd *pidfd = kmalloc(sizeof(*pidfd), GFP_KERNEL);
	struct file *file = pidfd ? file_alloc(&pidfd_operations) : NULL;

	if (!file) {
		kfree(pidfd);
		return -ENOMEM;
	}
	*pidfd = (struct pidfd){ task->pid, task->born, flags & PIDFD_THREAD };
	file->data = pidfd;
	file->flags = O_RDWR | (flags & (O_NONBLOCK | PIDFD_THREAD));
	*opened = file;
	return 0;
}

bool pidfd_task(const struct file *file, struct task **task)
{
	if (file->operations != &pidfd_operations)
		return false;
	*task = find(file->data);
	return true;
}

int pidfd_number(const struct file *file)
{
	const struct pidfd *pidfd = file->data;

	return pidfd->pid;
}

bool pidfd_of_thread(const struct file *file)
{
	const struct pidfd *pidfd = file->data;

	return pidfd->thread;
}
