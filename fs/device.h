/* SPDX-License-Identifier: MIT */
/*
 * Devices that are memory and nothing else, with Linux's names and numbers (null(4), full(4); Documentation/admin-guide/devices.txt):
 *
 *   /dev/null   reads as an empty file, takes all that is written
 *   /dev/zero   reads as zeros without end, takes all; mapped it is anonymous memory, private or shared
 *   /dev/full   reads as /dev/zero, refuses what is written with -ENOSPC
 */
#ifndef FS_DEVICE_H
#define FS_DEVICE_H

#include "fs/file.h"

/* The operations of the device that `name`, the path without its leading slash, names; or NULL. */
const struct file_operations *device_find(const char *name);

#endif
