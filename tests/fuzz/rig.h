/* SPDX-License-Identifier: MIT */
/*
 * The machine of the models: so little RAM that it runs out soon and starts fast, with the
 * software MMU of tests/host/mmu.h.
 *
 *   0      4 MiB     8 MiB      10 MiB
 *   | hole | DMA     | HighMem  |
 *                   \ end of the direct map; early allocations come from below it
 */
#ifndef TESTS_FUZZ_RIG_H
#define TESTS_FUZZ_RIG_H

#include "mm/frames/page.h"

/* Starts mm/ anew. Nothing may be allocated from the previous run. */
void rig_start(void);

/*
 * Expects that everything is freed except `tables` page tables of the kernel: the census holds,
 * and the free frames are those of the start.
 */
void rig_end(u32 tables);

/* The census holds, and the TLB has no stale translation. */
void rig_check(void);

/* Frames in slabs now; frames that were free or in slabs at the start. */
u32 rig_slab_frames(void);
u32 rig_frames(void);

/* Frames of this owner now. */
u32 rig_owned_frames(enum page_owner owner);

/* Arms failure injection by three bytes of input; disarms it. */
struct fuzz_input;
void rig_fail(struct fuzz_input *in);
void rig_fail_not(void);

/* Begins an operation; returns whether a failure was injected since. */
void rig_operation(void);
bool rig_failed(void);

#endif
