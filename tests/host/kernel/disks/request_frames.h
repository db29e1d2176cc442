/* SPDX-License-Identifier: MIT */
/* The memory of a request, for tests of drivers of disks: frames of the machine. */
#ifndef TESTS_HOST_KERNEL_DISKS_REQUEST_FRAMES_H
#define TESTS_HOST_KERNEL_DISKS_REQUEST_FRAMES_H

#include "kernel/disks/disk.h"

extern pfn_t frames[DISK_FRAMES_MAX];

/* In no order, none after its neighbour; each has bytes of its own. After machine_boot(). */
void take_frames(void);
void free_frames(void);

/* The memory of frames[frame]. */
u8 *memory_of(u32 frame);

/*
 * Are the first bytes of the frames those of a disk, and the one behind them as before? The frames
 * were filled with FRAMES_BEFORE.
 */
#define FRAMES_BEFORE 0xeeu
void fill_frames(void);
bool frames_are(const u8 *data, u32 bytes);

#endif
