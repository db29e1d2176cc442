/* SPDX-License-Identifier: MIT */
/*
 * Disks: whole sectors between a disk and frames of memory.
 *
 * Swap needs a place outside of memory. The disks of a PC hold its owner's data, so what counts
 * most here is what is not written: a driver's write can only be reached through a range that the
 * partition table and the swap header have allowed.
 *
 *     swap ──> swap_partition ──> disk_range ──> disk_write() ──> disk_ops ──> ahci.c, nvme.c
 *              (gpt.h)            a place that may be written
 *              gpt.c, swap_header.c ──────────> disk_read()  ──> disk_ops
 *
 *  (1) Only sectors of a range in the table of disk.c are written. Only swap_header.c adds a range
 *      to it (kernel/disks/driver.h): the data pages of a partition with the type, the header and
 *      the label that gpt.h describes. A write that is not inside its range panics.
 *  (2) A request moves `bytes` bytes between sectors in a row and frames, which may lie anywhere:
 *      whole frames, in the order of their array; only the last one may be used in part, from its
 *      beginning. `bytes` is a multiple of the sector, at most DISK_FRAMES_MAX frames. The device
 *      reads the numbers of the frames from a list, so high memory needs no window. A device that
 *      takes fewer frames at once gets the request in parts.
 *  (3) Requests are polled, one at a time for all disks. No function here sleeps, lets other
 *      tasks run, or allocates. So a caller may hold any lock and be in the middle of any change.
 *      Not from interrupt handlers.
 *  (4) Every wait ends: after DISK_TIMEOUT_MS for a transfer, DISK_FLUSH_TIMEOUT_MS for a flush. A
 *      request that failed is tried again DISK_RETRIES times, each time after a reset of the
 *      device. If a reset fails, the disk is `failed`: later requests return -EIO at once, and
 *      the device can't reach memory any more, because its last command may still be under way,
 *      and the frames are the caller's again. Of a request that failed, any part may have been
 *      moved.
 *  (5) A request that was tried more than once leaves one line of the log, at most
 *      DISK_ERROR_LINES for a disk: disk: name=... error=... sector=... (where it begins)
 */
#ifndef KERNEL_DISKS_DISK_H
#define KERNEL_DISKS_DISK_H

#include "lib/types.h"

#define DISK_TIMEOUT_MS	      5000u
#define DISK_FLUSH_TIMEOUT_MS 30000u
#define DISK_RETRIES	      2u
#define DISK_ERROR_LINES      16u
#define DISKS_MAX	      16u
#define DISK_FRAMES_MAX	      32u

struct disk_ops;

struct disk_statistics {
	u32 reads, writes, flushes;	 /* requests to the device, without further tries */
	u32 frames_read, frames_written; /* those of these requests */
	u32 retries;			 /* further tries */
	u32 errors;			 /* requests that failed */
};

struct disk {
	char name[8];	  /* such as "ahci0", "nvme0" */
	char model[41];	  /* printable ASCII, without blanks at the end */
	u32 sector_bytes; /* 512 or 4096 */
	u64 sectors;
	u32 max_frames; /* at once: 1 to DISK_FRAMES_MAX */
	bool read_only; /* the device refuses writes */
	bool failed;	/* (4) */
	struct disk_statistics count;
	const struct disk_ops *ops; /* kernel/disks/driver.h */
	u32 error_lines;
};

/* (1). Sectors [first, first + sectors) of the disk. */
struct disk_range {
	struct disk *disk;
	u64 first, sectors;
};

/*
 * Finds the disks and the swap partitions on them, and prints a line for each. Once, after
 * time_init(); interrupts may be off. Not called with disk=off: then no controller is touched.
 */
void disks_init(void);

/*
 * Maps registers of controllers that lie above 4 GiB, where ioremap() does not reach. After
 * kernel_map_init(), before vmalloc_init(); not with disk=off.
 */
void disks_map_early(void);

/* The disk of an index from 0, or NULL. */
struct disk *disk_get(u32 index);

/*
 * Reads into frames, from any sector of the disk: (2). They may be any frames of RAM. Returns 0,
 * -EINVAL for sectors that the disk does not have, or -EIO.
 */
int disk_read(struct disk *disk, u64 sector, const pfn_t *frames, u32 bytes);

/*
 * Writes from frames to a range; `sector` counts from the range's start. Returns 0 or -EIO.
 * Panics outside of the range, or if the range is not one of (1).
 */
int disk_write(const struct disk_range *range, u64 sector, const pfn_t *frames, u32 bytes);

/* Lets the disk write its volatile cache to the medium. Returns 0 or -EIO. */
int disk_flush(struct disk *disk);

/*
 * Flushes the disks that were written, and stops the controllers: no more access to memory. Before
 * the machine is switched off or reset (kernel/devices/power.h); in a panic too. A request that a
 * panic interrupted is abandoned. Afterwards requests return -EIO.
 */
void disks_stop(void);

#endif
