/* SPDX-License-Identifier: MIT */
/* Hidden cases of the exercise stack: what a first solution may forget. */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PLACE	   0x30000000u
#define GAP	   (256 * PAGE_SIZE)

/* An area that grows, as a stack does: its first page. */
static u8 *grows(void)
{
	u32 start = sys_mmap2(PLACE, PAGE_SIZE, READ_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0);

	EXPECT_EQ(start, PLACE);
	return (u8 *)start;
}

/* Each touch extends it; what lies between is there and costs nothing. */
static void step_by_step(void)
{
	u8 *top = grows();

	for (u32 i = 1; i <= 32; i++)
		memory_write(top - i * PAGE_SIZE + 5, (u8)i);
	memory_write(top - 100 * PAGE_SIZE, 9);
	EXPECT_EQ(memory_count_present(top - 100 * PAGE_SIZE, 101), 33);
	for (u32 i = 1; i <= 32; i++)
		EXPECT_EQ(memory_read(top - i * PAGE_SIZE + 5), i);
	EXPECT_EQ(memory_read(top - 50 * PAGE_SIZE), 0);
	memory_unmap(top - 100 * PAGE_SIZE, 101);
}

/* A neighbour below: the gap between them stays free. */
static void neighbour(void)
{
	u8 *top = grows(), *below = memory_map_at(PLACE - 2 * GAP, 1, READ_WRITE);

	memory_write(below, 1);
	memory_write(below + PAGE_SIZE + GAP, 2);
	EXPECT_CHILD(memory_write_child, below + PAGE_SIZE + GAP - 1, KILLED(SIGSEGV));
	EXPECT_EQ(memory_read(below), 1);
	memory_unmap(below, 1);
	memory_unmap(top - GAP, GAP / PAGE_SIZE + 1);
}

static const struct tap_case cases[] = {
	{ "step by step", step_by_step },
	{ "a neighbour", neighbour },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
