/* SPDX-License-Identifier: MIT */
/*
 * Page faults: demand paging, copy on write, stack growth.
 *
 * mmap() and fork() only promise memory. A frame is allocated or copied at the first access to
 * the page, so that memory that is never used costs nothing.
 *
 *   the address ...
 *     lies in no area
 *         below an area that grows, within the limits ......... the area grows; then as if inside
 *         else ................................................ FAULT_MAPERR
 *     lies in an area that does not allow the access .......... FAULT_ACCERR
 *     lies in an area that does, and the entry is ...
 *         empty, of private anonymous memory
 *             read ............................................ the zero page, read-only
 *             write ........................................... a new page, cleared
 *         empty, of a mapped object (mm/user_space/file_fault.c)
 *             after the object's end .......................... FAULT_SIGBUS
 *             read, or any access to a shared area ............ the object's page (and neighbours)
 *             write to a private area ......................... a copy of the object's page
 *         a page in swap (mm/user_space/swap_fault.c) ........ read, unless it is still cached
 *         present, write to a read-only entry
 *             of a shared area ................................ the same frame, now writable
 *             the zero page ................................... a new page, cleared
 *             a shared frame .................................. a copy
 *             a frame with no other reference ................. the same frame, now writable
 *         present, access allowed ............................. spurious: flush the translation
 *     lies in an area of large pages .......................... mm/user_space/huge.c
 *
 * A fault may fail for lack of memory (FAULT_OOM). Only in a task's context.
 */
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "mm/frames/highmem.h"
#include "mm/swap/swap.h"
#include "mm/user_space/huge.h"
#include "mm/user_space/mm_internal.h"

struct fault_counters fault_counters;

/*
 * Maps a private page after a write. If the entry was present, the caller must flush: the TLB may
 * cache the old one.
 */
static inline void install(struct vm_area_struct *vma, pte_t *pte, vaddr_t address,
			   struct page *page)
{
	pte_t entry = mk_pte(page_to_pfn(page), vma->vm_page_prot);

	set_page_anon(page, vma->vm_mm, address);
	set_pte(pte, pte_mkwrite(pte_mkdirty(entry)));
}

/* The entry of private anonymous memory is empty. */
static inline enum fault_result do_anonymous_page(struct vm_area_struct *vma, pte_t *pte,
						  vaddr_t address, enum fault_access access)
{
	struct page *page;

	if (access != FAULT_WRITE) {
		set_pte(pte, mk_pte(page_to_pfn(zero_page), vma->vm_page_prot));
		fault_counters.zero_page++;
		return FAULT_OK;
	}
	page = alloc_page(GFP_HIGHUSER);
	if (!page)
		return FAULT_OOM;
	clear_highpage(page); /* it may hold another process's data */
	install(vma, pte, address, page);
	vma->vm_mm->rss++;
	fault_counters.fresh_page++;
	return FAULT_OK;
}

/* The zero page is never reclaimed, so that the entry is as it was when the frame is there. */
static noinline enum fault_result replace_zero_page(struct vm_area_struct *vma, pte_t *pte,
						    vaddr_t address)
{
	enum fault_result result = do_anonymous_page(vma, pte, address, FAULT_WRITE);

	if (result == FAULT_OK)
		flush_tlb_page(vma->vm_mm, address);
	return result;
}

enum fault_result reuse_page(struct vm_area_struct *vma, pte_t *pte, vaddr_t address)
{
	set_pte(pte, pte_mkwrite(pte_mkdirty(pte_mkyoung(*pte))));
	flush_tlb_page(vma->vm_mm, address);
	fault_counters.cow_reuse++;
	return FAULT_OK;
}

/*
 * Only this entry and the swap cache use the page: then it leaves the swap cache, because the
 * write makes the slot stale ((4) of mm/swap/swap.h).
 */
static inline bool only_swap_cache_shares(struct page *page)
{
	if (likely(!(page->flags & PG_swapcache)) || page->count != 2 ||
	    swap_count(page_swap_entry(page)))
		return false;
	delete_from_swap_cache(page);
	return true;
}

/*
 * A write to a present read-only entry in a writable area: copy on write. fault_counters counts
 * copies, and entries that are made writable.
 */
enum fault_result do_wp_page(struct vm_area_struct *vma, pte_t *pte, vaddr_t address)
{
	struct page *old = pfn_to_page(pte_pfn(*pte)), *page;
	pte_t before = *pte;

