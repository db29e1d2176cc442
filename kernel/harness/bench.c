/* SPDX-License-Identifier: MIT */
/*
 * Running the in-kernel benchmarks.
 *
 *     irq_save   rdtsc   operation   rdtsc   irq_restore
 *                  └─── one sample ────┘     minus the same around nothing
 *
 *  (1) The benchmark's own function takes the sample. So the figure contains no call and no stack
 *      frame that the operation would not have in its caller.
 *  (2) Nothing else runs within a sample. Nothing is printed between the first sample and the last
 *      one.
 */
#include "kernel/harness/bench.h"
#include "kernel/cpu/cpu.h"
#include "kernel/devices/frequency.h"
#include "kernel/harness/report.h"
#include "lib/printk.h"
#include "lib/text.h"

/* image/kernel.lds */
extern const struct benchmark *const __start_benchmarks[], *const __stop_benchmarks[];

static u32 samples[BENCH_ITERATIONS_MAX];

static noinline u32 sample_nothing(void)
{
	return BENCH_SAMPLE((void)0);
}

/* Warms up and takes the samples into samples[]. */
static void measure(const struct benchmark *benchmark, u32 count)
{
	u32 empty = UINT32_MAX;

	for (u32 i = 0; i < BENCH_WARM_UP; i++)
		empty = min(empty, sample_nothing());
	for (u32 i = 0; i < BENCH_WARM_UP; i++)
		benchmark->sample();
	for (u32 i = 0; i < count; i++) {
		u32 taken = benchmark->sample();

		samples[i] = taken > empty ? taken - empty : 0;
	}
}

/* Two instructions a round, and a few fixed ones: it is never inlined. */
static noinline u32 time_of_loop(u32 rounds)
{
	return BENCH_SAMPLE(__asm__ volatile("1: decl %0; jnz 1b" : "+r"(rounds) : : "cc"));
}

/* The counter's unit. Only a machine that counts instructions gives exactly this difference. */
static const char *unit(void)
{
	u32 difference = time_of_loop(20000) - time_of_loop(10000);

	return difference == 20000 ? "guest-instructions" : "tsc-ticks";
}

static void print_figures(const struct benchmark *benchmark, u32 count)
{
	u32 units = benchmark->units ? benchmark->units : 1;
	u32 median = frequency_median(samples, count); /* sorts them */

	printk("bench: op=%s n=%u min=%u median=%u worst=%u unit=%s\n", benchmark->name, count,
	       DIV_ROUND_UP(samples[0], units), DIV_ROUND_UP(median, units),
	       DIV_ROUND_UP(samples[count - 1], units), unit());
}

static enum outcome take_reading(const struct benchmark *benchmark)
{
	u64 figure = benchmark->reading();

	if (!figure)
		return OUTCOME_SKIPPED;
	printk("bench: op=%s n=1 min=%llu median=%llu worst=%llu unit=%s\n", benchmark->name,
	       figure, figure, figure, benchmark->unit ? benchmark->unit : unit());
	return OUTCOME_PASSED;
}

static enum outcome take_samples(const struct benchmark *benchmark)
{
	u32 count = benchmark->iterations ? benchmark->iterations : BENCH_ITERATIONS;
	int err = benchmark->set_up ? benchmark->set_up() : 0;

	count = min(count, BENCH_ITERATIONS_MAX);
	if (!err)
		measure(benchmark, count);
	if (benchmark->tear_down)
		benchmark->tear_down();
	if (err) {
		printk("  # %s: errno=%d: it can't be set up\n", benchmark->name, -err);
		return OUTCOME_FAILED;
	}
	print_figures(benchmark, count);
	return OUTCOME_PASSED;
}

static enum outcome run_benchmark(const struct benchmark *benchmark, u32 number)
{
	enum outcome outcome = OUTCOME_SKIPPED;
	struct memory_state memory;

	memory_check_begin(&memory);
	if (cpu_has(CPU_TSC))
		outcome = benchmark->reading ? take_reading(benchmark) : take_samples(benchmark);
	if (!memory_check_end(&memory, 2))
		outcome = OUTCOME_FAILED;
	printk("  %sok %u %s%s\n", outcome == OUTCOME_FAILED ? "not " : "", number, benchmark->name,
	       outcome == OUTCOME_SKIPPED ? " # SKIP no figure" : "");
	return outcome;
}

static u32 count_matching(const char *patterns)
{
	u32 count = 0;

	for (const struct benchmark *const *b = __start_benchmarks; b < __stop_benchmarks; b++)
		count += glob_match(patterns, (*b)->name);
	return count;
}

void benchmarks_run(const char *patterns)
{
	enum outcome worst = OUTCOME_SKIPPED;
	u32 number = 0;

	report_subtest("", "bench");
	printk("  1..%u\n", count_matching(patterns));
	for (const struct benchmark *const *b = __start_benchmarks; b < __stop_benchmarks; b++) {
		enum outcome outcome;

		if (!glob_match(patterns, (*b)->name))
			continue;
		outcome = run_benchmark(*b, ++number);
		if (outcome == OUTCOME_FAILED ||
		    (outcome == OUTCOME_PASSED && worst != OUTCOME_FAILED))
			worst = outcome;
	}
	report_result("", "bench", worst);
}
