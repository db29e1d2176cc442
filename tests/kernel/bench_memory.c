/* SPDX-License-Identifier: MIT */
/*
 * The cost of physical memory: frames, slabs, vmalloc, page tables, the set-up of mem_map.
 *
 * "Warm" means that the structures exist: the operation creates neither a slab nor a page table.
 * The object that is freed is the one last allocated. Another object of the same slab stays in
 * use, as in any cache that is used at all.
 */
#include "kernel/harness/bench.h"
#include "abi/linux/errno.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/slab/slab.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/mman/mman.h"
#include "paging/tlb.h"

/*
 * --- Free lists in a known state ---
 *
 * The cost of a request depends on which lists are empty. So each benchmark of frames first
 * allocates blocks, in the zone that serves its requests, until the lists are as its comment
 * says.
 */
static LIST_HEAD(held_blocks); /* through page->lru; page->index is the order */
static struct zone *zone;

static u32 free_blocks(u32 order)
{
	return zone_free_blocks(zone, order);
}

static bool hold_block(gfp_t gfp, u32 order)
{
	struct page *page = alloc_pages(gfp, order);

	if (!page)
		return false;
	zone = &zones[page_zone_index(page)];
	page->index = order;
	list_add(&page->lru, &held_blocks);
	return true;
}

/* Holds blocks until no block of an order from `lowest` up to 8 is free. */
static bool hold_all_blocks(gfp_t gfp, u32 lowest)
{
	drain_hot_frames();
	if (!hold_block(gfp, lowest))
		return false;
	for (u32 order = lowest; order < MAX_ORDER - 1; order++)
		while (!list_empty(&zone->free_area[order].free_list))
			if (!hold_block(gfp, order))
				return false;
	return true;
}

static void release_blocks(void)
{
	while (!list_empty(&held_blocks)) {
		struct page *page = list_first_entry(&held_blocks, struct page, lru);

		list_del(&page->lru);
		__free_pages(page, page->index);
	}
}

/*
 * --- Order 0, warm: allocates the frame that was freed last. The next free one is a single
 * frame with its buddy in use, so nothing would be split or merged without the hot frame either
 * ---
 */

static int warm_frame_set_up(void)
{
	drain_hot_frames();
	do {
		if (!hold_block(GFP_KERNEL, 0))
			return -ENOMEM;
	} while (!free_blocks(0));
	return 0;
}

static u32 page_alloc_free(void)
{
	return BENCH_SAMPLE(__free_page(alloc_page(GFP_KERNEL)));
}
BENCHMARK(page_alloc_free_o0, .set_up = warm_frame_set_up, .sample = page_alloc_free,
	  .tear_down = release_blocks);

/*
 * --- Order 3 with a split and a full merge ---
 *
 * All free blocks of orders 3 to 8 are held, so a request is served by a block of order 9:
 *
 *     order                9  8  7  6  5  4  3
 *     free, before         n  0  0  0  0  0  0   alloc: splits a block of order 9 six times
 *     free, in between   n-1  1  1  1  1  1  1   free:  merges six times to the whole block
 *
 * The set-up makes one such pair and checks these counts in between and after it.
 */
#define SPLIT_ORDER 3u

static bool counts_are(u32 each)
{
	for (u32 order = SPLIT_ORDER; order < MAX_ORDER - 1; order++)
		if (free_blocks(order) != each)
			return false;
	return true;
}

static int split_set_up(void)
{
	struct page *page;
	bool split;

	if (!hold_all_blocks(GFP_KERNEL, SPLIT_ORDER))
		return -ENOMEM;
	page = alloc_pages(GFP_KERNEL, SPLIT_ORDER);
	if (!page)
		return -ENOMEM;
	split = counts_are(1);
	__free_pages(page, SPLIT_ORDER);
	return split && counts_are(0) ? 0 : -EINVAL;
}

static u32 split_and_merge(void)
{
	return BENCH_SAMPLE(__free_pages(alloc_pages(GFP_KERNEL, SPLIT_ORDER), SPLIT_ORDER));
}
BENCHMARK(page_alloc_free_o3, .set_up = split_set_up, .sample = split_and_merge,
	  .tear_down = release_blocks);

/* --- Slabs --- */

#define OBJECT_SIZE 64u

static void *other_object;
static struct kmem_cache *bench_cache;

static int kmalloc_set_up(void)
{
	other_object = kmalloc(OBJECT_SIZE, GFP_KERNEL);
	return other_object ? 0 : -ENOMEM;
}

static u32 kmalloc_free(void)
{
	return BENCH_SAMPLE(kfree(kmalloc(OBJECT_SIZE, GFP_KERNEL)));
}

static void kmalloc_tear_down(void)
{
	kfree(other_object);
}
BENCHMARK(kmalloc_free_64, .set_up = kmalloc_set_up, .sample = kmalloc_free,
	  .tear_down = kmalloc_tear_down);

