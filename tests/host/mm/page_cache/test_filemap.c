/* SPDX-License-Identifier: MIT */
/*
 * The page cache: reading, writing, holes, truncation and filled pages, against a flat copy; and
 * every allocation fails once. High memory is on, so that a page that is reached without
 * kmap_atomic() kills the case.
 */
#include <stdlib.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/census.h"
#include "mm/frames/fail_alloc.h"
#include "mm/page_cache/filemap.h"
#include "mm/frames/highmem.h"
#include "mm/frames/page_alloc.h"
#include "mm/user_space/shmem.h"
#include "mm/user_space/truncate.h"
#include "tests/host/machine.h"
#include "tests/host/mapping_write.h"
#include "tests/host/tap.h"

#define MODEL_SIZE    (40 * PAGE_SIZE)
#define PAGES_OF_JUNK 8u

static struct address_space *object;
static char buffer[MODEL_SIZE], contents[MODEL_SIZE];

static void start(u64 size)
{
	machine_boot_highmem(MiB(24));
	object = shmem_object(size, "object");
	EXPECT(object);
}

static void end(void)
{
	EXPECT_VALID(mapping_validate(object));
	EXPECT_EQ(object->count, 1);
	mapping_put(object);
	EXPECT(list_empty(&mapping_list));
}

static u8 byte_at(u64 position)
{
	u8 byte = 0xee;

	EXPECT_EQ(mapping_read(object, &byte, 1, position), 1);
	return byte;
}

static void holes(void)
{
	start(3 * PAGE_SIZE + 5);
	memset(buffer, 1, sizeof(buffer));
	EXPECT_EQ(mapping_read(object, buffer, sizeof(buffer), 0), 3 * PAGE_SIZE + 5);
	for (u32 i = 0; i < 3 * PAGE_SIZE + 5; i++)
		if (!EXPECT_EQ(buffer[i], 0))
			break;
	EXPECT_EQ(buffer[3 * PAGE_SIZE + 5], 1);
	EXPECT_EQ(object->nrpages, 0);
	EXPECT_EQ(mapping_read(object, buffer, 1, 3 * PAGE_SIZE + 5), 0);
	EXPECT_EQ(mapping_read(object, buffer, 1, ~0ull), 0);
	end();
}

static void pages(void)
{
	struct page *page, *again;

	start(2 * PAGE_SIZE + 1);
	EXPECT(!find_page(object, 2));
	EXPECT_EQ(get_cache_page(object, 2, &page), 0);
	EXPECT(find_page(object, 2) == page);
	EXPECT_EQ(get_cache_page(object, 2, &again), 0);
	EXPECT(page == again);
	EXPECT(page->mapping == object);
	EXPECT_EQ(page->index, 2);
	EXPECT_EQ(page->count, 1);
	EXPECT_EQ(page_owner(page), OWNER_PAGECACHE);
	EXPECT_EQ(get_cache_page(object, 3, &page), -EINVAL);
	EXPECT_EQ(get_cache_page(object, UINT32_MAX, &page), -EINVAL);
	EXPECT_EQ(object->nrpages, 1);
	end();
}

static void sizes(void)
{
	start(0);
	EXPECT_EQ(mapping_write(object, "", 0, 1000), 0);
	EXPECT_EQ(object->i_size, 0);
	EXPECT_EQ(mapping_write(object, "ab", 2, MAPPING_SIZE_MAX - 1), 1);
	EXPECT_EQ(object->i_size, MAPPING_SIZE_MAX);
	EXPECT_EQ(object->pages.height, RADIX_TREE_MAX_HEIGHT);
	EXPECT_EQ(mapping_write(object, "ab", 2, MAPPING_SIZE_MAX), -EFBIG);
	EXPECT_EQ(byte_at(MAPPING_SIZE_MAX - 1), 'a');
	EXPECT_EQ(byte_at(MAPPING_SIZE_MAX - 2), 0);
	EXPECT_EQ(mapping_resize(object, MAPPING_SIZE_MAX + 1), -EFBIG);
	EXPECT_EQ(object->i_size, MAPPING_SIZE_MAX);
	EXPECT_EQ(mapping_resize(object, 0), 0);
	EXPECT_EQ(object->nrpages, 0);
	EXPECT_EQ(mapping_resize(object, MAPPING_SIZE_MAX), 0);
	EXPECT_EQ(byte_at(MAPPING_SIZE_MAX - 1), 0);
	end();
}

