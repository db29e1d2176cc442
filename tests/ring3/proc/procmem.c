/* SPDX-License-Identifier: MIT */
/*
 * What /proc says about the memory of a process: /proc/self/smaps and its sums, oom_score and
 * oom_score_adj.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PAGES	   16u
#define KIB	   (PAGES * PAGE_SIZE / 1024)
#define ADJUST	   "/proc/self/oom_score_adj"

/* The value of a line `NAME:   VALUE kB` of the area that begins at `start`, in KiB. */
static u32 field(const void *start, const char *name)
{
	const char *line = file_text("/proc/self/smaps");

	while (line && !(line[8] == '-' && number_in(line, 16) == (u32)start))
		line = next_line(line);
	return EXPECT(line) ? field_in(line, name) : 0;
}

/* --- smaps --- */

static void private_memory(void)
{
	u8 *area = memory_map(PAGES + 1, READ_WRITE);

	/* An area of its own, whatever lies beside it. */
	EXPECT_EQ(sys_mprotect((u32)area + PAGES * PAGE_SIZE, PAGE_SIZE, PROT_NONE), 0);
	memory_map_at((u32)area, PAGES, READ_WRITE | PROT_EXEC);
	EXPECT_EQ(field(area, "Size"), KIB);
	EXPECT_EQ(field(area, "Rss") + field(area, "Swap"), 0);
	memory_fill(area, PAGES / 2, 1);
	EXPECT_EQ(field(area, "Rss") + field(area, "Swap"), KIB / 2);
	EXPECT_EQ(field(area, "Private_Dirty") + field(area, "Swap"), KIB / 2);
	EXPECT_EQ(field(area, "Anonymous") + field(area, "Swap"), KIB / 2);
	EXPECT_EQ(field(area, "Pss") + field(area, "SwapPss"), KIB / 2);
	EXPECT_EQ(field(area, "LazyFree"), 0);
	EXPECT_EQ(sys_madvise((u32)area, PAGES / 2 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(field(area, "Rss") + field(area, "Swap"), KIB / 2);
	EXPECT_EQ(sys_madvise((u32)area, PAGES / 4 * PAGE_SIZE, MADV_FREE), 0);
	EXPECT(field(area, "LazyFree") <= KIB / 4);
	EXPECT(memory_check_part(area, PAGES / 4, PAGES / 4, 1));
	memory_unmap(area, PAGES + 1);
}

static void looks(void *argument)
{
	struct gate *gates = argument;

	gate_open_by_child(&gates[0]);
	gate_wait(&gates[1]);
}

/* A child shares all pages. */
static void shared_pages(void)
{
	u8 *area = memory_map(PAGES, READ_WRITE | PROT_EXEC);
	struct gate gates[2];
	int pid;

	gate_create(&gates[0]);
	gate_create(&gates[1]);
	memory_fill(area, PAGES, 1); /* the gates are children too, and have none of these */
	pid = process_start(looks, gates);
	gate_join(&gates[0]);
	EXPECT_EQ(field(area, "Shared_Dirty") + field(area, "Swap"), KIB);
	EXPECT_EQ(field(area, "Pss") + field(area, "SwapPss"), KIB / 2);
	gate_open(&gates[1]);
	EXPECT_EQ(process_wait(pid), EXITED(0));
	EXPECT_EQ(field(area, "Pss") + field(area, "SwapPss"), KIB);
	memory_unmap(area, PAGES);
}

static void shared_memory(void)
{
	u8 *area = (u8 *)sys_mmap2(0, PAGES * PAGE_SIZE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
				   0);

	memory_fill(area, PAGES, 1);
	EXPECT_EQ(field(area, "Rss") + field(area, "Swap"), KIB);
	EXPECT_EQ(field(area, "Anonymous"), 0);
	EXPECT_EQ(sys_madvise((u32)area, PAGES * PAGE_SIZE, MADV_WILLNEED), 0);
	EXPECT(memory_check(area, PAGES, 1));
	memory_unmap(area, PAGES);
}

/* --- The end of memory --- */

static void inherits(void *argument)
{
	(void)argument;
	EXPECT_EQ(number_in(file_text(ADJUST), 10), 300);
	EXPECT_EQ(file_write_text(ADJUST, "301"), 3);
}

static void adjust(void)
{
	u32 before;

	/* What is less than at first needs a privilege. */
	if (file_text(ADJUST)[0] == '-')
		return;
	before = number_in(file_text(ADJUST), 10);
	if (before > 300)
		return;
	EXPECT_EQ(file_write_text(ADJUST, "300\n"), 4);
	EXPECT_EQ(number_in(file_text(ADJUST), 10), 300);
	EXPECT_EQ(file_write_text(ADJUST, "1001"), -EINVAL);
	EXPECT_EQ(file_write_text(ADJUST, "-1001"), -EINVAL);
	EXPECT_EQ(file_write_text(ADJUST, "3x"), -EINVAL);
	EXPECT_EQ(file_write_text(ADJUST, "x"), -EINVAL);
	EXPECT_CHILD(inherits, NULL, EXITED(0));
	EXPECT_EQ(number_in(file_text(ADJUST), 10), 300);
}

/* A thousandth of the adjustment is two thirds of a thousandth of the score. */
static void score(void)
{
	u32 least, more, most;

	EXPECT_EQ(file_write_text(ADJUST, "400"), 3);
	least = number_in(file_text("/proc/self/oom_score"), 10);
	EXPECT_EQ(file_write_text(ADJUST, "700"), 3);
	more = number_in(file_text("/proc/self/oom_score"), 10);
	EXPECT_EQ(file_write_text(ADJUST, "1000"), 4);
	most = number_in(file_text("/proc/self/oom_score"), 10);
	EXPECT(least >= 930 && least < more && more < most && most >= 1300);
	EXPECT(more - least >= 190 && more - least <= 210);
}

static const struct tap_case cases[] = {
	{ "smaps: private memory", private_memory },
	{ "smaps: pages that a child shares", shared_pages },
	{ "smaps: shared memory", shared_memory },
	{ "oom_score_adj", adjust },
	{ "oom_score", score },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
