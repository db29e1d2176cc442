/* SPDX-License-Identifier: MIT */
/*
 * Copy on write: after a fork both processes see the same frames, and nobody ever sees the other's later writes.
 *
 *	before fork      after fork          after the child's write      after the child's end
 *	parent -> A      parent -> A <- child      parent -> A              parent -> A
 *	                                           child  -> B (copy)
 *	A exclusive      A shared                  A, B exclusive           A exclusive; a write reuses it
 *
 * The data are compared in full; that the frames are shared before and split after is read from pagemap's bit 56 and,
 * where the kernel shows them, from the frame numbers. Gates (process.h) keep both processes alive at the moments at
 * which the other one looks.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define READ_WRITE  (PROT_READ | PROT_WRITE)
#define PAGES	    8u
#define REUSE_PAGES 128u

static char *program_path;

/* The kinds of memory that a fork has to copy. */
static u8 data_pages[4 * PAGE_SIZE] __aligned(4096) = { 1 };
static u8 bss_pages[4 * PAGE_SIZE] __aligned(4096);

enum { DATA, BSS, HEAP, MAPPED, STACK, REGIONS };

static u8 *regions[REGIONS];

static u8 *page_of(u8 *start, u32 index)
{
	return start + index * PAGE_SIZE;
}

static void fill_regions(u32 seed)
{
	for (u32 i = 0; i < REGIONS; i++)
		memory_fill(regions[i], 4, seed + i);
}

static void check_regions(u32 seed)
{
	for (u32 i = 0; i < REGIONS; i++)
		EXPECT(memory_check(regions[i], 4, seed + i));
}

static void check_argument(void *argument)
{
	check_regions(*(u32 *)argument);
}

static void overwrite(void *argument)
{
	u32 seed = *(u32 *)argument;

	check_regions(seed);
	fill_regions(seed + 1000);
	check_regions(seed + 1000);
}

static void child_sees_the_parents_data(void)
{
	u32 seed = 100;

	fill_regions(seed);
	EXPECT_CHILD(check_argument, &seed, EXITED(0));
	check_regions(seed);
}

static void childs_writes_stay_in_the_child(void)
{
	u32 seed = 200;

	fill_regions(seed);
	for (u32 i = 0; i < 3; i++) {
		EXPECT_CHILD(overwrite, &seed, EXITED(0));
		check_regions(seed);
	}
}

struct wait_and_check {
	struct gate gate;
	u32 seed;
};

static void check_after_gate(void *argument)
{
	struct wait_and_check *order = argument;

	gate_wait(&order->gate);
	check_regions(order->seed);
}

static void parents_writes_stay_in_the_parent(void)
{
	struct wait_and_check order = { .seed = 300 };
	int child;

	fill_regions(300);
	gate_create(&order.gate);
	child = process_start(check_after_gate, &order);
	fill_regions(400);
	check_regions(400);
	gate_open(&order.gate);
	EXPECT_EQ(process_wait(child), EXITED(0));
	check_regions(400);
}

/*
 * The conversation of the cases below: the child does something, opens `child_done`, and stays alive until the parent
 * has looked and opens `parent_done`.
 */
struct talk {
	struct gate child_done;
	struct gate parent_done;
	u8 *start;
	u32 frames[PAGES]; /* as the parent saw them before the fork */
	int child;
};

/* The gates come first: their processes must not share the pages. */
static void talk_begin(struct talk *talk, process_body *body)
{
	gate_create(&talk->child_done);
	gate_create(&talk->parent_done);
	talk->start = memory_map(PAGES, READ_WRITE);
	memory_fill(talk->start, PAGES, 500);
	for (u32 i = 0; i < PAGES; i++)
		talk->frames[i] = memory_page(page_of(talk->start, i)).frame;
	EXPECT_EQ(memory_count_exclusive(talk->start, PAGES), PAGES);
	talk->child = process_start(body, talk);
	gate_join(&talk->child_done);
}

static void talk_end(struct talk *talk)
{
	gate_open(&talk->parent_done);
	EXPECT_EQ(process_wait(talk->child), EXITED(0));
	memory_unmap(talk->start, PAGES);
}

static bool same_frames(const struct talk *talk)
{
	for (u32 i = 0; i < PAGES; i++) {
		if (memory_page(page_of(talk->start, i)).frame != talk->frames[i])
			return false;
	}
	return true;
}

