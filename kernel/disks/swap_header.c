/* SPDX-License-Identifier: MIT */
/* Swap headers, the table of swap partitions, and the access to their pages. */
#include "kernel/disks/driver.h"
#include "kernel/disks/gpt.h"
#include "lib/assert.h"
#include "lib/math64.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/frames/page_alloc.h"

#define SIGNATURE  "SWAPSPACE2"
#define VERSION	   1u
#define UUID_BYTES 16u

static const char no_header[] = "it has no swap header",
		  other_label[] = "its label is not " SWAP_LABEL;

struct swap_partition swap_partitions[SWAP_PARTITIONS_MAX];
u32 swap_partition_count;

static u32 sectors_per_page(const struct disk *disk)
{
	return PAGE_SIZE / disk->sector_bytes;
}

/* Ascending, so that none is there twice. */
static bool bad_pages_good(const struct swap_header *header)
{
	u32 before = 0;

	if (header->bad_page_count > SWAP_BAD_PAGES_MAX ||
	    header->bad_page_count >= header->last_page)
		return false;
	for (u32 i = 0; i < header->bad_page_count; i++) {
		if (header->bad_page[i] <= before || header->bad_page[i] > header->last_page)
			return false;
		before = header->bad_page[i];
	}
	return true;
}

/* NULL, or the reason why the partition is not used: gpt.h (2). */
static const char *check_header(const struct swap_header *header, u64 pages)
{
	if (memcmp(header->signature, SIGNATURE, sizeof(header->signature)))
		return no_header;
	if (header->version != VERSION)
		return "the version of its swap header is not 1";
	/* Includes the NUL: the label is that, and no more. */
	if (strncmp(header->label, SWAP_LABEL, sizeof(header->label)))
		return other_label;
	if (!header->last_page || header->last_page >= pages)
		return "its swap header does not fit the partition";
	if (!bad_pages_good(header))
		return "its list of bad pages is wrong";
	return NULL;
}

/* The order of the bytes is that of the text (RFC 4122). */
static void uuid_text(char text[37], const u8 uuid[UUID_BYTES])
{
	u32 at = 0;

	for (u32 i = 0; i < UUID_BYTES; i++) {
		bool dash = i == 4 || i == 6 || i == 8 || i == 10;

		at += (u32)scnprintf(text + at, 37 - at, "%s%02x", dash ? "-" : "", uuid[i]);
	}
}

/* Adds the partition with a header that is good. Returns NULL, or the reason against it. */
static const char *add(struct swap_partition *partition)
{
	const struct swap_header *header = partition->header;
	u32 per_page = sectors_per_page(partition->disk);

	if (partition->disk->read_only)
		return "the disk is read-only";
	if (swap_partition_count == SWAP_PARTITIONS_MAX)
		return "there are too many";
	partition->last_page = header->last_page;
	/* (3) */
	partition->range = disk_allow_writes(partition->disk, partition->first_sector + per_page,
					     (u64)header->last_page * per_page);
	BUG_ON(!partition->range);
	uuid_text(partition->uuid, header->uuid);
	strscpy(partition->label, header->label, sizeof(partition->label));
	swap_partitions[swap_partition_count++] = *partition;
	return NULL;
}

static const char *examine(struct swap_partition *partition, struct swap_header *header)
{
	struct disk *disk = partition->disk;
	u64 pages = div_u64(partition->sectors, sectors_per_page(disk));
	pfn_t frame = virt_to_pfn(header);
	const char *reason;

	if (pages < 2)
		return "it has less than two pages";
	if (disk_read(disk, partition->first_sector, &frame, PAGE_SIZE))
		return "its first page cannot be read";
	reason = check_header(header, pages);
	return reason ? reason : add(partition);
}

void swap_header_scan(struct disk *disk, u32 number, u64 first, u64 sectors)
{
	struct swap_header *header = get_zeroed_page(GFP_KERNEL);
	struct swap_partition partition = { .disk = disk,
					    .number = number,
					    .first_sector = first,
					    .sectors = sectors,
					    .header = header };
	const char *reason;

	scnprintf(partition.name, sizeof(partition.name), "%sp%u", disk->name, number);
	reason = header ? examine(&partition, header) : "no memory for its header";
	if (!reason) {
		printk("swap: partition=%s uuid=%s label=%s pages=%u\n", partition.name,
		       partition.uuid, partition.label,
		       partition.last_page - header->bad_page_count);
		return;
	}
	printk("swap: partition=%s unused reason=\"%s\"%s\n", partition.name, reason,
	       reason == no_header || reason == other_label
		       ? " remedy=\"mkswap -L " SWAP_LABEL " gives it to Pagewright and erases it\""
		       : "");
	if (header)
		free_page(header);
}

/* The sector of page `page` in the range, for a request of `count` pages. */
static u64 sector_of(const struct swap_partition *partition, u32 page, u32 count)
{
	BUG_ON(!page || page > partition->last_page);
	BUG_ON(count > DISK_FRAMES_MAX || count > partition->last_page - page + 1);
	return (u64)(page - 1) * sectors_per_page(partition->disk);
}

int swap_pages_read(const struct swap_partition *partition, u32 page, const pfn_t *frames,
		    u32 count)
{
	u64 sector = sector_of(partition, page, count);

	return disk_read(partition->disk, partition->range->first + sector, frames,
			 count * PAGE_SIZE);
}

int swap_pages_write(const struct swap_partition *partition, u32 page, const pfn_t *frames,
		     u32 count)
{
	return disk_write(partition->range, sector_of(partition, page, count), frames,
			  count * PAGE_SIZE);
}

bool swap_page_bad(const struct swap_partition *partition, u32 page)
{
	for (u32 i = 0; i < partition->header->bad_page_count; i++)
		if (partition->header->bad_page[i] == page)
			return true;
	return false;
}
