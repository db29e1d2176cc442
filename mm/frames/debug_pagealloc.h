/* SPDX-License-Identifier: MIT */
/*
 * Finds uses after free: with the option `debug_pagealloc=on` (as in Linux) a free frame is not in
 * the direct map. An access to it faults at the instruction that makes it, not when the damage
 * shows.
 *
 *   allocated    PAGE_OFFSET + address --> the frame        entry and mark PG_guarded
 *   free                                   the frame        no entry, nothing in the TLB
 *
 * For that the direct map has entries of 4 KiB only (mm/kernel_space/kernel_map.h). Frames of high
 * memory have no address, and are left alone.
 *
 * Off, it costs nothing: a guarded frame has a flag that already keeps frames from being freed the
 * fast way, and needs the same function after an allocation as page_owner=. On, no frame is hot:
 * each allocation and each release changes an entry, and each release flushes it.
 */
#ifndef MM_FRAMES_DEBUG_PAGEALLOC_H
#define MM_FRAMES_DEBUG_PAGEALLOC_H

#include "mm/frames/page.h"
#include "paging/range.h"

extern bool debug_pagealloc_on;

/*
 * Unmaps all free frames and guards the others. `kernel` is the kernel's page directory, with
 * entries of 4 KiB in the direct map. Once, after zonelists_init().
 */
void debug_pagealloc_start(pgd_t *kernel);

/* Makes a block that was allocated accessible, and marks it; if the option is on. */
void debug_map_block(struct page *page, u32 order);

/* Makes a block that was freed inaccessible. */
void debug_unmap_block(const struct page *page, u32 order);

/*
 * Writes why a kernel access to `address` faulted into the buffer: ": frame 0x1234 is free", with
 * the caller that allocated it last if page_owner=on knows it; or an empty text.
 */
void debug_pagealloc_explain(vaddr_t address, char *buffer, u32 size);

#endif
