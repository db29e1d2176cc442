/* SPDX-License-Identifier: MIT */
/*
 * Pages of a swap partition are written and read back, from frames of every zone. Each page gets
 * its contents back before the case does anything else, so that swap may be in use.
 */
#include "kernel/disks/gpt.h"
#include "abi/linux/errno.h"
#include "mm/frames/highmem.h"
#include "mm/frames/page_alloc.h"
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

struct frames {
	struct page *saved, *out, *in;
};

/* Moves a pattern to a page of the partition and back. Returns how much went wrong. */
static u32 there_and_back(const struct frames *frames, u32 number)
{
	const struct swap_partition *swap = &swap_partitions[0];
	u32 wrong = 0;

	fill(frames->out, number);
	fill(frames->in, ~number);
	if (swap_page_read(swap, number, page_to_pfn(frames->saved)))
		return 1;
	wrong += swap_page_write(swap, number, page_to_pfn(frames->out)) != 0;
	wrong += swap_page_read(swap, number, page_to_pfn(frames->in)) != 0;
	wrong += swap_page_write(swap, number, page_to_pfn(frames->saved)) != 0;
	wrong += wrong_words(frames->out, number);
	return wrong + wrong_words(frames->in, number);
}

static void try_frames(gfp_t gfp)
{
	const struct swap_partition *swap = partition();
	struct frames frames;
	u32 wrong = 0, count;

	if (!swap)
		return;
	count = min(swap->last_page, 32u);
	frames = (struct frames){ alloc_page(GFP_KERNEL), alloc_page(gfp), alloc_page(gfp) };
	EXPECT(frames.saved && frames.out && frames.in);
	for (u32 i = 1; i <= count; i++) {
		/* From the first page to the last one. */
		u32 number = 1 + (swap->last_page - 1) / count * (i - 1);

		wrong += there_and_back(&frames, i == count ? swap->last_page : number);
	}
	__free_page(frames.saved);
	__free_page(frames.out);
	__free_page(frames.in);
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

static void neighbours(void)
{
	const struct swap_partition *swap = partition();
	struct page *first, *other;
	struct frames frames;
	u32 changed;

	if (!swap)
		return;
	first = alloc_page(GFP_KERNEL);
	other = alloc_page(GFP_KERNEL);
	frames = (struct frames){ alloc_page(GFP_KERNEL), other, first };
	EXPECT(first && other && frames.saved);
	/* The header, before page 1, is what it was when it was found. */
	EXPECT_EQ(there_and_back(&frames, 1), 0);
	EXPECT_EQ(disk_read(swap->disk, swap->first_sector, page_to_pfn(first), PAGE_SIZE), 0);
	changed = memcmp(page_address(first), swap->header, PAGE_SIZE) != 0;
	__free_page(frames.saved);
	__free_page(first);
	__free_page(other);
	EXPECT_EQ(changed, 0);
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
	beyond = disk_read(disk, disk->sectors, frame, disk->sector_bytes);
	wrapped = disk_read(disk, ~0ull, frame, PAGE_SIZE);
	flushed = disk_flush(disk);
	__free_page(page);
	EXPECT(beyond == -EINVAL && wrapped == -EINVAL);
	EXPECT_EQ(flushed, 0);
	EXPECT_EQ(disk->count.errors, 0);
}

static const struct test_case cases[] = {
	{ "low_frames", low_frames }, { "dma_frames", dma_frames }, { "user_frames", user_frames },
	{ "neighbours", neighbours }, { "limits", limits },
};
TEST_SUITE(disks, cases);
