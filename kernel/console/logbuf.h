/* SPDX-License-Identifier: MIT */
/*
 * The log that survives a warm reset: console output also goes to a region of RAM, which the
 * loader reserved. The loader of the next boot reads it. abi/boot/log_region.h has the format.
 */
#ifndef KERNEL_CONSOLE_LOGBUF_H
#define KERNEL_CONSOLE_LOGBUF_H

#include "lib/types.h"

/*
 * Makes logbuf_write() write to the region: `bytes` at `region`. False: its header is not valid,
 * and the region is not touched. Without a region logbuf_write() does nothing.
 */
bool logbuf_open(void *region, size_t bytes);

/* The region is now mapped at another address. NULL: it is out of reach, and the log ends. */
void logbuf_move(void *region);

/* Appends text. Any context with interrupts off; allocates nothing, never fails. */
void logbuf_write(const char *text, size_t count);

/* Bytes of text written so far. */
size_t logbuf_written(void);

#endif
