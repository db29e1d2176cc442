/* SPDX-License-Identifier: MIT */
/* Reads and checks the GUID partition table of a disk. */
#include "kernel/disks/gpt.h"
#include "lib/crc32.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"

#define PRIMARY_SECTOR	1u
#define HEADER_SIZE	92u
#define REVISION	0x10000u
#define ENTRIES_MAX	1024u
#define ENTRY_SIZE_MIN	128u
#define MBR_ENTRIES	446u
#define MBR_ENTRY_SIZE	16u
#define MBR_ENTRY_COUNT 4u
#define MBR_TYPE	4u /* offset in an entry */
#define MBR_PROTECTIVE	0xee
#define MBR_SIGNATURE	510u
#define ENTRY_READ_ONLY (1ull << 60)

struct gpt_header {
	char signature[8];
	u32 revision, header_size, header_crc, reserved;
	u64 own_sector, other_sector;
	u64 first_usable, last_usable;
	u8 guid[16];
	u64 entries_sector;
	u32 entry_count, entry_size, entries_crc;
};
_Static_assert(offsetof(struct gpt_header, entries_crc) == HEADER_SIZE - 4, "UEFI 2.10 table 5-5");

struct gpt_entry {
	u8 type[16], guid[16];
	u64 first, last;
	u64 attributes;
};
_Static_assert(offsetof(struct gpt_entry, attributes) == 48, "UEFI 2.10, table 5-6");

struct partition {
	u64 first, last; /* 0, 0: the entry is not used */
	bool swap, read_only;
};

struct scan {
	struct disk *disk;
	u8 *page; /* for each read */
	struct gpt_header primary, backup;
	struct partition *partitions;
};

enum mbr { MBR_NONE, MBR_OF_GPT, MBR_OTHER };

/* SWAP_PARTITION_TYPE, as it lies on the disk: the first three numbers are little-endian. */
static const u8 swap_type[16] = { 0x6d, 0xfd, 0x57, 0x06, 0xab, 0xa4, 0xc4, 0x43,
				  0x84, 0xe5, 0x09, 0x33, 0xc8, 0x4b, 0x4f, 0x4f };
static const u8 unused_type[16];

/* The checks below return NULL, or the reason why the disk is not used. */
static const char unreadable[] = "a sector cannot be read";
static const char remedy[] = " remedy=\"sgdisk --verify names the damage, gdisk mends it\"";

static bool read_sectors(struct scan *scan, u64 sector, u32 bytes)
{
	pfn_t frame = virt_to_pfn(scan->page);

	return !disk_read(scan->disk, sector, &frame, bytes);
}

static enum mbr read_mbr(const u8 *sector)
{
	u32 used = 0, protective = 0;

	if (sector[MBR_SIGNATURE] != 0x55 || sector[MBR_SIGNATURE + 1] != 0xaa)
		return MBR_NONE;
	for (u32 i = 0; i < MBR_ENTRY_COUNT; i++) {
		u8 type = sector[MBR_ENTRIES + i * MBR_ENTRY_SIZE + MBR_TYPE];

		used += type != 0;
		protective += type == MBR_PROTECTIVE;
	}
	if (!used)
		return MBR_NONE;
	return used == 1 && protective ? MBR_OF_GPT : MBR_OTHER;
}

static bool is_header(const struct gpt_header *header)
{
	return !memcmp(header->signature, "EFI PART", sizeof(header->signature));
}

/* Is the checksum of the header in the page right? */
static bool header_crc_good(u8 *page, const struct gpt_header *header)
{
	memset(page + offsetof(struct gpt_header, header_crc), 0, sizeof(header->header_crc));
	return crc32(0, page, header->header_size) == header->header_crc;
}

/* The entries of a header, in sectors; rounded up. */
static u64 entry_sectors(const struct scan *scan, const struct gpt_header *header)
{
	return DIV_ROUND_UP(header->entry_count * header->entry_size, scan->disk->sector_bytes);
}

/* The fields that bound all later reads. */
static const char *check_fields(const struct scan *scan, const struct gpt_header *header)
{
	u64 end = header->own_sector == PRIMARY_SECTOR ? header->first_usable : header->own_sector;
	u64 begin = header->own_sector == PRIMARY_SECTOR ? PRIMARY_SECTOR : header->last_usable;
	u32 size = header->entry_size;

	if (header->revision != REVISION)
		return "a header has an unknown revision";
	if (size < ENTRY_SIZE_MIN || size > PAGE_SIZE || (size & (size - 1)) ||
	    !header->entry_count || header->entry_count > ENTRIES_MAX)
		return "a header has an impossible number or size of entries";
	if (header->first_usable > header->last_usable ||
	    header->last_usable >= scan->disk->sectors - 1)
		return "a header has impossible usable sectors";
	if (header->entries_sector <= begin || header->entries_sector >= end ||
	    entry_sectors(scan, header) > end - header->entries_sector)
		return "a header has its entries in an impossible place";
	return NULL;
}

static const char *read_header(struct scan *scan, u64 sector, struct gpt_header *header)
{
	bool primary = sector == PRIMARY_SECTOR;

	if (!read_sectors(scan, sector, scan->disk->sector_bytes))
		return unreadable;
	memcpy(header, scan->page, HEADER_SIZE);
	if (!is_header(header))
		return primary ? "the primary header is missing"
			       : "the last sector is no backup header";
	if (header->header_size < HEADER_SIZE || header->header_size > scan->disk->sector_bytes ||
	    !header_crc_good(scan->page, header))
		return primary ? "the primary header is damaged" : "the backup header is damaged";
	if (header->own_sector != sector)
		return "a header is not in its place";
	return check_fields(scan, header);
}

