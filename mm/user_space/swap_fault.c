/* SPDX-License-Identifier: MIT */
/*
 * Faults on pages in swap: the textbook's third answer.
 *
 *   entry: slot --> in the swap cache?  no: read it, and its neighbours
 *                         |
 *                         v
 *        the only user? --yes, and a write is allowed--> writable; the slot is freed
 *                         |
 *                         no --> read-only; frame and slot stay together, so that an unchanged
 *                                page need not be written again
 *
 * Reading needs a frame, and reclaim may take other pages for it, also of this space; but page
 * tables stay where they are, and the entry of a page in swap is changed by no one else
 * meanwhile.
 */
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "mm/frames/lru.h"
#include "mm/swap/swap.h"
#include "mm/user_space/mm_internal.h"

/* The page, in the swap cache, with a reference for the caller. */
static enum fault_result bring_in(swp_entry_t entry, struct page **page)
{
	u32 distance;

	*page = lookup_swap_cache(entry);
	if (!*page) {
		int err = swap_read(entry, page, &distance);

		if (err)
			return err == -ENOMEM ? FAULT_OOM : FAULT_SIGBUS;
		if (lru && lru->refault && distance)
			lru->refault(*page, distance);
		fault_counters.swapped_in++;
	} else if ((*page)->flags & PG_readahead) {
		swap_counters.ra_hits++;
	}
	(*page)->flags &= ~(u32)PG_readahead;
	get_page(*page);
	return FAULT_OK;
}

/*
 * The slot is of no use any more: no entry names it, and either the page is about to be written,
 * or slots are scarce. The page leaves the swap cache if only the caller uses it.
 */
static bool give_up_slot(struct page *page, bool written)
{
	if (!(page->flags & PG_swapcache))
		return page->count == 1;
	if (page->count != 2 || swap_count(page_swap_entry(page)) || !(written || vm_swap_full()))
		return false;
	delete_from_swap_cache(page);
	return true;
}

enum fault_result do_swap_page(struct vm_area_struct *vma, pte_t *pte, vaddr_t address,
			       enum fault_access access)
{
	swp_entry_t entry = pte_to_swp_entry(*pte);
	struct mm_struct *mm = vma->vm_mm;
	struct page *page;
	enum fault_result result = bring_in(entry, &page);
	pte_t fresh;

	if (result != FAULT_OK)
		return result;
	BUG_ON(pte->value != entry.value);
	page->mapping = mm->anon_mapping;
	set_page_swap_place(page, anon_place(mm, address));
	swap_free(entry);
	fresh = mk_pte(page_to_pfn(page), vma->vm_page_prot);
	if (give_up_slot(page, access == FAULT_WRITE) && vma->vm_flags & VM_WRITE)
		fresh = pte_mkwrite(pte_mkdirty(fresh));
	set_pte(pte, fresh);
	mm->nr_swap--;
	mm->rss++;
	/* A page that others use too is copied, as any other. */
	return access == FAULT_WRITE && !pte_write(fresh) ? do_wp_page(vma, pte, address)
							  : FAULT_OK;
}
