/* SPDX-License-Identifier: MIT */
/*
 * paging/: the value functions; the range operations on a page directory of the test, against an
 * array of entries and the software MMU.
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "paging/tlb.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/paging/page_tables.h"
#include "tests/host/tap.h"

#define TWO_TABLES (PTRS_PER_PTE + 2) /* pages from the end of one table to the third */

static pteval_t raw(vaddr_t address)
{
	pte_t *pte = pte_lookup(directory, address);

	return pte ? pte->value : 0;
}

static void values(void)
{
	const pgprot_t prots[] = { PAGE_NONE,	PAGE_READONLY,	PAGE_SHARED,
				   PAGE_KERNEL, PAGE_KERNEL_RO, PAGE_KERNEL_IO };

	for (u32 i = 0; i < ARRAY_SIZE(prots); i++) {
		pte_t pte = mk_pte(0xfffff, prots[i]), other;

		EXPECT_EQ(pte_pfn(pte), 0xfffff);
		EXPECT(pte_present(pte) && !pte_none(pte) && pte_young(pte));
		other = pte_wrprotect(pte_mkwrite(pte));
		EXPECT(!pte_write(other) && pte_write(pte_mkwrite(pte)));
		EXPECT_EQ(other.value | PTE_WRITE, pte.value | PTE_WRITE);
		EXPECT(pte_dirty(pte_mkdirty(pte)) && pte_young(pte_mkyoung(pte)));
		EXPECT(!pte_dirty(pte_mkclean(pte)) && !pte_young(pte_mkold(pte)));
		for (u32 k = 0; k < ARRAY_SIZE(prots); k++) {
			other = pte_modify(pte, prots[k]);
			EXPECT_EQ(other.value,
				  mk_pte(0xfffff, prots[k]).value | (pte.value & PTE_DIRTY));
		}
	}
	/* PROT_NONE keeps the frame, and the MMU faults. */
	EXPECT(!(PAGE_NONE.value & PTE_PRESENT));
	EXPECT(pte_present(mk_pte(1, PAGE_NONE)));
	/* A swap entry is neither. */
	EXPECT(!pte_present((pte_t){ 0x12340042 }) && !pte_none((pte_t){ 0x12340042 }));
	EXPECT(pte_none((pte_t){ 0 }) && !pte_present((pte_t){ 0 }));
	EXPECT(pte_swap((pte_t){ 0x12340042 }) && !pte_swap((pte_t){ 0 }));
	EXPECT(!pte_swap(mk_pte(1, PAGE_NONE)) && !pte_swap(mk_pte(1, PAGE_SHARED)));
	for (u32 type = 0; type < SWAP_TYPES; type++) {
		swp_entry_t entry = swp_entry(type, SWAP_OFFSET_MAX - type);

		EXPECT_EQ(swp_type(entry), type);
		EXPECT_EQ(swp_offset(entry), SWAP_OFFSET_MAX - type);
		EXPECT(pte_swap(swp_entry_to_pte(entry)));
		EXPECT_EQ(pte_to_swp_entry(swp_entry_to_pte(entry)).value, entry.value);
	}
	EXPECT(pmd_none((pmd_t){ 0 }) && !pmd_none(mk_pmd_table(5)));
	EXPECT(pmd_table(mk_pmd_table(5)) && !pmd_table((pmd_t){ 0 }));
	EXPECT(!pmd_table(mk_pmd_large(0x400, PAGE_KERNEL)) && !pmd_table((pmd_t){ PTE_LARGE }));
	EXPECT(pmd_large(mk_pmd_large(0x400, PAGE_KERNEL)) && !pmd_large(mk_pmd_table(5)));
	EXPECT_EQ(pmd_pfn(mk_pmd_large(0x400, PAGE_KERNEL)), 0x400);
	EXPECT_EQ(pmd_pfn(mk_pmd_table(5)), 5);
	EXPECT(!pmd_large((pmd_t){ PTE_LARGE })); /* not present */
	EXPECT_EQ(pte_index(0xffffffff), PTRS_PER_PTE - 1);
	EXPECT_EQ(pte_index(0x00401000), 1);
	EXPECT_EQ(KERNEL_PGD_INDEX, PMD_FOLDED ? 768 : 3);
}

