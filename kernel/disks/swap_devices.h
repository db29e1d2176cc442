/* SPDX-License-Identifier: MIT */
/*
 * The devices that can hold swap areas: the partitions of gpt.h, and one in memory.
 *
 *     swap_partitions[] ──> /dev/ahci0p1 ─┐
 *                           /dev/nvme0p2 ─┼──> swap_area_add()    (mm/swap/swap.h)
 *     swap=ram:SIZE ──────> /dev/ram0 ────┘
 *
 * mm/ knows a device as a structure of functions. This table supplies them, and gives each device
 * the path by which swapon() and swapoff() name it. The paths are names of this table only: there
 * are no such files, so a program cannot read or write a disk.
 */
#ifndef KERNEL_DISKS_SWAP_DEVICES_H
#define KERNEL_DISKS_SWAP_DEVICES_H

#include "lib/types.h"

/* The path of the device in memory. */
#define SWAP_RAM_PATH "/dev/ram0"

/*
 * Makes the table, and an area of each device, the partitions in their order, then the device in
 * memory of `ram_pages` pages (0: none). Prints a line for each. After disks_init(), if that is
 * called at all.
 */
void swap_devices_init(u32 ram_pages);

/*
 * Makes an area of the device with this path. prio < 0: below all others. Returns its type, or
 * -ENOENT, -EBUSY: it is one already; -EPERM: all types are in use; -ENOMEM.
 */
int swap_device_on(const char *path, s32 prio);

/* The area's type, or -EINVAL: no area has a device with this path; -ENOENT: no device has it. */
int swap_device_type(const char *path);

#endif
