/* SPDX-License-Identifier: MIT */
/*
 * More memory than there is: every byte comes back right.
 *
 * With swap space the area has up to four times the size of RAM, or what RAM and swap can hold;
 * without it, at most a quarter of the free RAM. Each page carries words that depend on its number
 * and on a seed.
 */
#include "abi/linux/sysinfo.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define WORDS	   (PAGE_SIZE / 4)
#define STEP	   61u /* one word of so many is used: all 64-byte lines have one */
#define LOCKED	   64u
#define MOST	   0x20000u /* pages: 512 MiB, on a machine with much of all */

static u32 to_pages(u32 units, u32 unit)
{
	return (u32)((u64)units * unit / PAGE_SIZE);
}

/*
 * Pages that RAM and swap can hold beside others; without swap, a quarter of the RAM, but no more
 * than a small machine has: there the program only has to be right.
 */
static u32 capacity(u32 *ram)
{
	struct sysinfo m;

	EXPECT_EQ(system_call(NR_sysinfo, (long)&m, 0, 0, 0, 0, 0), 0);
	*ram = to_pages(m.free_ram, m.unit);
	return m.free_swap ? (*ram + to_pages(m.free_swap, m.unit)) / 4 * 3 : min(*ram / 4, 8192u);
}

/* Pages of an area of so many times the RAM, or what can be held. */
static u32 size_of(u32 times)
{
	u32 ram, all = capacity(&ram);

	return min(min(all, times * ram), MOST);
}

static u32 size(void)
{
	return size_of(2);
}

static u32 word_of(u32 page, u32 at, u32 seed)
{
	return (page * WORDS + at + seed) * 0x9e3779b1u;
}

static void fill_page(u8 *area, u32 page, u32 seed)
{
	u32 *words = (u32 *)(area + page * PAGE_SIZE);

	for (u32 at = page % STEP; at < WORDS; at += STEP)
		words[at] = word_of(page, at, seed);
}

static bool check_page(const u8 *area, u32 page, u32 seed)
{
	const u32 *words = (const u32 *)(area + page * PAGE_SIZE);

	for (u32 at = 0, next = page % STEP; at < WORDS; at++) {
		if (words[at] != (at == next ? word_of(page, at, seed) : 0))
			return false;
		next += at == next ? STEP : 0;
	}
	return true;
}

static u32 common_divisor(u32 a, u32 b)
{
	return b ? common_divisor(b, a % b) : a;
}

/* The least number from `least` on by which steps go through all pages. */
static u32 stride_for(u32 pages, u32 least)
{
	while (common_divisor(pages, least) != 1)
		least++;
	return least;
}

static void fill(u8 *area, u32 pages, u32 stride, u32 seed)
{
	for (u32 i = 0, page = 0; i < pages; i++, page = (page + stride) % pages)
		fill_page(area, page, seed);
}

static u32 count_wrong(const u8 *area, u32 pages, u32 stride, u32 seed)
{
	u32 wrong = 0;

	for (u32 i = 0, page = 0; i < pages; i++, page = (page + stride) % pages)
		wrong += !check_page(area, page, seed);
	return wrong;
}

static void in_order(u32 pages, u32 stride)
{
	u8 *area;

	stride = stride_for(pages, stride);
	area = memory_map(pages, READ_WRITE);
	fill(area, pages, stride, 1);
	EXPECT_EQ(count_wrong(area, pages, stride, 1), 0);
	fill(area, pages, stride, 2);
	EXPECT_EQ(count_wrong(area, pages, 1, 2), 0);
	memory_unmap(area, pages);
}

static void sequential(void)
{
	in_order(size_of(4), 1);
}

static void strided(void)
{
	in_order(size(), 17);
}

/* A stride near the golden section leaves no two accesses close to each other. */
static void scattered(void)
{
	in_order(size(), size() / 8 * 5);
}

struct work {
	u8 *area;
	u32 pages;
};

