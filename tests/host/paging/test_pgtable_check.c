/* SPDX-License-Identifier: MIT */
/*
 * paging/check.c: pgtable_validate() names each thing that is planted in a directory of the test;
 * pgtable_run() and pgtable_dump() at their edges.
 */
#include <stdio.h>
#include <string.h>

#include "paging/check.h"
#include "tests/host/console.h"
#include "tests/host/paging/page_tables.h"
#include "tests/host/tap.h"

static pgd_t *kernel;

static void expect_violation(const char *number, vaddr_t address)
{
	vaddr_t where = 1;
	const char *violated = pgtable_validate(directory, kernel, 0x4000, &where);

	tap_check(!number ? !violated : violated && !strncmp(violated, number, 3), __FILE__,
		  __LINE__, "%s expected, got %s", number ? number : "nothing",
		  violated ? violated : "nothing");
	if (number)
		EXPECT_EQ(where, address);
}

static void share_kernel_half(void)
{
	memcpy(kernel + KERNEL_PGD_INDEX, directory + KERNEL_PGD_INDEX,
	       (PTRS_PER_PGD - KERNEL_PGD_INDEX) * sizeof(*kernel));
}

static void expect_entry_violation(vaddr_t address, pteval_t entry, const char *number)
{
	pte_t *pte = pte_alloc(directory, address, &ops);
	pte_t saved = *pte;

	set_pte(pte, (pte_t){ entry });
	/* The page tables of the kernel half are shared, their entries in the directory too. */
	share_kernel_half();
	expect_violation(number, address);
	set_pte(pte, saved);
	expect_violation(NULL, 0);
}

static void expect_large_violation(vaddr_t address, pmd_t entry, const char *number)
{
	pmd_t *pmd = find_pmd(directory, address), saved = *pmd;

	set_pmd(pmd, entry);
	share_kernel_half();
	expect_violation(number, address);
	set_pmd(pmd, saved);
	share_kernel_half();
}

/* With PAE the directories share the table of the kernel half: its entry differs, or none does. */
static void expect_halves_differ(vaddr_t address)
{
	pgd_t *entry = pgd_offset(kernel, address), saved = *entry;

	entry->value = 0x300 << PAGE_SHIFT | PTE_PRESENT;
	expect_violation("(1)", PMD_FOLDED ? address : PAGE_OFFSET);
	*entry = saved;
}

/* Bits that exist only in entries of 64 bits. */
static void expect_wide_violations(void)
{
	pgd_t saved = directory[1];

	expect_entry_violation(0x08048000, mk_pte(1u << 28, PAGE_READONLY).value, "(4)");
	expect_entry_violation(0x08048000, mk_pte(5, PAGE_READONLY).value | PTE_NX, NULL);
	expect_large_violation(0x10000000, mk_pmd_table(1u << 28), "(4)");
	expect_large_violation(0xc0600000, mk_pmd_large(1u << 28, PAGE_KERNEL), "(4)");
	/* Till here the processor has no NX: all that is writable can be executed. */
	pte_nx_on();
	expect_violation("(6)", PAGE_OFFSET);
	*find_pmd(directory, PAGE_OFFSET) = mk_pmd_large(0, PAGE_KERNEL);
	expect_violation("(6)", 0xd0000000);
	protect_range(directory, 0xd0000000, 3, PAGE_KERNEL);
	expect_entry_violation(0xd0001000, mk_pte(5, PAGE_KERNEL).value & ~PTE_NX, "(6)");
	expect_entry_violation(0xd0001000, mk_pte(5, PAGE_KERNEL_RO).value, NULL);
	expect_entry_violation(0x08048000, mk_pte(5, PAGE_SHARED).value, NULL);
	expect_large_violation(0xc0600000,
			       (pmd_t){ mk_pmd_large(0x200, PAGE_KERNEL).value & ~PTE_NX }, "(6)");
	directory[1].value |= PTE_USER;
	expect_violation("(4)", 1u << PGDIR_SHIFT);
	directory[1] = saved;
}

