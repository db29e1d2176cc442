/* SPDX-License-Identifier: MIT */
/*
 * The lines of a run's results, their sums and the verdict (docs/log.md), and the comparison of
 * memory. Memory itself is a model: its figures are set by the cases.
 */
#include <string.h>

#include "lib/trace/trace.h"
#include "lib/types.h"
#include "mm/census.h"
#include "mm/frames/highmem.h"
#include "mm/frames/page_alloc.h"
#include "mm/frames/page_owner.h"
#include "mm/frames/shrinker.h"
#include "mm/reclaim/reclaim.h"
#include "mm/slab/slab.h"
#include "mm/swap/swap.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

static struct {
	u32 free, objects, windows, shrinks, censuses;
	struct census census;
	bool counted;
} memory;

static u32 model_shrink_caches(void)
{
	memory.shrinks++;
	return 0;
}

static bool model_census(struct census *census)
{
	*census = memory.census;
	memory.censuses++;
	return !census->violated;
}

static bool model_counted(const struct census *census)
{
	(void)census;
	return memory.counted;
}

static void model_print(const struct census *census)
{
	printk("census: violated=\"%s\"\n", census->violated);
}

static u32 model_owners(u32 mark)
{
	printk("page_owner: mark=%u\n", mark);
	return 0;
}

static struct {
	enum trace_event event;
	const char *name;
	u32 passed;
} traced;

static void model_trace(enum trace_event event, const char *name, u32 passed)
{
	traced.event = event;
	traced.name = name;
	traced.passed = passed;
}
#define TRACE_BEGIN(event, name)       model_trace(event, name, 99)
#define TRACE_END(event, name, passed) model_trace(event, name, passed)
#define TRACE_OF(a, b, c, name, ...)   name

#define shrink_caches	     model_shrink_caches
#define nr_free_pages()	     memory.free
#define kmem_cache_objects() memory.objects
#define kmap_users()	     memory.windows
#define page_owner_mark()    5
#define page_owner_report    model_owners
#define mm_census	     model_census
#define census_counted_all   model_counted
#define census_print	     model_print
#define trace_record(...)    TRACE_OF(__VA_ARGS__, TRACE_END, TRACE_BEGIN, )(__VA_ARGS__)
#include "kernel/harness/report.c"

struct cpu_info cpu = { .brand = "Some CPU" };

static bool ticks, ticked;
static char page[600];

bool tick_comes(void)
{
	return ticks;
}

bool tick_seen(void)
{
	return ticked;
}

const char *timer_source(void)
{
	return "hpet";
}

void screen_write(const char *text, size_t count)
{
	memcpy(page, text, count);
	page[count] = '\0';
}

static void plan(u32 suites, u32 programs)
{
	console_clear();
	report_plan(suites, programs);
}

static void lines(void)
{
	plan(2, 3);
	EXPECT_TEXT(console_text(), "KTAP version 1\n1..5\n");
	console_clear();
	report_subtest("ring3/", "cow");
	EXPECT(traced.event == TRACE_run_begin && !strcmp(traced.name, "cow"));
	report_result("ring3/", "cow", OUTCOME_PASSED);
	EXPECT(traced.event == TRACE_run_end && traced.passed == 1);
	report_result("", "buddy", OUTCOME_FAILED);
	EXPECT_EQ(traced.passed, 0);
	report_result("ring3/", "swap", OUTCOME_SKIPPED);
	EXPECT_EQ(traced.passed, 1);
	report_result("ring3/", "slow", OUTCOME_TIMED_OUT);
	EXPECT_EQ(traced.passed, 0);
	EXPECT_TEXT(console_text(), "  # Subtest: ring3/cow\nok 1 ring3/cow\nnot ok 2 buddy\n"
				    "ok 3 ring3/swap # SKIP\nnot ok 4 ring3/slow # TIMEOUT\n");
	report_result("", "last", OUTCOME_PASSED);
	EXPECT_PANIC("results >= planned", report_result("", "more", OUTCOME_PASSED));
	console_clear();
	EXPECT(!report_verdict());
	EXPECT_TEXT(console_text(), "verdict: result=fail suites=2 programs=3 passed=2 failed=2 "
				    "skipped=1\n");
}

