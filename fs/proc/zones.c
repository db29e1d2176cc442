/* SPDX-License-Identifier: MIT */
/*
 * The files of /proc about frames and kernel addresses: zoneinfo, iomem, vmallocinfo,
 * sys/vm/min_free_kbytes and sys/vm/drop_caches. Sources: proc(5), Linux
 * Documentation/admin-guide/sysctl/vm.rst.
 */
#include "abi/linux/errno.h"
#include "fs/proc/proc.h"
#include "lib/resched.h"
#include "mm/frames/memmap.h"
#include "mm/frames/page_alloc.h"
#include "mm/frames/shrinker.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap.h"
#include "mm/user_space/limits.h"

#define KIB_PER_PAGE (PAGE_SIZE / 1024)

/* A record for each zone. */
int proc_show_zoneinfo(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct zone *zone;

	(void)subject;
	if (*cursor == NR_ZONES)
		return 0;
	zone = &zones[(*cursor)++];
	seq_printf(seq, "Node 0, zone %8s\n", zone->name);
	seq_printf(seq,
		   "  pages free     %u\n        min      %u\n        low      %u\n"
		   "        high     %u\n        spanned  %u\n        present  %u\n"
		   "        managed  %u\n",
		   zone->free_pages, zone->pages_min, zone->pages_low, zone->pages_high,
		   (u32)(zone->end - zone->start), zone->present_pages, zone->present_pages);
	if (!zone->present_pages)
		return 1;
	seq_printf(seq, "      nr_free_pages %u\n  pagesets\n    cpu: 0\n", zone->free_pages);
	seq_printf(seq,
		   "              count: %u\n              high:  %u\n"
		   "  start_pfn:           %u\n",
		   zone->nr_hot, zone->hot_max, (u32)zone->start);
	return 1;
}

/* Of the zones that the kernel itself reaches, as on Linux. */
int proc_show_min_free(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	if ((*cursor)++)
		return 0;
	seq_printf(seq, "%u\n", zones_min_free() * KIB_PER_PAGE);
	return 1;
}

int proc_write_min_free(const struct proc_subject *subject, const char *text)
{
	s64 number;
	int err = proc_parse_number(text, &number);

	(void)subject;
	if (err)
		return err;
	if (number < 0 || number > UINT32_MAX)
		return -EINVAL;
	return zones_set_min_free((u32)number / KIB_PER_PAGE);
}

static const char *resource_name(enum mem_type type)
{
	switch (type) {
	case MEM_USABLE:
	case MEM_LOADER:
		return "System RAM";
	case MEM_ACPI_RECLAIM:
		return "ACPI Tables";
	case MEM_ACPI_NVS:
		return "ACPI Non-volatile Storage";
	case MEM_UNUSABLE:
		return "Unusable memory";
	default:
		return "Reserved";
	}
}

/* A record for each run of ranges with one name. Addresses are for the super-user. */
int proc_show_iomem(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct mem_range *range = &memmap.range[*cursor];
	u32 last = (u32)*cursor;
	u64 start, end;

	(void)subject;
	if (*cursor >= memmap.count)
		return 0;
	while (last + 1 < memmap.count && memmap.range[last + 1].start == memmap.range[last].end &&
	       resource_name(memmap.range[last + 1].type) == resource_name(range->type))
		last++;
	start = capable(CAP_SYS_ADMIN) ? range->start : 0;
	end = capable(CAP_SYS_ADMIN) ? memmap.range[last].end - 1 : 0;
	seq_printf(seq, "%08llx-%08llx : %s\n", start, end, resource_name(range->type));
	*cursor = last + 1;
	return 1;
}

/* The first area at or above an address, or NULL. */
static struct vm_struct *next_area(vaddr_t from)
{
	struct gap_node *node = gap_first(&vmalloc_space.areas);

	while (node && gap_entry(node, struct vm_struct, node)->start < from)
		node = gap_next(node);
	return node ? gap_entry(node, struct vm_struct, node) : NULL;
}

/* A record for each area, with its guard page. Frames that it only maps are another owner's. */
int proc_show_vmallocinfo(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct vm_struct *area = next_area((vaddr_t)*cursor);
	u32 bytes;

	(void)subject;
	if (!area)
		return 0;
	bytes = (area->pages + 1) * PAGE_SIZE;
	seq_printf(seq, "0x%08x-0x%08x %7u pages=%u %s\n", area->start, area->start + bytes, bytes,
		   area->pages, list_empty(&area->frames) ? "vmap" : "vmalloc");
	*cursor = area->start + PAGE_SIZE;
	return 1;
}

/* --- drop_caches --- */

/* Only the cache has it, and it can be filled again from where it came. */
static bool droppable(const struct page *page)
{
	return page->block == BLOCK_USED && page_owner(page) == OWNER_PAGECACHE && page->mapping &&
	       page->count == 1 && mapping_refills(page->mapping);
}

/* No task runs between the search for some pages and their eviction. */
static void drop_page_cache(void)
{
	struct page *pages[16];
	u32 count = 0;

	for (pfn_t pfn = 0; pfn < max_pfn; pfn++) {
		if (droppable(pfn_to_page(pfn)))
			pages[count++] = pfn_to_page(pfn);
		if (count == ARRAY_SIZE(pages)) {
			reclaim_these_pages(pages, count);
			count = 0;
		}
		if (!count)
			cond_resched();
	}
	if (count)
		reclaim_these_pages(pages, count);
	free_swap_cache();
}

/* 1: pages that can be read again; 2: what the kernel keeps for reuse; 3: both. */
int proc_write_drop_caches(const struct proc_subject *subject, const char *text)
{
	s64 number;
	int err = proc_parse_number(text, &number);

	(void)subject;
	if (err)
		return err;
	if (number < 1 || number > 4)
		return -EINVAL;
	if (number & 1)
		drop_page_cache();
	if (number & 2)
		shrink_idle_caches();
	return 0;
}
