/* SPDX-License-Identifier: MIT */
/* /proc/meminfo. */
#include "fs/proc/proc.h"
#include "lib/resched.h"
#include "mm/frames/huge_pool.h"
#include "mm/frames/page_alloc.h"
#include "mm/page_cache/filemap.h"
#include "mm/swap/swap.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/overcommit.h"

#define KIB_PER_PAGE (PAGE_SIZE / 1024)

/* Frames by what reclaim may do with them. `anon` is what has to go to swap, `file` the rest. */
struct frame_counts {
	u32 anon[2], file[2]; /* [PG_active] */
	u32 unevictable;
	u32 anon_mapped, cached, cached_mapped, memory_only;
	u32 slab, tables, vmalloc;
};

static u32 *list_of(const struct page *page, u32 *evictable, struct frame_counts *counts)
{
	return page->flags & PG_unevictable ? &counts->unevictable
					    : &evictable[!!(page->flags & PG_active)];
}

static void count_cached(const struct page *page, struct frame_counts *counts)
{
	bool refills = mapping_refills(page->mapping);

	counts->cached++;
	counts->cached_mapped += page->count > 1;
	counts->memory_only += !refills;
	*list_of(page, refills ? counts->file : counts->anon, counts) += 1;
}

static void count_block(const struct page *page, u32 frames, struct frame_counts *counts)
{
	switch (page_owner(page)) {
	case OWNER_ANON:
		*list_of(page, counts->anon, counts) += 1;
		counts->anon_mapped += page->count > (page->flags & PG_swapcache ? 1u : 0);
		break;
	case OWNER_PAGECACHE:
		if (page->mapping)
			count_cached(page, counts);
		break;
	case OWNER_SLAB:
		counts->slab += frames;
		break;
	case OWNER_PGTABLE:
		counts->tables += frames;
		break;
	case OWNER_VMALLOC:
		counts->vmalloc += frames;
		break;
	default:
		break;
	}
}

static void count_frames(struct frame_counts *counts)
{
	u32 frames;

	*counts = (struct frame_counts){ 0 };
	for (pfn_t pfn = 0; pfn < max_pfn; pfn += frames) {
		const struct page *page = pfn_to_page(pfn);

		frames = page->block & (BLOCK_FREE | BLOCK_USED) ? 1u << (page->block & BLOCK_ORDER)
								 : 1;
		if (page->block & BLOCK_USED)
			count_block(page, frames, counts);
		cond_resched();
	}
}

/* What can be allocated without swap, about: Linux's si_mem_available(). */
static u32 available_frames(const struct frame_counts *counts)
{
	u32 free = nr_free_pages(), reserve = 0;

	for (u32 i = 0; i < NR_ZONES; i++)
		reserve += zones[i].pages_low;
	free += counts->file[0] + counts->file[1];
	return free > reserve ? free - reserve : 0;
}

int proc_show_meminfo(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	struct frame_counts counts;
	u32 huge_free, huge_reserved;

	(void)subject;
	if ((*cursor)++)
		return 0;
	count_frames(&counts);
	huge_pool_count(&huge_free, &huge_reserved);
	const struct {
		const char *name;
		u32 pages;
	} lines[] = {
		{ "MemTotal:", nr_present_pages() },
		{ "MemFree:", nr_free_pages() },
		{ "MemAvailable:", available_frames(&counts) },
		{ "Cached:", counts.cached },
		{ "SwapCached:", nr_swap_cached },
		{ "Active:", counts.anon[1] + counts.file[1] },
		{ "Inactive:", counts.anon[0] + counts.file[0] },
		{ "Active(anon):", counts.anon[1] },
		{ "Inactive(anon):", counts.anon[0] },
		{ "Active(file):", counts.file[1] },
		{ "Inactive(file):", counts.file[0] },
		{ "Unevictable:", counts.unevictable },
		{ "SwapTotal:", total_swap_pages },
		{ "SwapFree:", nr_swap_pages },
		{ "AnonPages:", counts.anon_mapped },
		{ "Mapped:", counts.cached_mapped },
		{ "Shmem:", counts.memory_only },
		{ "Slab:", counts.slab },
		{ "PageTables:", counts.tables },
		{ "CommitLimit:", vm_commit_limit() },
		{ "Committed_AS:", vm_committed },
		{ "VmallocUsed:", counts.vmalloc },
	};
	for (u32 i = 0; i < ARRAY_SIZE(lines); i++)
		seq_printf(seq, "%-16s%8u kB\n", lines[i].name, lines[i].pages * KIB_PER_PAGE);
	seq_printf(seq,
		   "HugePages_Total: %7u\nHugePages_Free:  %7u\nHugePages_Rsvd:  %7u\n"
		   "HugePages_Surp:  %7u\nHugepagesize:    %7u kB\nHugetlb:         %7u kB\n",
		   huge_pool.total, huge_free, huge_reserved, 0u, LARGE_PAGE_SIZE / 1024,
		   huge_pool.total * (LARGE_PAGE_SIZE / 1024));
	return 1;
}
