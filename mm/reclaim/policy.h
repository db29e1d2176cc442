/* SPDX-License-Identifier: MIT */
/*
 * Which page to evict: the interface of a replacement policy.
 *
 * mm/reclaim/vmscan.c knows how to evict a page, and asks a policy which one. A policy is one
 * file with one of these structures; policies[] in mm/reclaim/policy.c lists them, and the option
 * `reclaim=NAME` chooses. It keeps the frames in lists of its own by page->lru, and may use the
 * flags PG_active and PG_referenced and the eight bits of page_age() as it likes.
 *
 *   frame allocated ----> insert() ---> [ the policy's lists ] --- victim() --> evicted, freed
 *                            ^                    |        |
 *                            +--- could not be ---+        +--- remove(): freed by its owner
 *                                     evicted
 *
 *   (1) a frame is on exactly one list between insert() and the victim() or remove() that ends it;
 *   (2) victim() returns each frame at some time, however often the frames are referenced: else
 *       reclaim would find no memory where there is some.
 *
 * The functions may call page_referenced(). They do not allocate, sleep, or use other fields of
 * the frame. The lists are empty when init() is called.
 */
#ifndef MM_RECLAIM_POLICY_H
#define MM_RECLAIM_POLICY_H

#include "mm/frames/page.h"

struct reclaim_policy {
	const char *name;
	void (*init)(void);
	/*
	 * A frame comes in: it was allocated, or victim() returned it and it could not be
	 * evicted.
	 */
	void (*insert)(struct page *page);
	/* A frame of the lists is freed: take it out. */
	void (*remove)(struct page *page);
	/* Takes out the frame to evict next. NULL: there is none. */
	struct page *(*victim)(void);
	/*
	 * The page of this frame, which is on a list, was evicted before, and read back after
	 * `distance` other evictions. NULL: of no interest.
	 */
	void (*refault)(struct page *page, u32 distance);
};

/* All policies, ended by NULL; the first is the default. */
extern const struct reclaim_policy *const policies[];

/*
 * The page was accessed by a program since the last call. Clears the accessed bits of all entries
 * that map the frame.
 */
bool page_referenced(struct page *page);

/* Eight bits for the policy, 0 in a new frame. */
static inline u32 page_age(const struct page *page)
{
	return page->flags >> 16 & 0xff;
}

static inline void set_page_age(struct page *page, u32 age)
{
	page->flags = (page->flags & ~0xff0000u) | (age & 0xff) << 16;
}

#endif
