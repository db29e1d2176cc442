/* SPDX-License-Identifier: MIT */
/* The ring of trace records, and the functions that fill it. Numbers cite the header. */
#include "lib/trace/ring.h"
#include "lib/assert.h"
#include "lib/irq.h"
#include "lib/string.h"

const struct trace_description trace_events[TRACE_EVENTS] = {
#define TRACE_EVENT(event_group, event_name, event_fields)                                  \
	[TRACE_##event_name].group = #event_group, [TRACE_##event_name].name = #event_name, \
	[TRACE_##event_name].kinds = (const u8[]){ event_fields 0 },
#define TRACE_FIELD(kind, name) TRACE_KIND_##kind,
#include "lib/trace/events.h"
#undef TRACE_EVENT
#undef TRACE_FIELD
#define TRACE_EVENT(event_group, event_name, event_fields) \
	[TRACE_##event_name].fields = "" event_fields,
#define TRACE_FIELD(kind, name) #name ":" #kind ","
#include "lib/trace/events.h"
#undef TRACE_EVENT
#undef TRACE_FIELD
};

u32 trace_hits[TRACE_EVENTS];
struct trace_stat trace_stat;
void (*trace_sink)(const struct trace_record *record);

static struct {
	u32 *words, mask;
	u32 head, tail; /* words */
	bool busy;	/* in trace_sink() */
} ring;

void trace_ring_init(u32 *words, u32 count)
{
	BUG_ON(count & (count - 1) || count < TRACE_HEAD_WORDS + TRACE_VALUES);
	ring.words = words;
	ring.mask = count - 1;
	trace_stat.bytes = count * (u32)sizeof(*words);
}

void trace_stop(bool stop)
{
	trace_stat.stopped = stop;
}

static u32 word(u32 position)
{
	return ring.words[position & ring.mask];
}

/* The words of the record at a position. */
static u32 length(u32 position)
{
	return TRACE_HEAD_WORDS + (word(position + 2) >> 16);
}

static void write_record(const struct trace_record *record)
{
	const u32 *from = (const u32 *)record;
	u32 words = TRACE_HEAD_WORDS + record->count;

	while (ring.head + words - ring.tail > ring.mask + 1) {
		ring.tail += length(ring.tail);
		trace_stat.overwritten++; /* (2) */
	}
	for (u32 i = 0; i < words; i++)
		ring.words[(ring.head + i) & ring.mask] = from[i];
	ring.head += words;
	trace_stat.recorded++;
	trace_hits[record->event]++; /* (3) */
}

/* Completes a record and writes it. */
static void add(struct trace_record *record)
{
	unsigned long irq;
	u32 task;

	if (!ring.words || trace_stat.stopped)
		return;
	irq = irq_save();
	if (!ring.busy) {
		task = trace_task();
		record->time = trace_clock();
		record->tid = (u16)task;
		record->pid = (u16)(task >> 16);
		write_record(record);
		ring.busy = true;
		if (trace_sink)
			trace_sink(record);
		ring.busy = false;
	}
	irq_restore(irq);
}

u32 trace_oldest(void)
{
	return ring.tail;
}

u32 trace_newest(u32 count)
{
	u32 position = ring.tail, records = 0;

	if (!ring.words)
		return 0;
	for (u32 at = ring.tail; at != ring.head; at += length(at))
		records++;
	for (; records > count; records--)
		position += length(position);
	return position;
}

bool trace_read(u32 *position, struct trace_record *record)
{
	unsigned long irq = irq_save();
	u32 *to = (u32 *)record, words;
	bool found;

	if (ring.head - *position > ring.head - ring.tail)
		*position = ring.tail;
	found = *position != ring.head;
	if (found) {
		words = length(*position);
		for (u32 i = 0; i < words; i++)
			to[i] = word(*position + i);
		*position += words;
	}
	irq_restore(irq);
	return found;
}

/* Adds a text as TRACE_TEXT bytes, cut. The record is clear, so that NULs follow. */
static void put_text(struct trace_record *record, const char *text)
{
	memcpy(&record->values[record->count], text, strnlen(text, TRACE_TEXT - 1));
	record->count += TRACE_TEXT / sizeof(u32);
}

void trace_record(enum trace_event event, ...)
{
	struct trace_record record = { .event = (u16)event };
	va_list values;

	va_start(values, event);
	for (const u8 *kind = trace_events[event].kinds; *kind; kind++) {
		if (*kind == TRACE_KIND_TEXT)
			put_text(&record, va_arg(values, const char *));
		else if (*kind == TRACE_KIND_CODE)
			record.values[record.count++] = trace_address(va_arg(values, const void *));
		else
			record.values[record.count++] = va_arg(values, u32);
	}
	va_end(values);
	add(&record);
}

const char *trace_ring_validate(void)
{
	u64 records = 0, hits = 0;
	u32 at = ring.tail;

	if (!ring.words)
		return NULL;
	for (; ring.head - at - 1 < ring.head - ring.tail; at += length(at))
		records++;
	if (at != ring.head)
		return "ring (1): the last record is not whole";
	if (records != trace_stat.recorded - trace_stat.overwritten)
		return "ring (2): not all records that went are counted";
	for (u32 event = 0; event < TRACE_EVENTS; event++)
		hits += trace_hits[event];
	return hits == trace_stat.recorded ? NULL : "ring (3): the hits are not the records";
}
