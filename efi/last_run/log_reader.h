/* SPDX-License-Identifier: MIT */
/*
 * Makes a region of abi/boot/log_region.h, and reads the log of a run from it.
 *
 * Pure functions; no firmware, so that they run on a host under sanitizers. The region may have
 * any contents.
 */
#ifndef EFI_LAST_RUN_LOG_READER_H
#define EFI_LAST_RUN_LOG_READER_H

#include "abi/boot/log_region.h"
#include "lib/types.h"

/* In place of the text of a damaged record between two sound ones. */
#define LOG_DAMAGED "\r\nlog: a piece is damaged\r\n"

/*
 * Makes an empty region of `size` bytes, a multiple of 4; `tail` bytes are for each of the parts 1
 * and 2.
 */
void log_region_begin(void *region, u32 size, u32 tail, u32 run);

/* Is there a sound header, of a region of at most `available` bytes? */
bool log_region_valid(const void *region, u32 available);

/*
 * Copies the text of a sound region to `to`, which has `capacity` bytes, in the order in which it
 * was written. If the middle is missing, one line says how much. The region's size is always
 * enough. Returns the number of bytes.
 */
u32 log_region_text(const void *region, char *to, u32 capacity);

/*
 * The result of a run in one line without its end: the verdict if there is one, else the panic,
 * else the last line of the log. `line` has `size` bytes and ends in NUL; bytes that are not
 * printable ASCII become '?'.
 */
void log_summary(const char *text, u32 bytes, char *line, u32 size);

#endif
