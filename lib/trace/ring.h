/* SPDX-License-Identifier: MIT */
/*
 * The ring of trace records: the newest ones, in RAM.
 *
 *      tail --> | record | record | ... | record | <-- head
 *               oldest                    newest
 *
 *   (1) [tail, head) holds whole records; both only grow, and are taken modulo the size.
 *   (2) a record that does not fit makes the oldest ones go: trace_stat.overwritten counts them.
 *   (3) trace_hits[event] counts the records of an event, overwritten or not.
 *
 * The values of a record are a word for each field of its event, four for a TEXT (events.h).
 */
#ifndef LIB_TRACE_RING_H
#define LIB_TRACE_RING_H

#include "lib/trace/trace.h"

#define TRACE_VALUES 16u /* the most words of fields */

struct trace_record {
	u64 time;     /* of the time-stamp counter */
	u16 event;    /* enum trace_event */
	u16 count;    /* of the words in `values` */
	u16 tid, pid; /* the task, and its process */
	u32 values[TRACE_VALUES];
};
#define TRACE_HEAD_WORDS 4u

_Static_assert(offsetof(struct trace_record, values) == TRACE_HEAD_WORDS * 4,
	       "the head of a record");

/* What the events are, from lib/trace/events.h. */
struct trace_description {
	const char *group, *name;
	const u8 *kinds;    /* enum trace_kind of each field, and TRACE_KIND_END */
	const char *fields; /* "pfn:FRAME,order:NUMBER," */
};

extern const struct trace_description trace_events[TRACE_EVENTS];

enum trace_kind {
	TRACE_KIND_END,
	TRACE_KIND_NUMBER,
	TRACE_KIND_SIGNED,
	TRACE_KIND_HEX,
	TRACE_KIND_FRAME,
	TRACE_KIND_CODE,
	TRACE_KIND_ADDRESS,
	TRACE_KIND_TEXT,
	TRACE_KIND_OWNER,
	TRACE_KIND_FAULT,
	TRACE_KIND_FLUSH,
};

extern u32 trace_hits[TRACE_EVENTS];

extern struct trace_stat {
	u32 bytes;	 /* of the ring; 0: nothing is recorded */
	u64 recorded;	 /* records */
	u64 overwritten; /* of them, no longer in the ring */
	bool stopped;
} trace_stat;

/* Begins to record in these words, a power of two. Once. */
void trace_ring_init(u32 *words, u32 count);

/* Ends or continues recording; what is in the ring stays. */
void trace_stop(bool stop);

/* Is called with each record, interrupts off. What it does is not recorded. NULL: none. */
extern void (*trace_sink)(const struct trace_record *record);

/* A position in the ring for trace_read(): the oldest record, or one of the `count` newest. */
u32 trace_oldest(void);
u32 trace_newest(u32 count);

/*
 * Takes the record at a position and moves the position to the next one; if it was overwritten
 * meanwhile, to the oldest one first. False: there is none yet.
 */
bool trace_read(u32 *position, struct trace_record *record);

/* NULL, or the first violated invariant. Before the first record and after each. */
const char *trace_ring_validate(void);

/* --- Defined by kernel/, and by tests/host/ --- */

/* The time-stamp counter. */
u64 trace_clock(void);

/* The current task: pid << 16 | tid. */
u32 trace_task(void);

#endif
