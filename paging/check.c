/* SPDX-License-Identifier: MIT */
/* Checks of page tables. Numbers cite the invariants of the header. */
#include "paging/check.h"
#include "paging/range.h"

/* Bit 21 is reserved. Bit 12 is PAT, unused here. Bits 20..13 are address bits with PSE-36. */
#define LARGE_RESERVED 0x00201000u

struct pgtable_check {
	pfn_t frames;
	bool user_above; /* the directory entry allows user access */
	const char *violated;
	vaddr_t where;
};

static int violation(struct pgtable_check *check, vaddr_t where, const char *text)
{
	check->violated = text;
	check->where = where;
	return 1;
}

static int check_pte(pte_t *pte, vaddr_t address, void *context)
{
	struct pgtable_check *check = context;
	bool present = pte->value & PTE_PRESENT;

	if (present && (address < USER_MIN || address >= FIXMAP_END))
		return violation(check, address, "(5) a page that must not be mapped is");
	if (present && address >= PAGE_OFFSET && check->user_above && (pte->value & PTE_USER))
		return violation(check, address, "(2) ring 3 can reach a kernel page");
	if (present && !(pte->value & PTE_PCD) && pte_pfn(*pte) >= check->frames)
		return violation(check, address, "(3) a frame beyond the end of RAM is mapped");
	return 0;
}

static void check_pmd(pgd_t *directory, u32 index, struct pgtable_check *check)
{
	vaddr_t address = index << PGDIR_SHIFT;
	pmd_t pmd = *pmd_offset(directory + index, address);

	if (pmd_none(pmd))
		return;
	if (pmd_large(pmd)) {
		if (pmd.pgd.value & LARGE_RESERVED)
			violation(check, address, "(4) a reserved bit of a 4 MiB entry is set");
		else if (index >= KERNEL_PGD_INDEX && (pmd.pgd.value & PTE_USER))
			violation(check, address, "(2) ring 3 can reach a kernel page");
		else if (index == 0 || index == PTRS_PER_PGD - 1)
			violation(check, address, "(5) a page that must not be mapped is");
		return;
	}
	check->user_above = pmd.pgd.value & PTE_USER;
	visit_range(directory, address, address + PGDIR_SIZE, check_pte, check);
}

const char *pgtable_validate(pgd_t *directory, pgd_t *kernel, pfn_t frames, vaddr_t *where)
{
	struct pgtable_check check = { .frames = frames };
	const u32 ignored = PTE_ACCESSED | PTE_DIRTY;

	for (u32 i = 0; i < PTRS_PER_PGD && !check.violated; i++) {
		if (i >= KERNEL_PGD_INDEX && (directory[i].value ^ kernel[i].value) & ~ignored)
			violation(&check, i << PGDIR_SHIFT, "(1) the kernel halves differ");
		else
			check_pmd(directory, i, &check);
	}
	*where = check.where;
	return check.violated;
}
