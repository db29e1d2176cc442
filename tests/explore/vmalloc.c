/* SPDX-License-Identifier: MIT */
/*
 * vmalloc in a window of a few pages: allocate areas of each length, with the nth allocation of a
 * frame or an object failing, free each.
 *
 *   page   | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |    model: the area of each page, its guard, or none
 *
 * Addresses are all that is to be told apart: an area goes to the lowest gap that is large
 * enough, so that the pages in use make the state. Which frames they have does not matter.
 */
#include "mm/frames/early.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/highmem.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/slab/slab.h"
#include "paging/tlb.h"
#include "tests/explore/explore.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"

#define PAGES_MAX 12u
#define NTH_MAX	  4u
#define BASE	  0xe0000000u
#define RAM_START MiB(4)
#define RAM_END	  MiB(6)

/* allocate: length and which allocation fails, 0 for none; free: the first page */
enum { OPERATIONS = PAGES_MAX * (NTH_MAX + 1) + PAGES_MAX };

const struct world world = { "vmalloc", "pages", 2, PAGES_MAX, 6, 12, OPERATIONS };

char physmap[RAM_END] __aligned(4096);
static struct vmalloc_space space;
static u32 window;
static u32 lengths[PAGES_MAX]; /* by an area's first page; 0: none begins there */
static u8 taken[PAGES_MAX];    /* 1: a page of an area, 2: its guard */
static u32 settled;	       /* free frames without areas */

void *machine_ram(phys_addr_t address)
{
	return physmap + (size_t)address;
}

static vaddr_t page_at(u32 page)
{
	return BASE + page * PAGE_SIZE;
}

/* A frame that the TLB names is not free: it would have been freed before the flush. */
static void frame_seen(pfn_t pfn, vaddr_t address)
{
	if (!pfn_to_page(pfn)->count)
		panic("frame %#x is free, and the TLB names it for %#x", pfn, address);
}

void world_start(u32 size)
{
	window = size;
	EXPLORE_EQUAL(memmap_add(&memmap, RAM_START, RAM_END - RAM_START, MEM_USABLE), 0);
	memmap_sanitise(&memmap);
	early_init(&early, &memmap, RAM_START, RAM_END);
	EXPLORE_EQUAL(kernel_map_init(phys_to_pfn(RAM_END), 0, 0), 0);
	mmu_set_root(virt_to_phys(kernel_pgd));
	EXPLORE_EQUAL(zones_init(phys_to_pfn(RAM_END), phys_to_pfn(RAM_END)), 0);
	early_for_each_free(&early, RAM_END, zones_add);
	zonelists_init();
	highmem_init(kernel_pgd);
	kmem_cache_init(0);
	vmalloc_init();
	vmalloc_space_init(&space, BASE, page_at(size), kernel_pgd, &kernel_pgtable_ops);
	/* The window's page table is made by the first area, and stays. */
	vfree_to(&space, vmalloc_from(&space, PAGE_SIZE, GFP_KERNEL));
	kmem_cache_reap();
	settled = nr_free_pages();
	mmu_frame_seen = frame_seen;
}

static u32 place(u32 pages)
{
	u32 run = 0;

	for (u32 page = 0; page < window; page++) {
		run = taken[page] ? 0 : run + 1;
		if (run == pages + 1)
			return page - pages;
	}
	return window;
}

static bool allocate(u32 pages, u32 nth)
{
	struct fail_spec spec = { .kinds = FAIL_PAGE | FAIL_SLAB, .mode = FAIL_ONCE, .nth = nth };
	u32 at = place(pages);
	vaddr_t address;
	bool failed;

	if (pages >= window)
		return false;
	if (nth)
		fail_alloc_set(&spec);
	address = vmalloc_from(&space, pages * PAGE_SIZE, GFP_KERNEL);
	failed = nth && fail_alloc_failed();
	fail_alloc_set(NULL);
	EXPLORE_EQUAL(address, at == window || failed ? 0 : page_at(at));
	if (!address)
		return true;
	lengths[at] = pages;
	for (u32 page = at; page <= at + pages; page++)
		taken[page] = page == at + pages ? 2 : 1;
	return true;
}

static bool release(u32 at)
{
	if (at >= window || !lengths[at])
		return false;
	vfree_to(&space, page_at(at));
	for (u32 page = at; page <= at + lengths[at]; page++)
		taken[page] = 0;
	lengths[at] = 0;
	return true;
}

bool world_apply(u32 operation)
{
	u32 at = operation % PAGES_MAX, kind = operation / PAGES_MAX;

	return kind > NTH_MAX ? release(at) : at && allocate(at, kind);
}

void world_text(u32 operation, char *buffer, u32 size)
{
	u32 at = operation % PAGES_MAX, kind = operation / PAGES_MAX;

	if (kind > NTH_MAX)
		scnprintf(buffer, size, "vfree_to(&space, %#x);", page_at(at));
	else if (kind)
		scnprintf(buffer, size,
			  "vmalloc_from(&space, %u * PAGE_SIZE, GFP_KERNEL); /* allocation %u "
			  "fails */",
			  at, kind);
	else
		scnprintf(buffer, size, "vmalloc_from(&space, %u * PAGE_SIZE, GFP_KERNEL);", at);
}

void world_check(void)
{
	const char *violated = vmalloc_validate(&space), *stale;
	u32 mapped = 0, count = 0;
	vaddr_t where = 0;

	if (violated)
		panic("vmalloc_validate: %s", violated);
	stale = mmu_check(&where);
	if (stale)
		panic("mmu_check: %s: %#x", stale, where);
	for (u32 page = 0; page < window; page++) {
		u32 value = page;

		count += lengths[page] != 0;
		mapped += taken[page] == 1;
		EXPLORE_EQUAL(kernel_write(page_at(page), &value, sizeof(value)), taken[page] == 1);
	}
	EXPLORE_EQUAL(space.count, count);
	EXPLORE_EQUAL(space.pages, mapped);
	kmem_cache_reap();
	if (!count)
		EXPLORE_EQUAL(nr_free_pages(), settled);
}

void world_describe(void)
{
	for (u32 page = 0; page < window; page++)
		explore_put(taken[page] | lengths[page] << 2);
}
