/* SPDX-License-Identifier: MIT */
/* Hidden cases of the exercise lazy: what a first solution may forget. */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)

/* A frame that another process has used is cleared. */
static void dirty_frames(void)
{
	for (u32 round = 0; round < 8; round++) {
		u8 *pages = memory_map(64, READ_WRITE);

		for (u32 i = 0; i < 64; i++) {
			memory_write(pages + i * PAGE_SIZE, (u8)round);
			EXPECT(memory_is_zero(pages + i * PAGE_SIZE + 1, PAGE_SIZE - 1));
		}
		memory_fill(pages, 64, round);
		memory_unmap(pages, 64);
	}
}

/* A page that is read first and written then. */
static void read_then_write(void)
{
	u8 *pages = memory_map(8, READ_WRITE);

	for (u32 i = 0; i < 8; i++)
		EXPECT_EQ(memory_read(pages + i * PAGE_SIZE), 0);
	memory_write(pages, 1);
	EXPECT_EQ(memory_read(pages), 1);
	EXPECT_EQ(memory_read(pages + PAGE_SIZE), 0);
	memory_unmap(pages, 8);
}

/* An area without write permission reads as zeros, and can be written later. */
static void read_only_first(void)
{
	u8 *pages = memory_map(2, PROT_READ);

	EXPECT_EQ(memory_read(pages), 0);
	EXPECT_EQ(sys_mprotect((u32)pages, 2 * PAGE_SIZE, READ_WRITE), 0);
	memory_write(pages, 4);
	EXPECT_EQ(memory_read(pages) + memory_read(pages + PAGE_SIZE), 4);
	memory_unmap(pages, 2);
}

static const struct tap_case cases[] = {
	{ "frames of others are cleared", dirty_frames },
	{ "read, then written", read_then_write },
	{ "read-only first", read_only_first },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
