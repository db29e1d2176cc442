/* SPDX-License-Identifier: MIT */
/*
 * The common part of the ring-3 benchmarks: one operation, its samples, and system calls without
 * a function around them.
 *
 *   operations.c ── each operation: fork ──> child: run()  samples_wanted() ... samples_add()
 *                                                   prints `bench: op=...`, or exits with an errno
 *                ok, SKIP or not ok <── wait ───────┘
 *
 * (1) Each operation runs in a child of its own, forked from the same small process, so what
 *     one leaves (areas, a grown stack, page tables) is not in the figures of the next
 *     one.
 * (2) One sample is the time-stamp counter after an operation less the counter before it, less
 *     the same around nothing. The counter counts instructions in ring 3 and in ring 0 alike,
 *     interrupts that come in between too: those are in `worst`.
 * (3) A refused call gives no figure: run() returns the errno of the call, and the
 *     operation is skipped.
 *
 * The program is a plain Linux program, and the same file is measured on both kernels.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "lib/types.h"
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/syscall.h"

#define SAMPLES_MAX 256u
#define WARM_UP	    16u /* samples that are taken first and thrown away */

struct operation {
	const char *name; /* frames_...: its figures are frames */
	/*
	 * In its own process. 0; -errno of a call that the kernel refuses; a child's status that
	 * ought not to be.
	 */
	int (*run)(void);
	u32 samples; /* SAMPLES_MAX at most */
	u32 units;   /* things done by one operation: figures are for one, rounded up */
};

/* Each topic's operations, ended by one without a name. */
extern const struct operation call_operations[], fault_operations[], process_operations[],
	area_operations[], beside_operations[], file_operations[], large_operations[];

/* ---- Samples (samples.c) ---- */

/* Begins the samples of an operation, in its process. */
void samples_begin(const struct operation *operation);

/* Forgets the samples: as many are wanted again, and a warm-up before them. */
void samples_restart(void);

/* Before the first sample: all are counted. For an operation that can be done once only. */
void samples_without_warm_up(void);

/* Does the operation want another sample? */
bool samples_wanted(void);

/*
 * How many samples there were, those of the warm-up too: 0 in the first round. The last is
 * WARM_UP + samples - 1.
 */
u32 samples_taken(void);

/* Keeps the result of SAMPLE(). */
void samples_add(u32 counted);

/* The same for a number that the counter has not counted. */
void samples_add_count(u32 number);

/* The figures of what was kept since samples_begin(): min, median and worst of one sample. */
struct figures {
	u32 min, median, worst;
};
struct figures samples_figures(void);

/* In place of samples_figures(): run() calls it if its figures are not those of its samples. */
void samples_replace(const struct figures *figures);

/* Prints the line `bench: op=...`. */
void samples_print(void);

/* ---- For both programs (shared.c) ---- */

/* As the kernel reads bench=: patterns separated by commas, * and ? in them. */
bool glob_match(const char *globs, const char *name);

/* "guest-instructions" if the counter counts these, or "tsc-ticks". */
const char *counter_unit(void);

/* Appends `key` and the number. */
void text_add_field(struct text *line, const char *key, u32 value);

/* ---- Taking a sample ---- */

/* The lower half of the time-stamp counter; nothing in memory is moved across. */
static inline u32 counter(void)
{
	u32 low;

	asm volatile("rdtsc" : "=a"(low) : : "edx", "memory");
	return low;
}

#define SAMPLE(operation)               \
	({                              \
		u32 _begin = counter(); \
		operation;              \
		counter() - _begin;     \
	})

static inline void touch(u8 *address)
{
	asm volatile("movb $1, %0" : "=m"(*address) : : "memory");
}

static inline void look(const u8 *address)
{
	asm volatile("cmpb $0, %0" : : "m"(*address) : "cc", "memory");
}

/* ---- System calls, inlined: the registers are loaded and that is all ---- */

static inline long call3(long number, long a, long b, long c)
{
	asm volatile("int $0x80" : "+a"(number) : "b"(a), "c"(b), "d"(c) : "memory");
	return number;
}

static inline long call2(long number, long a, long b)
{
	asm volatile("int $0x80" : "+a"(number) : "b"(a), "c"(b) : "memory");
	return number;
}

static inline long call1(long number, long a)
{
	asm volatile("int $0x80" : "+a"(number) : "b"(a) : "memory");
	return number;
}

static inline long call0(long number)
{
	asm volatile("int $0x80" : "+a"(number) : : "memory");
	return number;
}

/* Anonymous memory; the sixth argument has to be in EBP, which is kept on the stack. */
static inline u32 map_anonymous(u32 address, u32 length, int protection, int flags)
{
	u32 result = NR_mmap2;

	asm volatile("pushl %%ebp; xorl %%ebp, %%ebp; int $0x80; popl %%ebp"
		     : "+a"(result)
		     : "b"(address), "c"(length), "d"(protection), "S"(flags | MAP_ANONYMOUS),
		       "D"(-1)
		     : "cc", "memory");
	return result;
}

/*
 * `pages` of private memory to read and write, where the kernel likes. Returns the address,
 * which is_error() tells from -errno.
 */
static inline u32 map_pages(u32 pages)
{
	return map_anonymous(0, pages * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
}

/* Numbers that no other ring-3 program needs. */
#define NR_MOUNT  21
#define NR_MKDIR  39
#define NR_RMDIR  40
#define NR_REBOOT 88

#endif
