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

/* The operations of the device with this path (without the leading slash), or NULL. */
const struct file_operations *device_find(const char *name);

/* The read operation of /dev/null: always the end of the file. */
s32 null_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy, void *context);

#endif
