/* SPDX-License-Identifier: MIT */
/*
 * Large pages in address spaces. Numbers cite the invariants of the header.
 *
 *   the entry is ...
 *     empty, of a shared area ......... the object's page, or a new one for it
 *     empty, of a private area ........ its reserved page, or a new one; a read gets one too
 *         no free page in the pool, or the area has lost one .... FAULT_SIGBUS
 *     read-only, and the access is a write
 *         of a shared area, or no other entry maps it ...... the same page, now writable
 *         else ............................................. a copy
 *             no free page: of the owner (3) ............... the same page, taken from the others
 *             of another ................................... FAULT_SIGBUS
 */
#include "mm/user_space/huge.h"
#include "abi/linux/errno.h"
#include "mm/frames/highmem.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/mm_internal.h"

int huge_reserve_range(struct address_space *mapping, u32 first, u32 end)
{
	for (; first < end; first += HUGE_FRAMES) {
		struct page *page;
		int err;

		if (find_page(mapping, first))
			continue;
		page = huge_page_alloc();
		if (!page)
			return -ENOSPC;
		err = enter_page(mapping, first, page);
		if (err)
			put_page(page);
		if (err == -ENOMEM)
			return err;
	}
	return 0;
}

int huge_reserve(struct address_space *mapping)
{
	u32 pages = mapping_pages(mapping), free, reserved;

	huge_pool_count(&free, &reserved);
	if (pages / HUGE_FRAMES - mapping->nrpages > free - reserved)
		return -ENOMEM;
	return huge_reserve_range(mapping, 0, pages) ? -ENOMEM : 0;
}

/* Fills a new page: a copy of `from`, or zeros if that is NULL. */
static void fill_page(struct page *page, struct page *from)
{
	for (u32 i = 0; i < HUGE_FRAMES; i++) {
		if (from)
			copy_highpage(page + i, from + i);
		else
			clear_highpage(page + i);
	}
	page->flags |= PG_uptodate;
}

/* Maps a page that the area may write, if it may write at all. Its reference is the entry's. */
static void install(const struct vm_area_struct *vma, pte_t *pte, vaddr_t address,
		    struct page *page)
{
	pte_t entry = mk_pte(page_to_pfn(page), vma->vm_page_prot);

	if (!(vma->vm_flags & VM_MAYSHARE))
		set_page_anon(page, vma->vm_mm, address);
	set_pte(pte, vma->vm_flags & VM_WRITE ? pte_mkwrite(pte_mkdirty(entry)) : entry);
}

/* The entry is empty. */
static enum fault_result new_page(const struct vm_area_struct *vma, pte_t *pte, vaddr_t address)
{
	const u32 index = linear_page_index(vma, address);
	const bool shared = vma->vm_flags & VM_MAYSHARE;
	struct page *page = NULL;

	if (shared || vma->vm_flags & VM_HUGE_OWNER) {
		int err = huge_reserve_range(vma->vm_mapping, index, index + 1);

		if (err)
			return err == -ENOSPC ? FAULT_SIGBUS : FAULT_OOM;
		page = find_page(vma->vm_mapping, index);
		get_page(page);
		if (!shared)
			delete_from_page_cache(page);
	} else if (!(vma->vm_flags & VM_HUGE_LOST)) {
		page = huge_page_alloc();
	}
	if (!page)
		return FAULT_SIGBUS;
	if (!(page->flags & PG_uptodate))
		fill_page(page, NULL);
	install(vma, pte, address, page);
	vma->vm_mm->rss++;
	fault_counters.fresh_page++;
	return FAULT_OK;
}

/* Unmaps a page in the areas of children. */
static void zap_in_children(const struct address_space *mapping, u32 index, const struct page *page)
{
	struct vm_area_struct *vma = NULL;

	while ((vma = next_sharing_area(mapping, vma, 0))) {
		if (vma->vm_flags & VM_HUGE_OWNER)
			continue;
		vma->vm_flags |= VM_HUGE_LOST;
		zap_object_page(vma, index, page);
	}
}

/* A write to a read-only entry: copy on write. */
static enum fault_result write_page(struct vm_area_struct *vma, pte_t *pte, vaddr_t address)
{
	struct page *old = pfn_to_page(pte_pfn(*pte)), *page;

	/* The pool has a reference, and the entry. */
	if (vma->vm_flags & VM_SHARED || old->count == 2)
		return reuse_page(vma, pte, address);
	page = huge_page_alloc();
	if (!page && vma->vm_flags & VM_HUGE_OWNER) {
		zap_in_children(vma->vm_mapping, linear_page_index(vma, address), old);
		return old->count == 2 ? reuse_page(vma, pte, address) : FAULT_SIGBUS;
	}
	if (!page)
		return FAULT_SIGBUS;
	fill_page(page, old);
	install(vma, pte, address, page);
	flush_tlb_page(vma->vm_mm, address);
	put_page(old);
	fault_counters.cow_copy++;
	return FAULT_OK;
}

enum fault_result do_huge_page(struct vm_area_struct *vma, vaddr_t address,
			       enum fault_access access)
{
	pte_t *pte = large_pte(vma->vm_mm->pgd, address);

	address = ALIGN_DOWN(address, LARGE_PAGE_SIZE);
	if (vma->vm_mm->oom_victim)
		return FAULT_OOM;
	if (pte_none(*pte))
		return new_page(vma, pte, address);
	if (access == FAULT_WRITE && !pte_write(*pte))
		return write_page(vma, pte, address);
	flush_tlb_page(vma->vm_mm, address);
	fault_counters.spurious++;
	return FAULT_OK;
}