static void map_and_unmap(void)
{
	vaddr_t start = 0x08048000;

	make_directory();
	EXPECT(!pte_lookup(directory, start));
	EXPECT_EQ(unmap_range(directory, start, 100), 0);
	EXPECT_EQ(protect_range(directory, start, 100, PAGE_NONE), 0);
	EXPECT_EQ(map_range(directory, start, 0x200, 3, PAGE_SHARED, &ops), 0);
	EXPECT_EQ(tables_made, 1);
	for (u32 i = 0; i < 3; i++)
		EXPECT_EQ(raw(start + i * PAGE_SIZE), mk_pte(0x200 + i, PAGE_SHARED).value);
	EXPECT_EQ(raw(start - PAGE_SIZE) | raw(start + 3 * PAGE_SIZE), 0);
	EXPECT_EQ(protect_range(directory, start + PAGE_SIZE, 1, PAGE_READONLY), 1);
	EXPECT_EQ(raw(start + PAGE_SIZE), mk_pte(0x201, PAGE_READONLY).value);
	EXPECT_EQ(raw(start), mk_pte(0x200, PAGE_SHARED).value);
	EXPECT_EQ(unmap_range(directory, start + PAGE_SIZE, 100), 2);
	EXPECT_EQ(raw(start + PAGE_SIZE), 0);
	EXPECT_EQ(raw(start), mk_pte(0x200, PAGE_SHARED).value);
	EXPECT_PANIC("BUG", map_page(directory, start, 1, PAGE_SHARED, &ops));
	*find_pmd(directory, 0x10000000) = mk_pmd_large(0x400, PAGE_KERNEL);
	EXPECT_PANIC("BUG", map_page(directory, 0x10000000, 1, PAGE_SHARED, &ops));
	EXPECT(!pte_lookup(directory, 0x10000000));
}

/* A range over three page tables; the middle one is unmapped as a whole. */
static void across_tables(void)
{
	vaddr_t start = 0x003ff000, third = 0x00400000 + PMD_SIZE;

	make_directory();
	EXPECT_EQ(map_range(directory, start, 0x200, TWO_TABLES, PAGE_READONLY, &ops), 0);
	EXPECT_EQ(tables_made, 3);
	EXPECT_EQ(unmap_range(directory, 0x00400000, PTRS_PER_PTE), PTRS_PER_PTE);
	EXPECT_EQ(raw(start), mk_pte(0x200, PAGE_READONLY).value);
	EXPECT_EQ(raw(third), mk_pte(0x201 + PTRS_PER_PTE, PAGE_READONLY).value);
	EXPECT_EQ(unmap_range(directory, 0, 0x000fffff), 2);
}

static void one_page(void)
{
	make_directory();
	EXPECT(!unmap_page(directory, 0x08048000));
	EXPECT_EQ(map_page(directory, 0x08048000, 0x200, PAGE_NONE, &ops), 0);
	EXPECT(unmap_page(directory, 0x08048000));
	EXPECT(!unmap_page(directory, 0x08048000));
	EXPECT_EQ(raw(0x08048000), 0);
	*find_pmd(directory, 0x10000000) = mk_pmd_large(0x400, PAGE_KERNEL);
	EXPECT(!unmap_page(directory, 0x10000000));
}

/* end = 0 is the end of the address space: the last page is reached and nothing after it. */
static void wrap_at_the_top(void)
{
	make_directory();
	EXPECT_EQ(map_range(directory, 0xffffe000, 0x200, 2, PAGE_KERNEL, &ops), 0);
	EXPECT_EQ(map_page(directory, 0, 0x300, PAGE_KERNEL, &ops), 0);
	EXPECT_EQ(protect_range(directory, 0xfffff000, 1, PAGE_KERNEL_RO), 1);
	EXPECT_EQ(raw(0xfffff000), mk_pte(0x201, PAGE_KERNEL_RO).value);
	EXPECT_EQ(unmap_range(directory, 0xffc00000, 1024), 2);
	EXPECT_EQ(raw(0), mk_pte(0x300, PAGE_KERNEL).value);
}

/* Of a page of each size, as a page table's entry. */
static void entries(void)
{
	vaddr_t large = 0x10000000;
	pte_t entry;

	make_directory();
	EXPECT_EQ(page_entry(directory, 0x5000).value, 0);
	map_page(directory, 0x5000, 0x200, PAGE_SHARED, &ops);
	EXPECT_EQ(page_entry(directory, 0x5000).value, mk_pte(0x200, PAGE_SHARED).value);
	EXPECT_EQ(page_entry(directory, 0x6000).value, 0);
	*find_pmd(directory, large) = mk_pmd_large(0x800, PAGE_SHARED);
	entry = page_entry(directory, large + 3 * PAGE_SIZE);
	EXPECT_EQ(entry.value, mk_pte(0x803, PAGE_SHARED).value | PTE_LARGE);
	/* PROT_NONE keeps the frames. */
	*find_pmd(directory, large) = mk_pmd_large(0x800, PAGE_NONE);
	entry = page_entry(directory, large + 3 * PAGE_SIZE);
	EXPECT_EQ(pte_pfn(entry), 0x803);
	EXPECT(pte_present(entry) && !(entry.value & PTE_PRESENT));
}

