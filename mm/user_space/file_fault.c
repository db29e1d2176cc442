/* SPDX-License-Identifier: MIT */
/*
 * Faults on mapped objects: map a frame of the page cache, or a private copy of it.
 *
 * A fault costs far more than a page-table entry. So a read fault also maps the cached pages of
 * the aligned 64 KiB around it ("fault-around", as in Linux).
 *
 *   area     |.....f..........|        f: the fault
 *   entries  |..ppp*pp..pp....|        p: found in the page cache and mapped too
 *   object      ^ vm_pgoff
 *
 * No object is written back, so dirty pages need not be tracked: entries of a writable shared area
 * are writable from the start. A private area maps the object's frame read-only; the first write
 * makes a copy (mm/user_space/page_fault.c).
 */
#include "abi/linux/errno.h"
#include "mm/page_cache/filemap.h"
#include "mm/frames/highmem.h"
#include "mm/user_space/mm_internal.h"

#define FAULT_AROUND_BYTES (16 * PAGE_SIZE)

static inline void map_cached(struct vm_area_struct *vma, pte_t *pte, struct page *page)
{
	get_page(page);
	set_pte(pte, mk_pte(page_to_pfn(page), vma->vm_page_prot));
	vma->vm_mm->rss++;
}

/* Maps cached neighbours in the window and the area. The window is aligned: one page table. */
static void fault_around(struct vm_area_struct *vma, pte_t *pte, vaddr_t address)
{
	vaddr_t start = max(ALIGN_DOWN(address, FAULT_AROUND_BYTES), vma->vm_start);
	vaddr_t end =
		min(ALIGN_DOWN(address, FAULT_AROUND_BYTES) + FAULT_AROUND_BYTES, vma->vm_end);
	u32 index = linear_page_index(vma, start), pages = mapping_pages(vma->vm_mapping);

	pte -= (ALIGN_DOWN(address, PAGE_SIZE) - start) >> PAGE_SHIFT;
	for (; start < end && index < pages; start += PAGE_SIZE, pte++, index++) {
		struct page *page;

		if (!pte_none(*pte))
			continue;
		page = find_page(vma->vm_mapping, index);
		if (!page)
			continue;
		map_cached(vma, pte, page);
		fault_counters.mapped_around++;
	}
}

/* Maps a private copy of the object's page. */
static enum fault_result copy_cached(struct vm_area_struct *vma, pte_t *pte, vaddr_t address,
				     struct page *cached)
{
	struct page *page;

	cached->count++; /* reclaim must not take it meanwhile */
	page = alloc_page(GFP_HIGHUSER);
	if (page)
		copy_highpage(page, cached);
	cached->count--; /* not the last: the cache has one */
	if (!page)
		return FAULT_OOM;
	set_page_anon(page, vma->vm_mm, address);
	set_pte(pte, pte_mkwrite(pte_mkdirty(mk_pte(page_to_pfn(page), vma->vm_page_prot))));
	vma->vm_mm->rss++;
	fault_counters.cow_copy++;
	trace(page_copy, address, page, cached);
	return FAULT_OK;
}

enum fault_result do_mapped_page(struct vm_area_struct *vma, pte_t *pte, vaddr_t address,
				 enum fault_access access)
{
	u32 index = linear_page_index(vma, address);
	struct page *page;
	int err;

	/* The cache may have a page after the end: a write raises i_size only after it copied. */
	if (index >= mapping_pages(vma->vm_mapping))
		return FAULT_SIGBUS;
	page = find_page(vma->vm_mapping, index);
	if (unlikely(!page)) {
		err = add_cache_page(vma->vm_mapping, index, &page);
		if (err)
			return err == -ENOMEM ? FAULT_OOM : FAULT_SIGBUS;
	}
	if (access == FAULT_WRITE && !(vma->vm_flags & VM_SHARED))
		return copy_cached(vma, pte, address, page);
	map_cached(vma, pte, page);
	fault_counters.mapped_page++;
	if (access != FAULT_WRITE)
		fault_around(vma, pte, address);
	return FAULT_OK;
}