/* Truncated bytes are gone, also within the last page. */
static void truncation(void)
{
	struct page *page;

	start(0);
	memset(buffer, 'x', sizeof(buffer));
	EXPECT_EQ(mapping_write(object, buffer, 4 * PAGE_SIZE, 0), 4 * PAGE_SIZE);
	EXPECT_EQ(object->nrpages, 4);
	EXPECT_EQ(mapping_resize(object, PAGE_SIZE + 10), 0);
	EXPECT_EQ(object->nrpages, 2);
	EXPECT_VALID(mapping_validate(object));
	EXPECT_EQ(get_cache_page(object, 1, &page), 0);
	memset((u8 *)kmap_atomic(page) + 10, 'y', 10); /* as a mapping may */
	kunmap_atomic(page);
	EXPECT_EQ(mapping_resize(object, PAGE_SIZE + 10), 0);
	EXPECT_EQ(page->count, 1);
	EXPECT_EQ(mapping_resize(object, 4 * PAGE_SIZE), 0);
	EXPECT_EQ(object->nrpages, 2);
	EXPECT_EQ(byte_at(PAGE_SIZE + 9), 'x');
	EXPECT_EQ(byte_at(PAGE_SIZE + 10), 0);
	EXPECT_EQ(byte_at(2 * PAGE_SIZE - 1), 0);
	EXPECT_EQ(byte_at(3 * PAGE_SIZE), 0);
	EXPECT_EQ(mapping_resize(object, PAGE_SIZE), 0);
	EXPECT_EQ(object->nrpages, 1);
	end();
}

/* A page with a reference outlives truncation, but belongs to no file any more. */
static void truncated_while_held(void)
{
	struct page *page;

	start(PAGE_SIZE);
	EXPECT_EQ(get_cache_page(object, 0, &page), 0);
	get_page(page);
	EXPECT_EQ(mapping_resize(object, 0), 0);
	EXPECT_EQ(page->count, 1);
	EXPECT(!page->mapping);
	put_page(page);
	end();
}

/* A copy that stops in the middle, as one to or from ring 3 does at a bad address. */
static u32 copy_some(void *in_page, u32 bytes, void *context)
{
	u32 *room = context, part = min(bytes, *room);

	memset(in_page, 'y', part);
	*room -= part;
	return bytes - part;
}

static void short_copies(void)
{
	u32 room = PAGE_SIZE + 7;

	start(0);
	EXPECT_EQ(mapping_copy_to(object, 0, 3 * PAGE_SIZE, copy_some, &room), PAGE_SIZE + 7);
	EXPECT_EQ(object->i_size, PAGE_SIZE + 7);
	EXPECT_EQ(object->nrpages, 2);
	EXPECT_EQ(mapping_copy_to(object, 5 * PAGE_SIZE, 1, copy_some, &room), -EFAULT);
	EXPECT_EQ(object->i_size, PAGE_SIZE + 7);
	EXPECT_EQ(object->nrpages, 2);
	room = PAGE_SIZE;
	EXPECT_EQ(mapping_copy_to(object, 5 * PAGE_SIZE, 2 * PAGE_SIZE, copy_some, &room),
		  PAGE_SIZE);
	EXPECT_EQ(object->i_size, 6 * PAGE_SIZE);
	EXPECT_VALID(mapping_validate(object));
	room = 3;
	EXPECT_EQ(mapping_copy_from(object, 0, 10, copy_some, &room), 3);
	EXPECT_EQ(mapping_copy_from(object, 0, 10, copy_some, &room), -EFAULT);
	end();
}

