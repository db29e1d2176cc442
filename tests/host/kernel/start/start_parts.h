/* SPDX-License-Identifier: MIT */
/*
 * The parts of kernel/ that the start calls, as stubs. Each writes its name, and often an
 * argument, as a line of the record (tests/host/record.h).
 */
#ifndef TESTS_HOST_KERNEL_START_START_PARTS_H
#define TESTS_HOST_KERNEL_START_START_PARTS_H

#include <setjmp.h>

#include "kernel/start/options.h"
#include "lib/types.h"

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

/* A part that ends the machine jumps here. */
extern jmp_buf machine_ended;

/* What kernel_map_device() returns: no memory, only a place to compare. */
#define DEVICE_WINDOW ((void *)0x100000)

/* A good machine without a key pressed, and an empty record. */
void begin_parts(void);

#endif
