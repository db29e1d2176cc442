/* SPDX-License-Identifier: MIT */
/* swapoff: mm/user_space/swapoff.h. */
#include "mm/user_space/swapoff.h"
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "mm/page_cache/filemap.h"
#include "mm/swap/swap.h"
#include "mm/user_space/mm_internal.h"

/* Pages that come in before other tasks may run: a few transfers of a disk. */
#define STEP_PAGES 32u
#define STEP_FULL  1

/*
 * A pass over all address spaces, then all objects, in steps. Between two steps anything may
 * change, so only numbers are kept; what a pass misses for that the next one finds.
 */
struct unuse {
	u32 type;
	u32 searched;		    /* so many spaces and objects of the lists */
	u32 from;		    /* in the next one, from this address or index on */
	u32 found;		    /* pages that came in in this pass */
	u32 pages;		    /* in this step */
	struct vm_area_struct *vma; /* in this step */
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
	unuse->from = address + PAGE_SIZE;
	return ++unuse->pages == STEP_PAGES ? STEP_FULL : 0;
}

static int search_space(struct mm_struct *mm, struct unuse *unuse)
{
	int result = 0;

	if (!mm->nr_swap)
		return 0;
	for (unuse->vma = find_vma(mm, unuse->from); unuse->vma && !result;
	     unuse->vma = unuse->vma->vm_next)
		result = visit_range(mm->pgd, max(unuse->from, unuse->vma->vm_start),
				     unuse->vma->vm_end, bring_in_entry, unuse);
	return result;
}

static int search_object(struct address_space *mapping, struct unuse *unuse)
{
	int err;

	/* One without references is losing its pages already. */
	if (!mapping->count)
		return 0;
	err = mapping_unuse(mapping, unuse->type, &unuse->from, STEP_PAGES, &unuse->pages);
	return !err && unuse->pages == STEP_PAGES ? STEP_FULL : err;
}

/* Searches the next space or object. Sets *ended if there is none. */
static int search_next(struct unuse *unuse, bool *ended)
{
	struct address_space *mapping;
	struct mm_struct *mm;
	u32 number = 0;

	list_for_each_entry (mm, &mm_list, link)
		if (number++ == unuse->searched)
			return search_space(mm, unuse);
	list_for_each_entry (mapping, &mapping_list, link)
		if (number++ == unuse->searched)
			return search_object(mapping, unuse);
	*ended = true;
	return 0;
}

/* One step. Returns 0 or the error that ends all. */
static int unuse_some(struct unuse *unuse, bool *ended)
{
	int result;

	unuse->pages = 0;
	result = search_next(unuse, ended);
	unuse->found += unuse->pages;
	if (result == STEP_FULL)
		return 0;
	unuse->searched++;
	unuse->from = 0;
	return result;
}

/* A pass found nothing, and slots are in use: only the swap cache's, or about to be freed. */
static void wait_for_others(u32 type)
{
	swap_area_forget(type);
	if (swap_info[type].inuse)
		let_others_run();
}

int swapoff_area(u32 type)
{
	struct unuse unuse = { .type = type };
	int err = 0;

	swap_area_close(type);
	while (!err && swap_info[type].inuse) {
		bool ended = false;

		err = unuse_some(&unuse, &ended);
		if (!err && task_killed())
			err = -EINTR;
		if (!err && ended && !unuse.found)
			wait_for_others(type);
		if (ended)
			unuse = (struct unuse){ .type = type };
		cond_resched();
	}
	if (err)
		swap_area_reopen(type);
	else
		swap_area_remove(type);
	return err;
}
