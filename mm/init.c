/* SPDX-License-Identifier: MIT */
/* Bringing up the memory manager. */
#include "mm/init.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/early.h"
#include "mm/kernel_map.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "mm/vmalloc.h"

struct memory_account memory_account;
static pfn_t low_end;

/* The books' "first two megabytes": what lies below 1 MiB stays as the firmware left it. */
#define FIRST_MEGABYTE MiB(1)

static u64 usable_below(phys_addr_t limit)
{
	return memmap_total(&memmap, MEM_USABLE, limit) + memmap_total(&memmap, MEM_LOADER, limit);
}

/* The end of the highest usable range that begins below the direct map's limit. */
static phys_addr_t direct_map_end(void)
{
	phys_addr_t end = 0;

	for (u32 i = 0; i < memmap.count; i++) {
		const struct mem_range *range = &memmap.range[i];

		if (range->type <= MEM_LOADER && range->start < LOWMEM_LIMIT)
			end = min(range->end, (phys_addr_t)LOWMEM_LIMIT);
	}
	return end;
}

static int out_of_memory(const char *what)
{
	printk("memory: error: no room for %s\n", what);
	return -ENOMEM;
}

int mm_init_early(const struct boot_layout *layout)
{
	u64 usable = usable_below(LOWMEM_LIMIT);

	if (usable < MIN_MEMORY) {
		printk("memory: error: too little memory: %llu KiB are usable, at least %u KiB are needed\n",
		       usable >> 10, MIN_MEMORY >> 10);
		return -ENOMEM;
	}
	low_end = phys_to_pfn(direct_map_end());
	early_init(&early, &memmap, FIRST_MEGABYTE, LOWMEM_LIMIT);
	early_reserve(&early, 0, FIRST_MEGABYTE);
	early_reserve(&early, layout->kernel.start, layout->kernel.end - layout->kernel.start);
	early_reserve(&early, layout->initramfs.start,
		      layout->initramfs.end - layout->initramfs.start);
	if (kernel_map_init(low_end, layout->read_only.start, layout->read_only.end))
		return out_of_memory("the kernel's page tables");
	return 0;
}

static void account_memory(void)
{
	struct memory_account *account = &memory_account;

	account->given = (u32)(usable_below(~(phys_addr_t)0) >> PAGE_SHIFT);
	account->beyond = account->given - (u32)(usable_below(LOWMEM_LIMIT) >> PAGE_SHIFT);
	account->early = early_taken_pages(&early);
	account->zones = nr_present_pages();
	BUG_ON(account->given != account->beyond + account->early + account->zones);
	printk("memory: given=%u beyond=%u early=%u zones=%u unit=frames\n", account->given,
	       account->beyond, account->early, account->zones);
}

int mm_init_late(void)
{
	early.loader_too = true;
	if (zones_init(low_end))
		return out_of_memory("mem_map");
	early_for_each_free(&early, zones_add);
	account_memory();
	kmem_cache_init();
	vmalloc_init();
	mm_init();
	for (u32 i = 0; i < NR_ZONES; i++)
		zone_print(&zones[i]);
	return 0;
}
