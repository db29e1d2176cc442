/* SPDX-License-Identifier: MIT */
/*
 * Pages of a swap partition are written and read back, from frames of every zone. Each page gets
 * its contents back before the case does anything else, so that swap may be in use.
 */
#include "kernel/disks/gpt.h"
#include "abi/linux/errno.h"
#include "mm/frames/highmem.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"
#include "tests/kernel/probe.h"

#define WORDS (PAGE_SIZE / sizeof(u32))

/* The partition to try, or NULL: the case is skipped. */
static const struct swap_partition *partition(void)
{
	if (swap_partition_count)
		return &swap_partitions[0];
	test_skip("no swap partition");
	return NULL;
}

static void fill(struct page *page, u32 seed)
{
	u32 *words = kmap_atomic(page);

	for (u32 i = 0; i < WORDS; i++)
		words[i] = seed * 0x9e3779b9u + i;
	kunmap_atomic(page);
}

/* Returns how many words are not those of fill(). */
static u32 wrong_words(struct page *page, u32 seed)
{
	u32 *words = kmap_atomic(page), wrong = 0;

	for (u32 i = 0; i < WORDS; i++)
		wrong += words[i] != seed * 0x9e3779b9u + i;
	kunmap_atomic(page);
	return wrong;
}

/* Frames of one request; they need not be in a row. */
struct run {
	struct page *pages[DISK_FRAMES_MAX];
	pfn_t frames[DISK_FRAMES_MAX];
};

/* What the pages of the partition held, what is written to them, what is read from them. */
struct runs {
	struct run saved, out, in;
};

/* Returns false if a frame is missing. The caller frees the others. */
static bool allocate(struct run *run, u32 count, gfp_t gfp)
{
	bool good = true;

	for (u32 i = 0; i < count; i++) {
		u32 at = i * 11 % count; /* in no order: 11 divides no length */
		struct page *page = alloc_page(gfp);

		run->pages[at] = page;
		run->frames[at] = page ? page_to_pfn(page) : 0;
		good = good && page;
	}
	return good;
}

static void free_run(struct run *run, u32 count)
{
	for (u32 i = 0; i < count; i++)
		if (run->pages[i])
			__free_page(run->pages[i]);
}

/* Moves a pattern to pages of the partition and back. Returns how much went wrong. */
static u32 there_and_back(const struct runs *runs, u32 first, u32 count)
{
	const struct swap_partition *swap = &swap_partitions[0];
	u32 wrong = 0;

	for (u32 i = 0; i < count; i++) {
		fill(runs->out.pages[i], first + i);
		fill(runs->in.pages[i], ~first);
	}
	if (swap_pages_read(swap, first, runs->saved.frames, count))
		return 1;
	wrong += swap_pages_write(swap, first, runs->out.frames, count) != 0;
	wrong += swap_pages_read(swap, first, runs->in.frames, count) != 0;
	wrong += swap_pages_write(swap, first, runs->saved.frames, count) != 0;
	for (u32 i = 0; i < count; i++) {
		wrong += wrong_words(runs->out.pages[i], first + i);
		wrong += wrong_words(runs->in.pages[i], first + i);
	}
	return wrong;
}

/* Some runs of this length, from the first page to the last one. */
static u32 try_length(const struct runs *runs, u32 length)
{
	u32 wrong = 0, last = swap_partitions[0].last_page + 1 - length;

	for (u32 i = 0; i < 8; i++)
		wrong += there_and_back(runs, 1 + (last - 1) / 8 * i, length);
	return wrong + there_and_back(runs, last, length);
}

/* Frames of one zone in requests of several lengths. */
static void try_frames(gfp_t gfp)
{
	static const u32 lengths[] = { 1, 2, 3, DISK_FRAMES_MAX };
	const struct swap_partition *swap = partition();
	struct runs *runs;
	u32 wrong = 0;

	if (!swap)
		return;
	runs = kzalloc(sizeof(*runs), GFP_KERNEL);
	EXPECT(runs);
	for (u32 i = 0; i < ARRAY_SIZE(lengths) && lengths[i] <= swap->last_page; i++) {
		u32 count = lengths[i];
		bool good = allocate(&runs->saved, count, GFP_KERNEL) &&
			    allocate(&runs->out, count, gfp) && allocate(&runs->in, count, gfp);

		wrong += good ? try_length(runs, count) : 1;
		free_run(&runs->saved, count);
		free_run(&runs->out, count);
		free_run(&runs->in, count);
		memset(runs, 0, sizeof(*runs));
	}
	kfree(runs);
	EXPECT_EQ(wrong, 0);
}

static void low_frames(void)
{
	try_frames(GFP_KERNEL);
}

static void dma_frames(void)
{
	try_frames(GFP_DMA);
}

/* High memory, where there is some. */
static void user_frames(void)
{
	try_frames(GFP_HIGHUSER);
}

/* The header, before page 1, is what it was when it was found. */
static void neighbours(void)
{
	const struct swap_partition *swap = partition();
	struct page *page;
	pfn_t frame;
	u32 changed;
	int err;

	if (!swap)
		return;
	try_frames(GFP_KERNEL);
	page = alloc_page(GFP_KERNEL);
	EXPECT(page);
	frame = page_to_pfn(page);
	err = disk_read(swap->disk, swap->first_sector, &frame, PAGE_SIZE);
	changed = memcmp(page_address(page), swap->header, PAGE_SIZE) != 0;
	__free_page(page);
	EXPECT_EQ(err, 0);
	EXPECT_EQ(changed, 0);
}

/* A request that the device takes at once is one request, whatever its length. */
static void counts(void)
{
	const struct swap_partition *swap = partition();
	struct disk_statistics before, after;
	struct run *run;
	u32 requests;
	int err = -ENOMEM;

	if (!swap || swap->last_page < DISK_FRAMES_MAX)
		return;
	run = kzalloc(sizeof(*run), GFP_KERNEL);
	EXPECT(run);
	before = swap->disk->count;
	if (allocate(run, DISK_FRAMES_MAX, GFP_KERNEL))
		err = swap_pages_read(swap, 1, run->frames, DISK_FRAMES_MAX);
	after = swap->disk->count;
	free_run(run, DISK_FRAMES_MAX);
	kfree(run);
	requests = DIV_ROUND_UP(DISK_FRAMES_MAX, swap->disk->max_frames);
	EXPECT_EQ(err, 0);
	EXPECT_EQ(after.reads - before.reads, requests);
	EXPECT_EQ(after.frames_read - before.frames_read, DISK_FRAMES_MAX);
}

static void limits(void)
{
	const struct swap_partition *swap = partition();
	struct disk *disk;
	struct page *page;
	pfn_t frame;
	int beyond, wrapped, flushed;

	if (!swap)
		return;
	disk = swap->disk;
	page = alloc_page(GFP_KERNEL);
	EXPECT(page);
	frame = page_to_pfn(page);
	beyond = disk_read(disk, disk->sectors, &frame, disk->sector_bytes);
	wrapped = disk_read(disk, ~0ull, &frame, PAGE_SIZE);
	flushed = disk_flush(disk);
	__free_page(page);
	EXPECT(beyond == -EINVAL && wrapped == -EINVAL);
	EXPECT_EQ(flushed, 0);
	EXPECT_EQ(disk->count.errors, 0);
}

static const struct test_case cases[] = {
	{ "low_frames", low_frames }, { "dma_frames", dma_frames }, { "user_frames", user_frames },
	{ "neighbours", neighbours }, { "counts", counts },	    { "limits", limits },
};
TEST_SUITE(disks, cases);
