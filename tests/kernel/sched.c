/* SPDX-License-Identifier: MIT */
/*
 * Tasks: each gets its turn, its own stack and its own address space; its parent learns of its
 * end.
 */
#include "kernel/task/sched.h"
#include "kernel/process/exit.h"
#include "kernel/process/pidfd.h"
#include "kernel/task/pid.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/gdt.h"
#include "kernel/cpu/irq.h"
#include "kernel/devices/time.h"
#include "abi/linux/errno.h"
#include "lib/irq.h"
#include "lib/resched.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/mman/mman.h"
#include "tests/kernel/probe.h"
#include "tests/kernel/user_space.h"

#define WORKERS 3u
#define ROUNDS	4u

static u32 diary[WORKERS * ROUNDS], entries;
static struct task *seen[WORKERS];
static bool interrupts_seen;

static void leave(int code)
{
	do_exit(EXIT_STATUS(code));
}

static void *number(u32 i)
{
	return (void *)(uintptr_t)i;
}

/* Waits for a child that must end with `code`. */
static void expect_end(int pid, int code)
{
	int status = -1;

	EXPECT_EQ((u32)do_wait(pid, &status, 0), (u32)pid);
	EXPECT_EQ((u32)status, (u32)EXIT_STATUS(code));
}

static void worker(void *argument)
{
	u32 own = (u32)(uintptr_t)argument;
	u32 flags;

	__asm__ volatile("pushfl; popl %0" : "=r"(flags));
	interrupts_seen &= !!(flags & EFLAGS_IF);
	seen[own] = current;
	for (u32 i = 0; i < ROUNDS; i++) {
		diary[entries++] = own;
		schedule();
	}
	leave((int)own + 1);
}

/* Tasks that yield run one after the other, in the order of their creation. */
static void turns(void)
{
	int pids[WORKERS] = { 0 };

	entries = 0;
	interrupts_seen = true;
	for (u32 i = 0; i < WORKERS; i++) {
		struct task *task = kernel_task("worker", worker, number(i));

		EXPECT(task);
		pids[i] = task->pid;
	}
	EXPECT_EQ(entries, 0); /* the kernel is not preempted */
	for (u32 i = 0; i < WORKERS; i++)
		if (pids[i])
			expect_end(pids[i], (int)i + 1);
	EXPECT_EQ(entries, WORKERS * ROUNDS);
	for (u32 i = 0; i < entries; i++)
		EXPECT_EQ(diary[i], i % WORKERS);
	EXPECT(interrupts_seen);
	EXPECT(seen[0] != seen[1] && seen[1] != seen[2] && seen[0] != seen[2]);
}

static void ends_with_7(void *argument)
{
	(void)argument;
	leave(7);
}

static void waiting(void)
{
	struct task *task = kernel_task("child", ends_with_7, NULL);
	int status = 0, pid;

	EXPECT(task);
	pid = task->pid;
	EXPECT(task->parent == current && task_find(pid) == task);
	EXPECT_EQ((u32)do_wait(pid, &status, WNOHANG), 0);
	EXPECT_EQ((u32)do_wait(pid, &status, 0x100), (u32)-EINVAL);
	EXPECT_EQ((u32)do_wait(pid + 1, &status, 0), (u32)-ECHILD);
	schedule();
	EXPECT_EQ(task->state, TASK_ZOMBIE);
	EXPECT_EQ((u32)do_wait(-1, &status, WNOHANG), (u32)pid);
	EXPECT_EQ((u32)status, (u32)EXIT_STATUS(7));
	EXPECT(!task_find(pid));
	EXPECT_EQ((u32)do_wait(-1, &status, 0), (u32)-ECHILD);
}