/* With PAE this directory has no table of the middle level. */
static void empty_directory(void)
{
	struct translation unused;

	directory = pfn_to_virt(DIRECTORY_FRAME);
	memset(directory, 0, PAGE_SIZE);
	EXPECT(!pte_lookup(directory, 0xd0000000));
	EXPECT_EQ(page_entry(directory, 0xd0000000).value, 0);
	EXPECT(!translate(directory, 0xd0000000, &unused));
	EXPECT(!unmap_page(directory, 0xd0000000));
}

static u32 visits;
static vaddr_t last_visit;

static int count_visit(pte_t *pte, vaddr_t address, void *context)
{
	EXPECT(!visits || address > last_visit);
	EXPECT(pte == (address == 0x10000000 ? large_pte : pte_lookup)(directory, address));
	EXPECT(!pte_none(*pte));
	last_visit = address;
	return ++visits == *(u32 *)context ? -42 : 0;
}

static void visit(void)
{
	u32 stop = 0;

	make_directory();
	map_range(directory, 0x00000000, 1, 2, PAGE_SHARED, &ops);
	map_range(directory, 0x003fe000, 1, 4, PAGE_NONE, &ops);
	map_range(directory, 0xfffff000, 1, 1, PAGE_SHARED, &ops);
	set_pte(pte_alloc(directory, 0x20000000, &ops), (pte_t){ 0x00000142 }); /* swapped out */
	*find_pmd(directory, 0x10000000) = mk_pmd_large(0x400, PAGE_KERNEL);
	EXPECT_EQ(visit_range(directory, 0x1000, 0, count_visit, &stop), 0);
	EXPECT_EQ(visits, 8);
	visits = 0;
	EXPECT_EQ(visit_range(directory, 0x003ff000, 0x00401000, count_visit, &stop), 0);
	EXPECT_EQ(visits, 2);
	visits = 0;
	stop = 3;
	EXPECT_EQ(visit_range(directory, 0, 0xfffff000, count_visit, &stop), -42);
	EXPECT_EQ(visits, 3);
	visits = 0;
	EXPECT_EQ(visit_range(directory, 0x1000, 0x1000, count_visit, &stop), 0);
	EXPECT_EQ(visits, 0);
}

/* -ENOMEM in the middle: nothing is mapped. */
static void no_memory_for_a_table(void)
{
	make_directory();
	for (u32 tables = 0; tables < 3; tables++) {
		tables_left = tables - min(tables, tables_made);
		EXPECT_EQ(map_range(directory, 0x003ff000, 0x200, TWO_TABLES, PAGE_SHARED, &ops),
			  -ENOMEM);
		EXPECT_EQ(unmap_range(directory, 0, 0x000fffff), 0);
	}
	tables_left = 1;
	EXPECT_EQ(map_range(directory, 0x003ff000, 0x200, TWO_TABLES, PAGE_SHARED, &ops), 0);
	EXPECT_EQ(tables_made, 3);
}

static void translations(void)
{
	struct translation page;

	make_directory();
	EXPECT(!translate(directory, 0x5000, &page));
	map_page(directory, 0x5000, 0x200, PAGE_SHARED, &ops);
	EXPECT(translate(directory, 0x5abc, &page));
	EXPECT_EQ(page.phys, 0x200abc);
	EXPECT(page.flags & PTE_WRITE && page.flags & PTE_USER && !page.large);
	/* The rights of both levels count. */
	find_pmd(directory, 0)->value &= ~(pteval_t)PTE_WRITE;
	EXPECT(translate(directory, 0x5000, &page) && !(page.flags & PTE_WRITE));
	find_pmd(directory, 0)->value &= ~(pteval_t)PTE_USER;
	EXPECT(translate(directory, 0x5000, &page) && !(page.flags & PTE_USER));
	find_pmd(directory, 0)->value &= ~(pteval_t)PTE_PRESENT;
	EXPECT(!translate(directory, 0x5000, &page));
	*find_pmd(directory, 0xc0400000) = mk_pmd_large(0x800, PAGE_KERNEL);
	EXPECT(translate(directory, 0xc0400000 + LARGE_PAGE_SIZE - 1, &page));
	EXPECT_EQ(page.phys, 0x800000 + LARGE_PAGE_SIZE - 1);
	EXPECT(page.large && page.flags & PTE_WRITE);
	/* The page at 0xfd_1240_0000, with two levels by PSE-36. */
	*find_pmd(directory, 0xc0400000) = mk_pmd_large(0xfd12400, PAGE_KERNEL_WC);
	EXPECT_EQ(find_pmd(directory, 0xc0400000)->value,
		  (PMD_FOLDED ? 0x12400000 | 0xfd << 13 : 0xfd12400000) | PTE_LARGE |
			  PAGE_KERNEL_WC.value);
	EXPECT(translate(directory, 0xc0412345, &page));
	EXPECT_EQ(page.phys, 0xfd12412345);
	map_page(directory, 0x08048000, 0x201, PAGE_NONE, &ops);
	EXPECT(!translate(directory, 0x08048000, &page));
}

