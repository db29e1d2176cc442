/* SPDX-License-Identifier: MIT */
/*
 * Swap and reclaim in the real kernel, on real page tables and its TLB: memory is made small, and
 * a device in memory holds what does not fit. Then memory runs out altogether, in the middle of
 * fork, execve and mmap, and for a page table.
 */
#include "abi/linux/errno.h"
#include "fs/tmpfs/initramfs.h"
#include "kernel/cpu/gdt.h"
#include "kernel/exec/exec.h"
#include "kernel/process/exit.h"
#include "kernel/process/fork.h"
#include "kernel/task/sched.h"
#include "kernel/signal/signal.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/frames/lru.h"
#include "mm/frames/shrinker.h"
#include "mm/reclaim/oom.h"
#include "mm/swap/swap_ram.h"
#include "mm/user_space/swapoff.h"
#include "tests/kernel/drain.h"
#include "tests/kernel/user_space.h"

#define BASE	 0x20000000u
#define AT(page) (BASE + (page)*PAGE_SIZE)
#define LEFT	 700u /* frames of the small machine, above the zones' reserves */
#define PAGES	 (2 * LEFT)
#define SLOTS	 (6 * LEFT)
#define HOLDS	 1200u /* pages of the process that will be chosen */

/* --- A small machine --- */

static struct drain drain;
static struct test_undo undo_drain;
static u32 type;

static void grow(u32 frames)
{
	while (frames && drain_give(&drain))
		frames--;
	EXPECT_EQ(frames, 0);
}

static void shrink_machine(void)
{
	struct swap_device *device = swap_ram_create(SLOTS);
	int result;

	EXPECT(device);
	result = swap_area_add(device, 100, NULL, 0);
	EXPECT(result >= 0);
	type = (u32)result;
	drain_begin(&drain);
	test_undo_push(&undo_drain, drain_end, &drain);
	grow(LEFT + zones[ZONE_NORMAL].pages_high);
}

static void restore_machine(void)
{
	test_undo_now(&undo_drain);
	EXPECT_EQ((u32)swapoff_area(type), 0);
	EXPECT(!swap_validate() && !reclaim_validate());
	lru_stop();
}

static void write_all(u32 pages, u32 round)
{
	for (u32 i = 0; i < pages; i++)
		EXPECT(user_write(AT(i) + 4 * (i % 1000), i ^ round));
}

static void check_all(u32 pages, u32 round)
{
	for (u32 i = 0; i < pages; i++)
		EXPECT_EQ(user_word(AT(i) + 4 * (i % 1000)), i ^ round);
}

static void larger_than_memory(void)
{
	struct mm_struct *mm = user_enter();

	shrink_machine();
	EXPECT_EQ(map_anonymous(mm, BASE, PAGES, PROT_RW), BASE);
	for (u32 round = 0; round < 2; round++) {
		write_all(PAGES, round << 16);
		EXPECT(mm->nr_swap > 0);
		EXPECT_EQ(mm->nr_swap + mm->rss, PAGES);
		check_all(PAGES, round << 16);
		expect_valid(mm);
	}
	user_leave(mm);
	restore_machine();
}

/* A task that lets others run finds free frames: kswapd has reclaimed them before. */
static void in_the_background(void)
{
	u32 turns = reclaim_counters.background, direct = reclaim_counters.direct;
	struct mm_struct *mm = user_enter();

	shrink_machine();
	EXPECT_EQ(map_anonymous(mm, BASE, PAGES, PROT_RW), BASE);
	for (u32 i = 0; i < PAGES; i++) {
		EXPECT(user_write(AT(i), i));
		if (i % 8 == 0)
			schedule();
	}
	EXPECT(reclaim_counters.background > turns);
	EXPECT_EQ(reclaim_counters.direct, direct);
	user_leave(mm);
	restore_machine();
}

/* The child shares what is in swap, and gets copies of what either writes. */
static void copies(void)
{
	struct mm_struct *mm = user_enter(), *child;

	shrink_machine();
	EXPECT_EQ(map_anonymous(mm, BASE, PAGES, PROT_RW), BASE);
	write_all(PAGES, 1 << 16);
	child = mm_copy(mm);
	EXPECT(child);
	EXPECT(child->nr_swap > 0);
	write_all(PAGES / 2, 2 << 16);
	user_switch(child);
	check_all(PAGES, 1 << 16);
	write_all(PAGES / 4, 3 << 16);
	user_switch(mm);
	check_all(PAGES / 2, 2 << 16);
	user_switch(child);
	check_all(PAGES / 4, 3 << 16);
	expect_valid(child);
	user_leave(child);
	user_switch(mm);
	user_leave(mm);
	restore_machine();
}

static void shared_memory(void)
{
	struct mm_struct *mm = user_enter();

	shrink_machine();
	EXPECT_EQ(do_mmap(mm, BASE, PAGES * PAGE_SIZE, PROT_RW,
			  MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED),
		  BASE);
	write_all(PAGES, 1 << 16);
	EXPECT(mm->rss < PAGES);
	check_all(PAGES, 1 << 16);
	expect_valid(mm);
	user_leave(mm);
	restore_machine();
}

