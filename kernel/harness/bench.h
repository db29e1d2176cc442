/* SPDX-License-Identifier: MIT */
/*
 * In-kernel benchmarks: how to write one. docs/benchmarks.md explains the figures.
 *
 *     static u32 alloc_free(void)
 *     {
 *             return BENCH_SAMPLE(__free_page(alloc_page(GFP_KERNEL)));
 *     }
 *     BENCHMARK(page_alloc_free_o0, .sample = alloc_free);
 *
 * A benchmark needs no other registration: the link script gathers them. The option bench= runs
 * them instead of the suites, in init, in ring 0. Each must leave memory as it found it.
 *
 * One sample is the time-stamp counter after one operation minus the counter before it, with
 * interrupts masked. The same around nothing is subtracted. Under QEMU's -icount shift=0 that is
 * the number of instructions of the operation with its arguments, the same in every run.
 */
#ifndef KERNEL_HARNESS_BENCH_H
#define KERNEL_HARNESS_BENCH_H

#include "lib/irq.h"
#include "lib/types.h"

#define BENCH_ITERATIONS     200u /* samples, by default */
#define BENCH_ITERATIONS_MAX 256u
#define BENCH_WARM_UP	     16u /* operations before the first sample */

struct benchmark {
	const char *name;
	int (*set_up)(void);	 /* 0, or -errno after a line with the reason; may be NULL */
	u32 (*sample)(void);	 /* BENCH_SAMPLE() of the operation, which can be repeated */
	void (*tear_down)(void); /* called even if set_up() failed; may be NULL */
	u64 (*reading)(void);	 /* instead of these: a figure taken elsewhere, or 0 */
	u32 iterations;		 /* 0: BENCH_ITERATIONS */
	u32 units;	  /* things done by one operation; figures are for one, rounded up; 0: 1 */
	const char *unit; /* of a reading; NULL: what the counter counts */
};

/* The lower half of the time-stamp counter: enough for an operation. A memory barrier. */
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
 * Runs the benchmarks that match, as the subtest `bench` with a case for each: one line `bench:
 * op=...`, then the memory check of kernel/harness/report.h. A case without figures fails, or is
 * skipped if the machine or the run cannot have them.
 */
void benchmarks_run(const char *patterns);

#endif
