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
#include "tests/host/machine.h"
#include "tests/host/kernel/disks/model_disk.h"
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
	pfn_t frame;

	model_boot();
	make_disk();
	scan_disk();
	memcpy(before, disk_bytes, MODEL_BYTES);
	page = alloc_page(GFP_HIGHUSER);
	EXPECT(page && page_highmem(page));
	frame = page_to_pfn(page);
	for (u32 i = 1; i <= LAST_PAGE; i++) {
		fill(page, i);
		wrong += swap_pages_write(partition, i, &frame, 1) != 0;
	}
	for (u32 i = LAST_PAGE; i; i--) {
		wrong += swap_pages_read(partition, i, &frame, 1) != 0;
		wrong += !is_filled(page, i);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(model_disk.lowest, SWAP_FIRST + 8);
	EXPECT_EQ(model_disk.highest, SWAP_FIRST + SWAP_SECTORS - 1);
	EXPECT(!memcmp(before, disk_bytes, first));
	EXPECT(!memcmp(before + end, disk_bytes + end, MODEL_BYTES - end));
	EXPECT_EQ(model_disk.disk.count.writes, LAST_PAGE);
	EXPECT_EQ(model_disk.disk.count.frames_written, LAST_PAGE);
	EXPECT_EQ(disk_flush(&model_disk.disk), 0);
	EXPECT_EQ(model_disk.flushes, 1);
	disks_stop();
	EXPECT(model_disk.flushes == 2 && model_disk.stops == 1);
	EXPECT_EQ(swap_pages_read(partition, 1, &frame, 1), -EIO);
	__free_page(page);
	free(before);
}

