/* SPDX-License-Identifier: MIT */
/* Hidden cases of the exercise pagetable: what a first solution may forget. */
#include <string.h>

#include "paging/check.h"
#include "paging/range.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define DIRECTORY_FRAME 0x100u

static pgd_t *directory;
static u32 tables;

static pfn_t alloc_table(void *context)
{
	(void)context;
	memset(pfn_to_virt(DIRECTORY_FRAME + ++tables), 0, PAGE_SIZE);
	return DIRECTORY_FRAME + tables;
}

static void populate(void *context, pmd_t *pmd, vaddr_t address, pmd_t entry)
{
	(void)context;
	(void)address;
	set_pmd(pmd, entry);
}

static const struct pgtable_ops ops = { alloc_table, populate, NULL };

static void start(void)
{
	directory = pfn_to_virt(DIRECTORY_FRAME);
	memset(directory, 0, PAGE_SIZE);
}

static void expect_run(vaddr_t start, vaddr_t end, vaddr_t run_start, vaddr_t run_end, u32 frame)
{
	struct pgtable_run run = { 0 };

	EXPECT(pgtable_run(directory, start, end, &run));
	EXPECT_EQ(run.start, run_start);
	EXPECT_EQ(run.end, run_end);
	EXPECT_EQ(run.phys, (u64)frame << PAGE_SHIFT);
}

/* Over the border of two page tables, and over one that is missing. */
static void over_tables(void)
{
	start();
	map_range(directory, 0x083fe000, 0x200, 4, PAGE_SHARED, &ops);
	map_range(directory, 0x10000000, 0x204, 1, PAGE_SHARED, &ops);
	expect_run(0, PAGE_OFFSET, 0x083fe000, 0x08402000, 0x200);
	expect_run(0x08402000, PAGE_OFFSET, 0x10000000, 0x10001000, 0x204);
}

/* The range ends inside a run, and begins inside one. */
static void parts(void)
{
	struct pgtable_run run;

	start();
	map_range(directory, 0x08000000, 0x200, 8, PAGE_READONLY, &ops);
	expect_run(0x08002000, 0x08005000, 0x08002000, 0x08005000, 0x202);
	EXPECT(!pgtable_run(directory, 0x08008000, 0x09000000, &run));
}

/* Large pages one behind the other, and the top of the address space. */
static void large_and_top(void)
{
	start();
	for (u32 i = 0; i < 3; i++)
		directory[768 + i] = mk_pmd_large(i << 10, PAGE_KERNEL);
	map_range(directory, 0xfffff000, 0x300, 1, PAGE_KERNEL, &ops);
	expect_run(PAGE_OFFSET, 0, 0xc0000000, 0xc0c00000, 0);
	expect_run(0xc0c00000, 0, 0xfffff000, 0, 0x300);
}

TAP_MAIN({ "over page tables", over_tables }, { "parts of a run", parts },
	 { "large pages, and the top", large_and_top })