/* There is no room for all, and the area stays in use; then there is. */
static void swapoff(void)
{
	struct mm_struct *mm = user_enter();
	u32 total = total_swap_pages;

	shrink_machine();
	EXPECT_EQ(map_anonymous(mm, BASE, PAGES, PROT_RW), BASE);
	write_all(PAGES, 1 << 16);
	/* Another area would have room. */
	if (!total)
		EXPECT_EQ((u32)swapoff_area(type), (u32)-ENOMEM);
	EXPECT(!swap_validate());
	check_all(PAGES, 1 << 16);
	write_all(PAGES, 2 << 16);
	test_undo_now(&undo_drain);
	EXPECT_EQ((u32)swapoff_area(type), 0);
	EXPECT_EQ(mm->nr_swap, 0);
	EXPECT_EQ(total_swap_pages, total);
	check_all(PAGES, 2 << 16);
	user_leave(mm);
	lru_stop();
}

/* --- No memory and no swap --- */

static void become_process(u32 pages)
{
	current->files = files_alloc();
	current->sighand = sighand_alloc();
	EXPECT(current->files && current->sighand && user_enter());
	EXPECT_EQ(map_anonymous(current->mm, BASE, pages, PROT_RW | PROT_EXEC), BASE);
	write_all(pages, 0);
}

static struct task *holder;

/* Holds memory until it is chosen. What its kernel code reads then must not be zeros. */
static void holds(void *argument)
{
	u32 value;

	(void)argument;
	become_process(HOLDS);
	while (!fatal_signal_pending(current))
		schedule();
	EXPECT_EQ(current->mm->rss, 0);
	EXPECT_EQ(current->mm->nr_ptes, 0);
	EXPECT(!user_read(AT(1) + 4, &value));
	do_exit(SIGKILL);
}

static void end_holder(u32 kills)
{
	int status;

	EXPECT_EQ(reclaim_counters.oom_kills, kills + 1);
	EXPECT_EQ((u32)do_wait(holder->pid, &status, 0), (u32)holder->pid);
	EXPECT_EQ((u32)status, SIGKILL);
}

/*
 * With other swap space reclaim finds memory, and no process has to end. The victim's frames have
 * to be of use: page tables can't be in high memory.
 */
static bool cannot_run_out(void)
{
	if (total_swap_pages)
		test_skip("swap space is in use");
	else if (zones[ZONE_HIGHMEM].present_pages)
		test_skip("the frames of programs are high memory");
	return total_swap_pages || zones[ZONE_HIGHMEM].present_pages;
}

/* A process that holds much, one that runs `function`, and no frame for either. */
static void without_memory(void (*function)(void *argument))
{
	u32 kills = reclaim_counters.oom_kills;
	struct task *task;
	int status;

	if (cannot_run_out())
		return;
	shrink_caches();
	holder = kernel_task("holder", holds, NULL);
	task = kernel_task("asks", function, NULL);
	EXPECT(holder && task);
	EXPECT_EQ((u32)do_wait(task->pid, &status, 0), (u32)task->pid);
	EXPECT_EQ((u32)status, EXIT_STATUS(0));
	end_holder(kills);
	lru_stop();
}

/* The holder has its pages when its task has run. */
static void drain_all(void)
{
	while (holder->state == TASK_RUNNING && (!holder->mm || holder->mm->rss < HOLDS))
		schedule();
	drain_begin(&drain);
	test_undo_push(&undo_drain, drain_end, &drain);
	set_out_of_memory(oom_kill);
}

/* movl $1, %eax; movl $5, %ebx; int $0x80: exit(5) */
static const u8 exits_with_5[] = { 0xb8, 1, 0, 0, 0, 0xbb, 5, 0, 0, 0, 0xcd, 0x80 };

static void forks(void *argument)
{
	const struct pt_regs start = { .eip = BASE,
				       .cs = USER_CS,
				       .ds = USER_DS,
				       .es = USER_DS,
				       .ss = USER_DS,
				       .eflags = 0x202 };
	const struct clone_args args = { .flags = SIGCHLD };
	u32 word;
	int pid, status;

	(void)argument;
	become_process(4);
	for (u32 i = 0; i < sizeof(exits_with_5); i += 4) {
		memcpy(&word, exits_with_5 + i, 4);
		EXPECT(user_write(BASE + i, word));
	}
	drain_all();
	pid = do_clone(&start, &args);
	EXPECT(pid > 0);
	EXPECT_EQ((u32)do_wait(pid, &status, 0), (u32)pid);
	EXPECT_EQ((u32)status, EXIT_STATUS(5));
	test_undo_now(&undo_drain);
	do_exit(0);
}

static void oom_in_fork(void)
{
	without_memory(forks);
}