static int cache_set_up(void)
{
	other_object = NULL;
	bench_cache = kmem_cache_create("bench", OBJECT_SIZE, 0, 0, NULL, NULL);
	if (bench_cache)
		other_object = kmem_cache_alloc(bench_cache, GFP_KERNEL);
	return other_object ? 0 : -ENOMEM;
}

static u32 cache_alloc_free(void)
{
	return BENCH_SAMPLE(
		kmem_cache_free(bench_cache, kmem_cache_alloc(bench_cache, GFP_KERNEL)));
}

static void cache_tear_down(void)
{
	if (other_object)
		kmem_cache_free(bench_cache, other_object);
	if (bench_cache)
		kmem_cache_destroy(bench_cache);
}
BENCHMARK(kmem_cache_alloc_free, .set_up = cache_set_up, .sample = cache_alloc_free,
	  .tear_down = cache_tear_down);

/*
 * --- vmalloc: all free blocks below order 9 are held, so frames that are not hot are split from
 * one block, and merge to it again ---
 */

#define VMALLOC_PAGES 16u

static int vmalloc_set_up(void)
{
	return hold_all_blocks(GFP_KERNEL | __GFP_HIGHMEM, 0) ? 0 : -ENOMEM;
}

static u32 vmalloc_vfree(void)
{
	return BENCH_SAMPLE(vfree(vmalloc(VMALLOC_PAGES * PAGE_SIZE)));
}
BENCHMARK(vmalloc_vfree_16, .set_up = vmalloc_set_up, .sample = vmalloc_vfree,
	  .tear_down = release_blocks);

/* --- Page tables: a user page of an otherwise unused directory; unmap includes the flush --- */

#define MAP_ADDRESS 0x40003000u

static pgd_t *map_directory;
static struct page *map_frame;

static pfn_t make_table(void *context)
{
	struct page *page = alloc_page(GFP_PGTABLE);

	(void)context;
	return page ? page_to_pfn(page) : 0;
}

static void enter_table(void *context, pmd_t *pmd, vaddr_t address, pmd_t entry)
{
	(void)context;
	(void)address;
	set_pmd(pmd, entry);
}

static const struct pgtable_ops map_ops = { make_table, enter_table, NULL };

static u32 map_unmap(void)
{
	pfn_t frame = page_to_pfn(map_frame);

	return BENCH_SAMPLE({
		map_page(map_directory, MAP_ADDRESS, frame, PAGE_KERNEL, &map_ops);
		unmap_page(map_directory, MAP_ADDRESS);
		tlb_flush_page(MAP_ADDRESS);
	});
}

static int map_set_up(void)
{
	map_directory = pgd_alloc();
	map_frame = alloc_page(GFP_KERNEL);
	if (!map_directory || !map_frame || !pte_alloc(map_directory, MAP_ADDRESS, &map_ops))
		return -ENOMEM;
	return 0;
}

static void map_tear_down(void)
{
	if (map_frame)
		__free_page(map_frame);
	if (!map_directory)
		return;
	if (pte_lookup(map_directory, MAP_ADDRESS)) {
		pmd_t *pmd = pmd_offset(pgd_offset(map_directory, MAP_ADDRESS), MAP_ADDRESS);
		struct page *table = virt_to_page(pte_offset(*pmd, 0));

		pmd_clear(pmd);
		__free_page(table);
	}
	pgd_free(map_directory);
}
BENCHMARK(map_unmap_page, .set_up = map_set_up, .sample = map_unmap, .tear_down = map_tear_down);

/* --- mem_map: the struct pages of 16 MiB, initialized and added to a private zone --- */

#define MAP_FRAMES 4096u

static struct zone private_zone;
static struct page *private_map;
static u32 *private_bitmaps;

static int mem_map_set_up(void)
{
	private_map = vmalloc(MAP_FRAMES * sizeof(*private_map));
	private_bitmaps = vmalloc(zone_bitmap_words(MAP_FRAMES) * sizeof(*private_bitmaps));
	return private_map && private_bitmaps ? 0 : -ENOMEM;
}

static u32 mem_map_make(void)
{
	return BENCH_SAMPLE({
		zone_init(&private_zone, ZONE_NORMAL, "bench", 0, MAP_FRAMES, private_map,
			  private_bitmaps);
		zone_add(&private_zone, 0, MAP_FRAMES);
	});
}

static void mem_map_tear_down(void)
{
	vfree(private_map);
	vfree(private_bitmaps);
}
BENCHMARK(mem_map_per_frame, .set_up = mem_map_set_up, .sample = mem_map_make,
	  .tear_down = mem_map_tear_down, .iterations = 16, .units = MAP_FRAMES);
