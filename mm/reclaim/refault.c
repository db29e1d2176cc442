/* SPDX-License-Identifier: MIT */
/*
 * Refault distance: two lists, and a page that comes back from swap soon becomes active (the idea
 * of Linux's mm/workingset.c). Two lists alone (two_lists.c) fail where the pages in use do not
 * fit the inactive list: each is evicted before its second use, so none becomes active. But the
 * evictions between its eviction and its return tell how much more room it would have needed. If
 * memory has that much, it may become active.
 *
 *   victim() --> swap --> fault, `distance` evictions later:
 *                           distance > all pages                    inactive
 *                           few pages are active                    active
 *                           many, and the oldest were used lately   inactive; those stay
 *                                 and some were not                 active; those go
 *
 * So of a loop that is larger than memory most pages stay, and the others pass by: the best that
 * can be done. More looks would meet a page twice in a round of the loop. But after one that is
 * not used, from an earlier phase, the others are looked for quickly, until half are active.
 */
#include "mm/reclaim/policy.h"

#define ACTIVE_MANY	 7  /* active pages for each inactive one: few below, many from here on */
#define ACTIVE_MAX	 15 /* more than that become inactive, used or not */
#define LOOKS_MIN	 2u /* active pages that are looked at for a page that returns */
#define LOOKS_MAX	 8u /* likewise, after one was found that was not used */
#define VICTIMS_PER_LOOK 4  /* evictions between two looks at an active page, in any case */

static struct list_head active, inactive;	   /* the first is the oldest */
static u32 nr_active, nr_inactive, victims, looks; /* looks: LOOKS_MIN .. LOOKS_MAX */

static void refault_init(void)
{
	list_init(&active);
	list_init(&inactive);
	nr_active = nr_inactive = 0;
	looks = LOOKS_MIN;
}

static void refault_insert(struct page *page)
{
	list_add_tail(&page->lru, &inactive);
	nr_inactive++;
}

static void refault_remove(struct page *page)
{
	list_del(&page->lru);
	--*(page->flags & PG_active ? &nr_active : &nr_inactive);
	page->flags &= ~(u32)PG_active;
}

static void activate(struct page *page)
{
	refault_remove(page);
	page->flags = (page->flags | PG_active) & ~(u32)PG_referenced;
	list_add_tail(&page->lru, &active);
	nr_active++;
}

/* The oldest active page becomes inactive, if it was not used lately; or it becomes the newest. */
static bool demote_oldest(void)
{
	struct page *page = list_first_entry(&active, struct page, lru);

	if (page_referenced(page)) {
		list_move_tail(&page->lru, &active);
		return false;
	}
	refault_remove(page);
	page->flags |= PG_referenced; /* one use makes it active again */
	refault_insert(page);
	return true;
}

static void refault_refault(struct page *page, u32 distance)
{
	if (page->flags & PG_active || distance > nr_active + nr_inactive)
		return;
	if (nr_active < nr_inactive)
		looks = LOOKS_MIN;
	if (looks > LOOKS_MIN || nr_active >= ACTIVE_MANY * nr_inactive)
		for (u32 i = looks; i && nr_active; i--)
			looks = demote_oldest() ? LOOKS_MAX : max(looks - 1, LOOKS_MIN);
	if (nr_active < ACTIVE_MANY * nr_inactive)
		activate(page);
}

static struct page *refault_victim(void)
{
	struct page *page;

	if (nr_active && ++victims % VICTIMS_PER_LOOK == 0)
		demote_oldest();
	for (;;) {
		/* One round clears all accessed bits: so it ends. */
		while (nr_active > ACTIVE_MAX * nr_inactive)
			demote_oldest();
		if (list_empty(&inactive))
			return NULL;
		page = list_first_entry(&inactive, struct page, lru);
		if (!page_referenced(page))
			break;
		if (page->flags & PG_referenced) {
			activate(page);
		} else {
			page->flags |= PG_referenced;
			list_move_tail(&page->lru, &inactive);
		}
	}
	refault_remove(page);
	page->flags &= ~(u32)PG_referenced;
	return page;
}

const struct reclaim_policy refault_policy = {
	.name = "refault",
	.init = refault_init,
	.insert = refault_insert,
	.remove = refault_remove,
	.victim = refault_victim,
	.refault = refault_refault,
};
