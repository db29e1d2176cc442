/* SPDX-License-Identifier: MIT */
/*
 * Objects that count their pages, and sparse ones: which access makes a page, is charged for it,
 * and what stays when the object may have no more.
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/highmem.h"
#include "mm/frames/page_alloc.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/shmem.h"
#include "tests/host/machine.h"
#include "tests/host/mapping_write.h"
#include "tests/host/tap.h"

#define PAGES 6u

static struct address_space *object;
static const struct address_space_operations *all;
static struct address_space_operations operations;
static char charged[PAGES + 1]; /* by index: how often */
static u32 room;
static char buffer[PAGES * PAGE_SIZE];

static int count_page(struct address_space *mapping, u32 index)
{
	EXPECT(mapping == object && index < PAGES);
	if (!room)
		return -ENOSPC;
	room--;
	charged[index]++;
	return 0;
}

static int fill(struct address_space *mapping, struct page *page)
{
	(void)mapping;
	memset(kmap_atomic(page), 'f', PAGE_SIZE);
	kunmap_atomic(page);
	return 0;
}

static void start(u32 pages, bool filled, bool sparse)
{
	machine_boot();
	object = shmem_object(pages * PAGE_SIZE, "charged");
	all = object->a_ops;
	operations = *all;
	operations.charge = count_page;
	operations.readpage = filled ? fill : NULL;
	operations.sparse = sparse;
	object->a_ops = &operations;
	memset(charged, '0', PAGES);
	room = PAGES;
	memset(buffer, 'b', sizeof(buffer));
}

static void stop(void)
{
	EXPECT_VALID(mapping_validate(object));
	object->a_ops = all;
	mapping_put(object);
}

/* The pages that the object has, and what it was charged for. */
static void expect_pages(const char *pages, const char *charges)
{
	char got[PAGES + 1] = "";

	for (u32 i = 0; i < PAGES; i++)
		got[i] = find_page(object, i) ? 'p' : '.';
	EXPECT_TEXT(got, pages);
	EXPECT_TEXT(charged, charges);
}

static s32 write_at(u32 position, u32 bytes)
{
	return mapping_write(object, buffer, bytes, position);
}

/* Each page is charged when it comes, once, whatever makes it. */
static void once(void)
{
	struct page *page;

	start(PAGES, false, true);
	EXPECT_EQ(write_at(10, 10), 10);
	EXPECT_EQ(write_at(PAGE_SIZE, PAGE_SIZE), PAGE_SIZE);
	expect_pages("pp....", "110000");
	EXPECT_EQ(write_at(0, 2 * PAGE_SIZE), 2 * PAGE_SIZE);
	EXPECT_EQ(get_cache_page(object, 1, &page), 0);
	expect_pages("pp....", "110000");
	EXPECT_EQ(get_cache_page(object, 3, &page), 0);
	EXPECT_EQ(get_cache_page(object, PAGES, &page), -EINVAL);
	expect_pages("pp.p..", "110100");
	EXPECT_EQ(mapping_read(object, buffer, sizeof(buffer), 0), sizeof(buffer));
	expect_pages("pp.p..", "110100");
	EXPECT_EQ(buffer[2 * PAGE_SIZE - 1], 'b');
	EXPECT_EQ(buffer[2 * PAGE_SIZE], 0);
	stop();
}

/* With no room: no page, and of a write what came before. */
static void full(void)
{
	struct page *page;

	start(1, false, true);
	room = 2;
	EXPECT_EQ(write_at(5, sizeof(buffer) - 5), 2 * PAGE_SIZE - 5);
	expect_pages("pp....", "110000");
	EXPECT_EQ(object->i_size, 2 * PAGE_SIZE);
	EXPECT_EQ(write_at(2 * PAGE_SIZE, PAGE_SIZE), -ENOSPC); /* a whole page */
	EXPECT_EQ(write_at(2 * PAGE_SIZE, 1), -ENOSPC);		/* a part */
	EXPECT_EQ(mapping_resize(object, 4 * PAGE_SIZE), 0);
	EXPECT_EQ(get_cache_page(object, 3, &page), -ENOSPC);
	EXPECT_EQ(write_at(PAGE_SIZE - 1, 2), 2);
	expect_pages("pp....", "110000");
	EXPECT_EQ(object->i_size, 4 * PAGE_SIZE);
	room = 1;
	EXPECT_EQ(get_cache_page(object, 3, &page), 0);
	expect_pages("pp.p..", "110100");
	stop();
}

