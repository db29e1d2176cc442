/* SPDX-License-Identifier: MIT */
/*
 * Range operations on page tables. A walk takes one step for each entry of the middle level
 * without a page table, so an empty range of PMD_SIZE costs one step.
 */
#include "paging/range.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"

#if !PMD_FOLDED
pteval_t pte_nx;
#endif

pte_t *pte_lookup(pgd_t *directory, vaddr_t address)
{
	return find_pte(directory, address);
}

pte_t page_entry(pgd_t *directory, vaddr_t address)
{
	const pmd_t *pmd = find_pmd(directory, address);

	if (!pmd || pmd_none(*pmd))
		return (pte_t){ 0 };
	if (pmd_table(*pmd))
		return *pte_offset(*pmd, address);
	return (pte_t){ pmd->value + (pte_index(address) << PAGE_SHIFT) };
}

static noinline pte_t *make_table(pgd_t *directory, vaddr_t address, const struct pgtable_ops *ops)
{
	pmd_t *pmd = pmd_off(directory, address);
	pfn_t table;

	BUG_ON(pmd_large(*pmd));
	table = ops->alloc_table(ops->context);
	if (!table)
		return NULL;
	ops->populate(ops->context, pmd, address, mk_pmd_table(table));
	return pte_offset(*pmd, address);
}

pte_t *pte_alloc(pgd_t *directory, vaddr_t address, const struct pgtable_ops *ops)
{
	pte_t *pte = find_pte(directory, address);

	return likely(pte) ? pte : make_table(directory, address, ops);
}

int map_page(pgd_t *directory, vaddr_t address, pfn_t pfn, pgprot_t prot,
	     const struct pgtable_ops *ops)
{
	pte_t *pte = pte_alloc(directory, address, ops);

	if (unlikely(!pte))
		return -ENOMEM;
	BUG_ON(!pte_none(*pte));
	set_pte(pte, mk_pte(pfn, prot));
	return 0;
}

bool unmap_page(pgd_t *directory, vaddr_t address)
{
	pte_t *pte = find_pte(directory, address), old;

	if (!pte)
		return false;
	old = *pte;
	pte_clear(pte);
	return pte_present(old);
}

int map_range(pgd_t *directory, vaddr_t start, pfn_t first, u32 pages, pgprot_t prot,
	      const struct pgtable_ops *ops)
{
	BUG_ON(!IS_ALIGNED(start, PAGE_SIZE) || pages > (0u - start - 1) / PAGE_SIZE + 1);
	for (u32 i = 0; i < pages; i++) {
		if (map_page(directory, start + i * PAGE_SIZE, first + i, prot, ops)) {
			unmap_range(directory, start, i);
			return -ENOMEM;
		}
	}
	return 0;
}

int visit_range(pgd_t *directory, vaddr_t start, vaddr_t end, pte_visitor_t *visit, void *context)
{
	return visit_range_inline(directory, start, end, visit, context);
}

int visit_large(pgd_t *directory, vaddr_t address, pte_visitor_t *visit, void *context)
{
	pte_t *pte = large_pte(directory, address);

	return pte && pte->value & PTE_LARGE ? visit(pte, address, context) : 0;
}

struct range_count {
	u32 frames;
	pgprot_t prot;
};

static int unmap_entry(pte_t *pte, vaddr_t address, void *context)
{
	struct range_count *count = context;

	(void)address;
	count->frames += pte_present(*pte);
	pte_clear(pte);
	return 0;
}

u32 unmap_range(pgd_t *directory, vaddr_t start, u32 pages)
{
	struct range_count count = { 0 };

	BUG_ON(!IS_ALIGNED(start, PAGE_SIZE) || pages > (0u - start - 1) / PAGE_SIZE + 1);
	visit_range(directory, start, start + pages * PAGE_SIZE, unmap_entry, &count);
	return count.frames;
}

static int protect_entry(pte_t *pte, vaddr_t address, void *context)
{
	struct range_count *count = context;

	(void)address;
	if (pte_present(*pte)) {
		set_pte(pte, pte_modify(*pte, count->prot));
		count->frames++;
	}
	return 0;
}

u32 protect_range(pgd_t *directory, vaddr_t start, u32 pages, pgprot_t prot)
{
	struct range_count count = { .prot = prot };

	BUG_ON(!IS_ALIGNED(start, PAGE_SIZE) || pages > (0u - start - 1) / PAGE_SIZE + 1);
	visit_range(directory, start, start + pages * PAGE_SIZE, protect_entry, &count);
	return count.frames;
}

bool translate(pgd_t *directory, vaddr_t address, struct translation *result)
{
	pmd_t *pmd = find_pmd(directory, address);
	pteval_t rights, entry;
	pte_t *pte;

	if (!pmd || !(pmd->value & PTE_PRESENT))
		return false;
	if (pmd_large(*pmd)) {
		result->phys = pmd_large_phys(*pmd) | (address & (LARGE_PAGE_SIZE - 1));
		result->flags = pmd->value & PTE_FLAGS_MASK;
		result->large = true;
		return true;
	}
	pte = pte_offset(*pmd, address);
	entry = pte->value;
	if (!(entry & PTE_PRESENT))
		return false;
	rights = pmd->value & (PTE_WRITE | PTE_USER);
	result->phys = (entry & PTE_FRAME) | (address & ~PAGE_MASK);
	result->flags = (entry & PTE_FLAGS_MASK & ~(pteval_t)(PTE_WRITE | PTE_USER)) |
			(entry & rights) | (pmd->value & PTE_NX);
	result->large = false;
	return true;
}
