/* SPDX-License-Identifier: MIT */
/*
 * Copying areas and sharing pages for fork.
 *
 * Copying all memory would make fork slow, and exec would discard most of the copy. So parent and
 * child share the frames: each gets one more reference. A writable private page becomes read-only
 * on both sides; the first write faults and gets a copy (mm/user_space/page_fault.c).
 */
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "mm/page_cache/filemap.h"
#include "mm/swap/swap.h"
#include "mm/user_space/mm_internal.h"
#include "mm/user_space/overcommit.h"

/* The pages that a copy of this area commits. */
static inline u32 charge_of(const struct vm_area_struct *vma)
{
	return (vma->vm_flags & (VM_ACCOUNT | VM_DONTCOPY)) == VM_ACCOUNT ? vma_pages(vma) : 0;
}

int copy_areas(struct mm_struct *to, const struct mm_struct *from)
{
	u32 charge = 0;

	for (const struct vm_area_struct *vma = from->mmap; vma; vma = vma->vm_next)
		charge += charge_of(vma);
	if (vm_enough_memory(from, charge))
		return -ENOMEM;
	for (struct vm_area_struct *vma = from->mmap; vma; vma = vma->vm_next) {
		struct vma_kind kind = vma_kind_at(vma, vma->vm_start);

		if (vma->vm_flags & VM_DONTCOPY)
			continue;
		/* Neither locks nor reserved pages are inherited: the areas may merge then. */
		kind.flags &= ~(u32)(VM_LOCKED_MASK | VM_HUGE_OWNER);
		if (!vma_copy(to, vma, &kind)) {
			vm_unacct_memory(charge);
			return -ENOMEM;
		}
		charge -= charge_of(vma);
		cond_resched();
	}
	return 0;
}

struct page_copy {
	struct mm_struct *from, *to;
	pte_t *table;	   /* the copy's page table; for a large page, its entry */
	vaddr_t table_end; /* the end of what it maps; 0: none yet */
	u32 rss;
};

/* Makes the copy's page table for an address; a large page needs none. Returns 0 or -ENOMEM. */
static noinline int next_table(struct page_copy *copy, vaddr_t address)
{
	pte_t *pte = find_pte(copy->from->pgd, address) ? make_pte(copy->to, address)
							: large_pte(copy->to->pgd, address);

	if (!pte)
		return -ENOMEM;
	copy->table = pte - pte_index(address);
	copy->table_end = ALIGN_DOWN(address, PMD_SIZE) + PMD_SIZE;
	return 0;
}

/* The page is in swap: both name its slot. */
static noinline int copy_swap_entry(struct page_copy *copy, vaddr_t address, pte_t entry)
{
	int err = swap_duplicate(pte_to_swp_entry(entry));

	if (err)
		return err;
	copy->to->nr_swap++;
	set_pte(copy->table + pte_index(address), entry);
	return 0;
}

/*
 * Pages of a mapped object need not be copied: the child's fault finds them in the page cache.
 * Private pages exist only in page tables.
 */
static inline bool is_private(pte_t entry)
{
	const struct page *page = pfn_to_page(pte_pfn(entry));

	return !pte_present(entry) || page_is_anon(page) || page == zero_page;
}

static inline int copy_pte(pte_t *from, vaddr_t address, void *context)
{
	struct page_copy *copy = context;
	pte_t entry = *from;

	if (!is_private(entry))
		return 0;
	if (unlikely(address >= copy->table_end)) {
		if (next_table(copy, address))
			return -ENOMEM;
		entry = *from; /* reclaim may have taken this page for the table */
		if (pte_none(entry))
			return 0; /* not reached: only a page of MADV_FREE vanishes */
	}
	if (unlikely(!pte_present(entry)))
		return copy_swap_entry(copy, address, entry);
	if (pfn_to_page(pte_pfn(entry)) != zero_page) {
		get_page(pfn_to_page(pte_pfn(entry)));
		copy->rss++;
	}
	if (pte_write(entry)) {
		entry = pte_wrprotect(entry);
		set_pte(from, entry);
	}
	set_pte(copy->table + pte_index(address), entry);
	return 0;
}

/* Shares the pages of areas that touch, from `vma` to the one that ends at `end`. */
static int copy_page_range(struct page_copy *copy, const struct vm_area_struct *vma, vaddr_t end)
{
	int err = 0;

	for (vaddr_t start = vma->vm_start, next; start < end && !err; start = next) {
		next = pgtable_end(start, end);
		err = visit_range_inline(copy->from->pgd, start, next, copy_pte, copy);
		/* Counted now: cond_resched() may let a truncation unmap these pages. */
		copy->to->rss += copy->rss;
		copy->rss = 0;
		/* A truncation of their objects that is in progress must look again. */
		for (;; vma = vma->vm_next) {
			if (vma->vm_mapping)
				vma->vm_mapping->i_mmap_changes++;
			if (vma->vm_end >= next)
				break;
		}
		cond_resched();
	}
	return err;
}

#define NOT_COPIED (VM_SHARED | VM_DONTCOPY | VM_WIPEONFORK)

/* Areas that touch are walked in one go: a program has text, data and heap so. */
int copy_pages(struct mm_struct *to, struct mm_struct *from)
{
	struct page_copy copy = { .from = from, .to = to };
	const struct vm_area_struct *vma = from->mmap, *first;
	int err = 0;

	while (vma && !err) {
		vaddr_t end = vma->vm_start;

		for (first = vma; vma && vma->vm_start == end && !(vma->vm_flags & NOT_COPIED);
		     vma = vma->vm_next)
			end = vma->vm_end;
		if (vma == first)
			vma = vma->vm_next;
		else
			err = copy_page_range(&copy, first, end);
	}
	return err;
}