/* Each pid is new, and none is in use twice. */
static void pids(void)
{
	int pids[8], status;

	for (u32 i = 0; i < ARRAY_SIZE(pids); i++) {
		struct task *task = kernel_task("child", ends_with_7, NULL);

		EXPECT(task);
		pids[i] = task->pid;
		EXPECT(pids[i] > 1);
		for (u32 j = 0; j < i; j++)
			EXPECT(pids[j] != pids[i]);
	}
	for (u32 i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT(do_wait(-1, &status, 0) > 0);
	EXPECT_EQ((u32)do_wait(-1, &status, 0), (u32)-ECHILD);
}

static int start_child(void)
{
	struct task *task = kernel_task("child", ends_with_7, NULL);

	EXPECT(task);
	EXPECT(task_find(task->pid) == task);
	return task->pid;
}

/*
 * After the highest number the lowest free ones come again. A zombie keeps its number; once it was
 * waited for, another process may get it, which is not taken for the first one.
 */
static void numbers_again(void)
{
	u32 before = last_pid;
	int pids[4], zombie, again;
	struct task *named;
	struct file *file;
	u64 born;

	last_pid = PID_MAX - 3;
	for (u32 i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = start_child();
	EXPECT(pids[0] == (int)PID_MAX - 2 && pids[1] == (int)PID_MAX - 1);
	EXPECT(pids[2] > 1 && pids[2] < pids[3] && pids[3] < pids[0]);
	zombie = pids[2];
	born = task_find(zombie)->born;
	EXPECT_EQ((u32)pidfd_open(task_find(zombie), 0, &file), 0);
	schedule();
	EXPECT_EQ(task_find(zombie)->state, TASK_ZOMBIE);
	last_pid = (u32)zombie - 1;
	again = start_child();
	EXPECT(again != zombie);
	expect_end(zombie, 7);
	last_pid = (u32)zombie - 1;
	EXPECT_EQ((u32)start_child(), (u32)zombie);
	EXPECT(task_find(zombie)->born != born);
	EXPECT(pidfd_task(file, &named) && !named);
	file_put(file);
	expect_end(zombie, 7);
	expect_end(again, 7);
	for (u32 i = 0; i < ARRAY_SIZE(pids); i++)
		if (pids[i] != zombie)
			expect_end(pids[i], 7);
	last_pid = before;
}

static int grandchild;

static void leaves_a_child(void *argument)
{
	struct task *task = kernel_task("grandchild", argument, NULL);

	grandchild = task ? task->pid : 0;
	leave(1);
}

static void yields_and_ends(void *argument)
{
	schedule();
	ends_with_7(argument);
}

/* A task that outlives its parent becomes init's child, running or ended. */
static void orphans(void)
{
	void (*kinds[])(void *) = { ends_with_7, yields_and_ends };

	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct task *task = kernel_task("parent", leaves_a_child, kinds[i]);

		EXPECT(task);
		expect_end(task->pid, 1);
		EXPECT(grandchild);
		expect_end(grandchild, 7);
	}
}

static u32 stack_addresses[2];

static void looks_at_its_stack(void *argument)
{
	u32 below = (u32)(uintptr_t)current->stack - 4;

	stack_addresses[0] = (u32)(uintptr_t)&below;
	stack_addresses[1] = (u32)(uintptr_t)current->stack;
	(void)argument;
	leave(probe_read(below).faulted && probe_accessible(below + 4) ? 0 : 1);
}

/* A kernel stack is KERNEL_STACK bytes above an unmapped page. */
static void stacks(void)
{
	struct task *task = kernel_task("stack", looks_at_its_stack, NULL);

	EXPECT(task);
	expect_end(task->pid, 0);
	EXPECT(stack_addresses[0] - stack_addresses[1] < KERNEL_STACK);
	stacks_drain();
	EXPECT(probe_read(stack_addresses[1]).faulted);
	expect_unmapped((u32)(uintptr_t)current->stack - 4);
}

static void runs_on_frames(void *argument)
{
	(void)argument;
	leave((vaddr_t)(uintptr_t)current->stack < vmalloc_space.start ? 0 : 1);
}

/* When half of the addresses for vmalloc() are taken, a stack is two frames of the direct map. */
static void stacks_without_guard(void)
{
	u32 taken = (vmalloc_space.end - vmalloc_space.start) / PAGE_SIZE / 2;
	struct task *task;

	stacks_drain();
	vmalloc_space.pages += taken;
	task = kernel_task("stack", runs_on_frames, NULL);
	vmalloc_space.pages -= taken;
	EXPECT(task);
	expect_end(task->pid, 0);
	EXPECT_EQ(stacks_drain(), KERNEL_STACK / PAGE_SIZE);
}

#define ADDRESS 0x40000000u

static void lives_on_its_own(void *argument)
{
	u32 own = (u32)(uintptr_t)argument, value;
	struct mm_struct *mm = mm_alloc();

	EXPECT(mm);
	user_switch(mm);
	map_anonymous(mm, ADDRESS, 1, PROT_RW);
	for (u32 i = 0; i < ROUNDS; i++) {
		EXPECT(user_write(ADDRESS, own + i));
		schedule();
		EXPECT(user_read(ADDRESS, &value) && value == own + i);
		EXPECT(mm_active(mm));
	}
	leave(0); /* which puts the address space */
}

/*
 * The same address is other memory in another address space; a task switch changes the address
 * space.
 */
static void address_spaces(void)
{
	int pids[2] = { 0 };

	for (u32 i = 0; i < 2; i++) {
		struct task *task = kernel_task("space", lives_on_its_own, number(1000 * (i + 1)));

		EXPECT(task);
		pids[i] = task->pid;
	}
	for (u32 i = 0; i < 2; i++)
		if (pids[i])
			expect_end(pids[i], 0);
	EXPECT(list_empty(&mm_list));
}

static volatile bool stop;
static u32 spins;

static void spins_until_told(void *argument)
{
	(void)argument;
	while (!stop) {
		spins++;
		schedule();
	}
	leave(0);
}

/* Ticks do not switch tasks in the kernel: a task that does not yield goes on. */
static void no_preemption(void)
{
	struct task *task;
	u32 before, meanwhile, after;

	stop = false;
	task = kernel_task("spin", spins_until_told, NULL);
	EXPECT(task);
	schedule();
	before = spins;
	delay_us((TASK_SLICE + 2) * 1000000 / HZ);
	meanwhile = spins;
	schedule();
	after = spins;
	stop = true;
	EXPECT_EQ(meanwhile, before);
	EXPECT_EQ(after, before + 1);
	expect_end(task->pid, 0);
}

static struct mm_struct *held;
static struct task *holder;
static u32 own_turns, sibling_turns, other_turns, waiting_at;

static void lives_in_held(void *argument)
{
	user_switch(held);
	((void (*)(void))argument)();
	user_switch(NULL);
	leave(0);
}

static void counts_siblings_turns(void)
{
	for (u32 i = 0; i < ROUNDS; i++) {
		sibling_turns++;
		schedule();
	}
}

static u32 length_of(const struct list_head *list)
{
	const struct list_head *place;
	u32 length = 0;

	list_for_each (place, list)
		length++;
	return length;
}

static void holds(void)
{
	holder = current;
	schedule(); /* the others begin */
	mm_hold();
	sibling_turns = other_turns = 0;
	for (u32 i = 0; i < ROUNDS; i++) {
		schedule();
		own_turns++;
		waiting_at += length_of(&held->parked);
	}
	EXPECT_EQ(sibling_turns, 0);
	EXPECT(other_turns >= ROUNDS - 1);
	mm_unhold();
}

static void runs_beside(void *argument)
{
	(void)argument;
	for (u32 i = 0; i < 2 * ROUNDS; i++) {
		other_turns++;
		schedule();
	}
	leave(0);
}

/* While a space is held, its other task is on no queue and does not run; other tasks do. */
static void held_space(void)
{
	struct task *tasks[3];

	own_turns = waiting_at = 0;
	held = mm_alloc();
	EXPECT(held);
	tasks[0] = kernel_task("holds", lives_in_held, holds);
	tasks[1] = kernel_task("sibling", lives_in_held, counts_siblings_turns);
	tasks[2] = kernel_task("beside", runs_beside, NULL);
	for (u32 i = 0; i < ARRAY_SIZE(tasks); i++)
		EXPECT(tasks[i]);
	for (u32 i = 0; i < ARRAY_SIZE(tasks); i++)
		expect_end(tasks[i]->pid, 0);
	EXPECT_EQ(own_turns, ROUNDS);
	EXPECT_EQ(waiting_at, ROUNDS);
	EXPECT_EQ(sibling_turns, ROUNDS - 1);
	EXPECT(list_empty(&held->parked));
	mm_put(held);
}

#define CROWD 60u

/* Many tasks at once: when all have ended, nothing of them is left. */
static void crowd(void)
{
	u32 areas, kept, made = 0;
	int status;

	stacks_drain();
	areas = vmalloc_space.count;
	for (u32 i = 0; i < CROWD; i++)
		made += kernel_task("crowd", i & 1 ? ends_with_7 : yields_and_ends, NULL) != NULL;
	EXPECT_EQ(made, CROWD);
	EXPECT_EQ(vmalloc_space.count, areas + made);
	while (do_wait(-1, &status, 0) > 0) {
		EXPECT_EQ((u32)status, (u32)EXIT_STATUS(7));
		made--;
	}
	EXPECT_EQ(made, 0);
	/* Some stacks are cached for the next tasks until reclaim frees them. */
	kept = vmalloc_space.count - areas;
	EXPECT(kept > 0 && kept <= 8);
	EXPECT_EQ(stacks_drain(), kept * (KERNEL_STACK / PAGE_SIZE));
	EXPECT_EQ(vmalloc_space.count, areas);
}

/* The tick finds a thread that has ended, but is not yet switched away from: it is in no group. */
static void tick_at_the_end(void)
{
	struct thread_group *group = current->group;
	struct pt_regs regs = { .cs = KERNEL_CS };
	unsigned long irq = irq_save();

	current->group = NULL;
	timer_interrupt(&regs);
	current->group = group;
	irq_restore(irq);
}

static struct mutex mutex;

/* Keeps the mutex over two turns of the others. */
static void locks(void *argument)
{
	u32 own = (u32)(uintptr_t)argument;

	mutex_lock(&mutex);
	diary[entries++] = own;
	schedule();
	schedule();
	diary[entries++] = own;
	mutex_unlock(&mutex);
	leave((int)own + 1);
}

/* Those that wait for a mutex get it one after the other, in the order in which they came. */
static void mutexes(void)
{
	int pids[WORKERS] = { 0 };

	entries = 0;
	mutex_init(&mutex);
	for (u32 i = 0; i < WORKERS; i++) {
		struct task *task = kernel_task("locks", locks, number(i));

		EXPECT(task);
		pids[i] = task->pid;
	}
	for (u32 i = 0; i < WORKERS; i++)
		expect_end(pids[i], (int)i + 1);
	EXPECT_EQ(entries, 2 * WORKERS);
	for (u32 i = 0; i < entries; i++)
		EXPECT_EQ(diary[i], i / 2);
	EXPECT(!mutex.locked && list_empty(&mutex.waiting));
}

static const struct test_case cases[] = {
	{ "turns", turns },
	{ "mutexes", mutexes },
	{ "waiting", waiting },
	{ "pids", pids },
	{ "numbers_again", numbers_again },
	{ "orphans", orphans },
	{ "stacks", stacks },
	{ "stacks_without_guard", stacks_without_guard },
	{ "address_spaces", address_spaces },
	{ "no_preemption", no_preemption },
	{ "held_space", held_space },
	{ "crowd", crowd },
	{ "tick_at_the_end", tick_at_the_end },
};

TEST_SUITE(sched, cases);