/* A run passes if all results came and none failed. */
static void verdicts(void)
{
	plan(0, 0);
	EXPECT(!report_verdict()); /* nothing was run */
	plan(1, 1);
	report_result("", "a", OUTCOME_PASSED);
	EXPECT(!report_verdict()); /* one is missing */
	report_result("ring3/", "b", OUTCOME_SKIPPED);
	console_clear();
	EXPECT(report_verdict());
	EXPECT_TEXT(console_text(), "verdict: result=pass suites=1 programs=1 passed=1 failed=0 "
				    "skipped=1\n");
}

static void no_tick(void)
{
	plan(2, 0);
	console_clear();
	EXPECT(!report_without_tick("", "buddy", "sched,fpu*"));
	ticks = true;
	EXPECT(!report_without_tick("", "sched", "sched,fpu*"));
	ticks = false;
	EXPECT(report_without_tick("", "fpu_x", "sched,fpu*"));
	EXPECT(report_without_tick("", "sched", "sched,fpu*"));
	EXPECT_TEXT(console_text(), "ok 1 fpu_x # SKIP no tick\nok 2 sched # SKIP no tick\n");
	EXPECT(report_verdict());
	EXPECT_EQ(outcomes[OUTCOME_SKIPPED], 2);
}

static void photograph(void)
{
	plan(1, 1);
	report_page("Maker");
	EXPECT_TEXT(page, "\nmachine: Some CPU; firmware: Maker\ntimer: hpet, no tick\n"
			  "failed: none\n");
	ticked = true;
	report_result("", "slab", OUTCOME_FAILED);
	report_result("ring3/", "cow", OUTCOME_TIMED_OUT);
	report_page("Maker");
	EXPECT_TEXT(page, "\nmachine: Some CPU; firmware: Maker\ntimer: hpet\n"
			  "failed: slab ring3/cow\n");
	/* More failures than fit. */
	report_plan(500, 1);
	for (u32 i = 0; i < 100; i++)
		report_result("", "long_name", OUTCOME_FAILED);
	report_page("Maker");
	EXPECT_EQ(strlen(failures), sizeof(failures) - 1);
}

/* What reclaim did since the line before; nothing, no line. */
static void reclaimed(void)
{
	plan(5, 0);
	console_clear();
	reclaim_counters = (struct reclaim_counters){ .scanned = 100,
						      .freed = 90,
						      .dropped = 20,
						      .lazyfreed = 3,
						      .direct = 7,
						      .background = 4,
						      .oom_kills = 1 };
	swap_counters =
		(struct swap_counters){ .pswpin = 11, .pswpout = 12, .clean = 13, .readahead = 14 };
	total_swap_pages = 50;
	nr_swap_pages = 20;
	report_result("", "a", OUTCOME_PASSED);
	EXPECT_TEXT(console_text(), "reclaim: scanned=100 freed=90 out=12 in=11 ahead=14 clean=13 "
				    "dropped=20 lazyfreed=3 background=4 direct=7 oom_kills=1 "
				    "used=30 free=20\nok 1 a\n");
	console_clear();
	report_result("", "b", OUTCOME_PASSED);
	EXPECT_TEXT(console_text(), "ok 2 b\n");
	console_clear();
	reclaim_counters.scanned += 5;
	reclaim_counters.freed += 4;
	reclaim_counters.dropped += 3;
	reclaim_counters.lazyfreed += 2;
	reclaim_counters.direct += 6;
	reclaim_counters.background += 7;
	reclaim_counters.oom_kills += 8;
	swap_counters.pswpout += 2;
	swap_counters.clean += 3;
	swap_counters.readahead += 4;
	report_result("", "c", OUTCOME_PASSED);
	EXPECT_TEXT(console_text(), "reclaim: scanned=5 freed=4 out=2 in=0 ahead=4 clean=3 "
				    "dropped=3 lazyfreed=2 background=7 direct=6 oom_kills=8 "
				    "used=30 free=20\nok 3 c\n");
	/* Pages that only came in. */
	console_clear();
	swap_counters.pswpin += 9;
	report_result("", "d", OUTCOME_PASSED);
	EXPECT(strstr(console_text(), "reclaim: scanned=0 freed=0 out=0 in=9 "));
}

