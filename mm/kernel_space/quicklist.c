/* SPDX-License-Identifier: MIT */
/* The quicklist of page tables, and the shrinkers of both quicklists. */
#include "mm/kernel_space/quicklist.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/frames/page_alloc.h"
#include "mm/frames/shrinker.h"

/* Page tables of a few small processes. */
#define PTE_LIMIT 32u

static struct quicklist tables = { .limit = PTE_LIMIT };

struct page *pte_alloc_table(void)
{
	struct page *table = quicklist_take(&tables);

	return likely(table) ? table : alloc_page(GFP_PGTABLE);
}

void pte_free_table(struct page *table)
{
	if (!quicklist_keep(&tables, table))
		__free_page(table);
}

u32 quicklist_tables(void)
{
	return tables.count;
}

static u32 shrink_tables(void)
{
	struct page *table;
	u32 frames = 0;

	while ((table = quicklist_take(&tables))) {
		__free_page(table);
		frames++;
	}
	return frames;
}

static struct shrinker table_shrinker = { .name = "page tables", .shrink = shrink_tables };
static struct shrinker pgd_shrinker = { .name = "page directories", .shrink = pgd_shrink };

void quicklists_init(void)
{
	tables = (struct quicklist){ .limit = PTE_LIMIT };
	register_shrinker(&table_shrinker);
	register_shrinker(&pgd_shrinker);
}

const char *quicklists_validate(void)
{
	u32 count = 0;

	for (const struct page *table = tables.first; table; table = table->mapping) {
		const pte_t *entries = page_address(table);

		for (u32 i = 0; i < PTRS_PER_PTE; i++)
			if (!pte_none(entries[i]))
				return "(1) a page table that waits is not empty";
		count++;
	}
	return count == tables.count ? NULL : "(1) a list of page tables has another length";
}
