/* SPDX-License-Identifier: MIT */
/* Hidden cases of the exercise unmap: what a first solution may forget. */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PAGES	   300u /* more than one gather */

static void touch_then_unmap(void *argument)
{
	u8 *pages = memory_map(PAGES, READ_WRITE);

	memory_fill(pages, PAGES, 1);
	memory_unmap(pages, PAGES);
	memory_read_child(pages + *(u32 *)argument * PAGE_SIZE);
}

/* The processor has just used the translation; it must not use it any more. */
static void right_after(void)
{
	static u32 page[] = { 0, 63, 64, 65, 299 };

	for (u32 i = 0; i < ARRAY_SIZE(page); i++)
		EXPECT_CHILD(touch_then_unmap, &page[i], KILLED(SIGSEGV));
}

/* What comes at the same place later is zero. */
static void fresh_again(void)
{
	for (u32 round = 0; round < 4; round++) {
		u8 *pages = memory_map_at(FIXED_PLACE, PAGES, READ_WRITE);

		EXPECT(memory_is_zero(pages, PAGES * PAGE_SIZE));
		memory_fill(pages, PAGES, round);
		EXPECT_EQ(sys_madvise((u32)pages, 100 * PAGE_SIZE, MADV_DONTNEED), 0);
		EXPECT(memory_is_zero(pages, 100 * PAGE_SIZE));
		EXPECT_EQ(memory_count_exclusive(pages, PAGES), PAGES - 100);
		memory_unmap(pages, PAGES);
	}
}

static const struct tap_case cases[] = {
	{ "right after", right_after },
	{ "fresh again", fresh_again },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
