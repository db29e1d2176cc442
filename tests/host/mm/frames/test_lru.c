/* SPDX-License-Identifier: MIT */
/* Lists of reclaim: which frames are reported from the start of the lists to their end. */
#include "mm/frames/lru.h"
#include "mm/frames/page_alloc.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

static struct page *added, *removed; /* the last ones */
static u32 adds, removes;

static void note_add(struct page *page)
{
	EXPECT(!(page->flags & PG_lru));
	EXPECT(!added || lru || added < page); /* at the start in order */
	page->flags |= PG_lru;
	added = page;
	adds++;
}

static void note_remove(struct page *page)
{
	EXPECT(page->flags & PG_lru);
	page->flags &= ~(u32)PG_lru;
	removed = page;
	removes++;
}

static const struct lru_ops ops = { .add = note_add, .remove = note_remove };

/* What happened since the last call: so many frames came, so many left. */
static void expect_reported(u32 came, u32 left)
{
	EXPECT_EQ(adds, came);
	EXPECT_EQ(removes, left);
	adds = removes = 0;
}

static void reported_frames(void)
{
	const gfp_t others[] = { GFP_KERNEL, GFP_PGTABLE, GFP_ATOMIC };
	struct page *page, *user, *cache, *block;

	machine_boot();
	user = alloc_page(GFP_HIGHUSER);
	block = alloc_pages(GFP_HIGHUSER, 1);
	page = alloc_page(GFP_KERNEL);
	expect_reported(0, 0);
	lru_start(&ops);
	expect_reported(1, 0); /* neither the kernel's nor a block */
	EXPECT(added == user && lru == &ops);
	EXPECT_PANIC("BUG", lru_start(&ops));

	cache = alloc_page(GFP_PAGECACHE);
	expect_reported(1, 0);
	EXPECT(added == cache);
	for (u32 i = 0; i < ARRAY_SIZE(others); i++) {
		struct page *other = alloc_page(others[i]);

		__free_page(other);
		expect_reported(0, 0);
	}
	__free_pages(block, 1);
	block = alloc_pages(GFP_HIGHUSER, 1);
	expect_reported(0, 0);
	/* With its last user a frame leaves. */
	get_page(user);
	put_page(user);
	expect_reported(0, 0);
	put_page(user);
	expect_reported(0, 1);
	EXPECT(removed == user);
	lru_stop();
	expect_reported(0, 1);
	EXPECT(removed == cache && !lru);
	lru_stop();
	user = alloc_page(GFP_HIGHUSER);
	__free_page(user);
	expect_reported(0, 0);
	__free_page(cache);
	__free_page(page);
	__free_pages(block, 1);
}

/* Many that are freed together, and a frame that is used again with what its last user left. */
static void freed_together(void)
{
	struct page *pages[40];

	machine_boot();
	lru_start(&ops);
	for (u32 i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = alloc_page(GFP_HIGHUSER);
		pages[i]->mapping = pages;
	}
	expect_reported(ARRAY_SIZE(pages), 0);
	put_pages(pages, ARRAY_SIZE(pages));
	expect_reported(0, ARRAY_SIZE(pages));
	for (u32 i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = alloc_page(GFP_HIGHUSER);
		EXPECT(!pages[i]->mapping); /* reclaim sees that it is not in use yet */
	}
	put_pages(pages, ARRAY_SIZE(pages));
	lru_stop();
}

TAP_MAIN({ "frames that are reported", reported_frames }, { "freed together", freed_together })
