/* SPDX-License-Identifier: MIT */
/*
 * Splitting and merging, compiled into whoever needs them: mm/buddy.c makes functions of them, and mm/page_alloc.c has them in the middle
 * of alloc_pages() and __free_pages(), where one more call, with the registers that it saves, would cost as much as a level of splitting.
 *
 *   take_block()     order 3 is wanted and the first block is on list 9:   9 -> 8 -> 7 -> 6 -> 5 -> 4 -> 3   split_once() each
 *   give_block()     and given back, when all its buddies are free:        3 -> 4 -> 5 -> 6 -> 7 -> 8 -> 9   merge_once() each
 *
 * The way through the orders is written out, so that the places and masks of each step are constants: a `switch` leads to the first step, each
 * step falls through to the next one, and the last one leaves. A block goes along as its first frame and its number (mm/buddy.h): on the way
 * down the number doubles, on the way up it is halved.
 *
 * What a release has to know is: is my buddy free, whole, at my order? The released block's own share of the pair's bit changes, so the bit
 * is toggled; if it became 0, both are free and are merged. The numbers in asserts are the invariants of mm/buddy.h.
 */
#ifndef MM_BUDDY_INTERNAL_H
#define MM_BUDDY_INTERNAL_H

#include "lib/assert.h"
#include "lib/bitmap.h"
#include "mm/buddy.h"

#define __step	    static inline __attribute__((always_inline))
#define fallthrough __attribute__((fallthrough))

_Static_assert(MAX_ORDER == 10, "one step for each order");
/* clang-format off */
#define STEPS_UP(STEP) \
	STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7) STEP(8) STEP(9)
#define STEPS_DOWN(STEP) \
	STEP(9) STEP(8) STEP(7) STEP(6) STEP(5) STEP(4) STEP(3) STEP(2) STEP(1)
/* clang-format on */

/* Eight frames at a time where a block has so many: this is done for each frame that comes and goes. */
#define FOR_EACH_FRAME(frame, first, order, statement)                                 \
	do {                                                                           \
		struct page *frame = first, *_end = frame + (1u << (order));           \
		if ((order) < 3) {                                                     \
			do {                                                           \
				statement;                                             \
			} while (++frame != _end);                                     \
		} else {                                                               \
			do {                                                           \
				_Pragma("GCC unroll 8") for (u32 _i = 0; _i < 8; _i++) \
				{                                                      \
					statement;                                     \
					frame++;                                       \
				}                                                      \
			} while (frame != _end);                                       \
		}                                                                      \
	} while (0)

__step void link_block(struct list_head *list, struct page *page, u32 order)
{
	page->block = BLOCK_FREE + order;
	list_add(&page->lru, list);
}

/* Off its list; its mark is the caller's to change. Both neighbours are read first: a write could, for the compiler, be to either. */
__step void unlink_block(struct page *page)
{
	struct list_head *next = page->lru.next, *prev = page->lru.prev;

	prev->next = next;
	next->prev = prev;
}

/* A block of order + 1 becomes its lower half; the upper one goes to its list. That is empty, or nothing would have to be split. */
__step void split_once(struct zone *zone, struct page *page, u32 *map, u32 *number, const u32 order)
{
	struct list_head *list = &zone->free_list[order];
	struct page *upper = page + (1u << order);

	upper->block = BLOCK_FREE + order;
	upper->lru.next = upper->lru.prev = list;
	list->next = list->prev = &upper->lru;
	bitmap_toggle(map, *number);
	*number *= 2;
}

/* buddy_alloc(), with the owner at its place in page->flags. */
__step struct page *take_block(struct zone *zone, u32 order, u32 owner)
{
	u32 *map = zone->map, number, found;
	struct page *page;

	switch (order) {
#define FIND(n)                                                                         \
	case n:                                                                         \
		if (!list_empty(&zone->free_list[n])) {                                 \
			page = list_first_entry(&zone->free_list[n], struct page, lru); \
			unlink_block(page);                                             \
			number = block_number(zone, (u32)(page - zone->pages), n);      \
			found = n;                                                      \
			break;                                                          \
		}                                                                       \
		fallthrough;
		STEPS_UP(FIND)
#undef FIND
	default:
		return NULL;
	}
	bitmap_toggle(map, number / 2);
	switch (found) {
#define SPLIT(n)                                             \
	case n:                                              \
		if (unlikely(n == order))                    \
			break;                               \
		split_once(zone, page, map, &number, n - 1); \
		fallthrough;
		STEPS_DOWN(SPLIT)
#undef SPLIT
	default:
		break;
	}
	zone->free_pages -= 1u << order;
	FOR_EACH_FRAME(frame, page, order, frame->count = 1);
	page->flags = zone->page_flags | owner;
	page->block = BLOCK_USED + order;
	return page;
}

/* Toggles the bit of a pair. If both of it are free now, takes the buddy off its list. */
__step bool take_buddy(u32 *map, u32 pair, struct page *buddy, const u32 order)
{
	if (!bitmap_toggle(map, pair))
		return false;
	BUG_ON(buddy->block != BLOCK_FREE + order); /* (2) */
	unlink_block(buddy);
	buddy->block = 0;
	return true;
}

/*
 * Merges a free block that is on no list with its buddy, if that is free: returns whether it did. *page and *number are then those of the
 * merged block. (number - 1 is the lower half's: the ways of the two halves have nothing in common that the compiler could put in front of the
 * branch, with a copy of the number.) The top order has bits too, and nothing to merge to.
 */
__step bool merge_once(struct page **page, u32 *map, u32 *number, const u32 order)
{
	if (order == MAX_ORDER - 1) {
		bitmap_toggle(map, *number / 2);
		return false;
	}
	if (likely(!(*number & 1))) {
		*number /= 2;
		return take_buddy(map, *number, *page + (1u << order), order);
	}
	*number = (*number - 1) / 2;
	if (!take_buddy(map, *number, *page - (1u << order), order))
		return false;
	*page -= 1u << order;
	return true;
}

/* Puts a free block on a list, merged with its buddy, and the result with its own, as far as that goes. */
__step void merge_block(struct zone *zone, struct page *page, u32 order)
{
	u32 *map = zone->map, number = block_number(zone, (u32)(page - zone->pages), order);

	switch (order) {
#define MERGE(n)                                                  \
	case n:                                                   \
		if (!merge_once(&page, map, &number, n)) {        \
			link_block(&zone->free_list[n], page, n); \
			break;                                    \
		}                                                 \
		fallthrough;
		STEPS_UP(MERGE)
#undef MERGE
	default:
		break;
	}
}

/* buddy_free(). */
__step bool give_block(struct zone *zone, struct page *page, u32 order)
{
	u32 references = 0;

	/*
	 * An allocated block lies in its zone and is aligned: its mark is the proof. None of its frames can have less than one reference, because
	 * put_page() refuses a frame within a block; so the sum tells whether one has more.
	 */
	if (unlikely(order >= MAX_ORDER || page->block != BLOCK_USED + order ||
		     page->flags & PAGE_NOT_FREEABLE))
		return false;
	FOR_EACH_FRAME(frame, page, order, references += frame->count);
	if (unlikely(references != 1u << order))
		return false;
	FOR_EACH_FRAME(frame, page, order, frame->count = 0);
	page->block = 0;
	zone->free_pages += 1u << order;
	merge_block(zone, page, order);
	return true;
}

#endif
