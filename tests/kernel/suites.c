/* SPDX-License-Identifier: MIT */
/*
 * A failed expectation ends its case; its resources do not harm the next one
 * (kernel/harness/suite.h).
 */
#include "fs/file.h"
#include "fs/tmpfs/tmpfs.h"
#include "kernel/cpu/cpu.h"
#include "kernel/process/exit.h"
#include "kernel/ipc/sysv_shm.h"
#include "kernel/task/sched.h"
#include "lib/irq.h"
#include "lib/printk.h"
#include "mm/frames/fail_alloc.h"
#include "mm/mman/mman.h"
#include "tests/kernel/drain.h"
#include "tests/kernel/user_space.h"

#define BASE 0x30000000u

static u32 steps;
static int child_status;

static bool interrupts_on(void)
{
	u32 flags;

	__asm__ volatile("pushfl; popl %0" : "=r"(flags));
	return flags & EFLAGS_IF;
}

static void fails(void)
{
	steps = 1;
	EXPECT_EQ(steps, 2);
	steps = 3;
}

/* The expectations that fail on purpose are comment lines of the log. */
static void ends_at_once(void)
{
	static const struct test_case inner = { "fails on purpose", fails };

	EXPECT_EQ(test_failures(&inner), 1);
	EXPECT_EQ(steps, 1);
	EXPECT(interrupts_on());
}

static void yields(void *argument)
{
	(void)argument;
	for (u32 i = 0; i < 5; i++)
		schedule();
	do_exit(0);
}

/* Holds every kind of resource, then fails with no frame free and interrupts off. */
static void has_everything(void)
{
	struct mm_struct *mm = user_enter();
	struct test_undo undo;
	struct drain drain;
	struct file *file;

	map_anonymous(mm, BASE, 2, PROT_RW);
	EXPECT(user_write(BASE, 1) && mm_copy(mm));
	EXPECT(kernel_task("yields", yields, NULL));
	EXPECT_EQ((u32)file_open("/tmp/suites", O_RDWR | O_CREAT, 0600, &file), 0);
	file_put(file);
	EXPECT(do_shmget(IPC_PRIVATE, PAGE_SIZE, IPC_CREAT | 0600) >= 0);
	fail_alloc_set(&(struct fail_spec){ .kinds = FAIL_ANY, .mode = FAIL_ON, .nth = 1 });
	drain_begin(&drain);
	test_undo_push(&undo, drain_end, &drain);
	irq_save();
	EXPECT_EQ(nr_free_pages(), 1);
}

/* The memory check after the case compares the free frames. */
static void takes_back(void)
{
	static const struct test_case inner = { "fails on purpose", has_everything };
	struct page *page;

	EXPECT_EQ(test_failures(&inner), 1);
	EXPECT(interrupts_on());
	EXPECT(!current->mm && list_empty(&mm_list) && list_empty(&current->children));
	EXPECT(!tmpfs_leftover() && list_empty(&shm_table.objects));
	page = alloc_page(GFP_KERNEL);
	EXPECT(page);
	__free_page(page);
}

static void fails_in_a_task(void *argument)
{
	(void)argument;
	user_enter();
	EXPECT(!current->mm);
	do_exit(0);
}

static void has_a_task(void)
{
	struct task *task = kernel_task("fails", fails_in_a_task, NULL);

	EXPECT(task);
	do_wait(task->pid, &child_status, 0);
}

/* The task ends, and the case goes on. */
static void ends_a_task(void)
{
	static const struct test_case inner = { "fails on purpose", has_a_task };

	EXPECT_EQ(test_failures(&inner), 1);
	EXPECT_EQ((u32)child_status, (u32)EXIT_STATUS(1));
}

static const struct test_case cases[] = {
	{ "ends_at_once", ends_at_once },
	{ "takes_back", takes_back },
	{ "ends_a_task", ends_a_task },
};
TEST_SUITE(suites, cases);
