/* SPDX-License-Identifier: MIT */
/*
 * The reader of swap headers, the last check before a partition is written. The input is a page,
 * or the fields of a nearly correct header. A header is accepted exactly if the rules of
 * kernel/disks/gpt.h (2) hold, which are checked here independently; then the range that may be
 * written is the pages that it names, without the header itself.
 *
 * sources: kernel/disks/swap_header.c
 */
#include <stdlib.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/disks/driver.h"
#include "kernel/disks/gpt.h"
#include "mm/frames/page_alloc.h"
#include "tests/fuzz/fuzz.h"

#define FIRST 64u

char physmap[PAGE_SIZE]; /* frames have numbers, and nothing lies in them */

static union {
	struct swap_header header;
	u8 bytes[PAGE_SIZE];
} on_disk;

static struct disk disk = { .name = "model" };
static struct disk_range range;
static u64 partition_sectors;
static void *page; /* of the reader; NULL: none */
static bool unreadable;

void *get_zeroed_page(gfp_t gfp)
{
	(void)gfp;
	FUZZ_CHECK(!page);
	page = calloc(1, PAGE_SIZE);
	return page;
}

void free_pages(void *address, u32 order)
{
	FUZZ_CHECK(address == page && !order);
	free(page);
	page = NULL;
}

int disk_read(struct disk *from, u64 sector, const pfn_t *frames, u32 bytes)
{
	FUZZ_CHECK(from == &disk && sector >= FIRST);
	FUZZ_CHECK(sector + bytes / disk.sector_bytes <= FIRST + partition_sectors);
	if (unreadable)
		return -EIO;
	if (sector == FIRST && *frames == virt_to_pfn(page))
		memcpy(page, on_disk.bytes, PAGE_SIZE);
	return 0;
}

int disk_write(const struct disk_range *to, u64 sector, const pfn_t *frames, u32 bytes)
{
	FUZZ_CHECK(to == &range && frames);
	FUZZ_CHECK(sector + bytes / disk.sector_bytes <= range.sectors);
	return 0;
}

const struct disk_range *disk_allow_writes(struct disk *to, u64 first, u64 sectors)
{
	FUZZ_CHECK(to == &disk && !disk.read_only && !range.sectors && sectors);
	/* Not the header, and nothing beyond the partition. */
	FUZZ_EQUAL(first, FIRST + PAGE_SIZE / disk.sector_bytes);
	FUZZ_CHECK(first + sectors <= FIRST + partition_sectors);
	range = (struct disk_range){ to, first, sectors };
	return &range;
}

static u32 take_number(struct fuzz_input *in, u32 likely_one)
{
	u32 kind = fuzz_u8(in);

	if (kind < 200)
		return likely_one;
	if (kind < 225)
		return likely_one + fuzz_u8(in) - 128;
	return kind < 240 ? (u32)0 - fuzz_u16(in) : fuzz_u32(in);
}

static void make_header(struct fuzz_input *in)
{
	struct swap_header *header = &on_disk.header;
	u32 pages = (u32)(partition_sectors * disk.sector_bytes / PAGE_SIZE), bad = fuzz_u8(in),
	    at = 0;

	memset(&on_disk, 0, sizeof(on_disk));
	header->version = take_number(in, 1);
	header->last_page = take_number(in, pages - 1);
	header->bad_page_count = take_number(in, bad < 128 ? 0 : bad - 128);
	memcpy(header->label, SWAP_LABEL, sizeof(SWAP_LABEL));
	memcpy(header->signature, "SWAPSPACE2", sizeof(header->signature));
	for (u32 i = 0; i < min(header->bad_page_count, SWAP_BAD_PAGES_MAX) && fuzz_more(in); i++)
		header->bad_page[i] = at = take_number(in, at + 1);
	for (u32 changes = fuzz_below(in, 4); changes; changes--) {
		u32 where = fuzz_u16(in);

		/* Half of them in the label or the signature. */
		where = where & 1 ? offsetof(struct swap_header, label) + where / 2 % 16 : where;
		where = where & 2 ? PAGE_SIZE - 1 - where / 4 % 10 : where;
		on_disk.bytes[where % PAGE_SIZE] ^= fuzz_u8(in);
	}
}

/* The input's last bytes are the signature, those before it the fields. */
static void take_page(struct fuzz_input *in)
{
	u32 left = (u32)(in->end - in->next), fields = left < 10 ? 0 : min(left - 10, 2600u);

	memset(&on_disk, 0, sizeof(on_disk));
	memcpy(on_disk.bytes + 1024, in->next, fields);
	if (left >= 10)
		memcpy(on_disk.header.signature, in->end - 10, 10);
}

/* Rule (2) of gpt.h. */
static bool expected(void)
{
	const struct swap_header *header = &on_disk.header;
	u64 pages = partition_sectors * disk.sector_bytes / PAGE_SIZE;
	u32 before = 0;

	if (unreadable || disk.read_only || pages < 2)
		return false;
	if (memcmp(on_disk.bytes + 4086, "SWAPSPACE2", 10) || header->version != 1 ||
	    memcmp(on_disk.bytes + 1052, "pagewright", 11))
		return false;
	if (header->last_page < 1 || header->last_page >= pages ||
	    header->bad_page_count > SWAP_BAD_PAGES_MAX ||
	    header->bad_page_count >= header->last_page)
		return false;
	for (u32 i = 0; i < header->bad_page_count; before = header->bad_page[i++])
		if (header->bad_page[i] <= before || header->bad_page[i] > header->last_page)
			return false;
	return true;
}

static bool listed(u32 number)
{
	for (u32 i = 0; i < on_disk.header.bad_page_count; i++)
		if (on_disk.header.bad_page[i] == number)
			return true;
	return false;
}

static void use(struct fuzz_input *in)
{
	const struct swap_partition *partition = &swap_partitions[0];
	pfn_t frames[DISK_FRAMES_MAX] = { 0 };
	u32 last = partition->last_page;

	FUZZ_EQUAL(last, on_disk.header.last_page);
	FUZZ_EQUAL(range.sectors, (u64)last * (PAGE_SIZE / disk.sector_bytes));
	FUZZ_CHECK(strnlen(partition->uuid, 37) == 36 && !strcmp(partition->label, SWAP_LABEL));
	for (u32 i = 0; i < 8; i++) {
		u32 first = i ? 1 + fuzz_u32(in) % last : last;
		u32 count = 1 + fuzz_u8(in) % min(last - first + 1, DISK_FRAMES_MAX);

		FUZZ_EQUAL(swap_pages_read(partition, first, frames, count), 0);
		FUZZ_EQUAL(swap_pages_write(partition, first, frames, count), 0);
		FUZZ_EQUAL(swap_page_bad(partition, first), listed(first));
	}
}

void fuzz_run(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, data + size };
	u32 bits = fuzz_u8(&in);

	fuzz_step();
	disk.sector_bytes = bits & 1 ? PAGE_SIZE : 512;
	disk.read_only = (bits & 0xe) == 0xe;
	unreadable = (bits & 0x70) == 0x70;
	partition_sectors = fuzz_u16(&in) + 1;
	swap_partition_count = 0;
	range.sectors = 0;
	if (bits & 0x80)
		take_page(&in);
	else
		make_header(&in);
	swap_header_scan(&disk, 1, FIRST, partition_sectors);
	FUZZ_EQUAL(swap_partition_count, expected());
	FUZZ_EQUAL(page != NULL, expected());
	if (!swap_partition_count)
		return;
	use(&in);
	free_pages(page, 0);
}
