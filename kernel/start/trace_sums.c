/* SPDX-License-Identifier: MIT */
#include "kernel/start/trace_sums.h"
#include "kernel/task/load.h"
#include "lib/printk.h"
#include "mm/frames/page_alloc.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/reclaim/reclaim.h"
#include "mm/slab/slab_internal.h"
#include "mm/swap/swap.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/page_fault.h"

static void print_frames(void)
{
	u32 frames[NR_PAGE_OWNERS] = { 0 };

	for (pfn_t pfn = 0; pfn < max_pfn; pfn++) {
		const struct page *page = pfn_to_page(pfn);

		if (page->block & BLOCK_USED)
			frames[page_owner(page)] += 1u << (page->block & BLOCK_ORDER);
	}
	for (u32 owner = 0; owner < NR_PAGE_OWNERS; owner++)
		if (frames[owner])
			printk("trace: owner=%s frames=%u\n",
			       page_owner_name((enum page_owner)owner), frames[owner]);
}

static void print_blocks(void)
{
	for (u32 zone = 0; zone < NR_ZONES; zone++)
		for (u32 order = 0; order < MAX_ORDER && zones[zone].present_pages; order++)
			printk("trace: zone=%s order=%u blocks=%u\n", zones[zone].name, order,
			       zone_free_blocks(&zones[zone], order));
}

static void print_counter(const char *name, u32 value)
{
	printk("trace: counter=%s value=%u\n", name, value);
}

static void print_slabs(void)
{
	const struct kmem_cache *cache;
	u32 slabs = 0, objects = 0;

	list_for_each_entry (cache, &cache_list, link) {
		slabs += cache->slabs;
		objects += cache->inuse;
	}
	print_counter("slabs", slabs);
	print_counter("objects", objects);
}

static void print_spaces(void)
{
	const struct mm_struct *mm;
	u32 spaces = 0, areas = 0, frames = 0;

	list_for_each_entry (mm, &mm_list, link) {
		spaces++;
		areas += mm->map_count;
		frames += mm->rss;
	}
	print_counter("spaces", spaces);
	print_counter("areas", areas);
	print_counter("mapped_frames", frames);
	print_counter("vmalloc_areas", vmalloc_space.count);
	print_counter("vmalloc_pages", vmalloc_space.pages);
}

void trace_sums_print(void)
{
	print_frames();
	print_blocks();
	print_slabs();
	print_spaces();
	print_counter("faults", fault_counters.resolved);
	print_counter("faults_refused", fault_counters.refused);
	print_counter("mapped_around", fault_counters.mapped_around);
	print_counter("cow_copies", fault_counters.cow_copy);
	print_counter("stack_growth", fault_counters.stack_growth);
	print_counter("pgscan", reclaim_counters.scanned);
	print_counter("direct_reclaims", reclaim_counters.direct);
	print_counter("pswpin", swap_counters.pswpin);
	print_counter("pswpout", swap_counters.pswpout);
	print_counter("switches", (u32)load.switches);
	print_counter("tasks_started", load.started);
}
