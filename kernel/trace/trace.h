/* SPDX-License-Identifier: MIT */
/*
 * The trace of a run: which events are on, and where their records go. docs/trace.md
 *
 *      trace=GROUPS ---> trace_patch(): the places of these events jump to their record function
 *
 *      events --> ring (lib/trace/ring.h) --> /proc/trace, and the log after a panic
 *                    \--- each record ----> trace_out=: the debug console, a serial line, the log
 */
#ifndef KERNEL_TRACE_TRACE_H
#define KERNEL_TRACE_TRACE_H

#include "kernel/devices/console_option.h"

enum trace_output { TRACE_OUT_NONE, TRACE_OUT_DEBUGCON, TRACE_OUT_SERIAL, TRACE_OUT_LOG };

#define TRACE_BYTES	MiB(1)
#define TRACE_BYTES_MIN KiB(4)
#define TRACE_BYTES_MAX MiB(512)
#define TRACE_DUMP	32u /* records */

struct trace_options {
	bool on;
	u32 bytes;		    /* of the ring, a power of two */
	enum trace_output output;   /* of each record, at once */
	struct console_option line; /* TRACE_OUT_SERIAL */
	u32 dump;		    /* the newest records that a panic prints */
	bool dump_at_end;	    /* and the end of a run */
	u32 books; /* system calls and faults from checkpoint to checkpoint; 0: none */
};

/*
 * Chooses events: names of events or groups, or "all", separated by commas. 0, or -EINVAL for an
 * unknown name: then nothing changes.
 */
int trace_select(const char *names);

/* Is this event (enum trace_event) chosen? */
bool trace_chosen(u32 event);

/* Patches the places of the chosen events. Once, while the kernel's text can still be written. */
void trace_patch(void);

/* A program enters the kernel: takes a checkpoint at each `every`-th time. 0: never. */
void trace_books(u32 every);

/* The value of trace_books=; kernel/trace/calls.c passes it to trace_books(). */
extern u32 trace_books_every;

/* Opens the output, and begins it with the description of the events. */
void trace_output_open(const struct trace_options *options);

/* Ends recording, and logs how many records there were of each event. */
void trace_end(const struct trace_options *options);

/* In a panic: ends recording, and logs the newest records. */
void trace_panic(const struct trace_options *options);

/* Makes /proc/trace and /proc/trace_events. */
void trace_proc_init(void);

#endif
