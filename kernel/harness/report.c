/* SPDX-License-Identifier: MIT */
#include "kernel/harness/report.h"
#include "kernel/cpu/cpu.h"
#include "kernel/console/screen.h"
#include "kernel/devices/time.h"
#include "lib/assert.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "lib/trace/trace.h"
#include "lib/text.h"
#include "mm/census.h"
#include "mm/frames/highmem.h"
#include "mm/frames/page_alloc.h"
#include "mm/frames/page_owner.h"
#include "mm/frames/shrinker.h"
#include "mm/reclaim/reclaim.h"
#include "mm/slab/slab.h"
#include "mm/swap/swap.h"

static u32 planned_suites, planned_programs;
static u32 outcomes[NR_OUTCOMES];
static u32 results;
static char failures[240]; /* names, each after a blank */

void report_plan(u32 suites, u32 programs)
{
	planned_suites = suites;
	planned_programs = programs;
	printk("KTAP version 1\n1..%u\n", suites + programs);
}

void report_subtest(const char *kind, const char *name)
{
	printk("  # Subtest: %s%s\n", kind, name);
	trace_record(TRACE_run_begin, name);
}

/* What reclaim and swap did since the last such line, if they did anything. */
static void report_reclaim(void)
{
	static struct reclaim_counters before;
	static struct swap_counters swapped;
	struct reclaim_counters now = reclaim_counters;
	struct swap_counters swap = swap_counters;

	if (now.scanned != before.scanned || swap.pswpin != swapped.pswpin)
		printk("reclaim: scanned=%u freed=%u out=%u in=%u ahead=%u clean=%u dropped=%u "
		       "lazyfreed=%u background=%u direct=%u oom_kills=%u used=%u free=%u\n",
		       now.scanned - before.scanned, now.freed - before.freed,
		       swap.pswpout - swapped.pswpout, swap.pswpin - swapped.pswpin,
		       swap.readahead - swapped.readahead, swap.clean - swapped.clean,
		       now.dropped - before.dropped, now.lazyfreed - before.lazyfreed,
		       now.background - before.background, now.direct - before.direct,
		       now.oom_kills - before.oom_kills, total_swap_pages - nr_swap_pages,
		       nr_swap_pages);
	before = now;
	swapped = swap;
}

void report_result(const char *kind, const char *name, enum outcome outcome)
{
	static const char *const directives[] = {
		[OUTCOME_PASSED] = "",
		[OUTCOME_FAILED] = "",
		[OUTCOME_SKIPPED] = " # SKIP",
		[OUTCOME_TIMED_OUT] = " # TIMEOUT",
	};
	bool failed = outcome == OUTCOME_FAILED || outcome == OUTCOME_TIMED_OUT;
	size_t used = strlen(failures);

	trace_record(TRACE_run_end, name, (u32)!failed);
	BUG_ON(results >= planned_suites + planned_programs);
	outcomes[failed ? OUTCOME_FAILED : outcome]++;
	if (failed)
		scnprintf(failures + used, sizeof(failures) - used, " %s%s", kind, name);
	report_reclaim();
	printk("%sok %u %s%s%s\n", failed ? "not " : "", ++results, kind, name,
	       directives[outcome]);
}

bool report_without_tick(const char *kind, const char *name, const char *patterns)
{
	if (!glob_match(patterns, name) || tick_comes())
		return false;
	outcomes[OUTCOME_SKIPPED]++;
	printk("ok %u %s%s # SKIP no tick\n", ++results, kind, name);
	return true;
}

void report_page(const char *firmware)
{
	char page[512];
	int length = scnprintf(page, sizeof(page),
			       "\nmachine: %s; firmware: %s\ntimer: %s%s\nfailed:%s\n", cpu.brand,
			       firmware, timer_source(), tick_seen() ? "" : ", no tick",
			       failures[0] ? failures : " none");

	screen_write(page, (size_t)length);
}

bool report_verdict(void)
{
	bool passed = results && results == planned_suites + planned_programs &&
		      !outcomes[OUTCOME_FAILED];

	printk("verdict: result=%s suites=%u programs=%u passed=%u failed=%u skipped=%u\n",
	       passed ? "pass" : "fail", planned_suites, planned_programs, outcomes[OUTCOME_PASSED],
	       outcomes[OUTCOME_FAILED], outcomes[OUTCOME_SKIPPED]);
	return passed;
}

/* The census of the last check: the next one often begins with the same frames. */
static struct census at_rest;

/* Prints the owners whose number of frames has changed: `; pgtable +1, anon -2`. */
static void print_changes(const struct census *now)
{
	const char *separator = ";";

	for (u32 owner = OWNER_FREE + 1; owner < NR_PAGE_OWNERS; owner++) {
		int more = (int)(now->frames[owner] - at_rest.frames[owner]);

		if (!more)
			continue;
		printk("%s %s %+d", separator, page_owner_name(owner), more);
		separator = ",";
	}
}

void memory_check_begin(struct memory_state *state)
{
	shrink_caches();
	state->free_pages = nr_free_pages();
	state->objects = kmem_cache_objects();
	state->mark = page_owner_mark();
	/* Not before the first check of a run: the way to ring 3 is measured. */
	if (results && at_rest.frames[OWNER_FREE] != state->free_pages)
		mm_census(&at_rest);
}

bool memory_is_same(const struct memory_state *state)
{
	struct census census;

	shrink_caches();
	return mm_census(&census) && nr_free_pages() == state->free_pages &&
	       kmem_cache_objects() <= state->objects && !kmap_users();
}

bool memory_check_end(const struct memory_state *state, int blanks)
{
	struct census census;
	u32 free_pages, objects;
	bool counts_hold;

	shrink_caches();
	free_pages = nr_free_pages();
	objects = kmem_cache_objects();
	counts_hold = mm_census(&census);
	printk("%*s# free frames: before=%u after=%u census=%s", blanks, "", state->free_pages,
	       free_pages, counts_hold ? "ok" : "violated");
	if (free_pages != state->free_pages && at_rest.frames[OWNER_FREE] == state->free_pages &&
	    census_counted_all(&census))
		print_changes(&census);
	printk("\n");
	if (!counts_hold)
		census_print(&census);
	if (free_pages != state->free_pages)
		page_owner_report(state->mark);
	if (objects > state->objects)
		printk("%*s# slab objects: before=%u after=%u\n", blanks, "", state->objects,
		       objects);
	if (kmap_users())
		printk("%*s# kmap: users=%u\n", blanks, "", kmap_users());
	at_rest = census;
	return counts_hold && free_pages == state->free_pages && objects <= state->objects &&
	       !kmap_users();
}
