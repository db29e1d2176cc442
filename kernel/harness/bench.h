/* SPDX-License-Identifier: MIT */
/*
 * In-kernel benchmarks: what a benchmark is. docs/benchmarks.md says how its figures are to be read.
 *
 *     static u32 alloc_free(void)
 *     {
 *             return BENCH_SAMPLE(__free_page(alloc_page(GFP_KERNEL)));
 *     }
 *     BENCHMARK(page_alloc_free_o0, .sample = alloc_free);
 *
 * A benchmark needs no other registration: the link script gathers them. They run instead of the suites, when the option bench=
 * names them, in init, in ring 0. Each must leave memory as it found it, like a test case.
 *
 * One sample is the time-stamp counter behind one single operation less the counter before it, interrupts masked; the same around
 * nothing is subtracted from it. Under QEMU's -icount shift=0 that is the number of instructions of the operation, with the passing
 * of its arguments, the same in every run.
 */
#ifndef KERNEL_HARNESS_BENCH_H
#define KERNEL_HARNESS_BENCH_H

#include "lib/irq.h"
#include "lib/types.h"

#define BENCH_ITERATIONS     200u /* samples, where a benchmark does not say */
#define BENCH_ITERATIONS_MAX 256u
#define BENCH_WARM_UP	     16u /* operations before the first sample */

struct benchmark {
	const char *name;
	int (*set_up)(void); /* 0, or -errno after a line that says why; may be NULL */
	u32 (*sample)(
		void); /* BENCH_SAMPLE() of the operation, which leaves the state for the next one */
	void (*tear_down)(void); /* also after a set_up() that failed; may be NULL */
	u64 (*reading)(
		void); /* in place of all these: a figure that was taken elsewhere; 0: it was not */
	u32 iterations; /* 0: BENCH_ITERATIONS */
	u32 units;	/* things done by one operation, figures are for one, rounded up; 0: 1 */
};

/* The lower half of the time-stamp counter: no operation takes longer than it counts. Nothing in memory is moved across. */
static inline u32 bench_clock(void)
{
	u32 low;

	__asm__ volatile("rdtsc" : "=a"(low) : : "edx", "memory");
	return low;
}

#define BENCH_SAMPLE(operation)                  \
	({                                       \
		unsigned long _irq = irq_save(); \
		u32 _begin = bench_clock();      \
		u32 _end;                        \
		operation;                       \
		_end = bench_clock();            \
		irq_restore(_irq);               \
		_end - _begin;                   \
	})

#define BENCHMARK(benchmark_name, ...)                                                        \
	static const struct benchmark benchmark_##benchmark_name = { .name = #benchmark_name, \
								     __VA_ARGS__ };           \
	static const struct benchmark *const benchmark_pointer_##benchmark_name               \
		__attribute__((section(".benchmarks"), used)) = &benchmark_##benchmark_name

/*
 * Runs the benchmarks that match, as the subtest `bench` with a case for each: one line `bench: op=...`, then the memory check of
 * kernel/harness/report.h. A case without figures has failed, or is skipped where the machine or the run can't give them.
 */
void benchmarks_run(const char *patterns);

#endif