/* The child sees the parent's pages; what it writes is its own. */
static void change_half(void *argument)
{
	const struct work *work = argument;

	EXPECT_EQ(count_wrong(work->area, work->pages, 1, 1), 0);
	fill(work->area, work->pages / 2, 1, 2);
	EXPECT_EQ(count_wrong(work->area, work->pages / 2, 1, 2), 0);
	for (u32 page = work->pages / 2; page < work->pages; page++)
		if (!EXPECT(check_page(work->area, page, 1)))
			break;
}

static void fork_in_swap(void)
{
	struct work work = { .pages = size() / 3 };
	int first, second;

	work.area = memory_map(work.pages, READ_WRITE);
	fill(work.area, work.pages, 1, 1);
	first = process_start(change_half, &work);
	second = process_start(change_half, &work);
	EXPECT_EQ(count_wrong(work.area, work.pages, 1, 1), 0);
	EXPECT_EQ(process_wait(first), EXITED(0));
	EXPECT_EQ(process_wait(second), EXITED(0));
	EXPECT_EQ(count_wrong(work.area, work.pages, 1, 1), 0);
	memory_unmap(work.area, work.pages);
}

#define CHILDREN_MAX 200u

static struct gate all_are_there;

/* Writes its half, and looks at all when the others have written too. */
static void write_half(void *argument)
{
	const struct work *work = argument;

	fill(work->area, work->pages / 2, 1, 2);
	gate_wait(&all_are_there);
	EXPECT_EQ(count_wrong(work->area, work->pages / 2, 1, 2), 0);
	for (u32 page = work->pages / 2; page < work->pages; page++)
		if (!EXPECT(check_page(work->area, page, 1)))
			break;
}

/* As many children as RAM and swap can hold, of a parent of 16 MiB at most. */
static void many_children(void)
{
	u32 ram, all = capacity(&ram);
	struct work work = { .pages = min(all / 4, 4096u) };
	u32 count = min(all / (work.pages / 2 + 16) - 2, CHILDREN_MAX);
	int pids[CHILDREN_MAX];

	work.area = memory_map(work.pages, READ_WRITE);
	fill(work.area, work.pages, 1, 1);
	gate_create(&all_are_there);
	for (u32 i = 0; i < count; i++)
		pids[i] = process_start(write_half, &work);
	gate_open(&all_are_there);
	for (u32 i = 0; i < count; i++)
		EXPECT_EQ(process_wait(pids[i]), EXITED(0));
	EXPECT_EQ(count_wrong(work.area, work.pages, 1, 1), 0);
	memory_unmap(work.area, work.pages);
}

static void write_all(void *argument)
{
	const struct work *work = argument;

	EXPECT_EQ(count_wrong(work->area, work->pages, 1, 1), 0);
	fill(work->area, work->pages, 1, 2);
}

static void shared_memory(void)
{
	struct work work = { .pages = size() };

	work.area = (u8 *)sys_mmap2(0, work.pages * PAGE_SIZE, READ_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fill(work.area, work.pages, 1, 1);
	EXPECT_CHILD(write_all, &work, EXITED(0));
	EXPECT_EQ(count_wrong(work.area, work.pages, 1, 2), 0);
	memory_unmap(work.area, work.pages);
}

static void locked(void)
{
	u32 pages = size(), first = pages / 2;
	u8 *area = memory_map(pages, READ_WRITE);

	EXPECT_EQ(sys_mlock((u32)area + first * PAGE_SIZE, LOCKED * PAGE_SIZE), 0);
	fill(area, pages, 1, 1);
	EXPECT_EQ(memory_count_present(area + first * PAGE_SIZE, LOCKED), LOCKED);
	EXPECT_EQ(count_wrong(area, pages, 1, 1), 0);
	EXPECT_EQ(memory_count_present(area + first * PAGE_SIZE, LOCKED), LOCKED);
	memory_unmap(area, pages);
}

static const struct tap_case cases[] = {
	{ "four times memory, one page after the other", sequential },
	{ "with a stride", strided },
	{ "scattered", scattered },
	{ "children share pages in swap, and copy them", fork_in_swap },
	{ "many children", many_children },
	{ "shared memory", shared_memory },
	{ "locked pages stay", locked },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