/* Copies a part of a page, and puts the page into the object meanwhile, as a fault would. */
static u32 copy_and_fault(void *kernel, u32 bytes, void *context)
{
	struct page *page;

	EXPECT_EQ(get_cache_page(object, 1, &page), 0);
	memset((char *)kmap_atomic(page) + bytes - 1, 'f', 1);
	kunmap_atomic(page);
	memset(kernel, 'w', bytes - *(u32 *)context);
	return *(u32 *)context;
}

/* A whole page that is written anew is not cleared first: no byte of its frame may be seen. */
static void new_pages(void)
{
	u32 left = 100, room = 9;

	start(3 * PAGE_SIZE);
	for (u32 i = 0; i < PAGES_OF_JUNK; i++) {
		struct page *page = alloc_page(GFP_PAGECACHE);

		memset(kmap_atomic(page), 0xcc, PAGE_SIZE);
		kunmap_atomic(page);
		put_page(page);
	}
	EXPECT_EQ(mapping_copy_to(object, 0, PAGE_SIZE, copy_some, &room), 9);
	for (u32 i = 9; i < PAGE_SIZE; i++)
		if (!EXPECT_EQ(byte_at(i), 0))
			break;
	EXPECT_EQ(mapping_copy_to(object, PAGE_SIZE, PAGE_SIZE, copy_and_fault, &left),
		  PAGE_SIZE - left);
	EXPECT_EQ(byte_at(PAGE_SIZE), 'w');
	EXPECT_EQ(byte_at(2 * PAGE_SIZE - left - 1), 'w');
	EXPECT_EQ(byte_at(2 * PAGE_SIZE - left), 0);
	EXPECT_EQ(byte_at(2 * PAGE_SIZE - 1), 'f');
	EXPECT_EQ(object->nrpages, 2);
	end();
}

/* An object with pages from elsewhere. */
static int fill_error;

static int fill_page(struct address_space *mapping, struct page *page)
{
	(void)mapping;
	if (fill_error)
		return fill_error;
	memset(kmap_atomic(page), (int)('a' + page->index), PAGE_SIZE);
	kunmap_atomic(page);
	return 0;
}

static u32 released;

static void count_release(struct address_space *mapping)
{
	(void)mapping;
	released++;
}

static void filled_pages(void)
{
	static const struct address_space_operations operations = { .readpage = fill_page,
								    .release = count_release };
	static struct address_space filled;
	struct page *page;

	machine_boot_highmem(MiB(24));
	mapping_init(&filled, &operations, 3 * PAGE_SIZE);
	object = &filled;
	EXPECT_EQ(byte_at(PAGE_SIZE), 'b');
	EXPECT_EQ(filled.nrpages, 1);
	fill_error = -EIO;
	EXPECT_EQ(get_cache_page(&filled, 2, &page), -EIO);
	EXPECT_EQ(mapping_read(&filled, buffer, 2 * PAGE_SIZE, PAGE_SIZE), PAGE_SIZE);
	EXPECT_EQ(mapping_read(&filled, buffer, 1, 2 * PAGE_SIZE), -EIO);
	fill_error = 0;
	EXPECT_EQ(byte_at(2 * PAGE_SIZE), 'c');
	mapping_get(&filled);
	mapping_put(&filled);
	EXPECT_EQ(released, 0);
	mapping_put(&filled);
	EXPECT_EQ(released, 1);
}

static void compare_contents(u64 size)
{
	memset(buffer, 0xcc, sizeof(buffer));
	EXPECT_EQ(object->i_size, size);
	EXPECT_EQ(mapping_read(object, buffer, sizeof(buffer), 0), size);
	EXPECT(!memcmp(buffer, contents, size));
	EXPECT_VALID(mapping_validate(object));
}

