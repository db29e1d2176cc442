/* SPDX-License-Identifier: MIT */
/*
 * The ring of trace records with 32 words: records of several lengths come, a reader takes them
 * or is overtaken, and recording is stopped and continued.
 *
 *   model: the kinds of the records that fit      | 1 | 0 | 0 | 2 |
 *                                                           ^ the reader
 */
#include "lib/trace/ring.h"
#include "tests/explore/explore.h"

#define WORDS	  32u
#define KINDS_MAX 3u
#define MOST	  (WORDS / TRACE_HEAD_WORDS)

enum { READ = KINDS_MAX, NEWEST, STOP, OPERATIONS };

const struct world world = { "trace_ring", "kinds", 1, KINDS_MAX, 2, 3, OPERATIONS };

static const enum trace_event events[KINDS_MAX] = { TRACE_clock, TRACE_mm_page_free,
						    TRACE_run_end };
static const u32 values[KINDS_MAX] = { 1, 2, 5 }; /* words */
static u32 words[WORDS], kinds, position;
/* The model. */
static u8 records[MOST];
static u32 count, used, first; /* records, their words, the place of the oldest modulo WORDS */
static u32 unread;	       /* records after the reader; more than count: it was overtaken */
static u32 all, hits[KINDS_MAX];

void world_start(u32 size)
{
	kinds = size;
	trace_ring_init(words, WORDS);
}

static u32 words_of(u32 kind)
{
	return TRACE_HEAD_WORDS + values[kind];
}

static void add(u32 kind)
{
	if (kind == 2)
		trace_record(events[kind], "text", kind);
	else
		trace_record(events[kind], kind, kind);
	if (trace_stat.stopped)
		return;
	while (used + words_of(kind) > WORDS) {
		used -= words_of(records[0]);
		first = (first + words_of(records[0])) % WORDS;
		count--;
		for (u32 i = 0; i < count; i++)
			records[i] = records[i + 1];
	}
	records[count++] = (u8)kind;
	used += words_of(kind);
	unread = min(unread, count) + 1;
	hits[kind]++;
	all++;
}

static void expect_record(const struct trace_record *record, u32 kind)
{
	EXPLORE_EQUAL(record->event, events[kind]);
	EXPLORE_EQUAL(record->count, values[kind]);
	EXPLORE_EQUAL(record->values[values[kind] - 1], kind);
}

bool world_apply(u32 operation)
{
	struct trace_record record;

	if (operation < READ) {
		if (operation >= kinds)
			return false;
		add(operation);
	} else if (operation == READ) {
		EXPLORE_EQUAL(trace_read(&position, &record), unread != 0);
		if (!unread)
			return true;
		unread = min(unread, count);
		expect_record(&record, records[count - unread]);
		unread--;
	} else if (operation == NEWEST) {
		position = trace_newest(1);
		unread = min(count, 1u);
	} else {
		trace_stop(!trace_stat.stopped);
	}
	return true;
}

void world_text(u32 operation, char *buffer, u32 size)
{
	static const char *const texts[] = { "add(0);",
					     "add(1);",
					     "add(2);",
					     "trace_read(&position, &record);",
					     "position = trace_newest(1);",
					     "trace_stop(!trace_stat.stopped);" };

	scnprintf(buffer, size, "%s", texts[operation]);
}

void world_check(void)
{
	const char *violated = trace_ring_validate();
	struct trace_record record;
	u32 at = trace_oldest();

	if (violated)
		panic("trace_ring_validate: %s", violated);
	for (u32 i = 0; i < count; i++) {
		EXPLORE_CHECK(trace_newest(count - i) == at);
		EXPLORE_CHECK(trace_read(&at, &record));
		expect_record(&record, records[i]);
	}
	EXPLORE_CHECK(!trace_read(&at, &record));
	EXPLORE_EQUAL(trace_stat.recorded, all);
	EXPLORE_EQUAL(trace_stat.overwritten, all - count);
	for (u32 kind = 0; kind < kinds; kind++)
		EXPLORE_EQUAL(trace_hits[events[kind]], hits[kind]);
}

void world_describe(void)
{
	explore_put(first);
	explore_put(count);
	for (u32 i = 0; i < count; i++)
		explore_put(records[i]);
	explore_put(unread);
	explore_put(trace_stat.stopped);
}
