/* SPDX-License-Identifier: MIT */
/*
 * The log that outlives the run: what goes to the console goes to a region of RAM as well, which the loader set aside and
 * the loader of the next boot reads after a warm reset. abi/boot/log_region.h has the form.
 */
#ifndef KERNEL_CONSOLE_LOGBUF_H
#define KERNEL_CONSOLE_LOGBUF_H

#include "lib/types.h"

/*
 * From here on logbuf_write() writes to the region, `bytes` at `region`. False: it has no sound header, and is not touched.
 * Without a region logbuf_write() does nothing.
 */
bool logbuf_open(void *region, size_t bytes);

/* The region is now seen at another address. NULL: it is out of reach, the log ends. */
void logbuf_move(void *region);

/* Appends text. Any context with interrupts off; allocates nothing, never fails. */
void logbuf_write(const char *text, size_t count);

/* Bytes of text that were written. */
size_t logbuf_written(void);

#endif