	if (old == zero_page)
		return replace_zero_page(vma, pte, address);
	/* A frame of a mapped object has at least two: the page cache holds one. */
	if (vma->vm_flags & VM_SHARED || old->count == 1 || only_swap_cache_shares(old))
		return reuse_page(vma, pte, address);
	/*
	 * Reclaim may unmap the old page, to make room for the new one; but it must stay in the
	 * swap cache. Else each page would be evicted for the other one for ever.
	 */
	old->count++;
	page = alloc_page(GFP_HIGHUSER);
	if (unlikely(pte->value != before.value)) {
		put_page(old); /* the last one, if it was a page of MADV_FREE */
		if (page)
			put_page(page);
		return page ? FAULT_OK : FAULT_OOM;
	}
	old->count--; /* not the last: the entry has one */
	if (!page)
		return FAULT_OOM;
	copy_highpage(page, old);
	fault_counters.cow_copy++;
	trace(page_copy, address, page, old);
	install(vma, pte, address, page);
	flush_tlb_page(vma->vm_mm, address);
	put_page(old);
	return FAULT_OK;
}

TRACED_BODY enum fault_result handle_mm_fault(struct vm_area_struct *vma, vaddr_t address,
					      enum fault_access access)
{
	pte_t *pte = find_pte(vma->vm_mm->pgd, address);

	if (unlikely(!pte)) {
		if (vma->vm_flags & VM_HUGETLB)
			return do_huge_page(vma, address, access);
		pte = make_pte(vma->vm_mm, address);
		if (!pte)
			return FAULT_OOM;
	}
	if (pte_none(*pte))
		return vma->vm_mapping ? do_mapped_page(vma, pte, address, access)
				       : do_anonymous_page(vma, pte, address, access);
	if (unlikely(!pte_present(*pte)))
		return do_swap_page(vma, pte, address, access);
	if (access == FAULT_WRITE && !pte_write(*pte))
		return do_wp_page(vma, pte, address);
	flush_tlb_page(vma->vm_mm, address);
	fault_counters.spurious++;
	return FAULT_OK;
}

static bool access_allowed(const struct vm_area_struct *vma, enum fault_access access)
{
	if (likely(access == FAULT_WRITE))
		return vma->vm_flags & VM_WRITE;
	if (pte_nx && access == FAULT_EXEC)
		return vma->vm_flags & VM_EXEC;
	/* Entries have no right to read: any right allows that. */
	return vma->vm_flags & VM_ACCESS_MASK;
}

TRACED_BODY enum fault_result resolve_fault(struct mm_struct *mm, vaddr_t address,
					    enum fault_access access)
{
	struct vm_area_struct *vma = find_vma(mm, address);
	enum fault_result result = FAULT_MAPERR;

	if (vma && vma->vm_start > address)
		vma = vma->vm_flags & VM_GROWSDOWN ? expand_stack(vma, address) : NULL;
	if (vma)
		result = access_allowed(vma, access) ? handle_mm_fault(vma, address, access)
						     : FAULT_ACCERR;
	if (likely(result == FAULT_OK))
		fault_counters.resolved++;
	else
		fault_counters.refused++;
	return result;
}

TRACED enum fault_result mm_fault(struct mm_struct *mm, vaddr_t address, enum fault_access access)
{
	return resolve_fault(mm, address, access);
}

static TRACED enum fault_result mm_fault_traced(struct mm_struct *mm, vaddr_t address,
						enum fault_access access)
{
	const struct fault_counters before = fault_counters;
	enum fault_result result = resolve_fault(mm, address, access);

	trace_fault(mm, address, &before);
	return result;
}
TRACE_REPLACE(fault, mm_fault, mm_fault_traced);

int mm_populate(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	while (start < end) {
		struct vm_area_struct *vma = find_vma(mm, start);
		enum fault_access access;
		enum fault_result result;
		u32 size;

		if (!vma || vma->vm_start > start)
			return -EFAULT;
		size = vma_page_size(vma);
		access = (vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE ? FAULT_WRITE
									      : FAULT_READ;
		result = mm_fault(mm, start, access);
		if (result != FAULT_OK)
			return result == FAULT_OOM ? -ENOMEM : -EFAULT;
		if (task_killed())
			return -EINTR;
		if (mm_page_allows(mm, start, access))
			start = ALIGN_DOWN(start, size) + size;
		cond_resched();
	}
	return 0;
}