static void executes(void *argument)
{
	static const char *const strings[] = { "one", NULL };
	struct exec_strings both = { .kernel = strings };
	char path[256] = "/";
	struct initramfs_entry entry;
	struct pt_regs regs;
	size_t cursor = 0;

	(void)argument;
	become_process(1);
	while (initramfs_next(&cursor, &entry))
		if (entry.size >= 4 && !memcmp(entry.data, "\177ELF", 4))
			break;
	strscpy(path + 1, entry.name, sizeof(path) - 1);
	drain_all();
	EXPECT_EQ((u32)do_execve(path, &both, &both, &regs), 0);
	test_undo_now(&undo_drain);
	do_exit(0);
}

static void oom_in_execve(void)
{
	without_memory(executes);
}

static void faults(void *argument)
{
	(void)argument;
	become_process(1);
	EXPECT_EQ(map_anonymous(current->mm, AT(2000), 20, PROT_RW), AT(2000));
	drain_all();
	for (u32 i = 0; i < 20; i++)
		EXPECT(user_write(AT(2000 + i), i));
	test_undo_now(&undo_drain);
	do_exit(0);
}

static void oom_in_fault(void)
{
	without_memory(faults);
}

/* Each page needs a page table of its own. */
static void needs_tables(void *argument)
{
	(void)argument;
	become_process(1);
	for (u32 i = 0; i < 20; i++)
		EXPECT_EQ(map_anonymous(current->mm, AT(2048 + 1024 * i), 1, PROT_RW),
			  AT(2048 + 1024 * i));
	drain_all();
	for (u32 i = 0; i < 20; i++)
		EXPECT(user_write(AT(2048 + 1024 * i), i));
	test_undo_now(&undo_drain);
	do_exit(0);
}

static void oom_in_page_table(void)
{
	without_memory(needs_tables);
}

/* Areas that do not merge, until the cache of areas needs frames. */
static void maps(void *argument)
{
	(void)argument;
	become_process(1);
	drain_all();
	for (u32 i = 0; i < 1000; i++)
		EXPECT_EQ(map_anonymous(current->mm, AT(2048 + 2 * i), 1, PROT_RW),
			  AT(2048 + 2 * i));
	test_undo_now(&undo_drain);
	do_exit(0);
}

static void oom_in_mmap(void)
{
	without_memory(maps);
}

/* It holds most itself: then its request fails, and it is about to end. */
static void faults_itself(void *argument)
{
	u32 kills = reclaim_counters.oom_kills;

	(void)argument;
	become_process(HOLDS);
	EXPECT_EQ(map_anonymous(current->mm, AT(2000), 1, PROT_RW), AT(2000));
	drain_begin(&drain);
	test_undo_push(&undo_drain, drain_end, &drain);
	set_out_of_memory(oom_kill);
	EXPECT(!user_write(AT(2000), 1));
	EXPECT(fatal_signal_pending(current));
	EXPECT_EQ(reclaim_counters.oom_kills, kills + 1);
	EXPECT_EQ(current->mm->rss, HOLDS);
	EXPECT(!user_write(AT(2000), 1));
	EXPECT_EQ(reclaim_counters.oom_kills, kills + 1);
	test_undo_now(&undo_drain);
	do_exit(SIGKILL);
}

static void oom_of_the_asking(void)
{
	struct task *task;
	int status;

	if (cannot_run_out())
		return;
	task = kernel_task("asks", faults_itself, NULL);
	EXPECT(task);
	EXPECT_EQ((u32)do_wait(task->pid, &status, 0), (u32)task->pid);
	EXPECT_EQ((u32)status, SIGKILL);
	lru_stop();
}

/* Init, even with a space of its own, ends no process and is not chosen. */
static void no_victim(void)
{
	u32 kills = reclaim_counters.oom_kills;
	struct mm_struct *mm;

	if (cannot_run_out())
		return;
	mm = user_enter();
	EXPECT_EQ(map_anonymous(mm, BASE, 2, PROT_RW), BASE);
	write_all(1, 0);
	drain_begin(&drain);
	test_undo_push(&undo_drain, drain_end, &drain);
	set_out_of_memory(oom_kill);
	EXPECT(!alloc_page(GFP_KERNEL));
	EXPECT(!alloc_page(GFP_ATOMIC));
	EXPECT_EQ(reclaim_counters.oom_kills, kills);
	check_all(1, 0);
	test_undo_now(&undo_drain);
	user_leave(mm);
	lru_stop();
}

static const struct test_case cases[] = {
	{ "larger_than_memory", larger_than_memory },
	{ "in_the_background", in_the_background },
	{ "copies", copies },
	{ "shared_memory", shared_memory },
	{ "swapoff", swapoff },
	{ "oom_in_fork", oom_in_fork },
	{ "oom_in_execve", oom_in_execve },
	{ "oom_in_fault", oom_in_fault },
	{ "oom_in_page_table", oom_in_page_table },
	{ "oom_in_mmap", oom_in_mmap },
	{ "oom_of_the_asking", oom_of_the_asking },
	{ "no_victim", no_victim },
};

TEST_SUITE(swap, cases);
