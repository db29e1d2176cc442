/* SPDX-License-Identifier: MIT */
/*
 * Last in, first out: the example of docs/reclaim.md for `make league POLICY=FILE.c`. Near the
 * best for a loop, bad for all else: what came first stays for ever.
 *
 *      oldest <-> ... <-> newest <-- insert()
 *         ^                  |
 *         +-- not evicted    +-----> victim()
 *
 * A page that could not be evicted becomes the oldest, so the next victim is another one: (2) of
 * mm/reclaim/policy.h.
 */
#include "mm/reclaim/policy.h"

static struct list_head stack;

static void lifo_init(void)
{
	list_init(&stack);
}

static void lifo_insert(struct page *page)
{
	if (page->flags & PG_referenced)
		list_add(&page->lru, &stack);
	else
		list_add_tail(&page->lru, &stack);
	page->flags &= ~(u32)PG_referenced;
}

static void lifo_remove(struct page *page)
{
	list_del(&page->lru);
}

static struct page *lifo_victim(void)
{
	struct page *page;

	if (list_empty(&stack))
		return NULL;
	page = list_last_entry(&stack, struct page, lru);
	list_del(&page->lru);
	page->flags |= PG_referenced; /* until it is evicted: a new page of the frame has none */
	return page;
}

const struct reclaim_policy student_policy = {
	.name = "lifo",
	.init = lifo_init,
	.insert = lifo_insert,
	.remove = lifo_remove,
	.victim = lifo_victim,
};
