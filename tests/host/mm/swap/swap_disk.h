/* SPDX-License-Identifier: MIT */
/*
 * A disk for swap that is an array of the host, fails on demand, and checks what mm/ may rely on:
 * a slot is read only if it was written.
 */
#ifndef TESTS_HOST_MM_SWAP_SWAP_DISK_H
#define TESTS_HOST_MM_SWAP_SWAP_DISK_H

#include "mm/swap/swap.h"

struct swap_disk {
	struct swap_device device;
	u8 *bytes;
	bool *written;	   /* by slot */
	u32 reads, writes; /* pages */
	/* The nth transfer from now fails, and all that follow if `stays`; 0: none. */
	u32 fail_read, fail_write;
	bool stays;
	bool refuses; /* all pages, as one that compresses may */
};

/* Adds an area of so many pages, the header included. Returns its type. */
u32 swap_disk_add(struct swap_disk *disk, u32 pages, s32 prio);

/* The same with bad slots, and where memory may be out: the type, or -errno. */
int swap_disk_try(struct swap_disk *disk, u32 pages, s32 prio, const u32 *bad, u32 nr_bad);

/* Removes the area. */
void swap_disk_remove(u32 type);

#endif
