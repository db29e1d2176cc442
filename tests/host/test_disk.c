/* SPDX-License-Identifier: MIT */
/*
 * Requests to a disk: what may be written, and what is done about errors.
 *
 * sources: kernel/disks/disk.c kernel/disks/gpt.c kernel/disks/swap_header.c
 */
#include <stdlib.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/highmem.h"
#include "mm/frames/page_alloc.h"
#include "tests/host/console.h"
#include "tests/host/model_disk.h"
#include "tests/host/tap.h"

static void fill(struct page *page, u32 seed)
{
	u32 *words = kmap_atomic(page);

	for (u32 i = 0; i < PAGE_SIZE / 4; i++)
		words[i] = seed * 0x9e3779b9u + i;
	kunmap_atomic(page);
}

static bool is_filled(struct page *page, u32 seed)
{
	u32 *words = kmap_atomic(page), wrong = 0;

	for (u32 i = 0; i < PAGE_SIZE / 4; i++)
		wrong += words[i] != seed * 0x9e3779b9u + i;
	kunmap_atomic(page);
	return !wrong;
}

/* All pages, from high memory; what lies around them stays as it was. */
static void pages_of_swap(void)
{
	const struct swap_partition *partition = &swap_partitions[0];
	u8 *before = malloc(MODEL_BYTES);
	u32 wrong = 0, first = (SWAP_FIRST + 8) * 512, end = (SWAP_FIRST + SWAP_SECTORS) * 512;
	struct page *page;

	model_boot();
	make_disk();
	scan_disk();
	memcpy(before, disk_bytes, MODEL_BYTES);
	page = alloc_page(GFP_HIGHUSER);
	EXPECT(page && page_highmem(page));
	for (u32 i = 1; i <= LAST_PAGE; i++) {
		fill(page, i);
		wrong += swap_page_write(partition, i, page_to_pfn(page)) != 0;
	}
	for (u32 i = LAST_PAGE; i; i--) {
		wrong += swap_page_read(partition, i, page_to_pfn(page)) != 0;
		wrong += !is_filled(page, i);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(model_disk.lowest, SWAP_FIRST + 8);
	EXPECT_EQ(model_disk.highest, SWAP_FIRST + SWAP_SECTORS - 1);
	EXPECT(!memcmp(before, disk_bytes, first));
	EXPECT(!memcmp(before + end, disk_bytes + end, MODEL_BYTES - end));
	EXPECT_EQ(model_disk.disk.count.writes, LAST_PAGE);
	EXPECT_EQ(disk_flush(&model_disk.disk), 0);
	EXPECT_EQ(model_disk.flushes, 1);
	disks_stop();
	EXPECT(model_disk.flushes == 2 && model_disk.stops == 1);
	EXPECT_EQ(swap_page_read(partition, 1, page_to_pfn(page)), -EIO);
	__free_page(page);
	free(before);
}

static void writes_outside(void)
{
	const struct swap_partition *partition = &swap_partitions[0];
	struct disk_range copy;
	struct page *page;
	pfn_t frame;

	model_boot();
	make_disk();
	scan_disk();
	page = alloc_page(GFP_KERNEL);
	frame = page_to_pfn(page);
	copy = *partition->range;
	EXPECT_PANIC("!page", swap_page_write(partition, 0, frame));
	EXPECT_PANIC("last_page", swap_page_write(partition, LAST_PAGE + 1, frame));
	EXPECT_PANIC("last_page", swap_page_read(partition, LAST_PAGE + 1, frame));
	EXPECT_PANIC("range->sectors", disk_write(partition->range, copy.sectors, frame, 512));
	EXPECT_PANIC("range->sectors", disk_write(partition->range, copy.sectors - 7, frame, 4096));
	EXPECT_PANIC("range->sectors", disk_write(partition->range, ~0ull, frame, 4096));
	EXPECT_PANIC("range_count", disk_write(&copy, 0, frame, 4096));
	EXPECT_PANIC("sector_bytes", disk_write(partition->range, 0, frame, 100));
	EXPECT_PANIC("PAGE_SIZE", disk_write(partition->range, 0, frame, 8192));
	EXPECT_PANIC("pfn_valid", disk_write(partition->range, 0, max_pfn, 4096));
	EXPECT_EQ(disk_read(&model_disk.disk, MODEL_SECTORS - 7, frame, 4096), -EINVAL);
	EXPECT_EQ(disk_read(&model_disk.disk, ~0ull, frame, 512), -EINVAL);
	EXPECT_EQ(disk_read(&model_disk.disk, MODEL_SECTORS - 8, frame, 4096), 0);
	__free_page(page);
}

static void errors(void)
{
	const struct swap_partition *partition = &swap_partitions[0];
	struct page *page;
	pfn_t frame;

	model_boot();
	make_disk();
	scan_disk();
	page = alloc_page(GFP_KERNEL);
	frame = page_to_pfn(page);
	/* Two errors: the third try is good. */
	console_clear();
	model_disk.fail = DISK_RETRIES;
	EXPECT_EQ(swap_page_write(partition, 3, frame), 0);
	EXPECT_TEXT(console_text(), "disk: name=model0 error=planted sector=2072 request=write "
				    "retries=2 result=done\n");
	EXPECT(model_disk.disk.count.retries == 2 && !model_disk.disk.count.errors &&
	       model_disk.resets == 2);
	/* One more: it fails, and the next request is as good as before. */
	console_clear();
	model_disk.fail = DISK_RETRIES + 1;
	EXPECT_EQ(swap_page_read(partition, 3, frame), -EIO);
	EXPECT_TEXT(console_text(), "disk: name=model0 error=planted sector=2072 request=read "
				    "retries=2 result=failed\n");
	EXPECT(model_disk.disk.count.retries == 4 && model_disk.disk.count.errors == 1);
	EXPECT_EQ(swap_page_read(partition, 3, frame), 0);
	/* The log has a limit. */
	for (u32 i = 0; i < DISK_ERROR_LINES; i++) {
		model_disk.fail = DISK_RETRIES + 1;
		EXPECT_EQ(disk_flush(&model_disk.disk), -EIO);
	}
	EXPECT(strstr(console_text(), "(no more lines)"));
	EXPECT_EQ(model_disk.disk.count.errors, 1 + DISK_ERROR_LINES);
	console_clear();
	/* A device that does not come back is not asked again. */
	model_disk.fail = 1;
	model_disk.fail_reset = true;
	EXPECT_EQ(swap_page_read(partition, 3, frame), -EIO);
	EXPECT_TEXT(console_text(), "");
	model_disk.transfers = 0;
	EXPECT_EQ(swap_page_read(partition, 3, frame), -EIO);
	EXPECT(model_disk.disk.failed && !model_disk.transfers);
	__free_page(page);
}

TAP_MAIN({ "pages are written and read, and nothing else", pages_of_swap },
	 { "a write outside panics", writes_outside },
	 { "errors are retried, reported and counted", errors })
