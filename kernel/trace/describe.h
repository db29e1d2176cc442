/* SPDX-License-Identifier: MIT */
/*
 * What the events are called and what their fields mean, and records as text. All of it comes from
 * the table of lib/trace/events.h. A trace begins with these lines, so its reader needs no other
 * file:
 *
 *     trace: version=1 text=0xc0100000 levels=2
 *     trace: enum=OWNER names=free,reserved,...
 *     trace: event=mm_page_alloc id=3 group=kmem fields=pfn:FRAME,order:NUMBER,...
 */
#ifndef KERNEL_TRACE_DESCRIBE_H
#define KERNEL_TRACE_DESCRIBE_H

#include "lib/trace/ring.h"

/* The lines of the description before those of the events. */
#define TRACE_DESCRIPTION_HEAD 4u

/* The longest line of the two functions below, with its NUL, bytes. */
#define TRACE_LINE 384u

/*
 * Writes line `number` of the description, 0 the first one, without a newline. Returns the
 * length; 0: there are no more. `text_start` is the address of the kernel's first instruction.
 */
u32 trace_describe(u32 number, const void *text_start, char *line, u32 size);

/* Writes a record, likewise: `trace: tsc=T pid=P tid=T event=NAME FIELD=VALUE...`. */
u32 trace_format(const struct trace_record *record, char *line, u32 size);

#endif
