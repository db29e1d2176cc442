/* SPDX-License-Identifier: MIT */
/* mincore(2): pages that are in memory. For a mapped object, those in the page cache count too. */
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "mm/page_cache/filemap.h"
#include "mm/mman/mman_internal.h"
#include "mm/swap/swap.h"

static bool resident(struct vm_area_struct *vma, vaddr_t address)
{
	const pte_t *pte = pte_lookup(vma->vm_mm->pgd, address);

	if (pte && !pte_none(*pte))
		return pte_present(*pte) || lookup_swap_cache(pte_to_swp_entry(*pte));
	return vma->vm_mapping &&
	       mapping_resident(vma->vm_mapping, linear_page_index(vma, address));
}

int do_mincore(struct mm_struct *mm, vaddr_t start, u32 length,
	       int (*put)(u32 index, bool resident, void *context), void *context)
{
	u32 pages = length / PAGE_SIZE + !!(length % PAGE_SIZE);

	if (!IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if (length > TASK_SIZE || start > TASK_SIZE - length)
		return -ENOMEM;
	for (u32 i = 0; i < pages; i++) {
		vaddr_t address = start + i * PAGE_SIZE;
		struct vm_area_struct *vma = find_vma(mm, address);
		int err;

		if (!vma || vma->vm_start > address)
			return -ENOMEM;
		err = put(i, resident(vma, address), context);
		if (err)
			return err;
		if (task_killed())
			return -EINTR;
		cond_resched();
	}
	return 0;
}
