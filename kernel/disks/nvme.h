/* SPDX-License-Identifier: MIT */
/* Between the search for NVMe controllers and their driver. For kernel/disks. */
#ifndef KERNEL_DISKS_NVME_H
#define KERNEL_DISKS_NVME_H

#include "kernel/devices/pci.h"

/* The doorbells follow the registers. Each is this many bytes after the one before. */
#define NVME_REGISTERS_BYTES	0x1000u
#define NVME_CAP_HIGH		1u /* index of a 32-bit register */
#define NVME_STRIDE(high)	((high)&15)
#define NVME_STRIDE_BYTES(high) (4u << NVME_STRIDE(high))

/*
 * Starts a controller and registers its disks. Returns false if it has none; then the registers
 * are not used any more.
 */
bool nvme_start(struct pci_device device, volatile u32 *registers);

struct disk;

/*
 * Fills in size, sectors and write protection of a disk from the answer of identify; *shift: a
 * sector has 2^shift bytes. False: the namespace has none, or a format that is not handled.
 */
bool nvme_describe_namespace(const u8 *id, struct disk *disk, u32 *shift);

#endif
