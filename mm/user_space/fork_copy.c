/* SPDX-License-Identifier: MIT */
/*
 * Copying areas and sharing pages for fork.
 *
 * Copying all memory would make fork slow, and exec would discard most of the copy. So parent and
 * child share the frames: each gets one more reference. A writable private page becomes read-only
 * on both sides; the first write faults and gets a copy (mm/user_space/page_fault.c).
 */
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "mm/user_space/mm_internal.h"
#include "mm/user_space/overcommit.h"

int copy_areas(struct mm_struct *to, const struct mm_struct *from)
{
	for (const struct vm_area_struct *vma = from->mmap; vma; vma = vma->vm_next) {
		u32 charge = vma->vm_flags & VM_ACCOUNT ? vma_pages(vma) : 0;
		struct vma_kind kind = vma_kind_at(vma, vma->vm_start);

		if (vma->vm_flags & VM_DONTCOPY)
			continue;
		if (charge && vm_enough_memory(from, charge))
			return -ENOMEM;
		/* Locks are not inherited, so areas may merge that differ in the parent. */
		kind.flags &= ~(u32)VM_LOCKED_MASK;
		if (!vma_insert(to, vma->vm_start, vma->vm_end, &kind)) {
			vm_unacct_memory(charge);
			return -ENOMEM;
		}
		cond_resched();
	}
	return 0;
}

struct page_copy {
	struct mm_struct *to;
	pte_t *table;	   /* the copy's page table for the current 4 MiB */
	vaddr_t table_end; /* the end of these; 0: none yet */
	u32 rss;
};

/* The entry of the copy. Each page table is looked up once. */
static inline pte_t *copy_place(struct page_copy *copy, vaddr_t address)
{
	if (address >= copy->table_end) {
		pte_t *pte = mm_pte(copy->to, address);

		if (!pte)
			return NULL;
		copy->table = pte - pte_index(address);
		copy->table_end = ALIGN_DOWN(address, PGDIR_SIZE) + PGDIR_SIZE;
	}
	return copy->table + pte_index(address);
}

static inline int copy_pte(pte_t *from, vaddr_t address, void *context)
{
	struct page_copy *copy = context;
	pte_t *to = copy_place(copy, address), entry = *from;
	struct page *page;

	if (!to)
		return -ENOMEM;
	page = pfn_to_page(pte_pfn(entry));
	if (page != zero_page) {
		get_page(page);
		copy->rss++;
	}
	if (pte_write(entry)) {
		entry = pte_wrprotect(entry);
		set_pte(from, entry);
	}
	set_pte(to, entry);
	return 0;
}

/*
 * Pages of a mapped object need not be copied: the child's fault finds them in the page cache.
 * Private copies exist only in page tables.
 */
static inline int copy_private_copy(pte_t *from, vaddr_t address, void *context)
{
	const struct page *page = pfn_to_page(pte_pfn(*from));

	return page->mapping ? 0 : copy_pte(from, address, context);
}

int copy_page_range(struct mm_struct *to, struct mm_struct *from, const struct vm_area_struct *vma)
{
	struct page_copy copy = { .to = to };
	int err = 0;

	if (vma->vm_flags & (VM_SHARED | VM_DONTCOPY | VM_WIPEONFORK))
		return 0;
	for (vaddr_t start = vma->vm_start, next; start < vma->vm_end && !err; start = next) {
		next = pgtable_end(start, vma->vm_end);
		if (vma->vm_mapping)
			err = visit_range_inline(from->pgd, start, next, copy_private_copy, &copy);
		else
			err = visit_range_inline(from->pgd, start, next, copy_pte, &copy);
		/* Counted now: cond_resched() may let a truncation unmap these pages. */
		to->rss += copy.rss;
		copy.rss = 0;
		cond_resched();
	}
	return err;
}
