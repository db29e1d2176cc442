/* SPDX-License-Identifier: MIT */
/*
 * The software MMU's answer to every entry: the cases of tests/kernel/access_cases.h, which
 * tests/kernel/access.c tries on the processor. So what the other tests here prove holds on the
 * real one. The table under test is one page table, or none: the entry above it is a large page.
 */
#include "mm/frames/page_alloc.h"
#include "mm/mman/mman.h"
#include "mm/kernel_space/kernel_map.h"
#include "paging/tlb.h"
#include "tests/kernel/access_cases.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define TARGET_ADDRESS 0x40000000u

static pgd_t *directory;
static struct page *table, *target;
static vaddr_t address; /* of the frame `target`, by a 4 KiB page and by a large page */
static pmd_t *pmd;
static pte_t *pte;

static void start(void)
{
	machine_boot();
	directory = pgd_alloc();
	table = alloc_page(GFP_PGTABLE);
	target = alloc_page(GFP_KERNEL | __GFP_ZERO);
	address = TARGET_ADDRESS + pte_index(page_to_pfn(target) << PAGE_SHIFT) * PAGE_SIZE;
	pmd = pmd_offset(pgd_offset(directory, address), address);
	pte = (pte_t *)page_address(table) + pte_index(address);
	mmu_set_root(virt_to_phys(directory));
}

static void end(void)
{
	mmu_control = (struct mmu_control){ .wp = true, .nxe = true };
	*pte = (pte_t){ 0 };
	*pmd = (pmd_t){ 0 };
	tlb_flush_page(address);
	mmu_set_root(virt_to_phys(kernel_pgd));
	pgd_free(directory);
	__free_page(table);
	__free_page(target);
}

static void set_entries(const struct access_case *c)
{
	pfn_t frame = page_to_pfn(c->pde & PTE_LARGE ? target : table);

	if (c->pde & PTE_LARGE)
		frame = ALIGN_DOWN(frame, PTRS_PER_PTE);
	tlb_flush_page(address);
	pte->value = (pteval_t)page_to_pfn(target) << PAGE_SHIFT | c->pte;
	pmd->value = (pteval_t)frame << PAGE_SHIFT | c->pde;
}

static struct access_outcome try(const struct access_case *c)
{
	const pteval_t large = c->pde & PTE_LARGE ? ACCESS_LARGE_RESERVED : 0;
	struct access_outcome seen = { 0 };
	phys_addr_t phys = 0;

	set_entries(c);
	seen.faulted = !mmu_access(address + 4, (enum mmu_kind)c->kind,
				   c->user ? MMU_USER : MMU_KERNEL, &phys, &seen.error_code);
	EXPECT_EQ(phys, seen.faulted ? 0 : pfn_to_phys(page_to_pfn(target)) + 4);
	seen.pde = pmd->value & (~PTE_FRAME | large);
	seen.pte = pte->value & ~PTE_FRAME;
	return seen;
}

static void report(const struct access_case *c, const struct access_outcome *seen,
		   const struct access_outcome *e)
{
	tap_note("kind=%d user=%d wp=%d smep=%d smap=%d ac=%d nxe=%d pde=%#llx pte=%#llx", c->kind,
		 c->user, c->wp, c->smep, c->smap, c->open, c->nxe, (unsigned long long)c->pde,
		 (unsigned long long)c->pte);
	tap_note("seen: fault=%d error=%#x pde=%#llx pte=%#llx", seen->faulted, seen->error_code,
		 (unsigned long long)seen->pde, (unsigned long long)seen->pte);
	tap_note("expected: fault=%d error=%#x pde=%#llx pte=%#llx", e->faulted, e->error_code,
		 (unsigned long long)e->pde, (unsigned long long)e->pte);
}

/* Tries all entries in one environment. Returns how many fault. */
static u32 try_entries(struct access_case c, enum access_series series)
{
	u32 faults = 0;

	mmu_control = (struct mmu_control){ .wp = c.wp,
					    .smep = c.smep,
					    .smap = c.smap,
					    .ac = c.open,
					    .nxe = c.nxe,
					    .reserved_faults = true };
	for (u32 number = 0; number < access_entries(series) && !tap_failed(); number++) {
		struct access_outcome e, seen;

		access_choose(&c, series, number);
		e = access_expected(&c);
		seen = try(&c);
		faults += e.faulted;
		if (!access_agrees(&seen, &e)) {
			report(&c, &seen, &e);
			EXPECT(access_agrees(&seen, &e));
		}
	}
	return faults;
}

static void try_series(enum access_series series)
{
	u32 combinations = 0, faults = 0;

	start();
	for (u32 number = 0; number < ACCESS_ENVIRONMENTS * (PTE_NX ? 2 : 1); number++) {
		struct access_case c;

		if (!access_environment(&c, number % ACCESS_ENVIRONMENTS,
					PTE_NX && number < ACCESS_ENVIRONMENTS))
			continue;
		combinations += access_entries(series);
		faults += try_entries(c, series);
	}
	tap_note("%u combinations, %u of them fault", combinations, faults);
	end();
}

static void every_combination(void)
{
	try_series(ACCESS_ALL_BITS);
}

static void every_reserved_bit(void)
{
	try_series(ACCESS_RESERVED);
}

/*
 * The right to execute comes and goes, in the tables and in the TLB; without NX it goes with any
 * other.
 */
static void right_to_execute(void)
{
	const enum fault_result refused = PTE_NX ? FAULT_ACCERR : FAULT_OK;
	struct mm_struct *mm;
	vaddr_t area;

	machine_boot();
	mm = mm_alloc();
	area = user_map(mm, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	EXPECT_EQ(user_fetch(mm, area), refused);
	EXPECT_EQ(mm->nr_ptes, 1); /* the page was brought in before */
	EXPECT_EQ(user_poke(mm, area + PAGE_SIZE, 1), FAULT_OK);
	for (u32 i = 0; i < 3; i++) {
		EXPECT_EQ(user_fetch(mm, area + PAGE_SIZE), refused);
		EXPECT_EQ(do_mprotect(mm, area, 2 * PAGE_SIZE, PROT_READ | PROT_EXEC), 0);
		EXPECT_EQ(user_fetch(mm, area), FAULT_OK);
		EXPECT_EQ(user_fetch(mm, area + PAGE_SIZE), FAULT_OK);
		/* Only this right goes. */
		EXPECT_EQ(do_mprotect(mm, area, 2 * PAGE_SIZE, PROT_READ), 0);
		EXPECT_EQ(user_fetch(mm, area), refused);
	}
	EXPECT_EQ(do_mprotect(mm, area, PAGE_SIZE, PROT_NONE), 0);
	EXPECT_EQ(user_fetch(mm, area), FAULT_ACCERR);
	EXPECT_EQ(user_fetch(mm, area - PAGE_SIZE), FAULT_MAPERR);
	mm_put(mm);
}

TAP_MAIN({ "every combination of rights", every_combination },
	 { "every combination with reserved bits", every_reserved_bit },
	 { "the right to execute", right_to_execute })
