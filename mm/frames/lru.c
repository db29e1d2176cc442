/* SPDX-License-Identifier: MIT */
/* Starting and ending the lists of reclaim. The numbers cite the invariants of the header. */
#include "mm/frames/lru.h"
#include "lib/assert.h"
#include "mm/frames/page_alloc.h"

const struct lru_ops *lru;
bool lru_unlocked;
u32 (*evict_pages)(struct page *const *pages, u32 count);

static bool belongs(const struct page *page)
{
	enum page_owner owner = page_owner(page);

	return page->block == BLOCK_USED && (owner == OWNER_ANON || owner == OWNER_PAGECACHE);
}

void lru_start(const struct lru_ops *ops)
{
	BUG_ON(lru);
	for (pfn_t pfn = 0; pfn < max_pfn; pfn++)
		if (belongs(pfn_to_page(pfn)))
			ops->add(pfn_to_page(pfn));
	lru = ops;
	alloc_watch(ALLOC_WATCH_LRU, true);
}

void lru_stop(void)
{
	for (pfn_t pfn = 0; lru && pfn < max_pfn; pfn++)
		if (pfn_to_page(pfn)->flags & PG_lru)
			lru->remove(pfn_to_page(pfn));
	lru = NULL;
	alloc_watch(ALLOC_WATCH_LRU, false);
}
