/* SPDX-License-Identifier: MIT */
/* Spare page tables: how many are kept, which comes next, and that shrinkers free all. */
#include "mm/frames/page_alloc.h"
#include "mm/frames/shrinker.h"
#include "mm/kernel_space/quicklist.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define LIMIT  32u
#define TABLES (LIMIT + 3)

static struct page *tables[TABLES];

static void start(void)
{
	machine_boot();
	shrink_caches();
	for (u32 i = 0; i < TABLES; i++)
		tables[i] = pte_alloc_table();
	EXPECT_EQ(quicklist_tables(), 0);
}

static void free_all(void)
{
	for (u32 i = 0; i < TABLES; i++) {
		pte_free_table(tables[i]);
		EXPECT_EQ(quicklist_tables(), min(i + 1, LIMIT));
	}
}

static void last_one_comes_first(void)
{
	start();
	free_all();
	EXPECT_VALID(quicklists_validate());
	for (u32 i = LIMIT; i-- > 0;) {
		EXPECT(pte_alloc_table() == tables[i]);
		EXPECT(!tables[i]->mapping);
		EXPECT_EQ(quicklist_tables(), i);
	}
	for (u32 i = 0; i < LIMIT; i++)
		pte_free_table(tables[i]);
	shrink_caches();
}

static void shrinkers_free_all(void)
{
	u32 free;

	start();
	free = nr_free_pages();
	free_all();
	EXPECT_EQ(nr_free_pages(), free + TABLES - LIMIT);
	shrink_caches();
	EXPECT_EQ(quicklist_tables(), 0);
	EXPECT_EQ(nr_free_pages(), free + TABLES);
}

static void checker(void)
{
	u32 *word;

	start();
	free_all();
	word = (u32 *)page_address(tables[LIMIT - 1]) + PAGE_SIZE / sizeof(u32) - 1;
	*word = 1;
	EXPECT_TEXT(quicklists_validate(), "(1) a page table that waits is not empty");
	*word = 0;
	tables[5]->mapping = NULL; /* the end of the list */
	EXPECT_TEXT(quicklists_validate(), "(1) a list of page tables has another length");
	tables[5]->mapping = tables[4];
	EXPECT_VALID(quicklists_validate());
	shrink_caches();
}

TAP_MAIN({ "the last one comes first", last_one_comes_first },
	 { "the shrinkers free all", shrinkers_free_all }, { "the checker", checker })
