/* SPDX-License-Identifier: MIT */
/*
 * The ring of trace records: order, overwriting, readers that are overtaken; records as text; the
 * choice of events.
 *
 * sources: kernel/trace/describe.c kernel/trace/select.c
 */
#include "abi/linux/errno.h"
#include "kernel/trace/describe.h"
#include "kernel/trace/trace.h"
#include "lib/string.h"
#include "lib/trace/ring.h"
#include "mm/frames/page.h"
#include "mm/frames/trace_events.h"
#include "paging/trace_events.h"
#include "tests/host/tap.h"

#define WORDS 64u

static u32 words[WORDS];

/* Records of 4 + 2 words. */
static void add(u32 count)
{
	for (u32 i = 0; i < count; i++)
		trace_record(TRACE_mm_page_free, i, 100 + i);
}

static void order_is_kept(void)
{
	u32 position;
	struct trace_record record;

	add(1); /* without a ring: nothing */
	EXPECT_EQ(trace_newest(1), 0);
	EXPECT_EQ(trace_hits[TRACE_mm_page_free], 0);
	trace_ring_init(words, WORDS);
	add(10);
	position = trace_oldest();
	for (u32 i = 0; i < 10; i++) {
		EXPECT(trace_read(&position, &record));
		EXPECT_EQ(record.event, TRACE_mm_page_free);
		EXPECT_EQ(record.time, i + 1);
		EXPECT_EQ(record.pid, 7);
		EXPECT_EQ(record.tid, 8);
		EXPECT_EQ(record.count, 2);
		EXPECT_EQ(record.values[0], i);
		EXPECT_EQ(record.values[1], 100 + i);
	}
	EXPECT(!trace_read(&position, &record));
	EXPECT_EQ(trace_stat.overwritten, 0);
}

static void oldest_are_overwritten(void)
{
	u32 position, seen = 0, slow;
	struct trace_record record;

	trace_ring_init(words, WORDS);
	add(3);
	slow = trace_oldest();
	EXPECT(trace_read(&slow, &record));
	trace_record(TRACE_clock, 5); /* of another length */
	add(1000);
	EXPECT_EQ(trace_stat.recorded, 1004);
	EXPECT_EQ(trace_stat.recorded - trace_stat.overwritten, WORDS / 6);
	EXPECT_EQ(trace_hits[TRACE_mm_page_free], 1003);
	for (position = trace_oldest(); trace_read(&position, &record); seen++)
		EXPECT_EQ(record.values[0], 1000 - WORDS / 6 + seen);
	EXPECT_EQ(seen, WORDS / 6);
	/* A reader that was overtaken goes on with the oldest one. */
	EXPECT(trace_read(&slow, &record));
	EXPECT_EQ(record.values[0], 1000 - WORDS / 6);
	position = trace_newest(2);
	EXPECT(trace_read(&position, &record));
	EXPECT_EQ(record.values[0], 998);
	position = trace_newest(100);
	EXPECT_EQ(position, trace_oldest());
}

/* The places in the code are off on the host, so these are called here alone. */
static void what_a_place_records(void)
{
	static struct page page; /* of no zone of the machine */
	u32 position;
	struct trace_record record;

	trace_ring_init(words, WORDS);
	trace_block_alloc(&page);
	trace_block_free(&page, 0);
	EXPECT_EQ(trace_stat.recorded, 0);
	trace_pgd_set(words, 0x1001);
	position = trace_oldest();
	EXPECT(trace_read(&position, &record));
	EXPECT_EQ(record.event, TRACE_pgd_set);
	EXPECT_EQ(record.values[0], trace_address(words));
	EXPECT_EQ(record.values[1], 0x1001);
}

static void stopped_trace_records_nothing(void)
{
	trace_ring_init(words, WORDS);
	trace_stop(true);
	add(1);
	EXPECT_EQ(trace_stat.recorded, 0);
	trace_stop(false);
	add(1);
	EXPECT_EQ(trace_stat.recorded, 1);
}

