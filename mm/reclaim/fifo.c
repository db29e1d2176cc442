/* SPDX-License-Identifier: MIT */
/*
 * First in, first out: evicts the page that came first, whether it is used or not. The simplest
 * policy, and the measure for the others. More memory can make it worse (Belady, Nelson, Shedler
 * 1969).
 *
 *      victim() <-- oldest <-> ... <-> newest <-- insert()
 */
#include "mm/reclaim/policy.h"

static struct list_head queue;

static void fifo_init(void)
{
	list_init(&queue);
}

static void fifo_insert(struct page *page)
{
	list_add_tail(&page->lru, &queue);
}

static void fifo_remove(struct page *page)
{
	list_del(&page->lru);
}

static struct page *fifo_victim(void)
{
	struct page *page;

	if (list_empty(&queue))
		return NULL;
	page = list_first_entry(&queue, struct page, lru);
	list_del(&page->lru);
	return page;
}

const struct reclaim_policy fifo_policy = {
	.name = "fifo",
	.init = fifo_init,
	.insert = fifo_insert,
	.remove = fifo_remove,
	.victim = fifo_victim,
};
