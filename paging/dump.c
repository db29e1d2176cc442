/* SPDX-License-Identifier: MIT */
/* The dump of page tables: one line for each run of equal entries. */
#include "paging/check.h"
#include "paging/range.h"
#include "lib/printk.h"

/* Bits that the processor sets. They do not end a run. */
#define DUMP_IGNORED (PTE_ACCESSED | PTE_DIRTY)

struct run {
	vaddr_t start, end;
	phys_addr_t phys;
	u32 flags;
};

static void print_run(const struct run *run)
{
	if (run->start == run->end)
		return;
	printk("pgtable: start=%#010x end=%#010x frame=%#lx rights=%c%c%c%c%c\n", run->start,
	       run->end, (unsigned long)phys_to_pfn(run->phys), run->flags & PTE_USER ? 'u' : 'k',
	       run->flags & PTE_WRITE ? 'w' : 'r', run->flags & PTE_LARGE ? '4' : '-',
	       run->flags & PTE_GLOBAL ? 'g' : '-', run->flags & PTE_PCD ? 'n' : '-');
}

void pgtable_dump(pgd_t *directory, vaddr_t start, vaddr_t end)
{
	struct run run = { 0 };
	vaddr_t address = start;

	do {
		struct translation page;
		vaddr_t step = PAGE_SIZE;

		if (!translate(directory, address, &page)) {
			print_run(&run);
			run = (struct run){ 0 };
			if (!pte_lookup(directory, address))
				step = PGDIR_SIZE - (address & (PGDIR_SIZE - 1));
		} else {
			u32 flags = page.flags & ~(u32)DUMP_IGNORED;

			if (page.large)
				step = LARGE_PAGE_SIZE - (address & (LARGE_PAGE_SIZE - 1));
			if (run.start == run.end || run.end != address || run.flags != flags ||
			    run.phys + (run.end - run.start) != page.phys) {
				print_run(&run);
				run = (struct run){ address, address, page.phys, flags };
			}
			run.end = address + step;
		}
		address += step;
	} while (address - 1 < end - 1 && address);
	print_run(&run);
}
