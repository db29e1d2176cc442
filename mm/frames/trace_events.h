/* SPDX-License-Identifier: MIT */
/* The events of frames and of the buddy system, for trace() (lib/trace/trace.h). */
#ifndef MM_FRAMES_TRACE_EVENTS_H
#define MM_FRAMES_TRACE_EVENTS_H

#include "lib/trace/trace.h"
#include "mm/frames/page.h"

struct zone;

/* A block was allocated; its mark has the order. */
void trace_mm_page_alloc(const struct page *page, gfp_t gfp, const void *caller);

/* A block is freed. */
void trace_mm_page_free(const struct page *page, u32 order);

void trace_mm_page_reserve(const struct page *page);

void trace_zone_create(const struct zone *zone);

/* A block was allocated: the lowest part of a larger one, perhaps. */
void trace_block_alloc(const struct page *page);

/* A block is about to be merged with its free buddies. */
void trace_block_free(const struct page *page, u32 order);

/* The block was allocated, and all its frames are hot now. */
void trace_hot_refill(const struct page *block, u32 order);

/*
 * The records book_frames, book_block and book_map. The word of a frame:
 *
 *     bits 10..0   its mark (BLOCK_*)      16   PG_reserved
 *     15..12       owner of a used block   17   PG_slab       21..20   zone
 *
 * Flags that only reclaim changes are left out.
 */
void trace_book_frames(void);

#endif
