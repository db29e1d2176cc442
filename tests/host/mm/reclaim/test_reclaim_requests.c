/* SPDX-License-Identifier: MIT */
/*
 * When and how far memory is reclaimed: what a request tries one after the other, and which zones
 * the task in the background looks at.
 */
#include <stdio.h>
#include <string.h>

#include "mm/frames/lru.h"
#include "mm/frames/page_alloc.h"
#include "mm/frames/shrinker.h"
#include "mm/mman/mman.h"
#include "mm/reclaim/reclaim.h"
#include "mm/user_space/mm.h"
#include "tests/host/machine.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { RW = PROT_READ | PROT_WRITE };

#define PAGES 100u

static struct swap_disk disk;
static struct mm_struct *mm;
static u32 idle_frames; /* that the cache frees */

/* What was tried since the last call. */
static const char *tried(void)
{
	static char text[sizeof(did)];

	strcpy(text, did);
	did[0] = '\0';
	return text;
}

static u32 shrink_idle(void)
{
	u32 frames = idle_frames;

	note("idle ");
	idle_frames = 0;
	EXPECT(machine_relax_by(frames));
	return frames;
}

static u32 shrink_useful(void)
{
	note("useful ");
	return 0;
}

static u32 out_of_memory(gfp_t gfp, u32 order)
{
	note("oom%u%s ", order, gfp & __GFP_DMA ? "d" : "");
	return 0;
}

/* A program with some pages, and swap for them. */
static void start(void)
{
	vaddr_t area;

	mm = mm_alloc();
	EXPECT_EQ(swap_disk_add(&disk, 2 * PAGES, -1), 0);
	area = user_map(mm, PAGES * PAGE_SIZE, RW);
	for (u32 i = 0; i < PAGES; i++)
		EXPECT_EQ(user_poke(mm, area + i * PAGE_SIZE, 1), FAULT_OK);
	user_switch(NULL);
}

static void stop(void)
{
	mm_put(mm);
	swap_disk_remove(0);
	lru_stop();
}

/* All frames are in use, and none was reclaimed for that. */
static void use_up(void)
{
	reclaim_t reclaim = set_reclaim(NULL);

	machine_exhaust();
	set_reclaim(reclaim);
	did[0] = '\0';
}

/* Idle caches, then pages, then a process; a request that may not wait tries none of them. */
static void requests(void)
{
	static struct shrinker idle = { .name = "idle", .shrink = shrink_idle }, useful = {
		.name = "useful", .shrink = shrink_useful, .saves_work = true
	};
	struct page *page[2];

	machine_boot();
	start();
	register_shrinker(&useful);
	register_shrinker(&idle);
	set_out_of_memory(out_of_memory);
	use_up();
	idle_frames = 1;
	page[0] = alloc_page(GFP_KERNEL);
	EXPECT(page[0]);
	EXPECT_TEXT(tried(), "idle ");
	EXPECT_EQ(mm->nr_swap, 0);
	EXPECT(!alloc_page(GFP_ATOMIC));
	EXPECT_TEXT(tried(), "");
	page[1] = alloc_page(GFP_KERNEL);
	EXPECT(page[1]);
	EXPECT_TEXT(tried(), "idle ");
	EXPECT_EQ(mm->nr_swap, SWAP_CLUSTER);

	swap_area_close(0);
	use_up();
	for (u32 order = 0; order < MAX_ORDER; order++) {
		char expected[20] = "idle ";

		if (order <= OOM_ORDER_MAX)
			snprintf(expected, sizeof(expected), "idle oom%u ", order);
		EXPECT(!alloc_pages(GFP_KERNEL, order));
		EXPECT_TEXT(tried(), expected);
	}
	EXPECT(!alloc_page(GFP_KERNEL | GFP_DMA));
	EXPECT_TEXT(tried(), "idle oom0d ");
	EXPECT(set_out_of_memory(NULL) == out_of_memory);
	EXPECT(!alloc_page(GFP_KERNEL));
	EXPECT_TEXT(tried(), "idle ");
	EXPECT_EQ(mm->nr_swap, SWAP_CLUSTER);
	swap_area_reopen(0);
	machine_relax();
	for (u32 i = 0; i < 2; i++)
		if (page[i])
			__free_page(page[i]);
	stop();
}

