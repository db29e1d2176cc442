/* SPDX-License-Identifier: MIT */
/*
 * A disk for swap that fails: a page that cannot be read is SIGBUS for the process that asks, and
 * the others go on; a page that cannot be written stays in memory. tests/boot/swap.t gives such
 * disks. On a good one, and without swap, all is read.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PARTS	   8u
#define PART	   128u /* pages */

static u8 *area;

static void read_part(void *argument)
{
	u32 part = *(u32 *)argument;

	EXPECT(memory_check_part(area, part * PART, PART, 1));
}

/* At most one page is bad, so at most one child ends. */
static void one_ends(void)
{
	u32 ended = 0;

	area = memory_map(PARTS * PART, READ_WRITE);
	memory_fill(area, PARTS * PART, 1);
	EXPECT_EQ(sys_madvise((u32)area, PARTS * PART * PAGE_SIZE, MADV_PAGEOUT), 0);
	for (u32 part = 0; part < PARTS; part++) {
		int status = process_run(read_part, &part);

		EXPECT(status == EXITED(0) || status == KILLED(SIGBUS));
		ended += status == KILLED(SIGBUS);
	}
	EXPECT(ended <= 1);
	/* Written, not read: nothing has to come from the disk. */
	EXPECT_EQ(sys_madvise((u32)area, PARTS * PART * PAGE_SIZE, MADV_DONTNEED), 0);
	memory_fill(area, PARTS * PART, 2);
	EXPECT(memory_check(area, PARTS * PART, 2));
	memory_unmap(area, PARTS * PART);
}

static const struct tap_case cases[] = {
	{ "a page that cannot be read ends one process", one_ends },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
