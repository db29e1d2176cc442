/* SPDX-License-Identifier: MIT */
/* Init runs the ring-3 programs of the initramfs one by one, each alone on the machine. */
#ifndef KERNEL_HARNESS_PROGRAMS_H
#define KERNEL_HARNESS_PROGRAMS_H

#include "kernel/harness/report.h"
#include "lib/types.h"

struct order_path;
struct program_tap;

/* The start of a program: argv[0] is its path; NULL ends both. */
struct program_start {
	const char *const *argv, *const *envp;
	const char *cwd; /* NULL: the root */
	bool is_test;
};

/*
 * Runs a program, once, for up to `limit` seconds (0: no limit); *tap parses its output
 * (console_output_to()). `order`: of its tasks, or NULL. Does not compare memory.
 */
enum outcome program_execute(const struct program_start *start, struct program_tap *tap, u32 limit,
			     struct order_path *order);

/* Programs are the files in this directory of the initramfs. */
#define PROGRAM_DIRECTORY "tests/"

/* The number of programs that match the patterns, by their name below the directory. */
u32 programs_count(const char *patterns);

/* Runs them, each for up to `limit` seconds (0: no limit), and reports (report.h). */
void programs_run(const char *patterns, u32 limit);

/* Runs one program by its path, for init=; `limit` as above. */
void program_run(const char *path, u32 limit);

/*
 * Runs the program argv[0], for run=; NULL ends both arrays. It starts in the folder `cwd`, or in
 * the root if that is NULL. It need not be a test: the line `run:
 * path=PATH status=N` or `run: path=PATH signal=N` tells how it ended, and the result is ok if
 * memory is as before.
 */
void command_run(const char *const *argv, const char *const *envp, const char *cwd);

/*
 * The ring-3 benchmarks, programs of /bench of the initramfs: how many there are; and runs them as
 * the subtests ring3/operations and ring3/loops. The patterns name the operations to measure.
 */
u32 bench_programs_count(void);
void bench_programs_run(const char *patterns);

#endif
