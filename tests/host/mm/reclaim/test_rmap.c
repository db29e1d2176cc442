/* SPDX-License-Identifier: MIT */
/*
 * Reverse mapping: all entries that map a frame are found, of programs and of objects, wherever
 * the spaces map it; and what is not found, or may not go, stays.
 */
#include "mm/frames/page_alloc.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/policy.h"
#include "mm/reclaim/rmap.h"
#include "mm/swap/swap_internal.h"
#include "mm/user_space/anon.h"
#include "mm/user_space/shmem.h"
#include "tests/host/machine.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { RW = PROT_READ | PROT_WRITE };

#define SPACES 3u
#define BASE   0x50000000u
#define OTHER  0x60000000u

static struct mm_struct *spaces[SPACES]; /* a parent and its children */
static struct swap_disk disks[2];
static vaddr_t area;

static pte_t *entry_in(u32 space, vaddr_t address)
{
	return pte_lookup(spaces[space]->pgd, address);
}

/* A page of a program, in several spaces. */
static struct page *start(u32 count)
{
	struct page *page;

	machine_boot();
	for (u32 i = 0; i < 2; i++)
		EXPECT_EQ(swap_disk_add(&disks[i], 100, 2 - (s32)i), i);
	page_cluster = 0;
	spaces[0] = mm_alloc();
	area = user_map(spaces[0], 2 * PAGE_SIZE, RW);
	EXPECT_EQ(user_poke(spaces[0], area, 7), FAULT_OK);
	for (u32 i = 1; i < count; i++)
		spaces[i] = mm_copy(spaces[0]);
	page = pfn_to_page(pte_pfn(*entry_in(0, area)));
	EXPECT_EQ(page->count, count);
	user_switch(NULL);
	page_referenced(page);
	return page;
}

static void stop(void)
{
	user_switch(NULL);
	for (u32 i = 0; i < SPACES; i++) {
		if (!spaces[i])
			continue;
		check_space(spaces[i]);
		mm_put(spaces[i]);
		spaces[i] = NULL;
	}
	for (u32 i = 0; i < 2; i++)
		swap_disk_remove(i);
}

static void end_space(u32 i)
{
	user_switch(NULL);
	mm_put(spaces[i]);
	spaces[i] = NULL;
}

static void peek_all(int value)
{
	for (u32 i = 0; i < SPACES; i++)
		if (spaces[i])
			EXPECT_EQ(user_peek(spaces[i], area), value);
	user_switch(NULL);
}

/* An access by any space counts once; the next one is seen again, also through the TLB. */
static void referenced(void)
{
	struct page *page = start(SPACES);

	EXPECT(!page_referenced(page));
	for (u32 i = 0; i < SPACES; i++) {
		EXPECT_EQ(user_peek(spaces[i], area), 7);
		EXPECT(page_referenced(page));
		EXPECT(!page_referenced(page));
		EXPECT_EQ(user_peek(spaces[i], area), 7);
		EXPECT(page_referenced(page));
	}
	peek_all(7);
	EXPECT(page_referenced(page)); /* all of them together */
	EXPECT(!page_referenced(page));
	end_space(0); /* the one that the hint names */
	EXPECT_EQ(user_peek(spaces[2], area), 7);
	EXPECT(page_referenced(page));
	EXPECT(!page_referenced(page));
	stop();
}

static vaddr_t map_object(u32 space, struct address_space *object, vaddr_t at, u32 pgoff)
{
	const struct mmap_request request = { .address = at,
					      .length = 2 * PAGE_SIZE,
					      .prot = RW,
					      .flags = MAP_SHARED | MAP_FIXED,
					      .mapping = object,
					      .may = VM_MAY_MASK,
					      .pgoff = pgoff };

	return do_mmap_pgoff(spaces[space], &request);
}

/* A page of an object, mapped at three places; areas beside it do not count. */
static struct page *start_object(struct address_space **object)
{
	struct page *page;

	start(2);
	*object = shmem_object(4 * PAGE_SIZE, "object");
	EXPECT_EQ(map_object(0, *object, BASE, 0), BASE);
	EXPECT_EQ(map_object(0, *object, OTHER, 1), OTHER);
	EXPECT_EQ(map_object(1, *object, OTHER, 1), OTHER);
	EXPECT_EQ(map_object(1, *object, BASE, 2), BASE);
	EXPECT_EQ(user_poke(spaces[0], BASE + PAGE_SIZE, 9), FAULT_OK);
	EXPECT_EQ(user_poke(spaces[0], OTHER, 9), FAULT_OK);
	EXPECT_EQ(user_poke(spaces[1], OTHER, 9), FAULT_OK);
	user_switch(NULL);
	page = find_page(*object, 1);
	EXPECT_EQ(page->count, 4);
	page_referenced(page);
	return page;
}

static void object_referenced(void)
{
	static const vaddr_t places[] = { BASE + PAGE_SIZE, OTHER, OTHER };
	struct address_space *object;
	struct page *page = start_object(&object);

	EXPECT(!page_referenced(page));
	for (u32 i = 0; i < ARRAY_SIZE(places); i++) {
		EXPECT_EQ(user_peek(spaces[i == 2], places[i]), 9);
		EXPECT(page_referenced(page));
		EXPECT(!page_referenced(page));
	}
	stop();
	mapping_put(object);
}

