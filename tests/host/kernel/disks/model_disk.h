/* SPDX-License-Identifier: MIT */
/*
 * A model of a disk, an array, and the partition table on it: for tests of kernel/disks. With data
 * partitions before and after the one for swap, and noise where nothing is.
 */
#ifndef TESTS_HOST_KERNEL_DISKS_MODEL_DISK_H
#define TESTS_HOST_KERNEL_DISKS_MODEL_DISK_H

#include "kernel/disks/driver.h"
#include "kernel/disks/gpt.h"

#define MODEL_SECTORS	  16384u /* of 512 bytes: 8 MiB */
#define MODEL_BYTES	  (MODEL_SECTORS * 512u)
#define MODEL_ENTRIES	  128u
#define MODEL_ENTRY_BYTES 128u

/* The partition for swap, in sectors of 512 bytes. */
#define SWAP_FIRST   2048u
#define SWAP_SECTORS 4096u
#define SWAP_NUMBER  2u
#define LAST_PAGE    (SWAP_SECTORS / 8 - 1)

extern struct model_disk {
	struct disk disk;
	u32 sector_bytes;
	u32 max_frames;
	u32 transfers, writes, flushes, resets, isolations, stops;
	u64 lowest, highest; /* the sectors written */
	u32 fail;	     /* so many of the next requests */
	u64 bad_sector;	     /* 0, or the one at which a request stops */
	bool fail_reset;
} model_disk;

extern u8 disk_bytes[MODEL_BYTES];

/* The types of partitions, as they lie on the disk. */
extern const char linux_swap[], linux_data[];

/* Places on the disk. Entries count from 1. */
u8 *primary(void);
u8 *backup(void);
u8 *entries(void);
u8 *backup_entries(void);
u8 *entry(u32 number);
u8 *swap_header(void);

/* Little-endian numbers. */
void put16(u8 *to, u32 value);
void put32(u8 *to, u32 value);
void put64(u8 *to, u64 value);

/* Sets the checksums of a header. */
void seal(u8 *header, const u8 *entries_there);
void seal_header(u8 *header);

/* Copies the entries to the backup, and makes all checksums right. */
void seal_both(void);

/* Makes a good disk. */
void make_disk(void);

/* Gives the disk to the kernel, without a scan or with one. The latter returns its log. */
void present_disk(void);
const char *scan_disk(void);

/* Starts mm/ with high memory. At the end of the case the headers of the partitions are freed. */
void model_boot(void);

#endif
