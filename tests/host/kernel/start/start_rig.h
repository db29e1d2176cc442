/* SPDX-License-Identifier: MIT */
/*
 * The kernel's start and init (kernel/start/main.c). Every part that they call is a stub: those of
 * kernel/ are start_parts.c, those of the rooms below it are in this rig.
 */
#ifndef TESTS_HOST_KERNEL_START_START_RIG_H
#define TESTS_HOST_KERNEL_START_START_RIG_H

#include "abi/boot/boot_info.h"
#include "mm/frames/fail_alloc.h"
#include "mm/init.h"

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