static void read_entry(const u8 *bytes, struct partition *partition)
{
	struct gpt_entry entry;

	memcpy(&entry, bytes, sizeof(entry));
	if (!memcmp(entry.type, unused_type, sizeof(unused_type)))
		return;
	partition->first = entry.first;
	partition->last = entry.last;
	partition->swap = !memcmp(entry.type, swap_type, sizeof(swap_type));
	partition->read_only = entry.attributes & ENTRY_READ_ONLY;
}

/* Reads the entries of a header page by page, to scan->partitions. Checks their checksum. */
static const char *read_entries(struct scan *scan, const struct gpt_header *header)
{
	u32 total = header->entry_count * header->entry_size, crc = 0, number = 0;

	memset(scan->partitions, 0, header->entry_count * sizeof(*scan->partitions));
	for (u32 done = 0; done < total; done += PAGE_SIZE) {
		u32 bytes = min(total - done, (u32)PAGE_SIZE);

		if (!read_sectors(scan, header->entries_sector + done / scan->disk->sector_bytes,
				  ALIGN_UP(bytes, scan->disk->sector_bytes)))
			return unreadable;
		crc = crc32(crc, scan->page, bytes);
		for (u32 at = 0; at < bytes; at += header->entry_size)
			read_entry(scan->page + at, &scan->partitions[number++]);
	}
	if (crc == header->entries_crc)
		return NULL;
	return header == &scan->primary ? "the entries are damaged"
					: "the entries of the backup are damaged";
}

/* (1) Each header names the other one, and all else is the same. */
static const char *compare_headers(const struct gpt_header *a, const struct gpt_header *b)
{
	if (a->other_sector != b->own_sector || b->other_sector != a->own_sector)
		return "the headers do not name each other";
	if (memcmp(a->guid, b->guid, sizeof(a->guid)) || a->first_usable != b->first_usable ||
	    a->last_usable != b->last_usable || a->entry_count != b->entry_count ||
	    a->entry_size != b->entry_size || a->entries_crc != b->entries_crc)
		return "primary and backup contradict each other";
	return NULL;
}

/* (1) All partitions, of any type. */
static const char *check_partitions(const struct scan *scan)
{
	const struct gpt_header *header = &scan->primary;

	for (u32 i = 0; i < header->entry_count; i++) {
		const struct partition *a = &scan->partitions[i];

		if (!a->last)
			continue;
		if (a->first > a->last || a->first < header->first_usable ||
		    a->last > header->last_usable)
			return "a partition is not within the usable sectors";
		for (u32 j = 0; j < i; j++)
			if (a->first <= scan->partitions[j].last &&
			    scan->partitions[j].first <= a->last)
				return "two partitions overlap";
	}
	return NULL;
}

static const char *read_table(struct scan *scan)
{
	u64 last = scan->disk->sectors - 1;
	const char *reason = read_header(scan, PRIMARY_SECTOR, &scan->primary);

	if (!reason)
		reason = read_header(scan, last, &scan->backup);
	if (!reason)
		reason = compare_headers(&scan->primary, &scan->backup);
	if (reason)
		return reason;
	scan->partitions =
		kcalloc(scan->primary.entry_count, sizeof(*scan->partitions), GFP_KERNEL);
	if (!scan->partitions)
		return "no memory for its entries";
	reason = read_entries(scan, &scan->backup);
	if (!reason)
		reason = read_entries(scan, &scan->primary);
	return reason ? reason : check_partitions(scan);
}

/*
 * Is there something of a GPT? A disk without any is left alone, without a line: it is blank, or
 * another system's.
 */
static const char *find_table(struct scan *scan, bool *found)
{
	u32 bytes = scan->disk->sector_bytes;
	struct gpt_header header;
	enum mbr mbr;

	*found = true;
	if (!read_sectors(scan, 0, bytes))
		return unreadable;
	mbr = read_mbr(scan->page);
	if (!read_sectors(scan, PRIMARY_SECTOR, bytes))
		return unreadable;
	memcpy(&header, scan->page, HEADER_SIZE);
	*found = is_header(&header) || mbr == MBR_OF_GPT;
	if (!*found)
		return NULL;
	if (mbr == MBR_OTHER)
		return "the MBR has partitions of its own";
	if (mbr == MBR_NONE)
		return "the MBR does not protect it";
	return NULL;
}

static void scan_partitions(struct scan *scan)
{
	for (u32 i = 0; i < scan->primary.entry_count; i++) {
		const struct partition *partition = &scan->partitions[i];

		if (!partition->last || !partition->swap)
			continue;
		if (partition->read_only) {
			printk("swap: partition=%sp%u unused reason=\"it is marked read-only\"\n",
			       scan->disk->name, i + 1);
			continue;
		}
		swap_header_scan(scan->disk, i + 1, partition->first,
				 partition->last - partition->first + 1);
	}
}

void gpt_scan(struct disk *disk)
{
	struct scan scan = { .disk = disk, .page = get_zeroed_page(GFP_KERNEL) };
	const char *reason = scan.page ? NULL : "no memory for a page";
	bool found = true;

	if (!reason)
		reason = find_table(&scan, &found);
	if (!reason && found)
		reason = read_table(&scan);
	if (reason)
		printk("gpt: disk=%s unused reason=\"%s\"%s\n", disk->name, reason,
		       reason == unreadable ? "" : remedy);
	else if (found)
		scan_partitions(&scan);
	kfree(scan.partitions);
	if (scan.page)
		free_page(scan.page);
}