/* An object's page is unmapped everywhere, but for locked areas; then it is not alone. */
static void object_unmapped(void)
{
	struct address_space *object;
	struct page *page = start_object(&object);
	u32 rss[2] = { spaces[0]->rss, spaces[1]->rss };

	EXPECT_EQ(do_mlock(spaces[1], OTHER, PAGE_SIZE, MLOCK_ONFAULT), 0);
	EXPECT_EQ(try_to_unmap(page), UNMAP_LOCKED);
	EXPECT(pte_present(*entry_in(1, OTHER)));
	EXPECT_EQ(do_munlock(spaces[1], OTHER, PAGE_SIZE), 0);
	get_page(page);
	EXPECT_EQ(try_to_unmap(page), UNMAP_BUSY);
	EXPECT(pte_none(*entry_in(0, BASE + PAGE_SIZE)) && pte_none(*entry_in(0, OTHER)) &&
	       pte_none(*entry_in(1, OTHER)));
	EXPECT_EQ(page->count, 2);
	put_page(page);
	EXPECT_EQ(spaces[0]->rss, rss[0] - 2);
	EXPECT_EQ(spaces[1]->rss, rss[1] - 1);
	EXPECT_EQ(spaces[0]->max_rss, rss[0]);
	EXPECT_EQ(try_to_unmap(page), UNMAPPED);
	EXPECT_EQ(user_peek(spaces[1], OTHER), 9);
	stop();
	mapping_put(object);
}

/* The entries of a program's page become its slot's, and those of another slot when it moves. */
static void unmapped_and_moved(void)
{
	struct page *page = start(SPACES);
	swp_entry_t from, to;

	EXPECT_EQ(add_to_swap(page), 0);
	from = page_swap_entry(page);
	EXPECT_EQ(swap_entries_of(page, NULL), 0);
	EXPECT_EQ(try_to_unmap(page), UNMAPPED);
	EXPECT_EQ(swap_count(from), SPACES);
	EXPECT_EQ(swap_entries_of(page, NULL), SPACES);
	to = swap_other_slot(page);
	EXPECT_EQ(swp_type(to), 1);
	EXPECT_EQ(swap_entries_of(page, &to), SPACES);
	swap_move(page, to);
	EXPECT_EQ(swap_entries_of(page, NULL), SPACES);
	for (u32 i = 0; i < SPACES; i++) {
		EXPECT_EQ(entry_in(i, area)->value, swp_entry_to_pte(to).value);
		EXPECT_EQ(spaces[i]->nr_swap, 1);
		EXPECT_EQ(spaces[i]->rss, 0);
		EXPECT_EQ(spaces[i]->max_rss, 1);
	}
	EXPECT_EQ(swap_write(&page, 1), 1);
	swap_drop(page);
	end_space(1);
	EXPECT_EQ(swap_count(to), SPACES - 1);
	peek_all(7);
	EXPECT_EQ(disks[1].reads, 1);
	stop();
}

/* What was moved while it was shared is not found, and a locked area ends the search. */
static void kept(void)
{
	struct page *page = start(SPACES);

	EXPECT_EQ(do_mremap(spaces[1], area, PAGE_SIZE, PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
			    OTHER),
		  OTHER);
	EXPECT_EQ(add_to_swap(page), 0);
	EXPECT_EQ(try_to_unmap(page), UNMAP_BUSY);
	EXPECT_EQ(page->count, 2);
	EXPECT_EQ(swap_count(page_swap_entry(page)), 2);
	EXPECT(pte_present(*entry_in(1, OTHER)));
	EXPECT_EQ(user_peek(spaces[1], OTHER), 7);
	EXPECT_EQ(user_peek(spaces[0], area), 7);
	EXPECT_EQ(user_peek(spaces[2], area), 7);
	stop();

	page = start(SPACES);
	EXPECT_EQ(do_mlock(spaces[1], area, PAGE_SIZE, MLOCK_ONFAULT), 0);
	EXPECT_EQ(add_to_swap(page), 0);
	EXPECT_EQ(try_to_unmap(page), UNMAP_LOCKED);
	EXPECT(pte_swap(*entry_in(0, area)));
	EXPECT(pte_present(*entry_in(1, area)) && pte_present(*entry_in(2, area)));
	peek_all(7);
	stop();
}

/* A page of MADV_FREE goes from all spaces, unless one wrote it since, or has locked it. */
static void dropped(void)
{
	for (u32 row = 0; row < 4; row++) {
		struct page *page = start(row == 3 ? 1 : 2);
		u32 count = page->count;
		bool drops = row == 0 || row == 3;

		for (u32 i = 0; i < count; i++)
			set_pte(entry_in(i, area), pte_mkclean(*entry_in(i, area)));
		page->flags |= PG_lazyfree;
		if (row == 1)
			set_pte(entry_in(1, area), pte_mkdirty(*entry_in(1, area)));
		if (row == 2)
			EXPECT_EQ(do_mlock(spaces[1], area, PAGE_SIZE, MLOCK_ONFAULT), 0);
		EXPECT_EQ(try_to_drop(page), drops);
		EXPECT(pte_none(*entry_in(0, area)));
		EXPECT_EQ(spaces[0]->rss, 0);
		EXPECT_EQ(spaces[0]->max_rss, 1);
		EXPECT_EQ(user_peek(spaces[0], area), 0);
		if (count == 2)
			EXPECT_EQ(user_peek(spaces[1], area), drops ? 0 : 7);
		if (!drops) {
			EXPECT_EQ(page->count, 1);
			EXPECT(!(page->flags & PG_lazyfree));
		}
		stop();
		if (tap_failed())
			tap_note("row %u", row);
	}
}

TAP_MAIN({ "accesses", referenced }, { "accesses to an object", object_referenced },
	 { "an object's page is unmapped", object_unmapped },
	 { "entries of a slot move", unmapped_and_moved }, { "what stays", kept },
	 { "dropped", dropped })
