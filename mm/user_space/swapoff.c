/* SPDX-License-Identifier: MIT */
/* swapoff: mm/user_space/swapoff.h. */
#include "mm/user_space/swapoff.h"
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "mm/page_cache/filemap.h"
#include "mm/swap/swap.h"
#include "mm/user_space/mm_internal.h"

struct unuse {
	u32 type;
	struct vm_area_struct *vma;
	u32 pages; /* that came in */
};

static int bring_in_entry(pte_t *pte, vaddr_t address, void *context)
{
	struct unuse *unuse = context;
	enum fault_result result;

	if (!pte_swap(*pte) || swp_type(pte_to_swp_entry(*pte)) != unuse->type)
		return 0;
	result = do_swap_page(unuse->vma, pte, address, FAULT_READ);
	if (result != FAULT_OK)
		return result == FAULT_OOM ? -ENOMEM : -EIO;
	unuse->pages++;
	return 0;
}

/* The first page table of an address space that has such entries. */
static int unuse_table(struct mm_struct *mm, struct unuse *unuse)
{
	int err = 0;

	for (unuse->vma = mm->mmap; unuse->vma; unuse->vma = unuse->vma->vm_next) {
		vaddr_t start = unuse->vma->vm_start, next;

		for (; start < unuse->vma->vm_end; start = next) {
			next = pgtable_end(start, unuse->vma->vm_end);
			err = visit_range(mm->pgd, start, next, bring_in_entry, unuse);
			if (err || unuse->pages)
				return err;
		}
	}
	return 0;
}

/* Brings some pages in. 0: there may be more; *pages 0: none was found. */
static int unuse_some(u32 type, u32 *pages)
{
	struct unuse unuse = { .type = type };
	struct address_space *mapping;
	struct mm_struct *mm;
	int err = 0;

	list_for_each_entry (mm, &mm_list, link) {
		if (mm->nr_swap)
			err = unuse_table(mm, &unuse);
		*pages = unuse.pages;
		if (err || unuse.pages)
			return err;
	}
	list_for_each_entry (mapping, &mapping_list, link) {
		/* One without references is losing its pages already. */
		if (mapping->count)
			err = mapping_unuse(mapping, type, pages);
		if (err || *pages)
			return err;
	}
	return 0;
}

int swapoff_area(u32 type)
{
	int err = 0;

	swap_area_close(type);
	while (!err && swap_info[type].inuse) {
		u32 pages = 0;

		err = unuse_some(type, &pages);
		if (!err && task_killed())
			err = -EINTR;
		if (!err && !pages)
			swap_area_forget(type);
		/* Nothing was found, and slots are in use: another task is about to free them. */
		if (!err && !pages && swap_info[type].inuse)
			let_others_run();
		cond_resched();
	}
	if (err)
		swap_area_reopen(type);
	else
		swap_area_remove(type);
	return err;
}