static void look_at_shared_pages(void *argument)
{
	struct talk *talk = argument;

	EXPECT_EQ(memory_count_present(talk->start, PAGES), PAGES);
	EXPECT_EQ(memory_count_exclusive(talk->start, PAGES), 0);
	EXPECT(memory_check(talk->start, PAGES, 500));
	EXPECT_EQ(memory_count_exclusive(talk->start, PAGES), 0);
	EXPECT(same_frames(talk));
	gate_open_by_child(&talk->child_done);
	gate_wait(&talk->parent_done);
}

static void frames_are_shared_after_fork(void)
{
	struct talk talk;

	talk_begin(&talk, look_at_shared_pages);
	EXPECT_EQ(memory_count_present(talk.start, PAGES), PAGES);
	EXPECT_EQ(memory_count_exclusive(talk.start, PAGES), 0);
	EXPECT(memory_check(talk.start, PAGES, 500));
	EXPECT_EQ(memory_count_exclusive(talk.start, PAGES), 0);
	EXPECT(same_frames(&talk));
	talk_end(&talk);
}

static void write_page_three(void *argument)
{
	struct talk *talk = argument;
	struct page_state page;

	memory_write(page_of(talk->start, 3) + 1234, 0x77);
	page = memory_page(page_of(talk->start, 3));
	EXPECT(page.present && page.exclusive);
	EXPECT(!page.frame || page.frame != talk->frames[3]);
	EXPECT_EQ(memory_count_present(talk->start, PAGES), PAGES);
	EXPECT_EQ(memory_count_exclusive(talk->start, PAGES), 1);
	gate_open_by_child(&talk->child_done);
	gate_wait(&talk->parent_done);
	EXPECT_EQ(memory_read(page_of(talk->start, 3) + 1234), 0x77);
	EXPECT(memory_check_part(talk->start, 0, 3, 500));
	EXPECT(memory_check_part(talk->start, 4, PAGES - 4, 500));
}

static void a_childs_write_splits_one_page(void)
{
	struct talk talk;

	talk_begin(&talk, write_page_three);
	EXPECT(memory_page(page_of(talk.start, 3)).exclusive);
	EXPECT_EQ(memory_count_exclusive(talk.start, PAGES), 1);
	EXPECT(memory_check(talk.start, PAGES, 500));
	EXPECT(same_frames(&talk));
	talk_end(&talk);
}

static void wait_and_expect_old_page(void *argument)
{
	struct talk *talk = argument;

	gate_open_by_child(&talk->child_done);
	gate_wait(&talk->parent_done);
	EXPECT(memory_check(talk->start, PAGES, 500));
	EXPECT_EQ(memory_count_exclusive(talk->start, PAGES), 1);
	EXPECT(memory_page(page_of(talk->start, 5)).exclusive);
	EXPECT(same_frames(talk));
}

static void a_parents_write_splits_one_page(void)
{
	struct talk talk;
	struct page_state page;

	talk_begin(&talk, wait_and_expect_old_page);
	memory_write(page_of(talk.start, 5), 0x78);
	page = memory_page(page_of(talk.start, 5));
	EXPECT(page.present && page.exclusive);
	EXPECT(!page.frame || page.frame != talk.frames[5]);
	EXPECT_EQ(memory_count_exclusive(talk.start, PAGES), 1);
	gate_open(&talk.parent_done);
	EXPECT_EQ(process_wait(talk.child), EXITED(0));
	EXPECT_EQ(memory_read(page_of(talk.start, 5)), 0x78);
	memory_unmap(talk.start, PAGES);
}

static void write_across_a_boundary(void *argument)
{
	struct talk *talk = argument;

	*(volatile u32 *)(page_of(talk->start, 2) - 1) = 0xA1B2C3D4;
	EXPECT_EQ(memory_count_exclusive(talk->start, PAGES), 2);
	EXPECT_EQ(*(volatile u32 *)(page_of(talk->start, 2) - 1), 0xA1B2C3D4);
	gate_open_by_child(&talk->child_done);
	gate_wait(&talk->parent_done);
}

static void a_write_across_a_boundary_splits_two_pages(void)
{
	struct talk talk;

	talk_begin(&talk, write_across_a_boundary);
	EXPECT_EQ(memory_count_exclusive(talk.start, PAGES), 2);
	EXPECT(memory_check(talk.start, PAGES, 500));
	talk_end(&talk);
}

static void wait_without_writing(void *argument)
{
	struct talk *talk = argument;

	gate_open_by_child(&talk->child_done);
	gate_wait(&talk->parent_done);
}

