/* SPDX-License-Identifier: MIT */
/* Checks and dump of page tables. Numbers cite the invariants of the header. */
#include "paging/check.h"
#include "paging/range.h"
#include "lib/printk.h"

/* Bits that the processor sets. They make no difference here. */
#define PROCESSOR_SETS ((pteval_t)(PTE_ACCESSED | PTE_DIRTY))

struct pgtable_check {
	pfn_t frames;
	bool user_above; /* the entry above allows user access */
	const char *violated;
	vaddr_t where;
};

static int violation(struct pgtable_check *check, vaddr_t where, const char *text)
{
	check->violated = text;
	check->where = where;
	return 1;
}

/* (6) */
static bool writable_code(vaddr_t address, pteval_t flags)
{
	return address >= PAGE_OFFSET && (flags & (PTE_WRITE | pte_nx)) == PTE_WRITE && pte_nx;
}

static int check_pte(pte_t *pte, vaddr_t address, void *context)
{
	struct pgtable_check *check = context;
	bool present = pte->value & PTE_PRESENT;

	if (pte->value & PTE_RESERVED)
		return violation(check, address, "(4) a reserved bit of an entry is set");
	if (present && (address < USER_MIN || address >= FIXMAP_END))
		return violation(check, address, "(5) a page that must not be mapped is");
	if (present && address >= PAGE_OFFSET && check->user_above && (pte->value & PTE_USER))
		return violation(check, address, "(2) ring 3 can reach a kernel page");
	if (present && !(pte->value & PTE_PCD) && pte_pfn(*pte) >= check->frames)
		return violation(check, address, "(3) a frame beyond the end of RAM is mapped");
	if (present && writable_code(address, pte->value))
		return violation(check, address, "(6) a writable kernel page can be executed");
	return 0;
}

static void check_pmd(pgd_t *directory, pmd_t pmd, vaddr_t address, struct pgtable_check *check)
{
	if (pmd_none(pmd))
		return;
	if (pmd.value & (pmd_large(pmd) ? LARGE_RESERVED : PTE_RESERVED)) {
		violation(check, address, "(4) a reserved bit of an upper entry is set");
	} else if (!pmd_large(pmd)) {
		check->user_above = pmd.value & PTE_USER;
		visit_range(directory, address, address + PMD_SIZE, check_pte, check);
	} else if (address >= PAGE_OFFSET && (pmd.value & PTE_USER)) {
		violation(check, address, "(2) ring 3 can reach a kernel page");
	} else if (address == 0 || address + PMD_SIZE == 0) {
		violation(check, address, "(5) a page that must not be mapped is");
	} else if (writable_code(address, pmd.value)) {
		violation(check, address, "(6) a writable kernel page can be executed");
	}
}

/* (1), for one entry of the middle level. A real middle level is one table for all, or missing. */
static bool same_as_master(const pmd_t *pmd, const pmd_t *master)
{
	if (!PMD_FOLDED)
		return pmd == master;
	return !((pmd->value ^ master->value) & ~PROCESSOR_SETS);
}

const char *pgtable_validate(pgd_t *directory, pgd_t *kernel, pfn_t frames, vaddr_t *where)
{
	struct pgtable_check check = { .frames = frames };
	vaddr_t address = 0;

	do {
		const pmd_t *pmd = find_pmd(directory, address);

		if (pgd_offset(directory, address)->value & PGD_RESERVED)
			violation(&check, address, "(4) a reserved bit of the first level is set");
		else if (address >= PAGE_OFFSET && !same_as_master(pmd, find_pmd(kernel, address)))
			violation(&check, address, "(1) the kernel halves differ");
		else if (pmd)
			check_pmd(directory, *pmd, address, &check);
		address += PMD_SIZE;
	} while (address && !check.violated);
	*where = check.where;
	return check.violated;
}

/* Bytes from `address` to the next one that may be in another run. */
static vaddr_t step_from(pgd_t *directory, vaddr_t address, bool mapped, bool large)
{
	if (large)
		return LARGE_PAGE_SIZE - (address & (LARGE_PAGE_SIZE - 1));
	if (!mapped && !pte_lookup(directory, address))
		return PMD_SIZE - (address & (PMD_SIZE - 1));
	return PAGE_SIZE;
}

bool pgtable_run(pgd_t *directory, vaddr_t start, vaddr_t end, struct pgtable_run *run)
{
	vaddr_t address = start, step;
	struct translation page;
	bool found = false;

	do {
		bool mapped = translate(directory, address, &page);
		pteval_t rights = page.flags & ~PROCESSOR_SETS;

		if (found && (!mapped || run->flags != rights ||
			      run->phys + (run->end - run->start) != page.phys))
			return true;
		if (!found && mapped)
			*run = (struct pgtable_run){ address, address, page.phys, rights };
		found = mapped;
		step = step_from(directory, address, mapped, mapped && page.large);
		address += step;
		if (mapped)
			run->end = address - 1 < end - 1 ? address : end;
	} while (address - 1 < end - 1);
	return found;
}

void pgtable_rights_text(pteval_t flags, char text[6])
{
	text[0] = flags & PTE_USER ? 'u' : 'k';
	text[1] = flags & PTE_WRITE ? 'w' : 'r';
	if (pte_nx && !(flags & PTE_NX))
		text[1] = flags & PTE_WRITE ? 'X' : 'x';
	text[2] = flags & PTE_LARGE ? LARGE_PAGE_LETTER[0] : '-';
	text[3] = flags & PTE_GLOBAL ? 'g' : '-';
	text[4] = flags & PTE_PCD ? 'n' : '-';
	text[5] = '\0';
}

void pgtable_dump(pgd_t *directory, vaddr_t start, vaddr_t end)
{
	struct pgtable_run run;
	char rights[6];

	while (pgtable_run(directory, start, end, &run)) {
		pgtable_rights_text(run.flags, rights);
		printk("pgtable: start=%#010x end=%#010x frame=%#lx rights=%s\n", run.start,
		       run.end, (unsigned long)phys_to_pfn(run.phys), rights);
		start = run.end;
		if (start - 1 >= end - 1)
			break;
	}
}
