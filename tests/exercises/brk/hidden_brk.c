/* SPDX-License-Identifier: MIT */
/* Hidden cases of the exercise brk: what a first solution may forget. */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/tap.h"

static u32 base;

/* What was cut off is gone: it comes back as zeros. */
static void cut_off(void)
{
	u8 *heap = (u8 *)base;

	EXPECT_EQ(sys_brk(base + 8 * PAGE_SIZE), base + 8 * PAGE_SIZE);
	memory_fill(heap, 8, 3);
	EXPECT_EQ(sys_brk(base + 4 * PAGE_SIZE + 1), base + 4 * PAGE_SIZE + 1);
	EXPECT_EQ(memory_count_present(heap, 8), 5);
	EXPECT_EQ(sys_brk(base + 8 * PAGE_SIZE), base + 8 * PAGE_SIZE);
	EXPECT(memory_check(heap, 4, 3));
	EXPECT(memory_is_zero(heap + 5 * PAGE_SIZE, 3 * PAGE_SIZE));
	EXPECT_EQ(sys_brk(base), base);
	EXPECT_EQ(memory_count_present(heap, 8), 0);
}

/* A mapping in the way: the break stays, and so does the mapping. */
static void in_the_way(void)
{
	u8 *wall = memory_map_at(base + 16 * PAGE_SIZE, 1, PROT_READ | PROT_WRITE);

	memory_write(wall, 7);
	EXPECT_EQ(sys_brk(base + 32 * PAGE_SIZE), base);
	EXPECT_EQ(sys_brk(base + 8 * PAGE_SIZE), base + 8 * PAGE_SIZE);
	EXPECT_EQ(memory_read(wall), 7);
	EXPECT_EQ(sys_brk(base), base);
	memory_unmap(wall, 1);
}

static const struct tap_case cases[] = {
	{ "what was cut off", cut_off },
	{ "a mapping in the way", in_the_way },
};

int main(void)
{
	base = ALIGN_UP(sys_brk(0), PAGE_SIZE);
	base = sys_brk(base);
	return tap_run(cases, ARRAY_SIZE(cases));
}