static void model(void)
{
	u32 size = 0;

	start(0);
	for (u32 step = 0; step < tap_scaled(3000) && !tap_failed(); step++) {
		u32 at = random_below(MODEL_SIZE);
		u32 bytes = random_below(min(MODEL_SIZE - at, 3 * PAGE_SIZE));

		switch (random_below(4)) {
		case 0:
			EXPECT_EQ(mapping_resize(object, at), 0);
			if (at < size)
				memset(contents + at, 0, size - at);
			size = at;
			break;
		case 1:
			compare_contents(size);
			break;
		default:
			for (u32 i = 0; i < bytes; i++)
				buffer[i] = (char)random_u32();
			EXPECT_EQ(mapping_write(object, buffer, bytes, at), bytes);
			memcpy(contents + at, buffer, bytes);
			if (bytes)
				size = max(size, at + bytes);
		}
	}
	compare_contents(size);
	end();
}

/* Each allocation of a write fails once; the bytes that were not written are unchanged. */
static void no_memory(void)
{
	struct fail_spec spec = { .kinds = FAIL_ANY, .mode = FAIL_ON };
	s32 written = 0;

	start(0);
	memset(buffer, 'z', sizeof(buffer));
	for (spec.nth = 1; written < (s32)(3 * PAGE_SIZE) && spec.nth < 100; spec.nth++) {
		fail_alloc_set(&spec);
		written = mapping_write(object, buffer, 3 * PAGE_SIZE, 63 * PAGE_SIZE + 1);
		fail_alloc_set(NULL);
		EXPECT(written > 0 || written == -ENOMEM);
		EXPECT_EQ(object->i_size, written > 0 ? 63 * PAGE_SIZE + 1 + (u32)written : 0);
		EXPECT_VALID(mapping_validate(object));
		machine_check();
		if (written < (s32)(3 * PAGE_SIZE))
			EXPECT_EQ(mapping_resize(object, 0), 0);
	}
	EXPECT(spec.nth > 4 && spec.nth < 100);
	end();
	spec.nth = 1;
	fail_alloc_set(&spec);
	EXPECT(!shmem_object(1, NULL));
	fail_alloc_set(NULL);
}

static const char *census_says(void)
{
	static struct census census;

	return mm_census(&census) ? NULL : census.violated;
}

/* Faults that the census and the validator find. */
static void violations(void)
{
	struct page *page;

	start(5 * PAGE_SIZE);
	EXPECT_EQ(get_cache_page(object, 3, &page), 0);
	EXPECT_VALID(census_says());
	page->count++;
	EXPECT_TEXT(census_says(), "(1) a frame's count is not its references");
	page->count--;
	page->index = 2;
	EXPECT_TEXT(mapping_validate(object), "(1) a page names another object or place");
	EXPECT_TEXT(census_says(), "(1) a page names another object or place");
	page->index = 3;
	object->nrpages = 0;
	EXPECT_TEXT(mapping_validate(object), "(2) nrpages is not the number of pages");
	object->nrpages = 1;
	object->i_size = 3 * PAGE_SIZE;
	EXPECT_TEXT(mapping_validate(object), "(2) a page lies after the end");
	object->i_size = 5 * PAGE_SIZE;
	/* A page that is missing in its cache. */
	radix_tree_delete(&object->pages, 3);
	object->nrpages = 0;
	EXPECT_TEXT(census_says(), "(1) a frame's count is not its references");
	__free_page(page);
	end();
}

TAP_MAIN({ "new pages", new_pages }, { "holes", holes }, { "pages", pages }, { "sizes", sizes },
	 { "truncation", truncation }, { "truncated while held", truncated_while_held },
	 { "short copies", short_copies }, { "filled pages", filled_pages }, { "model", model },
	 { "no memory", no_memory }, { "violations", violations })
