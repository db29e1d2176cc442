/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/smaps: what of each area is in memory and in swap, in KiB.
 *
 *   Rss = Shared_Clean + Shared_Dirty + Private_Clean + Private_Dirty
 *
 * A page is shared if several entries map it, and dirty if it would have to be written before its
 * frame can serve something else. Pss divides each page by the number of entries that map it, and
 * SwapPss each slot by the number that name it. Pages in swap of a mapped object, such as shared
 * memory, have no entry: they count in Swap, but not in SwapPss.
 *
 * Source: Linux Documentation/filesystems/proc.rst.
 */
#include "abi/linux/errno.h"
#include "fs/proc/proc.h"
#include "lib/resched.h"
#include "mm/page_cache/filemap.h"
#include "mm/swap/swap.h"
#include "mm/user_space/anon.h"
#include "mm/user_space/page_tables.h"
#include "mm/user_space/vma.h"

#define KIB_PER_PAGE  (PAGE_SIZE / 1024)
#define KIB_PER_LARGE (LARGE_PAGE_SIZE / 1024)

struct smaps {
	u32 rss, referenced, anonymous, lazyfree, swap; /* pages */
	u32 clean[2], dirty[2];				/* pages: [shared] */
	u64 pss, pss_dirty, swap_pss, locked;		/* bytes */
	u32 huge[2];					/* large pages: [shared], not in rss */
};

static bool needs_write(const struct page *page, pte_t pte)
{
	if (!page_is_anon(page))
		return pte_dirty(pte) || !mapping_refills(page->mapping);
	if (page->flags & PG_lazyfree)
		return pte_dirty(pte);
	return !(page->flags & PG_swapcache) || page->flags & PG_dirty;
}

static int count_page(pte_t *pte, vaddr_t address, void *context)
{
	struct smaps *smaps = context;
	struct page *page = pfn_to_page(pte_pfn(*pte));
	u32 sharers;
	bool dirty;

	(void)address;
	if (!pte_present(*pte)) {
		smaps->swap++;
		smaps->swap_pss += PAGE_SIZE / swap_count(pte_to_swp_entry(*pte));
		return 0;
	}
	if (page == zero_page)
		return 0;
	sharers = max(page_mapcount(page), 1u);
	if (page_owner(page) == OWNER_HUGE) {
		smaps->huge[sharers > 1]++;
		return 0;
	}
	dirty = needs_write(page, *pte);
	smaps->rss++;
	smaps->pss += PAGE_SIZE / sharers;
	smaps->pss_dirty += dirty ? PAGE_SIZE / sharers : 0;
	(dirty ? smaps->dirty : smaps->clean)[sharers > 1]++;
	smaps->referenced += pte_young(*pte);
	smaps->anonymous += page_is_anon(page);
	smaps->lazyfree += page_is_anon(page) && page->flags & PG_lazyfree && !dirty;
	return 0;
}

/* Between two parts the process may run, if it is not the reader's: its area may be gone then. */
static bool still_there(struct mm_struct *mm, vaddr_t address)
{
	const struct vm_area_struct *vma = mm->mm_users ? find_vma(mm, address) : NULL;

	return vma && vma->vm_start <= address;
}

/* Adds an area, which may be gone afterwards. */
static void count_area(const struct vm_area_struct *vma, struct smaps *smaps)
{
	vaddr_t start = vma->vm_start, next, end = vma->vm_end;
	struct mm_struct *mm = vma->vm_mm;
	u32 locked = vma->vm_flags & VM_LOCKED;
	u64 pss = smaps->pss;

	if (vma->vm_mapping)
		smaps->swap += mapping_count_in_swap(vma->vm_mapping, vma->vm_pgoff,
						     vma->vm_pgoff + vma_pages(vma));
	do {
		next = pgtable_end(start, end);
		visit_range(mm->pgd, start, next, count_page, smaps);
		cond_resched();
		start = next;
	} while (start < end && still_there(mm, start));
	if (locked)
		smaps->locked += smaps->pss - pss;
}

