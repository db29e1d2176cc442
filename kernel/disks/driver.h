/* SPDX-License-Identifier: MIT */
/*
 * Between disk.c, its drivers, and the code that decides what may be written. For kernel/disks
 * only: tests/floors.t checks that no other file includes it.
 */
#ifndef KERNEL_DISKS_DRIVER_H
#define KERNEL_DISKS_DRIVER_H

#include "kernel/disks/disk.h"

/*
 * What a driver does. transfer() and flush() return NULL, or what went wrong: one word for the
 * log. They wait at most DISK_TIMEOUT_MS or DISK_FLUSH_TIMEOUT_MS.
 */
struct disk_ops {
	/* As disk.h (2) says, but of disk->max_frames frames at most. They may be above 4 GiB. */
	const char *(*transfer)(struct disk *disk, bool write, u64 sector, const pfn_t *frames,
				u32 bytes);
	const char *(*flush)(struct disk *disk);
	/* Resets the device after an error, for the next request. Returns false if it fails. */
	bool (*reset)(struct disk *disk);
	/*
	 * After a reset that failed: a command may still be under way. Sees to it that the device
	 * makes no more accesses to memory, if need be by taking the bus from its controller.
	 */
	void (*isolate)(struct disk *disk);
	/* The device makes no more accesses to memory. Called once, last; it may be busy. */
	void (*stop)(struct disk *disk);
};

/*
 * Adds a disk and prints its line; the driver has filled in what it is, but for the name, which
 * is `kind` and a number. Returns 0, or -ENOSPC for more than DISKS_MAX or a sector size or a
 * number of sectors that is not handled, with a line. The structure stays the driver's and must
 * not be freed.
 */
int disk_register(struct disk *disk, const char *kind);

/*
 * Allows writes to sectors [first, first + sectors) of the disk. Returns the range, or NULL if the
 * table is full, the disk is read-only, or it has no such sectors. Only for swap_header.c.
 */
const struct disk_range *disk_allow_writes(struct disk *disk, u64 first, u64 sectors);

/* Copies the `length` bytes of a model's name to disk->model: printable, no blanks at the end. */
void disk_set_model(struct disk *disk, const char *text, u32 length);

/*
 * Find the disks of a kind of controller, start them, and register them. Once. nvme_map_early() is
 * disks_map_early(); AHCI's registers are always below 4 GiB.
 */
void nvme_map_early(void);
void ahci_init(void);
void nvme_init(void);

#endif