static void checker(void)
{
	EXPECT_VALID(trace_ring_validate());
	trace_ring_init(words, WORDS);
	EXPECT_VALID(trace_ring_validate());
	add(100);
	EXPECT_VALID(trace_ring_validate());
	trace_hits[TRACE_clock]++;
	EXPECT_TEXT(trace_ring_validate(), "ring (3): the hits are not the records");
	trace_hits[TRACE_clock]--;
	trace_stat.overwritten--;
	EXPECT_TEXT(trace_ring_validate(), "ring (2): not all records that went are counted");
	trace_stat.overwritten++;
	words[(trace_newest(1) + 2) % WORDS] += 1 << 16; /* one more value */
	EXPECT_TEXT(trace_ring_validate(), "ring (1): the last record is not whole");
}

static u32 sunk;

static void sink(const struct trace_record *record)
{
	sunk += record->values[0];
	add(1); /* not recorded: it would never end */
}

static void sink_gets_each_record(void)
{
	trace_ring_init(words, WORDS);
	trace_sink = sink;
	trace_record(TRACE_mm_page_free, 20, 0);
	trace_record(TRACE_mm_page_free, 22, 0);
	EXPECT_EQ(sunk, 42);
	EXPECT_EQ(trace_stat.recorded, 2);
}

static void records_as_text(void)
{
	u32 position;
	struct trace_record record;
	char line[TRACE_LINE];

	trace_ring_init(words, WORDS);
	trace_record(TRACE_zone_create, 2, "a name that is too long", 16, 4096);
	trace_record(TRACE_sys_exit, 3, (u32)-22);
	trace_record(TRACE_tlb_flush, TRACE_FLUSH_KERNEL, 0);
	position = trace_oldest();
	EXPECT(trace_read(&position, &record));
	trace_format(&record, line, sizeof(line));
	EXPECT_TEXT(line,
		    "trace: tsc=1 pid=7 tid=8 event=zone_create zone=2 name=\"a name that is \" "
		    "start=0x10 end=0x1000");
	EXPECT(trace_read(&position, &record));
	trace_format(&record, line, sizeof(line));
	EXPECT_TEXT(line, "trace: tsc=2 pid=7 tid=8 event=sys_exit id=3 ret=-22");
	EXPECT(trace_read(&position, &record));
	trace_format(&record, line, sizeof(line));
	EXPECT_TEXT(line, "trace: tsc=3 pid=7 tid=8 event=tlb_flush reason=kernel address=0x0");
}

/* Each event is described once, and its line is complete. */
static void description_is_whole(void)
{
	char line[TRACE_LINE];
	u32 lines = 0, length;

	while ((length = trace_describe(lines, NULL, line, sizeof(line)))) {
		EXPECT(length < TRACE_LINE - 1);
		EXPECT(line[length - 1] != ',' && line[length - 1] != ':');
		lines++;
	}
	EXPECT_EQ(lines, TRACE_DESCRIPTION_HEAD + TRACE_EVENTS);
	for (u32 i = 0; i < TRACE_EVENTS; i++) {
		u32 used = 0;

		for (const u8 *kind = trace_events[i].kinds; *kind != TRACE_KIND_END; kind++)
			used += *kind == TRACE_KIND_TEXT ? TRACE_TEXT / 4 : 1;
		EXPECT(used && used <= TRACE_VALUES);
	}
}

static void events_are_chosen(void)
{
	EXPECT_EQ(trace_select("kmem,tlb_flush"), 0);
	EXPECT(trace_chosen(TRACE_mm_page_alloc));
	EXPECT(trace_chosen(TRACE_tlb_flush));
	EXPECT(!trace_chosen(TRACE_pte_set));
	EXPECT_EQ(trace_select("kmem,nothing"), -EINVAL);
	EXPECT_EQ(trace_select(""), -EINVAL);
	EXPECT_EQ(trace_select("kmem,"), -EINVAL);
	EXPECT_EQ(trace_select("kme"), -EINVAL);
	EXPECT(trace_chosen(TRACE_tlb_flush)); /* nothing changed */
	EXPECT_EQ(trace_select("all"), 0);
	for (u32 i = 0; i < TRACE_EVENTS; i++)
		EXPECT(trace_chosen(i));
}

TAP_MAIN({ "records are read in their order", order_is_kept },
	 { "the oldest records are overwritten", oldest_are_overwritten },
	 { "what a place in the code records", what_a_place_records },
	 { "a stopped trace records nothing", stopped_trace_records_nothing },
	 { "the checker", checker },
	 { "a sink gets each record, and its own work is not recorded", sink_gets_each_record },
	 { "records as text", records_as_text },
	 { "the description is whole", description_is_whole },
	 { "events are chosen by name and group", events_are_chosen })
