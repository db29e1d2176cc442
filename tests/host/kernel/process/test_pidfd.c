/* SPDX-License-Identifier: MIT */
/*
 * Files that name a process: which task they find, also when its number was given again, when
 * they are ready, and who is woken.
 *
 * sources: kernel/process/pidfd.c
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "fs/poll.h"
#include "kernel/process/pidfd.h"
#include "kernel/process/wait_child.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define ENDED ((u32)(POLLIN | POLLRDNORM))

static struct thread_group group;
static struct task leader, thread, *present;

struct task *task_find(int pid)
{
	return present && present->pid == pid ? present : NULL;
}

static void start(void)
{
	machine_boot();
	file_init();
	machine_settle();
	group = (struct thread_group){ .leader = &leader, .threads = 1 };
	leader = (struct task){ .pid = 7, .born = 1ull << 40 | 5, .group = &group };
	thread = (struct task){ .pid = 8, .born = 6, .group = &group };
	present = &leader;
}

static struct file *opened(const struct task *task, u32 flags)
{
	struct file *file = NULL;

	EXPECT_EQ(pidfd_open(task, flags, &file), 0);
	return file;
}

static struct task *found(const struct file *file)
{
	struct task *task = &thread;

	EXPECT(pidfd_task(file, &task));
	return task;
}

static void names_one(void)
{
	struct file *file;

	start();
	file = opened(&leader, 0);
	EXPECT(found(file) == &leader && pidfd_number(file) == 7);
	/* The number is another task's: by each half of the time of birth. */
	leader.born++;
	EXPECT(!found(file));
	leader.born = 5;
	EXPECT(!found(file) && pidfd_number(file) == 7);
	leader.born = 1ull << 40 | 5;
	EXPECT(found(file) == &leader);
	present = NULL; /* reaped */
	EXPECT(!found(file) && pidfd_number(file) == 7);
	file_put(file);
}

static void kinds(void)
{
	static const struct file_operations other = { .name = "other" };
	struct task *task = &thread;
	struct file *file;

	start();
	file = opened(&leader, O_NONBLOCK | O_APPEND);
	EXPECT(!pidfd_of_thread(file) && file->flags == (O_RDWR | O_NONBLOCK));
	EXPECT(!file->operations->read && !file->operations->write);
	file_put(file);
	file = opened(&leader, PIDFD_THREAD);
	EXPECT(pidfd_of_thread(file) && file->flags == (O_RDWR | PIDFD_THREAD));
	file_put(file);
	file = file_alloc(&other);
	EXPECT(!pidfd_task(file, &task) && task == &thread);
	file_put(file);
}

static void no_memory(void)
{
	struct file *file = NULL;

	start();
	for (u32 nth = 1; nth <= 2; nth++) {
		const struct fail_spec spec = { FAIL_ANY, FAIL_ON, nth };

		fail_alloc_set(&spec);
		EXPECT_EQ(pidfd_open(&leader, 0, &file), -ENOMEM);
		fail_alloc_set(NULL);
		EXPECT(!file);
	}
}

/* A process is ready when no thread is left, a thread when it has ended. */
static void ready(void)
{
	struct file *process, *one;

	start();
	process = opened(&leader, 0);
	one = opened(&leader, PIDFD_THREAD);
	EXPECT(!file_poll(process, NULL) && !file_poll(one, NULL));
	leader.state = TASK_ZOMBIE;
	EXPECT_EQ(file_poll(process, NULL), 0);
	EXPECT_EQ(file_poll(one, NULL), ENDED);
	group.threads = 0;
	EXPECT_EQ(file_poll(process, NULL), ENDED);
	EXPECT_EQ(file_poll(one, NULL), ENDED);
	present = NULL;
	EXPECT_EQ(file_poll(process, NULL), ENDED | POLLHUP);
	EXPECT_EQ(file_poll(one, NULL), ENDED | POLLHUP);
	file_put(process);
	file_put(one);
}

static void woken(void)
{
	struct wait_entry entries[2];
	struct poll_table table;
	struct file *file;

	start();
	file = opened(&leader, 0);
	pidfd_wake(); /* none waits */
	poll_begin(&table, entries, 2);
	EXPECT_EQ(file_poll(file, &table), 0);
	EXPECT_EQ(table.used, 1);
	EXPECT(!table.waiter.woken);
	pidfd_wake();
	EXPECT(table.waiter.woken);
	poll_end(&table);
	table.waiter.woken = false;
	pidfd_wake();
	EXPECT(!table.waiter.woken);
	file_put(file);
}

TAP_MAIN({ "a file names one task", names_one }, { "kinds of files", kinds },
	 { "no memory", no_memory }, { "when it is ready", ready },
	 { "those that wait are woken", woken })
