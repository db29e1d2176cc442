/* SPDX-License-Identifier: MIT */
/*
 * Adding files to a cpio archive: the format "newc", as fs/tmpfs/initramfs.h reads it.
 *
 *     archive:  entries ... | TRAILER!!!
 *     result:   entries ... | added entries ... | TRAILER!!!
 *
 * Pure functions; no firmware, so that they run on a host. Source: cpio(5).
 */
#ifndef EFI_ARCHIVE_H
#define EFI_ARCHIVE_H

#include "lib/types.h"

#define ARCHIVE_FOLDER 040755u
#define ARCHIVE_FILE   0100755u /* a FAT volume has no modes */

/* The place of the trailer in bytes, or `size` if the archive is malformed or has none. */
size_t archive_end(const void *archive, size_t size);

/* The bytes of an entry with this name and so many bytes of data. */
size_t archive_entry_size(const char *name, size_t bytes);

/*
 * Writes header and name of an entry, and zeros where its data are padded. Returns the place for
 * the data.
 */
void *archive_put(void *to, const char *name, u32 mode, size_t bytes);

/* The trailer. */
#define ARCHIVE_TRAILER "TRAILER!!!"

#endif
