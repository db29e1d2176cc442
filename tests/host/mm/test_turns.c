/* SPDX-License-Identifier: MIT */
/*
 * Long calls let other tasks run between their steps (lib/resched.h): after each page, area, or
 * page table of the range. The turns of the others are counted.
 */
#include "mm/frames/highmem.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/mm_internal.h"
#include "mm/user_space/shmem.h"
#include "tests/host/machine.h"
#include "tests/host/mapping_write.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE };

#define BASE   0x50000000u
#define TABLES 3u /* of one area */
#define AREAS  4u /* of a page each, side by side */
#define PAGES  5u /* of an object */

static struct mm_struct *mm;
static u32 turns;

static void others(void)
{
	turns++;
}

/* How often others ran during the call, which succeeds. */
#define TURNS(call) (turns = 0, host_others = others, EXPECT_EQ(call, 0), host_others = NULL, turns)

/* One area, with a page in each of its page tables. */
static vaddr_t map_tables(void)
{
	vaddr_t end = BASE + TABLES * PMD_SIZE;

	EXPECT_EQ(do_mmap(mm, BASE, end - BASE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED), BASE);
	for (vaddr_t at = BASE; at < end; at += PMD_SIZE)
		EXPECT_EQ(user_poke(mm, at, 1), FAULT_OK);
	return end;
}