/* A hole of a sparse object is read as zeros; of another one that can be filled it is filled. */
static void holes(void)
{
	static const struct {
		bool filled, sparse;
		const char *pages;
		char byte;
	} rows[] = {
		{ false, false, "......", 0 },
		{ false, true, "......", 0 },
		{ true, true, "......", 0 },
		{ true, false, "ppp...", 'f' },
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		start(PAGES, rows[i].filled, rows[i].sparse);
		EXPECT_EQ(mapping_read(object, buffer, 2 * PAGE_SIZE, 100), 2 * PAGE_SIZE);
		EXPECT_EQ(buffer[0], rows[i].byte);
		EXPECT_EQ(buffer[2 * PAGE_SIZE - 1], rows[i].byte);
		expect_pages(rows[i].pages, rows[i].pages[0] == 'p' ? "111000" : "000000");
		stop();
	}
}

static u32 copy_nothing(void *kernel, u32 bytes, void *context)
{
	(void)kernel;
	(void)context;
	return bytes;
}

/* A write that copies nothing leaves a page only before the object's end. */
static void nothing_copied(void)
{
	start(2, false, true);
	EXPECT_EQ(mapping_copy_to(object, PAGE_SIZE + 7, 9, copy_nothing, NULL), -EFAULT);
	expect_pages(".p....", "010000");
	EXPECT_EQ(mapping_copy_to(object, 2 * PAGE_SIZE + 7, 9, copy_nothing, NULL), -EFAULT);
	EXPECT_EQ(mapping_copy_to(object, 3 * PAGE_SIZE, PAGE_SIZE, copy_nothing, NULL), -EFAULT);
	expect_pages(".p....", "011100");
	EXPECT_EQ(object->i_size, 2 * PAGE_SIZE);
	EXPECT_EQ(mapping_copy_to(object, 0, 0, copy_nothing, NULL), 0);
	EXPECT_EQ(mapping_copy_from(object, 0, 0, copy_nothing, NULL), 0);
	EXPECT_EQ(mapping_copy_from(object, PAGE_SIZE, 1, copy_nothing, NULL), -EFAULT);
	EXPECT_EQ(mapping_copy_from(object, 2 * PAGE_SIZE, 1, copy_nothing, NULL), 0);
	stop();
}

static u32 looks;

/* What reclaim would see of the page; one byte is copied. */
static u32 copy_and_look(void *kernel, u32 bytes, void *context)
{
	const struct page *page = virt_to_page(kernel);

	EXPECT(page->mapping == object);
	EXPECT_EQ(page->index, *(u32 *)context);
	EXPECT_EQ(page->count, 2);
	looks++;
	return bytes - 1;
}

/* A page names its object and place, and has one more reference, while its bytes are copied. */
static void during_a_copy(void)
{
	static const u32 lengths[] = { PAGE_SIZE, 10 };

	start(PAGES, false, true);
	for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
		const u32 at = i * PAGE_SIZE, bytes = lengths[i];

		EXPECT_EQ(mapping_copy_to(object, at, bytes, copy_and_look, &i), bytes);
		EXPECT_EQ(mapping_copy_from(object, at, bytes, copy_and_look, &i), 1);
	}
	EXPECT_EQ(looks, PAGE_SIZE + 1 + 10 + 1);
	stop();
}

TAP_MAIN({ "during a copy", during_a_copy }, { "charged once", once }, { "no room", full },
	 { "holes", holes }, { "nothing is copied", nothing_copied })
