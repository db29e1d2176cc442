/* SPDX-License-Identifier: MIT */
/*
 * Second chance, also called the clock: as FIFO, but a page that was used since the hand passed it
 * last goes once more around (Corbato 1968).
 *
 *      victim() <-- oldest <-> ... <-> newest <-- insert()
 *                     |                   ^
 *                     +---- was used -----+
 *
 * If all pages were used, the first round clears their accessed bits, and the second one finds the
 * oldest: so it ends after at most two rounds.
 */
#include "mm/reclaim/policy.h"

static struct list_head queue;

static void second_chance_init(void)
{
	list_init(&queue);
}

static void second_chance_insert(struct page *page)
{
	list_add_tail(&page->lru, &queue);
}

static void second_chance_remove(struct page *page)
{
	list_del(&page->lru);
}

static struct page *second_chance_victim(void)
{
	while (!list_empty(&queue)) {
		struct page *page = list_first_entry(&queue, struct page, lru);

		if (page_referenced(page)) {
			list_move_tail(&page->lru, &queue);
			continue;
		}
		list_del(&page->lru);
		return page;
	}
	return NULL;
}

const struct reclaim_policy second_chance_policy = {
	.name = "second_chance",
	.init = second_chance_init,
	.insert = second_chance_insert,
	.remove = second_chance_remove,
	.victim = second_chance_victim,
};