static const struct flag_name {
	u32 flag;
	char name[4];
} flag_names[] = {
	{ VM_READ, "rd " },	  { VM_WRITE, "wr " },	   { VM_EXEC, "ex " },
	{ VM_SHARED, "sh " },	  { VM_MAYREAD, "mr " },   { VM_MAYWRITE, "mw " },
	{ VM_MAYEXEC, "me " },	  { VM_MAYSHARE, "ms " },  { VM_GROWSDOWN, "gd " },
	{ VM_LOCKED, "lo " },	  { VM_SEQ_READ, "sr " },  { VM_RAND_READ, "rr " },
	{ VM_DONTCOPY, "dc " },	  { VM_HUGETLB, "de " },   { VM_LOCKONFAULT, "lf " },
	{ VM_ACCOUNT, "ac " },	  { VM_NORESERVE, "nr " }, { VM_HUGETLB, "ht " },
	{ VM_WIPEONFORK, "wf " }, { VM_DONTDUMP, "dd " },
};

static void print_counts(struct seq *seq, const struct smaps *smaps)
{
	seq_printf(seq,
		   "Rss:            %8u kB\nPss:            %8u kB\nPss_Dirty:      %8u kB\n"
		   "Shared_Clean:   %8u kB\nShared_Dirty:   %8u kB\nPrivate_Clean:  %8u kB\n"
		   "Private_Dirty:  %8u kB\nReferenced:     %8u kB\nAnonymous:      %8u kB\n"
		   "LazyFree:       %8u kB\nShared_Hugetlb: %8u kB\nPrivate_Hugetlb: %7u kB\n"
		   "Swap:           %8u kB\nSwapPss:        %8u kB\n"
		   "Locked:         %8u kB\n",
		   smaps->rss * KIB_PER_PAGE, (u32)(smaps->pss >> 10),
		   (u32)(smaps->pss_dirty >> 10), smaps->clean[1] * KIB_PER_PAGE,
		   smaps->dirty[1] * KIB_PER_PAGE, smaps->clean[0] * KIB_PER_PAGE,
		   smaps->dirty[0] * KIB_PER_PAGE, smaps->referenced * KIB_PER_PAGE,
		   smaps->anonymous * KIB_PER_PAGE, smaps->lazyfree * KIB_PER_PAGE,
		   smaps->huge[1] * KIB_PER_LARGE, smaps->huge[0] * KIB_PER_LARGE,
		   smaps->swap * KIB_PER_PAGE, (u32)(smaps->swap_pss >> 10),
		   (u32)(smaps->locked >> 10));
}

void proc_print_smaps(struct seq *seq, const struct vm_area_struct *vma)
{
	u32 flags = vma->vm_flags, kib = vma_pages(vma) * KIB_PER_PAGE;
	u32 page_kib = vma_page_size(vma) / 1024;
	struct smaps smaps = { 0 };

	count_area(vma, &smaps);
	seq_printf(seq, "Size:           %8u kB\nKernelPageSize: %8u kB\nMMUPageSize:    %8u kB\n",
		   kib, page_kib, page_kib);
	print_counts(seq, &smaps);
	seq_printf(seq, "VmFlags: ");
	for (u32 i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (flags & flag_names[i].flag)
			seq_printf(seq, "%s", flag_names[i].name);
	seq_printf(seq, "\n");
}

/* The sums of smaps: one record. Areas are found by address, as other tasks run between them. */
int proc_show_smaps_rollup(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	struct mm_struct *mm = subject->mm;
	const struct vm_area_struct *vma;
	vaddr_t first = 0, end = 0;
	struct smaps smaps = { 0 };

	if ((*cursor)++)
		return 0;
	if (!mm || !mm->mm_users)
		return -ESRCH;
	while (mm->mm_users && end < TASK_SIZE && (vma = find_vma(mm, end))) {
		first = end ? first : vma->vm_start;
		end = vma->vm_end;
		count_area(vma, &smaps);
	}
	seq_printf(seq, "%08x-%08x ---p 00000000 00:00 0                          [rollup]\n",
		   first, end);
	print_counts(seq, &smaps);
	return 1;
}
