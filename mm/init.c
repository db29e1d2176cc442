/* SPDX-License-Identifier: MIT */
/* Start-up of the memory manager. */
#include "mm/init.h"
#include "lib/assert.h"
#include "lib/math64.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "lib/trace/ring.h"
#include "mm/frames/debug_pagealloc.h"
#include "mm/frames/early.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap.h"
#include "mm/frames/highmem.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/user_space/mm.h"
#include "mm/frames/page_owner.h"
#include "mm/frames/shrinker.h"
#include "mm/user_space/shmem.h"
#include "mm/slab/slab.h"
#include "mm/kernel_space/vmalloc.h"

struct memory_account memory_account;
static pfn_t low_end, end_pfn;
static bool record_owners;
static u32 slab_debug, trace_bytes;

/* Memory below 1 MiB is never used: it stays as the firmware left it. */
#define FIRST_MEGABYTE MiB(1)

static u64 usable_below(phys_addr_t limit)
{
	return memmap_total(&memmap, MEM_USABLE, limit) + memmap_total(&memmap, MEM_LOADER, limit);
}

/* The end of the highest usable range that begins below `limit`, but at most `limit`. */
static phys_addr_t usable_end(phys_addr_t limit)
{
	phys_addr_t end = 0;

	for (u32 i = 0; i < memmap.count; i++) {
		const struct mem_range *range = &memmap.range[i];

		if (range->type <= MEM_LOADER && range->start < limit)
			end = min(range->end, limit);
	}
	return end;
}

/* The end of the direct map: as high as possible, less the high memory that `highmem=` wants. */
static phys_addr_t choose_low_end(phys_addr_t end, phys_addr_t high_bytes)
{
	phys_addr_t low = min(end, (phys_addr_t)LOWMEM_LIMIT);

	if (high_bytes && end > high_bytes + MIN_MEMORY)
		low = min(low, ALIGN_DOWN(end - high_bytes, LARGE_PAGE_SIZE));
	return low;
}

static int out_of_memory(const char *what)
{
	printk("memory: error: no room for %s\n", what);
	return -ENOMEM;
}

/*
 * Reserves the initramfs. Above the end of the direct map only the loader's page directory reaches
 * it, so from there it is copied into the direct map.
 */
static int keep_initramfs(struct mem_range *initramfs)
{
	u64 bytes = initramfs->end - initramfs->start;
	phys_addr_t place;

	if (initramfs->end <= pfn_to_phys(low_end)) {
		early_reserve(&early, initramfs->start, bytes);
		return 0;
	}
	place = early_alloc(&early, bytes, PAGE_SIZE);
	if (!place)
		return -ENOMEM;
	memcpy(phys_to_virt(place), phys_to_virt(initramfs->start), (size_t)bytes);
	*initramfs = (struct mem_range){ place, place + bytes, MEM_RESERVED };
	return 0;
}

/*
 * The end of the frames that are used. mem_map lies in the direct map, of which MIN_MEMORY stays
 * for all else.
 */
static pfn_t choose_end(u64 usable_low)
{
	u64 room = usable_low - min(usable_low, (u64)MIN_MEMORY);

	return (pfn_t)min((u64)end_pfn, low_end + div_u64(room, sizeof(struct page)));
}

int mm_init_early(struct boot_layout *layout)
{
	u64 usable;

	end_pfn = phys_to_pfn(usable_end(PHYS_LIMIT));
	low_end = phys_to_pfn(choose_low_end(pfn_to_phys(end_pfn), layout->high_bytes));
	usable = usable_below(pfn_to_phys(low_end));
	if (usable < MIN_MEMORY) {
		printk("memory: error: too little memory: %llu KiB are usable, at least %u KiB are "
		       "needed: leave mem= out, or add RAM\n",
		       usable >> 10, MIN_MEMORY >> 10);
		return -ENOMEM;
	}
	if (layout->kernel.end > pfn_to_phys(low_end)) {
		printk("memory: error: the kernel ends at %#llx, beyond the direct map's %#llx\n",
		       layout->kernel.end, pfn_to_phys(low_end));
		return -ENOMEM;
	}
	end_pfn = choose_end(usable);
	record_owners = layout->page_owner;
	slab_debug = layout->slab_debug;
	debug_pagealloc_wanted = layout->debug_pagealloc;
	trace_bytes = layout->trace_bytes;
	early_init(&early, &memmap, FIRST_MEGABYTE, pfn_to_phys(low_end));
	early_reserve(&early, 0, FIRST_MEGABYTE);
	early_reserve(&early, layout->kernel.start, layout->kernel.end - layout->kernel.start);
	if (keep_initramfs(&layout->initramfs))
		return out_of_memory("the initramfs below the end of the direct map");
	if (kernel_map_init(low_end, layout->read_only.start, layout->read_only.end))
		return out_of_memory("the kernel's page tables");
	return 0;
}

static void account_memory(void)
{
	struct memory_account *account = &memory_account;

	account->given = (u32)(usable_below(~(phys_addr_t)0) >> PAGE_SHIFT);
	account->beyond = account->given - (u32)(usable_below(pfn_to_phys(end_pfn)) >> PAGE_SHIFT);
	account->early = early_taken_pages(&early);
	account->zones = nr_present_pages();
	BUG_ON(account->given != account->beyond + account->early + account->zones);
	printk("memory: given=%u beyond=%u early=%u zones=%u unit=frames\n", account->given,
	       account->beyond, account->early, account->zones);
	if (account->beyond)
		printk("memory: unused_from=%#llx reason=%s\n", pfn_to_phys(end_pfn),
		       usable_end(PHYS_LIMIT) > pfn_to_phys(end_pfn) ? "mem_map" : "page_tables");
}

/* The first allocation: so all events of the allocators are recorded. 0 or -ENOMEM. */
static int trace_start(void)
{
	phys_addr_t ring;

	if (!trace_bytes)
		return 0;
	ring = early_alloc(&early, trace_bytes, PAGE_SIZE);
	if (!ring)
		return -ENOMEM;
	trace_ring_init(phys_to_virt(ring), trace_bytes / (u32)sizeof(u32));
	return 0;
}

int mm_init_late(void)
{
	early.loader_too = true;
	if (trace_start())
		return out_of_memory("the ring of trace_buf_size=");
	if (zones_init(low_end, end_pfn))
		return out_of_memory("mem_map");
	if (record_owners && page_owner_init(end_pfn))
		return out_of_memory("the record of page_owner=on");
	early_for_each_free(&early, pfn_to_phys(end_pfn), zones_add);
	zones_set_watermarks();
	zonelists_init();
	account_memory();
	if (debug_pagealloc_wanted)
		debug_pagealloc_start(kernel_pgd);
	highmem_init(kernel_pgd);
	shrinkers_init();
	kmem_cache_init(slab_debug);
	vmalloc_init();
	swap_init();
	mm_init();
	reclaim_init();
	filemap_init();
	shmem_init();
	for (u32 i = 0; i < NR_ZONES; i++)
		zone_print(&zones[i]);
	return 0;
}