/*
 * --- Random operations against a model: the entries of two page tables and the pages around them
 * ---
 */

#define WINDOW_START 0x003f0000u
#define WINDOW_PAGES 1100u

#define WINDOW_TABLES                                                   \
	(((WINDOW_START + WINDOW_PAGES * PAGE_SIZE - 1) >> PMD_SHIFT) - \
	 (WINDOW_START >> PMD_SHIFT) + 1)

static pteval_t model[WINDOW_PAGES];

static void compare_with_mmu(u32 i)
{
	vaddr_t address = WINDOW_START + i * PAGE_SIZE + random_below(PAGE_SIZE);
	bool write = random_one_in(2), user = random_one_in(2);
	u32 needed = PTE_PRESENT, error;
	pteval_t entry = model[i];
	struct translation page = { 0 };
	phys_addr_t phys = 0;

	needed |= (write ? PTE_WRITE : 0) | (user ? PTE_USER : 0);
	tlb_flush_page(address);
	EXPECT_EQ(mmu_access(address, write ? MMU_WRITE : MMU_READ, user ? MMU_USER : MMU_KERNEL,
			     &phys, &error),
		  (entry & needed) == needed);
	EXPECT_EQ(translate(directory, address, &page), entry & PTE_PRESENT);
	EXPECT_EQ(phys ? phys : page.phys, page.phys);
	/* The MMU may have set accessed or dirty. */
	if (phys)
		model[i] |= PTE_ACCESSED | (write ? PTE_DIRTY : 0);
}

static void random_operation(void)
{
	const pgprot_t prots[] = { PAGE_NONE, PAGE_READONLY, PAGE_SHARED, PAGE_KERNEL };
	u32 first = random_below(WINDOW_PAGES), present = 0;
	u32 pages = min(random_below(random_one_in(8) ? WINDOW_PAGES : 20), WINDOW_PAGES - first);
	vaddr_t start = WINDOW_START + first * PAGE_SIZE;
	pgprot_t prot = prots[random_below(ARRAY_SIZE(prots))];
	bool occupied = false;

	for (u32 i = first; i < first + pages; i++) {
		present += model[i] != 0;
		occupied |= model[i] != 0;
	}
	switch (random_below(3)) {
	case 0:
		if (occupied)
			break;
		EXPECT_EQ(map_range(directory, start, 0x400 + first, pages, prot, &ops), 0);
		for (u32 i = first; i < first + pages; i++)
			model[i] = mk_pte(0x400 + i, prot).value;
		break;
	case 1:
		EXPECT_EQ(unmap_range(directory, start, pages), present);
		memset(model + first, 0, pages * sizeof(*model));
		break;
	case 2:
		EXPECT_EQ(protect_range(directory, start, pages, prot), present);
		for (u32 i = first; i < first + pages; i++)
			if (model[i])
				model[i] = pte_modify((pte_t){ model[i] }, prot).value;
	}
}

static void random_operations(void)
{
	make_directory();
	mmu_set_root(pfn_to_phys(DIRECTORY_FRAME));
	for (u32 step = 0; step < tap_scaled(20000) && !tap_failed(); step++) {
		random_operation();
		for (u32 i = 0; i < 8; i++)
			compare_with_mmu(random_below(WINDOW_PAGES));
		if (!random_one_in(10))
			continue;
		for (u32 i = 0; i < WINDOW_PAGES; i++)
			EXPECT_EQ(raw(WINDOW_START + i * PAGE_SIZE), model[i]);
	}
	EXPECT(tables_made <= WINDOW_TABLES);
}

TAP_MAIN({ "values", values }, { "map and unmap", map_and_unmap }, { "one page", one_page },
	 { "across page tables", across_tables }, { "wrap at the top", wrap_at_the_top },
	 { "visit", visit }, { "entries", entries }, { "an empty directory", empty_directory },
	 { "without memory for a table", no_memory_for_a_table }, { "translate", translations },
	 { "random operations against a model and the MMU", random_operations })
