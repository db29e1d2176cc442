/* SPDX-License-Identifier: MIT */
/*
 * Quicklists (Linux 2.4's pgd_quicklist and pte_quicklist): page tables and page directories that a process gave back wait for the next one.
 *
 * A page table that is given back is empty, or its frames would be lost: so it need not be cleared again, which is most of what it costs.
 *
 *   (1) every word of a page table that waits is 0, and so is the user half of a page directory;
 *   (2) a waiting page directory is still on the list of directories and gets every change of the kernel half (mm/kernel_space/kernel_map.h).
 *
 * They are given back to the buddy system by the shrinkers. Not from interrupt handlers.
 */
#ifndef MM_KERNEL_SPACE_QUICKLIST_H
#define MM_KERNEL_SPACE_QUICKLIST_H

#include "mm/frames/page.h"

struct quicklist {
	struct page *first; /* the one that came last, linked by page->mapping; NULL: none */
	u32 count, limit;
};

/* The frame that came last, or NULL. */
static inline struct page *quicklist_take(struct quicklist *list)
{
	struct page *page = list->first;

	if (page) {
		list->first = page->mapping;
		page->mapping = NULL;
		list->count--;
	}
	return page;
}

/* Keeps a frame. Returns false if there are enough. */
static inline bool quicklist_keep(struct quicklist *list, struct page *page)
{
	if (list->count >= list->limit)
		return false;
	page->mapping = list->first;
	list->first = page;
	list->count++;
	return true;
}

/* Page tables for the user half. pte_alloc_table() gives an empty one, or NULL. */
struct page *pte_alloc_table(void);
void pte_free_table(struct page *table);

/* Registers the shrinker; after shrinkers_init(). */
void quicklists_init(void);

/* NULL, or the violated invariant. */
const char *quicklists_validate(void);

#endif
