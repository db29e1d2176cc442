/* SPDX-License-Identifier: MIT */
/*
 * The ring-3 programs of the initramfs, run by init one after the other, each as the only tenant of the machine.
 */
#ifndef KERNEL_HARNESS_PROGRAMS_H
#define KERNEL_HARNESS_PROGRAMS_H

#include "lib/types.h"

/* Programs are the files below this directory of the initramfs. */
#define PROGRAM_DIRECTORY "tests/"

/* How many match the patterns, by their name below the directory. */
u32 programs_count(const char *patterns);

/* Runs them, each for `limit` seconds at most, 0 for as long as it likes; results go to kernel/harness/report.h. Called by init. */
void programs_run(const char *patterns, u32 limit);

/* Runs one program by its path, as init= asks; `limit` as above. */
void program_run(const char *path, u32 limit);

/*
 * The ring-3 benchmarks, an ordinary program of the initramfs: is it there, and one run of it as the subtest ring3/operations, with
 * the patterns as its argument. It measures the operations that they name.
 */
#define BENCH_PROGRAM "/bench/operations"
bool bench_program_present(void);
void bench_program_run(const char *patterns);

#endif
