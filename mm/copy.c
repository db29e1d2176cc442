/* SPDX-License-Identifier: MIT */
/*
 * Sharing pages for fork. Every frame gets one more reference; a writable private page becomes read-only on both sides, so that
 * the first writer of either side faults and gets its own (mm/fault.c).
 */
#include "lib/errno.h"
#include "mm/mm_internal.h"

struct page_copy {
	struct mm_struct *to;
	struct pgtable_ops ops;
	bool shared; /* the area is shared: its writers go on writing */
};

static int copy_pte(pte_t *from, vaddr_t address, void *context)
{
	struct page_copy *copy = context;
	pte_t *to = pte_alloc(copy->to->pgd, address, &copy->ops);
	struct page *page;

	if (!to)
		return -ENOMEM;
	page = pfn_to_page(pte_pfn(*from));
	get_page(page);
	if (!copy->shared)
		set_pte(from, pte_wrprotect(*from));
	set_pte(to, *from);
	if (page != zero_page)
		copy->to->rss++;
	return 0;
}

int copy_page_range(struct mm_struct *to, struct mm_struct *from, const struct vm_area_struct *vma)
{
	struct page_copy copy = {
		.to = to,
		.ops = mm_pgtable_ops(to),
		.shared = vma->vm_flags & VM_SHARED,
	};

	return visit_range(from->pgd, vma->vm_start, vma->vm_end, copy_pte, &copy);
}
