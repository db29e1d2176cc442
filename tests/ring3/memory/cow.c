/* SPDX-License-Identifier: MIT */
/*
 * Copy on write, the data: after a fork neither process sees the other's later writes, whatever
 * kind of memory they go to and whatever calls come in between. sharing.c looks at the frames.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PAGES	   8u

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

struct generation {
	u8 *start;
	u32 depth;
};

/*
 * Every generation writes the page of its depth, after its own child has checked and changed all
 * the pages.
 */
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

/* The same for the zero page, which all processes share. */
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
	{ "eight generations", eight_generations },
	{ "read-only pages that the child makes writable", read_only_pages_made_writable },
	{ "mprotect back and forth does not defeat sharing", mprotect_does_not_defeat_sharing },
	{ "the zero page stays zero", zero_page_stays_zero },
	{ "MADV_DONTNEED and munmap are private", dropping_pages_is_private },
	{ "variables on the stack are private", stack_variables_are_private },
	{ "a fork after every write", fork_after_every_write },
};

int main(void)
{
	u8 stack_pages[5 * PAGE_SIZE];
	u32 heap = ALIGN_UP(sys_brk(0), PAGE_SIZE);

	regions[DATA] = data_pages;
	regions[BSS] = bss_pages;
	regions[HEAP] = (u8 *)heap;
	regions[MAPPED] = memory_map(4, READ_WRITE);
	regions[STACK] = (u8 *)ALIGN_UP((u32)stack_pages, PAGE_SIZE);
	if (sys_brk(heap + 4 * PAGE_SIZE) != heap + 4 * PAGE_SIZE)
		tap_bail_out("brk failed");
	return tap_run(cases, ARRAY_SIZE(cases));
}
