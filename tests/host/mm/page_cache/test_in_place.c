/* SPDX-License-Identifier: MIT */
/*
 * Pages in place: frames that have an object's contents already are entered as they are, with
 * their neighbours; what is there stays, and without memory nothing is lost.
 */
#include "abi/linux/errno.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/page_alloc.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/shmem.h"
#include "mm/user_space/truncate.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define WINDOW 16u /* pages that are entered together */
#define PAGES  40u

static struct address_space *object;
static const struct address_space_operations *all;
static struct address_space_operations operations;
static struct page *frames; /* reserved, one for each page */
static u32 from, to;	    /* the pages in place */

static struct page *in_place(const struct address_space *mapping, u32 *first, u32 *end)
{
	EXPECT(mapping == object && *first % WINDOW == 0 && *end == *first + WINDOW);
	*first = max(*first, from);
	*end = min(*end, to);
	return *first < *end ? frames + *first : NULL;
}

/* Pages [first, end) of the object are in place. */
static void start(u32 first, u32 end)
{
	machine_boot();
	frames = pfn_to_page(0); /* below 1 MiB */
	for (u32 i = 0; i < PAGES; i++)
		EXPECT(reserved_page_at(page_address(frames + i)) == frames + i);
	object = shmem_object(PAGES * PAGE_SIZE, "object");
	all = object->a_ops;
	operations = *all;
	operations.in_place = in_place;
	object->a_ops = &operations;
	from = first;
	to = end;
}

static void stop(void)
{
	EXPECT_VALID(mapping_validate(object));
	object->a_ops = all;
	mapping_put(object);
	for (u32 i = 0; i < PAGES; i++)
		EXPECT(frames[i].flags & PG_reserved && !frames[i].mapping);
}

/* The object has these pages, in place, and no other. */
static void expect_in_place(u32 first, u32 end)
{
	for (u32 i = 0; i < PAGES; i++) {
		struct page *page = find_page(object, i);

		if (!EXPECT(page == (i >= first && i < end ? frames + i : NULL)))
			tap_note("page %u", i);
		if (page)
			EXPECT_EQ(page->count, 3);
	}
	EXPECT_EQ(object->nrpages, end - first);
}

/* An aligned window, as far as there is contents. Behind it a page is a new one. */
static void windows(void)
{
	struct page *page;

	start(0, 20);
	EXPECT_EQ(get_cache_page(object, 7, &page), 0);
	EXPECT(page == frames + 7);
	expect_in_place(0, 16);
	EXPECT_EQ(get_cache_page(object, 19, &page), 0);
	EXPECT(page == frames + 19);
	expect_in_place(0, 20);
	EXPECT_EQ(get_cache_page(object, 20, &page), 0);
	EXPECT(page && page != frames + 20 && !(page->flags & PG_reserved));
	EXPECT_EQ(get_cache_page(object, 35, &page), 0);
	EXPECT(!(page->flags & PG_reserved));
	EXPECT_EQ(object->nrpages, 22);
	stop();
	start(18, PAGES);
	EXPECT_EQ(get_cache_page(object, 25, &page), 0);
	expect_in_place(18, 32);
	stop();
}

/* Pages that came before stay. */
static void with_others(void)
{
	struct page *page, *before;

	start(0, 0);
	EXPECT_EQ(get_cache_page(object, 5, &before), 0);
	to = PAGES;
	EXPECT_EQ(get_cache_page(object, 6, &page), 0);
	EXPECT(page == frames + 6);
	EXPECT(find_page(object, 5) == before && before->count == 1);
	EXPECT_EQ(object->nrpages, WINDOW);
	mapping_punch_hole(object, 0, 4);
	EXPECT_EQ(object->nrpages, WINDOW - 4);
	EXPECT_EQ(get_cache_page(object, 0, &page), 0);
	EXPECT(page == frames);
	EXPECT_EQ(object->nrpages, WINDOW);
	stop();
}

/* Each allocation of a node fails once. */
static void without_memory(void)
{
	struct page *page = NULL;
	int err = -ENOMEM;
	u32 failed = 0;

	start(0, PAGES);
	for (u32 step = 1; err && step < 10; step++) {
		const struct fail_spec spec = { FAIL_ANY, FAIL_ONCE, step };

		fail_alloc_set(&spec);
		err = get_cache_page(object, 20, &page);
		fail_alloc_set(NULL);
		if (!err)
			break;
		failed++;
		EXPECT_EQ(err, -ENOMEM);
		EXPECT_VALID(mapping_validate(object));
	}
	EXPECT_EQ(err, 0);
	EXPECT(failed > 0 && page == frames + 20);
	expect_in_place(16, 32);
	stop();
}

TAP_MAIN({ "windows", windows }, { "beside other pages", with_others },
	 { "without memory", without_memory })