/* Three processes share; one splits off; the two others go on sharing. */
static void three_sharers(void)
{
	struct talk talk;
	struct gate second_done;
	int second;

	talk_begin(&talk, wait_without_writing);
	gate_create(&second_done);
	second = sys_fork();
	if (second == 0) {
		tap_reset();
		memory_write(talk.start, 0x79);
		EXPECT(memory_page(talk.start).exclusive);
		gate_open_by_child(&second_done);
		gate_wait(&talk.parent_done);
		sys_exit_group(tap_failures() ? 1 : 0);
	}
	EXPECT(second > 0);
	gate_join(&second_done);
	EXPECT_EQ(memory_count_exclusive(talk.start, PAGES), 0);
	EXPECT(same_frames(&talk));
	EXPECT(memory_check(talk.start, PAGES, 500));
	gate_open(&talk.parent_done);
	EXPECT_EQ(process_wait(second), EXITED(0));
	EXPECT_EQ(process_wait(talk.child), EXITED(0));
	EXPECT_EQ(memory_count_exclusive(talk.start, PAGES), PAGES);
	memory_unmap(talk.start, PAGES);
}

static void do_nothing(void *argument)
{
	(void)argument;
}

/*
 * Linux copies nevertheless if something else still holds a reference of the frame for a moment (its per-CPU lists
 * hold up to 31), so half of the frames have to stay.
 */
static void the_last_owner_reuses_the_frame(void)
{
	u8 *start = memory_map(REUSE_PAGES, READ_WRITE);
	u32 before[REUSE_PAGES];
	u32 kept = 0;

	memory_fill(start, REUSE_PAGES, 600);
	for (u32 i = 0; i < REUSE_PAGES; i++)
		before[i] = memory_page(page_of(start, i)).frame;
	EXPECT_CHILD(do_nothing, NULL, EXITED(0));
	EXPECT_EQ(memory_count_exclusive(start, REUSE_PAGES), REUSE_PAGES);
	memory_fill(start, REUSE_PAGES, 601);
	EXPECT_EQ(memory_count_exclusive(start, REUSE_PAGES), REUSE_PAGES);
	for (u32 i = 0; i < REUSE_PAGES; i++)
		kept += memory_page(page_of(start, i)).frame == before[i];
	EXPECT(kept >= REUSE_PAGES / 2);
	EXPECT(memory_check(start, REUSE_PAGES, 601));
	memory_unmap(start, REUSE_PAGES);
}

struct generation {
	u8 *start;
	u32 depth;
};

/* Every generation writes the page of its depth, after its own child has checked and changed all the pages. */
static void live_a_generation(void *argument)
{
	struct generation mine = *(struct generation *)argument;
	struct generation next = { mine.start, mine.depth + 1 };

	for (u32 i = 0; i < PAGES; i++)
		EXPECT(memory_check_part(mine.start, i, 1, i < mine.depth ? 800 + i : 700));
	memory_fill_part(mine.start, mine.depth, 1, 800 + mine.depth);
	if (next.depth < PAGES)
		EXPECT_CHILD(live_a_generation, &next, EXITED(0));
	for (u32 i = 0; i < PAGES; i++)
		EXPECT(memory_check_part(mine.start, i, 1, i <= mine.depth ? 800 + i : 700));
	memory_fill(mine.start, PAGES, 900 + mine.depth);
	EXPECT(memory_check(mine.start, PAGES, 900 + mine.depth));
}

static void eight_generations(void)
{
	struct generation first = { memory_map(PAGES, READ_WRITE), 0 };

	memory_fill(first.start, PAGES, 700);
	EXPECT_CHILD(live_a_generation, &first, EXITED(0));
	EXPECT(memory_check(first.start, PAGES, 700));
	EXPECT_EQ(memory_count_exclusive(first.start, PAGES), PAGES);
	memory_unmap(first.start, PAGES);
}

static void make_writable_and_write(void *argument)
{
	u8 *start = argument;

	EXPECT_CHILD(memory_write_child, start, KILLED(SIGSEGV));
	EXPECT_EQ(sys_mprotect((u32)start, PAGES * PAGE_SIZE, READ_WRITE), 0);
	EXPECT(memory_check(start, PAGES, 1000));
	memory_fill(start, PAGES, 1001);
	EXPECT(memory_check(start, PAGES, 1001));
}

