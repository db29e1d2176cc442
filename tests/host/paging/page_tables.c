/* SPDX-License-Identifier: MIT */
#include "tests/host/paging/page_tables.h"

#include <string.h>

#include "tests/host/tap.h"

#define MIDDLE_FRAME 0x90u /* and the next ones: with PAE the tables of the middle level */

pgd_t *directory;
u32 tables_made, tables_left = 1024;

static pfn_t alloc_table(void *context)
{
	pfn_t pfn = DIRECTORY_FRAME + 1 + tables_made;

	EXPECT(context == &tables_made);
	if (!tables_left)
		return 0;
	tables_left--;
	tables_made++;
	memset(pfn_to_virt(pfn), 0, PAGE_SIZE);
	return pfn;
}

static void populate(void *context, pmd_t *pmd, vaddr_t address, pmd_t entry)
{
	EXPECT(context == &tables_made);
	EXPECT(pmd == pmd_offset(pgd_offset(directory, address), address));
	EXPECT(pmd_none(*pmd));
	set_pmd(pmd, entry);
}

const struct pgtable_ops ops = { alloc_table, populate, &tables_made };

static pfn_t middle_table(void *context)
{
	pfn_t pfn = MIDDLE_FRAME + (*(u32 *)context)++;

	memset(pfn_to_virt(pfn), 0, PAGE_SIZE);
	return pfn;
}

void make_directory(void)
{
	u32 made = 0;

	directory = pfn_to_virt(DIRECTORY_FRAME);
	memset(directory, 0, PAGE_SIZE);
	EXPECT(pgd_fill(directory, 0, PTRS_PER_PGD, middle_table, &made));
	EXPECT_EQ(made, PMD_FOLDED ? 0 : 4);
}
