/* SPDX-License-Identifier: MIT */
/*
 * A machine without memory: allocates all free frames and frees them one by one. For behaviour
 * with no frame left, and for sweeps that make each allocation of an operation fail in turn.
 */
#ifndef TESTS_KERNEL_DRAIN_H
#define TESTS_KERNEL_DRAIN_H

#include "kernel/harness/suite.h"
#include "mm/frames/page_alloc.h"
#include "mm/reclaim/reclaim.h"

struct drain {
	out_of_memory_t out_of_memory; /* before */
	struct list_head blocks[NR_ZONES][MAX_ORDER];
};

/*
 * Allocates every free frame of every zone, past all reserves, and lets no process be ended for
 * lack of memory: the operation itself has to cope. drain_end() frees the remaining
 * ones; an entry for the undo list of a test.
 */
void drain_begin(struct drain *drain);
void drain_end(void *drain);

/*
 * Returns every hot frame to its buddy system and merges: then a set of free frames has one form.
 */
void drain_settle(void);

/* Frees one held frame of the direct map. False: none is left. */
bool drain_give(struct drain *drain);

/*
 * An operation that allocates, and rolls back both when it fails and when it succeeds. Returns
 * whether it succeeded.
 */
typedef bool (*operation_t)(void *context);

/*
 * Calls operation() with no frame free, then with one, two, ... until it succeeds; free frames
 * are compared after each call. Returns how often it failed.
 */
u32 drain_sweep(operation_t operation, void *context);

/*
 * Calls operation() with its first allocation failing, then with its second, ... until none
 * fails any more; first those of frames, then those of objects, then all from the nth on. After
 * each call free frames are compared; on a machine so small that it costs little, the census is
 * taken in between. Returns how many calls failed.
 */
u32 fail_sweep(operation_t operation, void *context);

#endif
