/* SPDX-License-Identifier: MIT */
/*
 * Aging: each page has the history of its last eight ticks, a bit each, and the one with the
 * smallest is evicted (the textbooks' approximation of least recently used).
 *
 *      tick:  age = used << 7 | age >> 1        1011 0000   used in the last tick, and before
 *                                               0000 0001   not used for seven ticks
 *
 *      by_age[0]   --> page <-> page            victim(): the oldest of the first list with pages
 *      by_age[1]   --> page
 *        ...
 *      by_age[255] --> page <-> page
 *
 * Time is counted in victims: where nothing is evicted, nothing has to age. A tick looks at all
 * pages, and is due when an eighth of them were evicted. So each eviction looks at eight pages.
 */
#include "mm/reclaim/policy.h"

#define AGES	     256u
#define AGE_NEW	     0x80u /* just used */
#define AGE_KEPT     0xffu /* could not be evicted: others are to be tried before */
#define TICK_DIVISOR 8

static struct list_head by_age[AGES]; /* the first is the oldest */
static u32 count, victims;	      /* pages on the lists; victims since the last tick */

static void aging_init(void)
{
	for (u32 age = 0; age < AGES; age++)
		list_init(&by_age[age]);
	count = victims = 0;
}

static void aging_insert(struct page *page)
{
	set_page_age(page, page_age(page) == AGE_KEPT ? AGE_KEPT : AGE_NEW);
	list_add_tail(&page->lru, &by_age[page_age(page)]);
	count++;
}

static void aging_remove(struct page *page)
{
	list_del(&page->lru);
	count--;
}

/* The age of a page after the tick is its place. Each page is looked at once. */
static void tick(void)
{
	struct list_head all;

	list_init(&all);
	for (u32 age = 0; age < AGES; age++)
		while (!list_empty(&by_age[age]))
			list_move_tail(by_age[age].next, &all);
	while (!list_empty(&all)) {
		struct page *page = list_first_entry(&all, struct page, lru);
		u32 used = page_referenced(page) ? 0x80 : 0;

		set_page_age(page, used | page_age(page) >> 1);
		list_move_tail(&page->lru, &by_age[page_age(page)]);
	}
}

static struct page *aging_victim(void)
{
	if (victims++ >= count / TICK_DIVISOR) {
		victims = 0;
		tick();
	}
	for (u32 age = 0; age < AGES; age++) {
		struct page *page;

		if (list_empty(&by_age[age]))
			continue;
		page = list_first_entry(&by_age[age], struct page, lru);
		aging_remove(page);
		set_page_age(page, AGE_KEPT); /* a new page of the frame begins with 0 */
		return page;
	}
	return NULL;
}

const struct reclaim_policy aging_policy = {
	.name = "aging",
	.init = aging_init,
	.insert = aging_insert,
	.remove = aging_remove,
	.victim = aging_victim,
};
