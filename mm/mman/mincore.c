/* SPDX-License-Identifier: MIT */
/*
 * mincore(2): pages that are in memory. For a mapped object, those in the page cache count too.
 * Of a file that the caller neither owns nor may write, all pages are reported as in memory, as on
 * Linux since 5.2: else the caller could observe which pages others read (CVE-2019-5489). Areas
 * and page tables are looked up once for many pages.
 */
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "lib/string.h"
#include "mm/page_cache/filemap.h"
#include "mm/mman/mman_internal.h"
#include "mm/swap/swap.h"

#define PART_PAGES 512u

/* The page of this entry, which may be empty. */
static bool resident(struct vm_area_struct *vma, vaddr_t address, pte_t pte)
{
	if (!pte_none(pte))
		return pte_present(pte) || lookup_swap_cache(pte_to_swp_entry(pte));
	return vma->vm_mapping && !vma->vm_mapping->huge &&
	       mapping_resident(vma->vm_mapping, linear_page_index(vma, address));
}

/* Sets the bytes of entries that are present. Returns true if another one is not empty. */
static noinline bool mark_present(const pte_t *pte, u32 pages, u8 *bytes)
{
	u32 others = 0;

	for (u32 i = 0; i < pages; i++) {
		if (pte_present(pte[i]))
			bytes[i] = 1;
		else
			others |= pte[i].value;
	}
	return others;
}

/* Fills in a byte for each page of [start, end), which has one page table and one area. */
static void look(struct vm_area_struct *vma, vaddr_t start, vaddr_t end, u8 *bytes)
{
	const pte_t *pte = find_pte(vma->vm_mm->pgd, start);
	const pte_t entry = page_entry(vma->vm_mm->pgd, start); /* for all, without a table */
	const u32 pages = (end - start) >> PAGE_SHIFT;
	bool others = false;

	if (vma->vm_mapping && vma->vm_mapping->a_ops->hides_residence &&
	    vma->vm_mapping->a_ops->hides_residence(vma->vm_mapping)) {
		memset(bytes, 1, pages);
		return;
	}
	memset(bytes, 0, pages);
	if (pte)
		others = mark_present(pte, pages, bytes);
	for (u32 i = 0; i < pages && (others || vma->vm_mapping); i++)
		if (!bytes[i])
			bytes[i] = resident(vma, start + i * PAGE_SIZE, pte ? pte[i] : entry);
}

int do_mincore(struct mm_struct *mm, vaddr_t start, u32 length, mincore_put_t put, void *context)
{
	vaddr_t first = start, end = start + PAGE_ALIGN(length), next;
	u8 bytes[PART_PAGES];

	if (!IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if (length > TASK_SIZE || start > TASK_SIZE - length)
		return -ENOMEM;
	for (; start != end; start = next) {
		struct vm_area_struct *vma = find_vma(mm, start);
		int err;

		if (!vma || vma->vm_start > start)
			return -ENOMEM;
		next = min(min(end, vma->vm_end), start + PART_PAGES * PAGE_SIZE);
		next = pgtable_end(start, next);
		look(vma, start, next, bytes);
		err = put((start - first) >> PAGE_SHIFT, bytes, (next - start) >> PAGE_SHIFT,
			  context);
		if (err)
			return err;
		if (task_killed())
			return -EINTR;
		cond_resched();
	}
	return 0;
}
