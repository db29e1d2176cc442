/* SPDX-License-Identifier: MIT */
/*
 * The lines of in-kernel benchmarks: samples, their least, median and worst for one unit,
 * readings, and cases without figures. The counter is a variable that moves by 10 at each look.
 *
 * sources: tests/host/kernel/harness/report_lines.c
 */
#include <stdio.h>
#include <string.h>

#include "lib/types.h"

static u32 clock_now;

#define bench_clock processor_clock
#include "kernel/harness/bench.h"
#undef bench_clock
static u32 bench_clock(void);

#include "kernel/harness/bench.c"

#include "tests/host/console.h"
#include "tests/host/tap.h"

struct cpu_info cpu;

/* An operation costs `cost`; around nothing the counter moves by 10. */
static u32 cost, operations, downs, ups;
static bool memory_differs;
static int set_up_fails;

static u32 bench_clock(void)
{
	return clock_now += 10;
}

u32 frequency_median(u32 *values, u32 count)
{
	u32 worst = 0;

	for (u32 i = 0; i < count; i++) /* the least first, the worst last */
		worst = max(worst, values[i]);
	for (u32 i = 0; i < count; i++)
		values[0] = min(values[0], values[i]);
	values[count - 1] = worst;
	return values[0] + (worst - values[0]) / 2;
}

void memory_check_begin(struct memory_state *state)
{
	state->mark = 77;
}

bool memory_check_end(const struct memory_state *state, int blanks)
{
	EXPECT(state->mark == 77 && blanks == 2);
	return !memory_differs;
}

/* ---- The benchmarks ---- */

static int set_up(void)
{
	ups++;
	return set_up_fails;
}

static void tear_down(void)
{
	downs++;
}

static u32 sample(void)
{
	operations++;
	EXPECT_EQ(irq_depth(), 0);
	return BENCH_SAMPLE(clock_now += cost + (operations > 16 ? operations - 17 : 1000));
}

/* Cheaper than nothing. */
static u32 free_sample(void)
{
	operations++;
	return 3;
}

static u64 figure;

static u64 reading(void)
{
	return figure;
}

static const struct benchmark plain = { .name = "plain", .sample = sample },
			      whole = { .name = "whole",
					.set_up = set_up,
					.sample = sample,
					.tear_down = tear_down,
					.iterations = 5,
					.units = 4 },
			      much = { .name = "much", .sample = free_sample, .iterations = 1000 },
			      taken = { .name = "taken", .reading = reading },
			      frames = { .name = "frames", .reading = reading, .unit = "frames" };
static const struct benchmark *const listed[]
	__attribute__((section("benchmarks"), used)) = { &plain, &whole, &much, &taken, &frames };

static void run_one(const char *name)
{
	cpu.words[0] = 1u << CPU_TSC;
	console_clear();
	operations = downs = ups = 0;
	benchmarks_run(name);
}

static void figures(void)
{
	cost = 100;
	run_one("plain");
	EXPECT_TEXT(console_text(),
		    "<bench>\n  1..1\n"
		    "bench: op=plain n=200 min=100 median=199 worst=299 unit=tsc-ticks\n"
		    "  ok 1 plain\n<bench passed>\n");
	EXPECT_EQ(operations, 16 + 200);
	/* For one of four things, rounded up. */
	run_one("whole");
	EXPECT(strstr(console_text(), "op=whole n=5 min=25 median=26 worst=26 "));
	EXPECT(ups == 1 && downs == 1 && operations == 16 + 5);
	run_one("much");
	EXPECT(strstr(console_text(), "op=much n=256 min=0 median=0 worst=0 "));
	EXPECT_EQ(operations, 16 + 256);
}

static void readings(void)
{
	figure = 5000000000ull;
	run_one("taken,frames");
	EXPECT_TEXT(console_text(),
		    "<bench>\n  1..2\n"
		    "bench: op=taken n=1 min=5000000000 median=5000000000 worst=5000000000 "
		    "unit=tsc-ticks\n  ok 1 taken\n"
		    "bench: op=frames n=1 min=5000000000 median=5000000000 worst=5000000000 "
		    "unit=frames\n  ok 2 frames\n<bench passed>\n");
	figure = 0;
	run_one("taken");
	EXPECT(strstr(console_text(), "1..1\n  ok 1 taken # SKIP no figure\n<bench skipped>\n"));
}

static void without_figures(void)
{
	set_up_fails = -12;
	run_one("whole");
	EXPECT_TEXT(console_text(), "<bench>\n  1..1\n"
				    "  # whole: errno=12: it can't be set up\n"
				    "  not ok 1 whole\n<bench failed>\n");
	EXPECT(downs == 1 && !operations);
	/* One that fails decides. */
	figure = 7;
	run_one("*");
	EXPECT(strstr(console_text(), "  not ok 2 whole\n"));
	EXPECT(strstr(console_text(), "  ok 5 frames\n<bench failed>\n"));
	set_up_fails = 0;
	figure = 0;
	run_one("taken,plain,frames");
	EXPECT(strstr(console_text(), "  ok 3 frames # SKIP no figure\n<bench passed>\n"));
	memory_differs = true;
	run_one("plain");
	EXPECT(strstr(console_text(), "  not ok 1 plain\n<bench failed>\n"));
	memory_differs = false;
	console_clear();
	cpu.words[0] = 0; /* no counter */
	benchmarks_run("plain");
	EXPECT(strstr(console_text(), "  ok 1 plain # SKIP no figure\n<bench skipped>\n"));
	run_one("none");
	EXPECT_TEXT(console_text(), "<bench>\n  1..0\n<bench skipped>\n");
}

TAP_MAIN({ "samples", figures }, { "readings", readings },
	 { "cases without figures", without_figures })