static void validate(void)
{
	make_directory();
	kernel = pfn_to_virt(0x80);
	memset(kernel, 0, PAGE_SIZE);
	map_range(directory, 0x08048000, 0x200, 3, PAGE_SHARED, &ops);
	map_range(directory, 0xd0000000, 0x210, 3, PAGE_KERNEL, &ops);
	*find_pmd(directory, PAGE_OFFSET) = mk_pmd_large(0, PAGE_KERNEL);
	share_kernel_half();
	expect_violation(NULL, 0);
	find_pmd(directory, PAGE_OFFSET)->value |= PTE_ACCESSED | PTE_DIRTY;
	expect_violation(NULL, 0);
	expect_halves_differ(0xfa000000);
	expect_halves_differ(PAGE_OFFSET);
	expect_entry_violation(0xd0001000, mk_pte(5, PAGE_SHARED).value, "(2)");
	expect_large_violation(0xc0400000, mk_pmd_large(0x400, PAGE_SHARED), "(2)");
	expect_entry_violation(0x08048000, mk_pte(0x4000, PAGE_READONLY).value, "(3)");
	expect_entry_violation(0xd0005000, mk_pte(0xfee00, PAGE_KERNEL_IO).value, NULL);
	expect_large_violation(0xc0400000, mk_pmd_large(0x401, PAGE_KERNEL), "(4)");
	expect_entry_violation(0x0000f000, mk_pte(5, PAGE_READONLY).value, "(5)");
	expect_entry_violation(0xfffff000, mk_pte(5, PAGE_KERNEL).value, "(5)");
	expect_large_violation(0, mk_pmd_large(0, PAGE_SHARED), "(5)");
	expect_large_violation(0u - PMD_SIZE, mk_pmd_large(0, PAGE_KERNEL), "(5)");
	/* An upper entry without user access protects what is below it. */
	find_pmd(directory, 0xd0000000)->value &= ~(pteval_t)PTE_USER;
	expect_entry_violation(0xd0001000, mk_pte(5, PAGE_SHARED).value, NULL);
	if (!PMD_FOLDED)
		expect_wide_violations();
	expect_violation(NULL, 0);
}

/* The first and last page of each part of the address space. */
static void validate_at_the_borders(void)
{
	make_directory();
	kernel = pfn_to_virt(0x80);
	memset(kernel, 0, PAGE_SIZE);
	share_kernel_half();
	expect_violation(NULL, 0);
	expect_entry_violation(USER_MIN - PAGE_SIZE, mk_pte(5, PAGE_READONLY).value, "(5)");
	expect_entry_violation(USER_MIN, mk_pte(5, PAGE_READONLY).value, NULL);
	expect_entry_violation(PAGE_OFFSET - PAGE_SIZE, mk_pte(5, PAGE_SHARED).value, NULL);
	expect_entry_violation(PAGE_OFFSET, mk_pte(5, PAGE_SHARED).value, "(2)");
	expect_entry_violation(FIXMAP_END - PAGE_SIZE, mk_pte(5, PAGE_KERNEL).value, NULL);
	expect_entry_violation(FIXMAP_END, mk_pte(5, PAGE_KERNEL).value, "(5)");
	expect_entry_violation(USER_MIN, mk_pte(0x3fff, PAGE_READONLY).value, NULL);
	expect_entry_violation(USER_MIN, mk_pte(0x4000, PAGE_READONLY).value, "(3)");
	expect_large_violation(PAGE_OFFSET - PMD_SIZE, mk_pmd_large(0x400, PAGE_SHARED), NULL);
	*find_pmd(directory, PAGE_OFFSET) = (pmd_t){ 0 };
	expect_large_violation(PAGE_OFFSET, mk_pmd_large(0x400, PAGE_SHARED), "(2)");
	/* An entry that is not present may have any frame, at any address. */
	expect_entry_violation(USER_MIN - PAGE_SIZE, mk_pte(0x4000, PAGE_NONE).value, NULL);
	expect_entry_violation(0xd0000000, mk_pte(0x4000, PAGE_NONE).value | PTE_USER, NULL);
	if (PMD_FOLDED)
		return;
	pte_nx_on();
	expect_entry_violation(PAGE_OFFSET, mk_pte(5, PAGE_KERNEL).value & ~PTE_NX, "(6)");
	expect_entry_violation(PAGE_OFFSET - PAGE_SIZE, mk_pte(5, PAGE_SHARED).value, NULL);
	expect_entry_violation(PAGE_OFFSET, mk_pte(5, PAGE_NONE).value | PTE_WRITE, NULL);
}

static void expect_rights(pteval_t flags, const char *expected)
{
	char text[6];

	pgtable_rights_text(flags, text);
	EXPECT_TEXT(text, expected);
}

/* What can be executed is told where the processor can tell it from data. */
static void rights(void)
{
	expect_rights(0, "kr---");
	expect_rights(PTE_USER | PTE_WRITE | PTE_GLOBAL | PTE_PCD, "uw-gn");
	expect_rights(PTE_LARGE, "kr" LARGE_PAGE_LETTER "--");
	pte_nx_on();
	expect_rights(PTE_USER, pte_nx ? "ux---" : "ur---");
	expect_rights(PTE_WRITE, pte_nx ? "kX---" : "kw---");
	expect_rights(PTE_USER | pte_nx, "ur---");
	expect_rights(PTE_WRITE | pte_nx, "kw---");
}

