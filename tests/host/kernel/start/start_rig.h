/* SPDX-License-Identifier: MIT */
/*
 * The kernel's start and init (kernel/start/main.c), of which every part is a stub that writes its
 * name, and often an argument, as a line of a record.
 */
#ifndef TESTS_HOST_KERNEL_START_START_RIG_H
#define TESTS_HOST_KERNEL_START_START_RIG_H

#include "abi/boot/boot_info.h"
#include "kernel/start/options.h"
#include "mm/frames/fail_alloc.h"
#include "mm/init.h"

extern char record[4000];

/* What the parts return, and what the machine is like. */
extern struct start_parts {
	bool bad_map, many_ranges, lacks_memory_early, lacks_memory_late, bad_archive, lacks_names;
	bool no_init, no_kswapd, no_ktimerd, no_terminal;
	bool region_is_mapped; /* the log's, by the kernel's page tables */
	bool counts_smis;
	bool passes; /* report_verdict() */
	u32 ram_pages;
} parts;

extern struct options chosen; /* what options_parse() finds */
extern u32 keys[400];	      /* what each look at the keyboard finds */
extern u32 key_polls;	      /* looks since the end began */

/* What was given to mm_init_early() and fail_alloc_set(). */
extern struct boot_layout layout_given;
extern struct fail_spec failing;

/* A good machine, hand-off and options: of a run of all suites, and of the programs x*. */
void begin_start(void);

/* The structure that the loader hands over, and the kernel's copy of it. */
struct boot_info *info(void);
const struct boot_info *info_taken(void);

/* The kernel's entry, the task init, and the end of a run; they return when the machine ends. */
void start_kernel(void);
void run_init(void);
void finish_run(bool passed);

/* The benchmarks, if the counter had these values at the loader's and the kernel's start. */
struct start_figures {
	u64 boot_to_ring3, loader_to_entry, frames_at_start;
};
struct start_figures figures_of(u64 loader, u64 entry);

#endif