static void writes_outside(void)
{
	const struct swap_partition *partition = &swap_partitions[0];
	pfn_t frame, half[2], many[DISK_FRAMES_MAX + 1];
	struct disk_range copy;
	struct page *page;

	model_boot();
	make_disk();
	scan_disk();
	page = alloc_page(GFP_KERNEL);
	frame = page_to_pfn(page);
	half[0] = frame;
	half[1] = max_pfn;
	for (u32 i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = frame;
	copy = *partition->range;
	EXPECT_PANIC("!page", swap_pages_write(partition, 0, &frame, 1));
	EXPECT_PANIC("last_page", swap_pages_write(partition, LAST_PAGE + 1, &frame, 1));
	EXPECT_PANIC("last_page", swap_pages_read(partition, LAST_PAGE + 1, &frame, 1));
	EXPECT_PANIC("last_page", swap_pages_write(partition, LAST_PAGE - 1, many, 3));
	EXPECT_PANIC("last_page", swap_pages_read(partition, LAST_PAGE - 1, many, 3));
	EXPECT_PANIC("DISK_FRAMES_MAX", swap_pages_write(partition, 1, many, ARRAY_SIZE(many)));
	EXPECT_PANIC("DISK_FRAMES_MAX", swap_pages_write(partition, 1, many, (1u << 20) + 1));
	EXPECT_PANIC("!bytes", swap_pages_write(partition, 1, many, 0));
	EXPECT_PANIC("range->sectors", disk_write(partition->range, copy.sectors, &frame, 512));
	EXPECT_PANIC("range->sectors",
		     disk_write(partition->range, copy.sectors - 16, many, 2 * 4096 + 512));
	EXPECT_PANIC("range->sectors",
		     disk_write(partition->range, copy.sectors - 7, &frame, 4096));
	EXPECT_PANIC("range->sectors", disk_write(partition->range, ~0ull, &frame, 4096));
	EXPECT_PANIC("range_count", disk_write(&copy, 0, &frame, 4096));
	EXPECT_PANIC("sector_bytes", disk_write(partition->range, 0, &frame, 100));
	EXPECT_PANIC("PAGE_SIZE", disk_write(partition->range, 0, many, 32 * 4096 + 512));
	EXPECT_PANIC("pfn_valid", disk_write(partition->range, 0, &half[1], 4096));
	EXPECT_PANIC("pfn_valid", disk_write(partition->range, 0, half, 4096 + 512));
	EXPECT_EQ(disk_read(&model_disk.disk, MODEL_SECTORS - 7, &frame, 4096), -EINVAL);
	EXPECT_EQ(disk_read(&model_disk.disk, ~0ull, &frame, 512), -EINVAL);
	EXPECT_EQ(disk_read(&model_disk.disk, MODEL_SECTORS - 8, &frame, 4096), 0);
	__free_page(page);
}

/* Frames that may lie anywhere, and their pages. */
struct scattered {
	struct page *pages[DISK_FRAMES_MAX];
	pfn_t frames[DISK_FRAMES_MAX];
};

/* Of high and of low memory in turn, in no order, none after its neighbour. */
static void allocate(struct scattered *scattered)
{
	for (u32 i = 0; i < DISK_FRAMES_MAX; i++) {
		u32 at = i * 11 % DISK_FRAMES_MAX;
		struct page *page = alloc_page(i % 2 ? GFP_HIGHUSER : GFP_KERNEL);

		EXPECT(page && !page_highmem(page) == !(i % 2));
		scattered->pages[at] = page;
		scattered->frames[at] = page_to_pfn(page);
	}
}

static void free_all(struct scattered *scattered)
{
	for (u32 i = 0; i < DISK_FRAMES_MAX; i++)
		__free_page(scattered->pages[i]);
}

/* Writes a run, and reads it into the same frames in reverse. Returns how much went wrong. */
static u32 run_there_and_back(u32 first, u32 count)
{
	const struct swap_partition *partition = &swap_partitions[0];
	struct scattered out;
	pfn_t in[DISK_FRAMES_MAX];
	u32 wrong = 0;

	allocate(&out);
	for (u32 i = 0; i < DISK_FRAMES_MAX; i++)
		fill(out.pages[i], first + i);
	for (u32 i = 0; i < count; i++)
		in[i] = out.frames[count - 1 - i];
	wrong += swap_pages_write(partition, first, out.frames, count) != 0;
	wrong += swap_pages_read(partition, first, in, count) != 0;
	for (u32 i = 0; i < count; i++)
		wrong += !is_filled(out.pages[i], first + count - 1 - i);
	for (u32 i = count; i < DISK_FRAMES_MAX; i++)
		wrong += !is_filled(out.pages[i], first + i);
	free_all(&out);
	return wrong;
}

/* With disks that take all frames at once, some, or one: the requests are counted. */
static void runs(void)
{
	static const u32 most[] = { 32, 3, 1 }, lengths[] = { 1, 2, 3, 31, 32 };
	u32 wrong = 0, requests = 0, frames = 0;

	model_boot();
	make_disk();
	scan_disk();
	for (u32 i = 0; i < ARRAY_SIZE(most); i++) {
		model_disk.max_frames = model_disk.disk.max_frames = most[i];
		for (u32 j = 0; j < ARRAY_SIZE(lengths); j++) {
			wrong += run_there_and_back(1, lengths[j]);
			wrong += run_there_and_back(LAST_PAGE + 1 - lengths[j], lengths[j]);
			requests += 2 * DIV_ROUND_UP(lengths[j], most[i]);
			frames += 2 * lengths[j];
		}
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(model_disk.writes, requests);
	EXPECT_EQ(model_disk.disk.count.writes, requests);
	EXPECT_EQ(model_disk.disk.count.frames_written, frames);
	EXPECT_EQ(model_disk.lowest, SWAP_FIRST + 8);
	EXPECT_EQ(model_disk.highest, SWAP_FIRST + SWAP_SECTORS - 1);
}

/* The last frame of a request may be used in part: the rest of it stays. */
static void part_of_a_frame(void)
{
	struct scattered to;
	u8 *last;

	model_boot();
	make_disk();
	scan_disk();
	allocate(&to);
	for (u32 i = 0; i < 3; i++)
		fill(to.pages[i], i);
	EXPECT_EQ(disk_read(&model_disk.disk, 1000, to.frames, PAGE_SIZE + 512), 0);
	last = machine_ram(pfn_to_phys(to.frames[1]));
	EXPECT(!memcmp(machine_ram(pfn_to_phys(to.frames[0])), disk_bytes + 1000 * 512, 4096));
	EXPECT(!memcmp(last, disk_bytes + 1008 * 512, 512));
	EXPECT_EQ(*(u32 *)(last + 512), 0x9e3779b9u + 512 / 4);
	EXPECT(is_filled(to.pages[2], 2));
	free_all(&to);
}

/* A bad sector within a run: one line for the request, and pages around it stay usable. */
static void error_within_a_run(void)
{
	const struct swap_partition *partition = &swap_partitions[0];
	struct scattered out;

	model_boot();
	make_disk();
	scan_disk();
	allocate(&out);
	model_disk.bad_sector = SWAP_FIRST + 8 * 17 + 3;
	model_disk.transfers = 0;
	console_clear();
	EXPECT_EQ(swap_pages_write(partition, 1, out.frames, 32), -EIO);
	EXPECT_TEXT(console_text(), "disk: name=model0 error=medium sector=2056 request=write "
				    "retries=2 result=failed\n");
	EXPECT_EQ(model_disk.transfers, 1 + DISK_RETRIES);
	EXPECT_EQ(swap_pages_write(partition, 1, out.frames, 16), 0);
	EXPECT_EQ(swap_pages_write(partition, 18, out.frames, 32), 0);
	EXPECT_EQ(swap_pages_read(partition, 17, out.frames, 1), -EIO);
	/* In parts: those before it are moved, those after it are not tried. */
	console_clear();
	model_disk.disk.max_frames = 8;
	model_disk.transfers = 0;
	EXPECT_EQ(swap_pages_write(partition, 1, out.frames, 32), -EIO);
	EXPECT_TEXT(console_text(), "disk: name=model0 error=medium sector=2184 request=write "
				    "retries=2 result=failed\n");
	EXPECT_EQ(model_disk.transfers, 2 + 1 + DISK_RETRIES);
	free_all(&out);
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
	EXPECT_EQ(swap_pages_write(partition, 3, &frame, 1), 0);
	EXPECT_TEXT(console_text(), "disk: name=model0 error=planted sector=2072 request=write "
				    "retries=2 result=done\n");
	EXPECT(model_disk.disk.count.retries == 2 && !model_disk.disk.count.errors &&
	       model_disk.resets == 2);
	/* One more: it fails, and the next request is as good as before. */
	console_clear();
	model_disk.fail = DISK_RETRIES + 1;
	EXPECT_EQ(swap_pages_read(partition, 3, &frame, 1), -EIO);
	EXPECT_TEXT(console_text(), "disk: name=model0 error=planted sector=2072 request=read "
				    "retries=2 result=failed\n");
	EXPECT(model_disk.disk.count.retries == 4 && model_disk.disk.count.errors == 1);
	EXPECT_EQ(swap_pages_read(partition, 3, &frame, 1), 0);
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
	EXPECT_EQ(model_disk.isolations, 0);
	EXPECT_EQ(swap_pages_read(partition, 3, &frame, 1), -EIO);
	EXPECT_TEXT(console_text(), "");
	EXPECT_EQ(model_disk.isolations, 1);
	model_disk.transfers = 0;
	EXPECT_EQ(swap_pages_read(partition, 3, &frame, 1), -EIO);
	EXPECT(model_disk.disk.failed && !model_disk.transfers);
	EXPECT_EQ(model_disk.isolations, 1);
	__free_page(page);
}

TAP_MAIN({ "pages are written and read, and nothing else", pages_of_swap },
	 { "runs of frames anywhere in memory", runs },
	 { "the last frame may be used in part", part_of_a_frame },
	 { "a write outside panics", writes_outside },
	 { "an error within a run", error_within_a_run },
	 { "errors are retried, reported and counted", errors })
