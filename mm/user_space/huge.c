/* SPDX-License-Identifier: MIT */
/*
 * Large pages in address spaces. Numbers cite the invariants of the header.
 *
 *   the entry is ...
 *     empty, of a shared area ......... the page of the slot, or a new one for it
 *     empty, of a private area ........ a new page, cleared; a read gets one too
 *         no page in the pool that is not promised to others .... FAULT_SIGBUS
 *     HUGE_TAKEN ........................................... FAULT_SIGBUS
 *     read-only, and the access is a write
 *         of a shared area, or no other entry maps it ...... the same page, now writable
 *         else ............................................. a copy
 *             no page in the pool: of the owner (3) ........ the same page, taken from the others
 *             of another ................................... FAULT_SIGBUS
 */
#include "mm/user_space/huge.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "mm/frames/highmem.h"
#include "mm/page_cache/filemap.h"
#include "mm/slab/slab.h"
#include "mm/user_space/mm_internal.h"

/* Neither present nor a large page; the MMU ignores it. */
#define HUGE_TAKEN ((pmd_t){ PTE_DIRTY })

static struct page *page_of(pmd_t pmd)
{
	return pfn_to_page(pte_pfn(pmd_pte(pmd)));
}

static struct page **slot_of(const struct vm_area_struct *vma, vaddr_t address)
{
	return &vma->vm_mapping->huge->slot[linear_page_index(vma, address) / HUGE_FRAMES];
}

/* --- Objects --- */

struct huge_object *huge_object_alloc(u32 bytes)
{
	u32 count = bytes / LARGE_PAGE_SIZE;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): the array holds pointers */
	u32 size = sizeof(struct huge_object) + count * sizeof(struct page *);
	struct huge_object *huge = kzalloc(size, GFP_KERNEL);

	if (huge)
		huge->count = count;
	return huge;
}

void huge_object_free(struct huge_object *huge)
{
	for (u32 i = 0; huge && i < huge->count; i++) {
		if (huge->slot[i] == HUGE_RESERVED)
			huge_pool_unreserve(1);
		else if (huge->slot[i])
			huge_page_put(huge->slot[i]);
	}
	kfree(huge);
}

int huge_reserve(struct huge_object *huge)
{
	u32 missing = 0;

	for (u32 i = 0; i < huge->count; i++)
		missing += !huge->slot[i];
	if (huge_pool_reserve(missing))
		return -ENOMEM;
	for (u32 i = 0; i < huge->count; i++)
		huge->slot[i] = huge->slot[i] ?: HUGE_RESERVED;
	return 0;
}

void huge_unreserve(const struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	for (; start < end; start += LARGE_PAGE_SIZE) {
		if (*slot_of(vma, start) != HUGE_RESERVED)
			continue;
		*slot_of(vma, start) = NULL;
		huge_pool_unreserve(1);
	}
}

/* --- Entries --- */

/* Empties an entry. If its page is free now, it is promised to its owner again (3). */
static void zap_entry(struct vm_area_struct *vma, vaddr_t address)
{
	struct mm_struct *mm = vma->vm_mm;
	pmd_t *pmd = find_pmd(mm->pgd, address), old = *pmd;

	pmd_clear(pmd);
	if (!pmd_huge(old)) /* empty or taken */
		return;
	flush_tlb_range(mm, address, address + LARGE_PAGE_SIZE);
	mm->nr_huge--;
	if (!huge_page_put(page_of(old)) || !(vma->vm_flags & VM_ACCOUNT))
		return;
	BUG_ON(*slot_of(vma, address) || huge_pool_reserve(1));
	*slot_of(vma, address) = HUGE_RESERVED;
}

void zap_huge_range(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	for (; vma && vma->vm_start < end; vma = vma->vm_next) {
		vaddr_t address = max(start, vma->vm_start), stop = min(end, vma->vm_end);

		if (!(vma->vm_flags & VM_HUGETLB))
			continue;
		BUG_ON(!IS_ALIGNED(address | stop, LARGE_PAGE_SIZE)); /* (1) */
		for (; address < stop; address += LARGE_PAGE_SIZE)
			zap_entry(vma, address);
	}
}

void copy_huge_area(struct mm_struct *to, const struct vm_area_struct *vma)
{
	for (vaddr_t address = vma->vm_start; address < vma->vm_end; address += LARGE_PAGE_SIZE) {
		pmd_t *from = find_pmd(vma->vm_mm->pgd, address);

		if (pmd_huge(*from)) {
			huge_page_get(page_of(*from));
			to->nr_huge++;
			if (pte_write(pmd_pte(*from)))
				set_pmd(from, pte_pmd(pte_wrprotect(pmd_pte(*from))));
		}
		set_pmd(find_pmd(to->pgd, address), *from);
	}
}

void protect_huge_area(const struct vm_area_struct *vma)
{
	for (vaddr_t address = vma->vm_start; address < vma->vm_end; address += LARGE_PAGE_SIZE) {
		pmd_t *pmd = find_pmd(vma->vm_mm->pgd, address);

		if (pmd_huge(*pmd))
			set_pmd(pmd, pte_pmd(pte_modify(pmd_pte(*pmd), vma->vm_page_prot)));
	}
	flush_tlb_range(vma->vm_mm, vma->vm_start, vma->vm_end);
}