/* A turn in the background: is it needed, and does it evict? The program is in high memory. */
static void turns(void)
{
	static const struct {
		bool normal, high; /* the zone has a frame less than its mark */
		bool needed, frees;
	} rows[] = {
		{ false, false, false, false },
		{ true, false, true, false }, /* high memory does not help */
		{ false, true, true, true },
		{ true, true, true, true },
	};

	machine_boot_highmem(MiB(32));
	start();
	EXPECT(shrink_pages(0, 0) == 0); /* the lists exist from here on */
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct zone *normal = &zones[ZONE_NORMAL], *high = &zones[ZONE_HIGHMEM];
		u32 swapped = mm->nr_swap, background = reclaim_counters.background;

		normal->pages_high = normal->free_pages + rows[i].normal;
		high->pages_high = high->free_pages + rows[i].high;
		EXPECT_EQ(reclaim_balance(), rows[i].frees);
		EXPECT_EQ(reclaim_counters.background - background, rows[i].needed);
		EXPECT_EQ(mm->nr_swap - swapped, rows[i].frees ? SWAP_CLUSTER : 0);
		if (tap_failed())
			tap_note("row %u", i);
	}
	stop();
}

/* A zone without frames is never low. */
static void empty_zone(void)
{
	machine_boot();
	start();
	zones[ZONE_HIGHMEM].pages_high = UINT32_MAX;
	EXPECT(!reclaim_balance());
	EXPECT_EQ(reclaim_counters.background, 0);
	zones[ZONE_HIGHMEM].pages_high = 0;
	stop();
}

/* A cache that frees frames is enough for a turn. */
static void idle_cache(void)
{
	static struct shrinker idle = { .name = "idle", .shrink = shrink_idle };

	machine_boot();
	start();
	register_shrinker(&idle);
	use_up();
	swap_area_close(0);
	zones[ZONE_NORMAL].pages_high = UINT32_MAX;
	EXPECT(!reclaim_balance());
	idle_frames = 3;
	EXPECT(reclaim_balance());
	EXPECT_TEXT(tried(), "idle idle ");
	swap_area_reopen(0);
	machine_relax();
	stop();
}

/* A policy hears of pages that came back, as far as they are on its own lists. */
static void told_of_refaults(void)
{
	static const char *const names[] = { "refault", "fifo" };
	vaddr_t area;

	machine_boot();
	start();
	area = mm->mmap->vm_start;
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		struct page *pages[4];

		EXPECT(reclaim_set_policy(names[i]));
		shrink_pages(0, 0); /* the lists exist from here on */
		for (u32 n = 0; n < 4; n++) {
			pages[n] = pfn_to_page(pte_pfn(*pte_lookup(mm->pgd, area + n * PAGE_SIZE)));
			EXPECT(pages[n]->flags & PG_lru && !(pages[n]->flags & PG_active));
		}
		page_referenced(pages[1]);
		lru->cold(pages[1]);
		EXPECT_EQ(do_mlock(mm, area + 2 * PAGE_SIZE, PAGE_SIZE, 0), 0);
		EXPECT_EQ(reclaim_these_pages(&pages[2], 1), 0);
		EXPECT(pages[2]->flags & PG_unevictable);
		lru->remove(pages[3]);
		for (u32 n = 0; n < 4; n++) {
			lru->refault(pages[n], 1);
			EXPECT_EQ(!!(pages[n]->flags & PG_active), !n && !i);
		}
		lru->add(pages[3]);
		EXPECT_VALID(reclaim_validate());
		EXPECT_EQ(do_munlock(mm, area + 2 * PAGE_SIZE, PAGE_SIZE), 0);
		EXPECT(shrink_pages(1, __GFP_HIGHMEM) >= 1);
		EXPECT(!pte_present(*pte_lookup(mm->pgd, area + PAGE_SIZE))); /* the cold one */
		EXPECT_EQ(user_peek(mm, area + PAGE_SIZE), 1);
		user_switch(NULL);
		lru_stop();
	}
	stop();
}

/* A frame that its owner has not entered anywhere yet stays, as one that is still shared. */
static void not_in_use_yet(void)
{
	struct page *page;

	machine_boot();
	start();
	page = alloc_page(GFP_HIGHUSER);
	page->mapping = NULL;
	EXPECT_EQ(reclaim_these_pages(&page, 1), 0);
	EXPECT_EQ(reclaim_counters.kept_busy, 1);
	EXPECT_EQ(page->count, 1);
	EXPECT(!(page->flags & PG_swapcache));
	__free_page(page);
	stop();
}

TAP_MAIN({ "refaults", told_of_refaults }, { "a page that is not in use yet", not_in_use_yet },
	 { "requests", requests }, { "turns in the background", turns },
	 { "a zone without frames", empty_zone }, { "an idle cache", idle_cache })
