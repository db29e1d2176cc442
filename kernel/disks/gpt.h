/* SPDX-License-Identifier: MIT */
/*
 * Which partitions of a disk are ours: GUID partition table, then swap header.
 *
 * A mistake here destroys the owner's data. So everything has to agree, and in doubt the disk is
 * not used; the log says why, and how to mend it.
 *
 *     sector 0          protective MBR: one entry, type 0xEE
 *     sector 1          primary header, CRC of itself and of the entries
 *     entries           type, first and last sector of each partition
 *       ...             partitions
 *     entries           the same again
 *     last sector       backup header
 *
 *  (1) A disk is used only if MBR, primary and backup are there, their CRCs hold, and they say the
 *      same. A partition lies between the usable sectors, and overlaps no other partition.
 *  (2) A partition is used only if its type is Linux swap (SWAP_PARTITION_TYPE), it is not marked
 *      read-only, and its first page is a swap header: SWAPSPACE2, version 1, a last page within
 *      the partition, bad pages within the swap space, and the label SWAP_LABEL. Any other swap
 *      space may hold a hibernated system, or be in use by another one.
 *  (3) The header page is never written: the writable range begins after it.
 *
 * Damage of any kind, on purpose or not, leads to a line of the log and to nothing else.
 *
 * Sources: UEFI 2.10, 5 (GUID partition table); Linux include/linux/swap.h (union swap_header);
 * mkswap(8).
 */
#ifndef KERNEL_DISKS_GPT_H
#define KERNEL_DISKS_GPT_H

#include "kernel/disks/disk.h"

#define SWAP_PARTITION_TYPE "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F"
#define SWAP_LABEL	    "pagewright"
#define SWAP_PARTITIONS_MAX 8u
#define SWAP_BAD_PAGES_MAX  637u

/* The first page of a swap space, as mkswap writes it. */
struct swap_header {
	u8 boot_bits[1024]; /* for a disk label or a boot loader */
	u32 version;	    /* 1 */
	u32 last_page;
	u32 bad_page_count;
	u8 uuid[16]; /* in the order of its text */
	char label[16];
	u32 padding[117];
	u32 bad_page[SWAP_BAD_PAGES_MAX]; /* numbers of pages */
	char unused[2];
	char signature[10]; /* SWAPSPACE2 */
};
_Static_assert(sizeof(struct swap_header) == 4096, "a swap header is a page");

struct swap_partition {
	struct disk *disk;
	u32 number; /* in the partition table, from 1 */
	u64 first_sector, sectors;
	char name[16]; /* such as "ahci0p2" */
	char uuid[37]; /* text */
	char label[17];
	/* Pages [1, last_page] hold data, without header->bad_page[0 .. bad_page_count). */
	u32 last_page;
	const struct swap_header *header; /* a copy */
	const struct disk_range *range;	  /* pages [1, last_page] */
};

/* The swap partitions that may be used. After disks_init(). */
extern struct swap_partition swap_partitions[SWAP_PARTITIONS_MAX];
extern u32 swap_partition_count;

/*
 * Adds the partitions of (2) to swap_partitions, and prints a line for each, and for what is
 * refused although it looks like one.
 */
void gpt_scan(struct disk *disk);

/*
 * Adds the partition of sectors [first, first + sectors) to swap_partitions if its first page is a
 * swap header as (2) says. Prints a line, also for a refusal. For gpt_scan().
 */
void swap_header_scan(struct disk *disk, u32 number, u64 first, u64 sectors);

/*
 * Moves pages [page, page + count) of the swap space to or from frames, at most DISK_FRAMES_MAX.
 * Panics unless they are in [1, last_page]. Returns 0 or -EIO. As disk_read() and disk_write():
 * never sleeps, any frames of RAM.
 */
int swap_pages_read(const struct swap_partition *partition, u32 page, const pfn_t *frames,
		    u32 count);
int swap_pages_write(const struct swap_partition *partition, u32 page, const pfn_t *frames,
		     u32 count);

/* Is this page on the list of bad pages? */
bool swap_page_bad(const struct swap_partition *partition, u32 page);

#endif
