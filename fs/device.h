/* SPDX-License-Identifier: MIT */
/*
 * Memory devices, with Linux's names and numbers (null(4), full(4);
 * Documentation/admin-guide/devices.txt):
 *
 *   /dev/null   reads as an empty file; writes are discarded
 *   /dev/zero   reads as endless zeros; writes are discarded; mapped: anonymous memory
 *   /dev/full   reads as /dev/zero; writes fail with -ENOSPC
 */
#ifndef FS_DEVICE_H
#define FS_DEVICE_H

#include "fs/file.h"

struct device {
	const char *name; /* below /dev */
	u32 mode;	  /* kind and rights */
	struct file_operations operations;
	struct list_head link;
};

/*
 * Makes a driver known, and its name in /dev. The caller owns the structure and never frees it.
 * After file_init().
 */
void device_register(struct device *device);

/* The operations of the device with this number; NULL: there is no driver. */
const struct file_operations *device_find(u32 mode, u32 rdev);

/* Has a character device this major number? */
bool device_has_major(u32 major);

/* Registers the memory devices. */
void devices_init(void);

/* The read operation of /dev/null: always the end of the file. */
s32 null_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy, void *context);

#endif