/* Runs of equal rights and consecutive frames are one line each. */
static void dump(void)
{
	const char executable = pte_nx ? 'x' : 'r';
	char expected[512];

	make_directory();
	map_range(directory, 0x08048000, 0x200, 3, (pgprot_t){ PAGE_SHARED.value | pte_nx }, &ops);
	map_range(directory, 0x0804b000, 0x203, 1, (pgprot_t){ PAGE_READONLY.value | pte_nx },
		  &ops);
	map_range(directory, 0x0804c000, 0x300, 1, PAGE_READONLY, &ops);
	map_range(directory, 0x0804e000, 0x301, 1, PAGE_READONLY, &ops);
	pte_lookup(directory, 0x08049000)->value |= PTE_DIRTY;
	for (u32 i = 0; i < MiB(8); i += LARGE_PAGE_SIZE)
		*find_pmd(directory, PAGE_OFFSET + i) = mk_pmd_large(i >> PAGE_SHIFT, PAGE_KERNEL);
	map_range(directory, 0xffffe000, 0x400, 2, PAGE_KERNEL_IO, &ops);
	console_clear();
	pgtable_dump(directory, 0, 0);
	snprintf(expected, sizeof(expected),
		 "pgtable: start=0x08048000 end=0x0804b000 frame=0x200 rights=uw---\n"
		 "pgtable: start=0x0804b000 end=0x0804c000 frame=0x203 rights=ur---\n"
		 "pgtable: start=0x0804c000 end=0x0804d000 frame=0x300 rights=u%c---\n"
		 "pgtable: start=0x0804e000 end=0x0804f000 frame=0x301 rights=u%c---\n"
		 "pgtable: start=0xc0000000 end=0xc0800000 frame=0x0 rights=kw" LARGE_PAGE_LETTER
		 "g-\n"
		 "pgtable: start=0xffffe000 end=0x00000000 frame=0x400 rights=kw-gn\n",
		 executable, executable);
	EXPECT_TEXT(console_text(), expected);
	console_clear();
	pgtable_dump(directory, 0x08049000, 0x0804b000);
	EXPECT_TEXT(console_text(),
		    "pgtable: start=0x08049000 end=0x0804b000 frame=0x201 rights=uw---\n");
	console_clear();
	pgtable_dump(directory, 0x0804c000, 0x0804e000);
	snprintf(expected, sizeof(expected),
		 "pgtable: start=0x0804c000 end=0x0804d000 frame=0x300 rights=u%c---\n",
		 executable);
	EXPECT_TEXT(console_text(), expected);
}

static void expect_run(vaddr_t start, vaddr_t end, vaddr_t run_start, vaddr_t run_end, pfn_t frame)
{
	struct pgtable_run run;

	EXPECT(pgtable_run(directory, start, end, &run));
	EXPECT_EQ(run.start, run_start);
	EXPECT_EQ(run.end, run_end);
	EXPECT_EQ(run.phys, pfn_to_phys(frame));
}

/* A run that goes beyond the range is cut at both ends, also within a large page. */
static void part_of_a_run(void)
{
	const vaddr_t large = PAGE_OFFSET + LARGE_PAGE_SIZE, page = large + 5 * PAGE_SIZE;
	struct pgtable_run run;

	make_directory();
	map_range(directory, 0x08048000, 0x200, 8, PAGE_READONLY, &ops);
	expect_run(0, 0, 0x08048000, 0x08050000, 0x200);
	expect_run(0x08049000, 0x0804c000, 0x08049000, 0x0804c000, 0x201);
	EXPECT(!pgtable_run(directory, 0, 0x08048000, &run));
	EXPECT(!pgtable_run(directory, 0x08050000, 0, &run));
	EXPECT(!pgtable_run(directory, 0x08050000, 0x08051000, &run));
	for (u32 i = 1; i <= 2; i++)
		*find_pmd(directory, PAGE_OFFSET + i * LARGE_PAGE_SIZE) =
			mk_pmd_large(i * PTRS_PER_PTE, PAGE_KERNEL);
	expect_run(PAGE_OFFSET, 0, large, large + 2 * LARGE_PAGE_SIZE, PTRS_PER_PTE);
	expect_run(page, 0, page, large + 2 * LARGE_PAGE_SIZE, PTRS_PER_PTE + 5);
	expect_run(page, page + PAGE_SIZE, page, page + PAGE_SIZE, PTRS_PER_PTE + 5);
	/* The address behind a large page is 0. */
	*find_pmd(directory, 0u - PMD_SIZE) = mk_pmd_large(0, PAGE_KERNEL);
	expect_run(0u - PMD_SIZE, 0u - PAGE_SIZE, 0u - PMD_SIZE, 0u - PAGE_SIZE, 0);
	console_clear();
	pgtable_dump(directory, page, page + PAGE_SIZE);
	EXPECT_TEXT(
		console_text(),
		PMD_FOLDED ? "pgtable: start=0xc0405000 end=0xc0406000 frame=0x405 rights=kw4g-\n"
			   : "pgtable: start=0xc0205000 end=0xc0206000 frame=0x205 rights=kw2g-\n");
	console_clear();
	pgtable_dump(directory, 0x0804a000, 0x0804b000);
	EXPECT_TEXT(console_text(),
		    "pgtable: start=0x0804a000 end=0x0804b000 frame=0x202 rights=ur---\n");
	console_clear();
	pgtable_dump(directory, 0x08050000, 0x08051000);
	EXPECT_TEXT(console_text(), "");
}

TAP_MAIN({ "rights", rights }, { "pgtable_validate() names what is planted", validate },
	 { "pgtable_validate() at the borders of the address space", validate_at_the_borders },
	 { "pgtable_dump() prints runs", dump }, { "a part of a run", part_of_a_run })