/* ---- Memory ---- */

static struct memory_state state;

static void settle(void)
{
	memset(&memory, 0, sizeof(memory));
	memory.free = 1000;
	memory.objects = 40;
	memory.counted = true;
	memory.census.frames[OWNER_FREE] = 1000;
	memory.census.frames[OWNER_PGTABLE] = 10;
	memory.census.frames[OWNER_ANON] = 20;
	console_clear();
}

static void memory_as_before(void)
{
	settle();
	memory_check_begin(&state);
	EXPECT(state.free_pages == 1000 && state.objects == 40 && state.mark == 5);
	EXPECT(memory.shrinks == 1 && !memory.censuses); /* the first of a run takes no time */
	EXPECT(memory_is_same(&state));
	EXPECT(memory_check_end(&state, 2));
	EXPECT_EQ(memory.shrinks, 3);
	EXPECT_TEXT(console_text(), "  # free frames: before=1000 after=1000 census=ok\n");
	memory.objects = 39; /* fewer are no fault */
	EXPECT(memory_is_same(&state) && memory_check_end(&state, 0));
	EXPECT(strstr(console_text(), "\n# free frames: "));
	EXPECT(!strstr(console_text(), "objects"));
}

static void memory_that_differs(void)
{
	settle();
	plan(9, 0);
	report_result("", "a", OUTCOME_PASSED);
	memory_check_begin(&state); /* takes the census of before */
	EXPECT_EQ(memory.censuses, 1);
	memory_check_end(&state, 0);
	memory_check_begin(&state); /* which is known now */
	EXPECT_EQ(memory.censuses, 2);

	console_clear();
	memory.free = 997;
	memory.census.frames[OWNER_FREE] = 997;
	memory.census.frames[OWNER_PGTABLE] += 1;
	memory.census.frames[OWNER_ANON] -= 2;
	memory.census.frames[NR_PAGE_OWNERS - 1] += 4;
	EXPECT(!memory_is_same(&state));
	EXPECT(!memory_check_end(&state, 0));
	EXPECT_TEXT(console_text(), "# free frames: before=1000 after=997 census=ok; pgtable +1, "
				    "anon -2, huge +4\npage_owner: mark=5\n");
	/* The census of the check before is not that of the beginning. */
	console_clear();
	EXPECT(!memory_check_end(&state, 0));
	EXPECT_TEXT(console_text(), "# free frames: before=1000 after=997 census=ok\n"
				    "page_owner: mark=5\n");
}

static void census_violated(void)
{
	settle();
	memory_check_begin(&state);
	memory_check_end(&state, 0);
	console_clear();
	memory.free = 999;
	memory.counted = false;
	memory.census.violated = "(1) x";
	memory.census.frames[OWNER_ANON] = 0;
	EXPECT(!memory_is_same(&state));
	EXPECT(!memory_check_end(&state, 0));
	EXPECT_TEXT(console_text(), "# free frames: before=1000 after=999 census=violated\n"
				    "census: violated=\"(1) x\"\npage_owner: mark=5\n");
	memory.free = 1000;
	EXPECT(!memory_is_same(&state));
	EXPECT(!memory_check_end(&state, 0));
}

static void objects_and_windows(void)
{
	settle();
	memory_check_begin(&state);
	memory.objects = 41;
	EXPECT(!memory_is_same(&state));
	EXPECT(!memory_check_end(&state, 1));
	EXPECT_TEXT(console_text(), " # free frames: before=1000 after=1000 census=ok\n"
				    " # slab objects: before=40 after=41\n");
	settle();
	memory.windows = 2;
	EXPECT(!memory_is_same(&state));
	EXPECT(!memory_check_end(&state, 1));
	EXPECT_TEXT(console_text(), " # free frames: before=1000 after=1000 census=ok\n"
				    " # kmap: users=2\n");
}

TAP_MAIN({ "lines of results", lines }, { "verdicts", verdicts }, { "no tick", no_tick },
	 { "the photograph", photograph }, { "what reclaim did", reclaimed },
	 { "memory is as before", memory_as_before },
	 { "frames that differ, by owner", memory_that_differs },
	 { "a violated census", census_violated }, { "objects and windows", objects_and_windows })