/* Areas that do not merge, of which each has its page. */
static vaddr_t map_areas(void)
{
	for (u32 i = 0; i < AREAS; i++) {
		vaddr_t at = BASE + i * PAGE_SIZE;

		EXPECT_EQ(do_mmap(mm, at, PAGE_SIZE, i % 2 ? R : RW,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
			  at);
		EXPECT(user_peek(mm, at) >= 0);
	}
	return BASE + AREAS * PAGE_SIZE;
}

static void start(void)
{
	machine_boot();
	mm = mm_alloc();
}

static int put_nothing(u32 first, const u8 *resident, u32 pages, void *context)
{
	(void)first, (void)resident, (void)pages, (void)context;
	return 0;
}

static int copy(struct mm_struct **to)
{
	*to = mm_copy(mm);
	return *to ? 0 : -1;
}

static int end_space(struct mm_struct *space)
{
	user_switch(NULL);
	mm_put(space);
	return 0;
}

/* One turn for each page table, and one for the area where areas are walked too. */
static void page_tables(void)
{
	const vaddr_t to = BASE + MiB(256);
	struct mm_struct *child = NULL;
	u32 length;

	start();
	length = map_tables() - BASE;
	EXPECT_EQ(TURNS(do_mprotect(mm, BASE, length, R)), TABLES - 1);
	EXPECT_EQ(TURNS(do_mincore(mm, BASE, length, put_nothing, NULL)),
		  TABLES * PTRS_PER_PTE / 512);
	EXPECT_EQ(TURNS(do_madvise(mm, BASE, length, MADV_COLD)), TABLES + 1);
	EXPECT_EQ(TURNS(copy(&child)), TABLES + 1);
	EXPECT_EQ(TURNS(end_space(child)), TABLES + 1);
	/* Page tables are made, then entries move; the old area goes. */
	EXPECT_EQ(
		TURNS(do_mremap(mm, BASE, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to),
		2 * TABLES + 1);
	EXPECT_EQ(TURNS(do_munmap(mm, to, length)), TABLES + 1);
	EXPECT_EQ(TURNS(end_space(mm)), 0);
}

/* One turn for each area, and one for each pair that might merge afterwards. */
static void areas(void)
{
	struct mm_struct *child = NULL;
	u32 length;

	start();
	length = map_areas() - BASE;
	EXPECT_EQ(TURNS(do_madvise(mm, BASE, length, MADV_RANDOM)), AREAS + AREAS - 1);
	EXPECT_EQ(TURNS(do_madvise(mm, BASE, length, MADV_DONTNEED)), 2 * AREAS);
	EXPECT_EQ(TURNS(do_mlock(mm, BASE, length, 0)), AREAS + AREAS - 1 + AREAS);
	EXPECT_EQ(TURNS(do_munlock(mm, BASE, length)), AREAS + AREAS - 1);
	EXPECT_EQ(TURNS(do_mlockall(mm, MCL_CURRENT)), AREAS + AREAS - 1 + 2 * AREAS);
	EXPECT_EQ(TURNS(do_munlockall(mm)), AREAS + AREAS - 1);
	EXPECT_EQ(TURNS(copy(&child)), AREAS + 1);
	EXPECT_EQ(TURNS(end_space(child)), AREAS + 1);
	EXPECT_EQ(TURNS(do_mprotect(mm, BASE, length, R)), AREAS - 1 + AREAS - 1);
	EXPECT_EQ(TURNS(do_munmap(mm, BASE, length)), AREAS + 1);
	end_space(mm);
}

/* One turn for each page, and one for the area. */
static void pages(void)
{
	const u32 length = PAGES * PAGE_SIZE;

	start();
	EXPECT_EQ(do_mmap(mm, BASE, length, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED), BASE);
	EXPECT_EQ(TURNS(do_madvise(mm, BASE, length, MADV_POPULATE_READ)), PAGES + 1);
	EXPECT_EQ(TURNS(mm_populate(mm, BASE, BASE + length)), PAGES);
	end_space(mm);
}

static int fill(struct address_space *mapping, struct page *page)
{
	(void)mapping;
	clear_highpage(page);
	return 0;
}

static int read_ahead(struct address_space *mapping)
{
	mapping_read_ahead(mapping, 0, PAGES);
	return mapping->nrpages != PAGES;
}

static int punch_hole(struct address_space *mapping)
{
	mapping_punch_hole(mapping, 0, PAGES);
	return mapping->nrpages != 0;
}

static int put_object(struct address_space *mapping)
{
	mapping_put(mapping);
	return 0;
}

static int transfer(struct address_space *mapping, bool write)
{
	static char buffer[PAGES * PAGE_SIZE];
	s32 done = write ? mapping_write(mapping, buffer, sizeof(buffer), 0)
			 : mapping_read(mapping, buffer, sizeof(buffer), 0);

	return done != (s32)sizeof(buffer);
}

static void map_object(struct address_space *mapping, vaddr_t at)
{
	struct mmap_request request = { .address = at,
					.length = PAGES * PAGE_SIZE,
					.prot = RW,
					.flags = MAP_SHARED | MAP_FIXED,
					.mapping = mapping,
					.may = VM_MAY_MASK };

	EXPECT_EQ(do_mmap_pgoff(mm, &request), at);
	EXPECT_EQ(user_poke(mm, at, 1), FAULT_OK);
}

/*
 * One turn between two pages, or after each. A truncation comes to each area before, and once more
 * after it has unmapped something there.
 */
static void objects(void)
{
	const struct address_space_operations *all;
	struct address_space_operations filled;
	struct address_space *object;

	start();
	object = shmem_object(0, "turns");
	EXPECT_EQ(TURNS(transfer(object, true)), PAGES - 1);
	EXPECT_EQ(TURNS(transfer(object, false)), PAGES - 1);
	EXPECT_EQ(TURNS(punch_hole(object)), PAGES);
	all = object->a_ops;
	filled = *all;
	filled.readpage = fill;
	object->a_ops = &filled;
	EXPECT_EQ(TURNS(read_ahead(object)), PAGES);
	for (u32 i = 0; i < AREAS; i++)
		map_object(object, BASE + i * MiB(1));
	EXPECT_EQ(TURNS(mapping_resize(object, 0)), 2 * AREAS + PAGES);
	object->a_ops = all;
	transfer(object, true);
	end_space(mm);
	EXPECT_EQ(TURNS(put_object(object)), PAGES);
}

TAP_MAIN({ "page tables", page_tables }, { "areas", areas }, { "pages", pages },
	 { "objects", objects })