static void read_only_pages_made_writable(void)
{
	u8 *start = memory_map(PAGES, READ_WRITE);

	memory_fill(start, PAGES, 1000);
	EXPECT_EQ(sys_mprotect((u32)start, PAGES * PAGE_SIZE, PROT_READ), 0);
	EXPECT_CHILD(make_writable_and_write, start, EXITED(0));
	EXPECT(memory_check(start, PAGES, 1000));
	EXPECT_CHILD(memory_write_child, start, KILLED(SIGSEGV));
	EXPECT_EQ(sys_mprotect((u32)start, PAGES * PAGE_SIZE, READ_WRITE), 0);
	EXPECT(memory_check(start, PAGES, 1000));
	memory_unmap(start, PAGES);
}

/* To READ and back to READ|WRITE must not make a shared frame writable. */
static void protect_back_and_forth(void *argument)
{
	u8 *start = argument;

	EXPECT_EQ(sys_mprotect((u32)start, PAGES * PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(sys_mprotect((u32)start, PAGES * PAGE_SIZE, READ_WRITE), 0);
	EXPECT_EQ(memory_count_present(start, PAGES), PAGES);
	memory_fill(start, PAGES, 1101);
	EXPECT_EQ(sys_mprotect((u32)start, PAGES * PAGE_SIZE, PROT_NONE), 0);
	EXPECT_EQ(sys_mprotect((u32)start, PAGES * PAGE_SIZE, READ_WRITE), 0);
	EXPECT(memory_check(start, PAGES, 1101));
}

static void mprotect_does_not_defeat_sharing(void)
{
	u8 *start = memory_map(PAGES, READ_WRITE);

	memory_fill(start, PAGES, 1100);
	EXPECT_CHILD(protect_back_and_forth, start, EXITED(0));
	EXPECT(memory_check(start, PAGES, 1100));
	memory_unmap(start, PAGES);
}

/* The same for the zero page, which everybody shares. */
static void zero_page_stays_zero(void)
{
	u8 *start = memory_map(PAGES, READ_WRITE);
	u8 *other = memory_map(PAGES, READ_WRITE);

	for (u32 i = 1; i < PAGES; i++) {
		memory_read(page_of(start, i));
		memory_read(page_of(other, i));
	}
	memory_fill(start, 1, 1);
	EXPECT_EQ(sys_mprotect((u32)start, PAGES * PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(sys_mprotect((u32)start, PAGES * PAGE_SIZE, READ_WRITE), 0);
	for (u32 i = 1; i < PAGES; i++) {
		EXPECT_CHILD(memory_write_child, page_of(start, i), EXITED(0));
		EXPECT(memory_is_zero(page_of(start, i), PAGE_SIZE));
	}
	memory_fill(start, PAGES, 1200);
	EXPECT(memory_is_zero(other, PAGES * PAGE_SIZE));
	EXPECT(memory_check(start, PAGES, 1200));
	memory_unmap(start, PAGES);
	memory_unmap(other, PAGES);
}

struct kernel_write {
	struct talk talk;
	int fd;
	u8 head[64];
};

/* The kernel writes for the program: read(2), uname(2) and the status of waitpid(2) into shared pages. */
static void let_the_kernel_write(void *argument)
{
	struct kernel_write *order = container_of(argument, struct kernel_write, talk);
	u8 *start = order->talk.start;
	int *status = (int *)page_of(start, 4);
	int child = process_start(do_nothing, NULL);

	EXPECT_EQ(sys_pread64(order->fd, page_of(start, 2) - 32, 64, 0), 64);
	EXPECT_EQ(memcmp(page_of(start, 2) - 32, order->head, 64), 0);
	EXPECT_EQ(sys_waitpid(child, status, 0), child);
	EXPECT_EQ(*status, EXITED(0));
	EXPECT_EQ(sys_uname((struct utsname *)page_of(start, 6)), 0);
	EXPECT_EQ(memory_count_exclusive(start, PAGES), 4);
	gate_open_by_child(&order->talk.child_done);
	gate_wait(&order->talk.parent_done);
}

static void kernels_writes_split_too(void)
{
	struct kernel_write order;

	order.fd = (int)sys_open(program_path, O_RDONLY);
	EXPECT_EQ(sys_pread64(order.fd, order.head, 64, 0), 64);
	talk_begin(&order.talk, let_the_kernel_write);
	EXPECT(memory_check(order.talk.start, PAGES, 500));
	EXPECT_EQ(memory_count_exclusive(order.talk.start, PAGES), 4);
	talk_end(&order.talk);
	EXPECT_EQ(sys_close(order.fd), 0);
}

static void drop_pages(void *argument)
{
	u8 *start = argument;

	EXPECT_EQ(sys_madvise((u32)start, 2 * PAGE_SIZE, MADV_DONTNEED), 0);
	EXPECT(memory_is_zero(start, 2 * PAGE_SIZE));
	memory_fill(start, 2, 1301);
	memory_unmap(page_of(start, 2), 2);
	EXPECT_EQ(memory_count_present(start, PAGES), PAGES - 2);
	memory_map_at((u32)page_of(start, 2), 2, READ_WRITE);
	EXPECT(memory_is_zero(page_of(start, 2), 2 * PAGE_SIZE));
	memory_fill(page_of(start, 2), 2, 1302);
}

static void dropping_pages_is_private(void)
{
	u8 *start = memory_map(PAGES, READ_WRITE);

	memory_fill(start, PAGES, 1300);
	EXPECT_CHILD(drop_pages, start, EXITED(0));
	EXPECT(memory_check(start, PAGES, 1300));
	EXPECT_EQ(memory_count_exclusive(start, PAGES), PAGES);
	memory_unmap(start, PAGES);
}

/* `argument` points at a variable in a frame of a caller, as it was at the fork. */
static void change_callers_variable(void *argument)
{
	volatile u32 *variable = argument;

	EXPECT_EQ(*variable, 4711);
	*variable = 815;
	EXPECT_EQ(*variable, 815);
}

static void stack_variables_are_private(void)
{
	volatile u32 variable = 4711;

	for (u32 i = 0; i < 4; i++) {
		EXPECT_CHILD(change_callers_variable, (void *)&variable, EXITED(0));
		EXPECT_EQ(variable, 4711);
	}
}

struct round {
	u32 *counter;
	u32 number;
};

static void expect_round(void *argument)
{
	struct round *round = argument;

	EXPECT_EQ(*round->counter, round->number);
	*round->counter += 1000;
}

static void fork_after_every_write(void)
{
	u8 *start = memory_map(1, READ_WRITE);
	struct round round = { .counter = (u32 *)start };

	for (round.number = 1; round.number <= 60; round.number++) {
		*round.counter = round.number;
		EXPECT_CHILD(expect_round, &round, EXITED(0));
		EXPECT_EQ(*round.counter, round.number);
		EXPECT(memory_page(start).exclusive);
	}
	memory_unmap(start, 1);
}

static const struct tap_case cases[] = {
	{ "a child sees data, bss, heap, mapping and stack", child_sees_the_parents_data },
	{ "a child's writes stay in the child", childs_writes_stay_in_the_child },
	{ "the parent's writes stay in the parent", parents_writes_stay_in_the_parent },
	{ "frames are shared after fork, also after reads", frames_are_shared_after_fork },
	{ "a child's write splits one page", a_childs_write_splits_one_page },
	{ "a parent's write splits one page", a_parents_write_splits_one_page },
	{ "a write across a boundary splits two pages",
	  a_write_across_a_boundary_splits_two_pages },
	{ "of three sharers one splits off", three_sharers },
	{ "the last owner reuses the frame", the_last_owner_reuses_the_frame },
	{ "eight generations", eight_generations },
	{ "read-only pages that the child makes writable", read_only_pages_made_writable },
	{ "mprotect back and forth does not defeat sharing", mprotect_does_not_defeat_sharing },
	{ "the zero page stays zero", zero_page_stays_zero },
	{ "writes by the kernel split too", kernels_writes_split_too },
	{ "MADV_DONTNEED and munmap are private", dropping_pages_is_private },
	{ "variables on the stack are private", stack_variables_are_private },
	{ "a fork after every write", fork_after_every_write },
};

int main(int argc, char **argv)
{
	u8 stack_pages[5 * PAGE_SIZE];
	u32 heap = ALIGN_UP(sys_brk(0), PAGE_SIZE);

	(void)argc;
	program_path = argv[0];
	regions[DATA] = data_pages;
	regions[BSS] = bss_pages;
	regions[HEAP] = (u8 *)heap;
	regions[MAPPED] = memory_map(4, READ_WRITE);
	regions[STACK] = (u8 *)ALIGN_UP((u32)stack_pages, PAGE_SIZE);
	if (sys_brk(heap + 4 * PAGE_SIZE) != heap + 4 * PAGE_SIZE)
		tap_bail_out("brk failed");
	return tap_run(cases, ARRAY_SIZE(cases));
}
