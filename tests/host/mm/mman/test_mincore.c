/* SPDX-License-Identifier: MIT */
/* mincore(2): which pages of a range are in memory, as pictures. */
#include <string.h>

#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/shmem.h"
#include "tests/host/mm/mman/areas.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define PAGES 8u

/* One letter a page: y or n, and what was not told of is '?'. */
static char told[1200];

static int note(u32 first, const u8 *resident, u32 pages, void *context)
{
	*(u32 *)context += 1;
	for (u32 i = 0; i < pages; i++)
		told[first + i] = resident[i] == 1 ? 'y' : resident[i] ? '!' : 'n';
	return 0;
}

/* The picture of some pages, from `first` on. */
static const char *resident(u32 first, u32 count)
{
	u32 calls = 0;

	memset(told, '?', sizeof(told));
	EXPECT_EQ(do_mincore(mm, page(first), count * PAGE_SIZE, note, &calls), 0);
	EXPECT(calls > 0);
	told[count] = '\0';
	return told;
}

static vaddr_t map_object(struct address_space *object, u32 first, u32 type, u32 pgoff)
{
	const struct mmap_request request = { .address = page(first),
					      .length = PAGES * PAGE_SIZE,
					      .prot = RW,
					      .flags = type | MAP_FIXED,
					      .mapping = object,
					      .may = VM_MAY_MASK,
					      .pgoff = pgoff };

	return do_mmap_pgoff(mm, &request);
}

static void touch(u32 number)
{
	EXPECT_EQ(user_poke(mm, page(number), 1), FAULT_OK);
}

/* Private pages are in memory where there is an entry; the zero page is one. */
static void private_pages(void)
{
	start();
	map(0, PAGES, RW, 0);
	EXPECT_TEXT(resident(0, PAGES), "nnnnnnnn");
	touch(1);
	touch(7);
	EXPECT_EQ(user_peek(mm, page(4)), 0);
	EXPECT_TEXT(resident(0, PAGES), "nynnynny");
	EXPECT_TEXT(resident(1, 4), "ynny");
	user_switch(NULL);
	stop();
}

/* Pages of an object count that it has, whether this space maps them or not. */
static void object_pages(void)
{
	struct address_space *object;

	start();
	object = shmem_object((PAGES + 1) * PAGE_SIZE, "object");
	EXPECT_EQ(map_object(object, 0, MAP_SHARED, 0), page(0));
	touch(2);
	touch(5);
	EXPECT_EQ(map_object(object, 1100, MAP_SHARED, 1), page(1100));
	EXPECT_EQ(map_object(object, 20, MAP_PRIVATE, 0), page(20));
	EXPECT_TEXT(resident(0, PAGES), "nnynnynn");
	EXPECT_TEXT(resident(1100, PAGES), "nynnynnn"); /* it has no page table yet */
	touch(20);
	EXPECT_TEXT(resident(20, PAGES), "ynynnynn");
	EXPECT_TEXT(resident(22, 2), "yn");
	user_switch(NULL);
	stop();
	mapping_put(object);
}

static bool hides;

static bool hides_residence(const struct address_space *mapping)
{
	(void)mapping;
	return hides;
}

/* CVE-2019-5489: of a file that is not the caller's all pages are reported. */
static void hidden_pages(void)
{
	struct address_space_operations hiding;
	const struct address_space_operations *all;
	struct address_space *object;

	start();
	object = shmem_object(PAGES * PAGE_SIZE, "object");
	all = object->a_ops;
	hiding = *all;
	hiding.hides_residence = hides_residence;
	object->a_ops = &hiding;
	EXPECT_EQ(map_object(object, 0, MAP_SHARED, 0), page(0));
	map(PAGES, 2, RW, 0);
	touch(2);
	hides = true;
	EXPECT_TEXT(resident(0, PAGES + 2), "yyyyyyyynn");
	hides = false;
	EXPECT_TEXT(resident(0, PAGES + 2), "nnynnnnnnn");
	object->a_ops = all;
	user_switch(NULL);
	stop();
	mapping_put(object);
}

/* Pages in swap are not in memory, but in the swap cache they are. */
static void pages_in_swap(void)
{
	static struct swap_disk disk;

	start();
	EXPECT_EQ(swap_disk_add(&disk, 100, -1), 0);
	map(0, PAGES, RW, 0);
	for (u32 i = 0; i < PAGES - 1; i++)
		touch(i);
	EXPECT_EQ(do_madvise(mm, page(0), 5 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_TEXT(resident(0, PAGES), "nnnnnyyn");
	page_cluster = 1;
	EXPECT_EQ(user_peek(mm, page(2)), 1); /* one more comes with it */
	EXPECT_TEXT(resident(0, PAGES), "nnyynyyn");
	EXPECT(!pte_present(*pte_lookup(mm->pgd, page(3))));
	user_switch(NULL);
	stop();
	swap_disk_remove(0);
}

/* More pages than are looked at in one go: told of in order, none twice. */
static void many_pages(void)
{
	const u32 count = 1150;
	const char *picture;

	start();
	map(0, count, RW, 0);
	for (u32 i = 0; i < count; i += 3)
		touch(i);
	picture = resident(0, count);
	for (u32 i = 0; i < count; i++)
		if (!EXPECT_EQ(picture[i], i % 3 ? 'n' : 'y'))
			tap_note("page %u", i);
	user_switch(NULL);
	stop();
}

TAP_MAIN({ "private pages", private_pages }, { "pages of an object", object_pages },
	 { "a file of others (CVE-2019-5489)", hidden_pages }, { "pages in swap", pages_in_swap },
	 { "many pages", many_pages })
