/* SPDX-License-Identifier: MIT */
/*
 * Quicklists (Linux 2.4's pgd_quicklist and pte_quicklist): freed page tables and page directories
 * kept for the next process.
 *
 * Most of the cost of a new page table is clearing it. A freed one is already clear: all its pages
 * were unmapped before. So it is kept and allocated again without clearing.
 *
 *   (1) every word of a spare page table is 0, and so is the user half of a spare page directory,
 *       or with PAE of the three tables of the middle level that it keeps;
 *   (2) a spare page directory stays on the list of directories and gets every new entry of the
 *       kernel half (mm/kernel_space/kernel_map.h).
 *
 * The shrinkers free them to the buddy system. Not from interrupt handlers.
 */
#ifndef MM_KERNEL_SPACE_QUICKLIST_H
#define MM_KERNEL_SPACE_QUICKLIST_H

#include "mm/frames/page.h"

struct quicklist {
	struct page *first; /* kept last, linked by page->mapping; NULL: none */
	u32 count, limit;
};

/* Takes the frame that was kept last. NULL: none. */
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

/* Keeps a frame. Returns false if the list is at its limit. */
static inline bool quicklist_keep(struct quicklist *list, struct page *page)
{
	if (list->count >= list->limit)
		return false;
	page->mapping = list->first;
	list->first = page;
	list->count++;
	return true;
}

/* Allocates a clear page table for a user half, or NULL; frees one, which must be clear. */
struct page *pte_alloc_table(void);
void pte_free_table(struct page *table);

/* Registers the shrinkers. After shrinkers_init(). */
void quicklists_init(void);

/* The number of spare page tables. */
u32 quicklist_tables(void);

/* NULL, or the violated invariant. */
const char *quicklists_validate(void);

#endif
