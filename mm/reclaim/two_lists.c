/* SPDX-License-Identifier: MIT */
/*
 * Two lists: pages that were used again after they came, and all others (Linux 2.4's active and
 * inactive lists). A program that reads much data once then loses only pages of the inactive list.
 *
 *      insert() ---> newest <-> ... inactive ... <-> oldest ---> victim()
 *                       ^         used: PG_referenced,   |
 *                       |         and once more around   |
 *                       |                                | used again
 *       not used lately |                                v
 *                    oldest <-> ..... active ...... <-> newest
 *
 * The access by which a page came is not yet a use: so it takes two rounds with an access each to
 * become active. The active list has at most two thirds of the pages; now and then its oldest page
 * is looked at, so that what is not used any more leaves.
 */
#include "mm/reclaim/policy.h"

#define VICTIMS_PER_LOOK 16 /* evictions between two looks at an active page, in any case */

static struct list_head active, inactive; /* the first is the oldest */
static u32 nr_active, nr_inactive, victims;

static void two_lists_init(void)
{
	list_init(&active);
	list_init(&inactive);
	nr_active = nr_inactive = 0;
}

static void two_lists_insert(struct page *page)
{
	list_add_tail(&page->lru, &inactive);
	nr_inactive++;
}

static void two_lists_remove(struct page *page)
{
	list_del(&page->lru);
	if (page->flags & PG_active)
		nr_active--;
	else
		nr_inactive--;
	page->flags &= ~(u32)PG_active;
}

static void activate(struct page *page)
{
	two_lists_remove(page);
	page->flags = (page->flags | PG_active) & ~(u32)PG_referenced;
	list_add_tail(&page->lru, &active);
	nr_active++;
}

/* The oldest active page becomes inactive, if it was not used lately; or it becomes the newest. */
static void demote_oldest(void)
{
	struct page *page = list_first_entry(&active, struct page, lru);

	if (page_referenced(page)) {
		list_move_tail(&page->lru, &active);
		return;
	}
	two_lists_remove(page);
	page->flags |= PG_referenced; /* one use makes it active again */
	two_lists_insert(page);
}

/* One round clears all accessed bits: so it ends, also if all active pages were used. */
static void refill_inactive(void)
{
	while (nr_active > 2 * nr_inactive)
		demote_oldest();
}

static struct page *two_lists_victim(void)
{
	struct page *page;

	if (nr_active && ++victims % VICTIMS_PER_LOOK == 0)
		demote_oldest();
	for (;;) {
		refill_inactive();
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
	two_lists_remove(page);
	page->flags &= ~(u32)PG_referenced;
	return page;
}

const struct reclaim_policy two_lists_policy = {
	.name = "two_lists",
	.init = two_lists_init,
	.insert = two_lists_insert,
	.remove = two_lists_remove,
	.victim = two_lists_victim,
};