void move_huge_area(struct vm_area_struct *vma, vaddr_t to)
{
	for (vaddr_t from = vma->vm_start; from < vma->vm_end; from += LARGE_PAGE_SIZE) {
		pmd_t *old = find_pmd(vma->vm_mm->pgd, from);

		set_pmd(find_pmd(vma->vm_mm->pgd, to + from - vma->vm_start), *old);
		pmd_clear(old);
	}
	vma_set_flags(vma, vma->vm_flags & ~(u32)VM_ACCOUNT);
}

/* --- Faults --- */

/* Sets mapping, index and contents of a new page: a copy of `from`, or zeros if that is NULL. */
static void fill_page(struct page *page, struct page *from, const struct vm_area_struct *vma,
		      vaddr_t address)
{
	bool shared = vma->vm_flags & VM_MAYSHARE;
	u32 index = shared ? linear_page_index(vma, address) : anon_place(vma->vm_mm, address);

	for (u32 i = 0; i < HUGE_FRAMES; i++) {
		page[i].mapping = shared ? vma->vm_mapping : vma->vm_mm->anon_mapping;
		page[i].index = index + i;
		if (from)
			copy_highpage(page + i, from + i);
		else
			clear_highpage(page + i);
	}
}

/* The page for an empty entry, with a reference. NULL: the pool has none for it. */
static struct page *page_for(const struct vm_area_struct *vma, vaddr_t address)
{
	bool shared = vma->vm_flags & VM_MAYSHARE, reserved;
	struct page **slot = slot_of(vma, address), *page;

	if (shared && *slot && *slot != HUGE_RESERVED) {
		huge_page_get(*slot);
		return *slot;
	}
	reserved = *slot && (shared || vma->vm_flags & VM_ACCOUNT);
	page = huge_page_alloc(reserved);
	if (!page)
		return NULL;
	fill_page(page, NULL, vma, address);
	if (reserved)
		*slot = NULL;
	if (shared) {
		huge_page_get(page);
		*slot = page;
	}
	return page;
}

/* Maps a page. A write to private memory makes the entry writable. */
static void install(const struct vm_area_struct *vma, pmd_t *pmd, struct page *page, bool write)
{
	pmd_t entry = mk_pmd_large(page_to_pfn(page), vma->vm_page_prot);

	if (write)
		entry = pte_pmd(pte_mkwrite(pte_mkdirty(pmd_pte(entry))));
	set_pmd(pmd, entry);
}

/* Takes the page at `address` away from the areas of children. */
static void take_from_others(const struct vm_area_struct *owner, vaddr_t address,
			     const struct page *page)
{
	u32 index = linear_page_index(owner, address);
	struct vm_area_struct *vma = NULL;

	while ((vma = next_sharing_area(owner->vm_mapping, vma, index)) && vma->vm_pgoff <= index) {
		vaddr_t place = vma->vm_start + ((index - vma->vm_pgoff) << PAGE_SHIFT);
		pmd_t *pmd = find_pmd(vma->vm_mm->pgd, place);

		if (vma == owner || !pmd_huge(*pmd) || page_of(*pmd) != page)
			continue;
		zap_entry(vma, place);
		set_pmd(pmd, HUGE_TAKEN);
	}
}

/* A write to a read-only entry: copy on write. */
static enum fault_result write_page(struct vm_area_struct *vma, pmd_t *pmd, vaddr_t address)
{
	struct page *old = page_of(*pmd), *page = NULL;
	/* Of a private page: more entries than this one, beside the pool's reference. */
	bool copy = !(vma->vm_flags & VM_SHARED) && old->count > 2;

	if (copy) {
		page = huge_page_alloc(false);
		if (!page && vma->vm_flags & VM_ACCOUNT)
			take_from_others(vma, address, old);
		if (!page && old->count > 2)
			return FAULT_SIGBUS;
	}
	if (page)
		fill_page(page, old, vma, address);
	install(vma, pmd, page ?: old, true);
	flush_tlb_range(vma->vm_mm, address, address + LARGE_PAGE_SIZE);
	if (page)
		huge_page_put(old);
	*(page ? &fault_counters.cow_copy : &fault_counters.cow_reuse) += 1;
	return FAULT_OK;
}

enum fault_result do_huge_page(struct vm_area_struct *vma, vaddr_t address,
			       enum fault_access access)
{
	struct mm_struct *mm = vma->vm_mm;
	bool write = access == FAULT_WRITE;
	struct page *page;
	pmd_t *pmd;

	address = ALIGN_DOWN(address, LARGE_PAGE_SIZE);
	pmd = find_pmd(mm->pgd, address);
	if (mm->oom_victim)
		return FAULT_OOM;
	if (pmd_none(*pmd)) {
		page = page_for(vma, address);
		if (!page)
			return FAULT_SIGBUS;
		install(vma, pmd, page, write && !(vma->vm_flags & VM_SHARED));
		mm->nr_huge++;
		fault_counters.fresh_page++;
		return FAULT_OK;
	}
	if (!pmd_huge(*pmd))
		return FAULT_SIGBUS;
	if (write && !pte_write(pmd_pte(*pmd)))
		return write_page(vma, pmd, address);
	flush_tlb_range(mm, address, address + LARGE_PAGE_SIZE);
	fault_counters.spurious++;
	return FAULT_OK;
}
