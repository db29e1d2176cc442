/* SPDX-License-Identifier: MIT */
/*
 * The kernel's page tables: the mappings, their rights, and that every page directory has the same
 * kernel half (mm/kernel_space/kernel_map.h).
 */
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/gdt.h"
#include "lib/irq.h"
#include "lib/string.h"
#include "mm/frames/debug_pagealloc.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/user_space/mm.h"
#include "mm/slab/slab.h"
#include "paging/check.h"
#include "paging/tlb.h"
#include "tests/kernel/probe.h"

#define CR0_PE	0x00000001u
#define CR0_PG	0x80000000u
#define CR4_PSE 0x00000010u

#define KERNEL_PGD_BYTES ((PTRS_PER_PGD - KERNEL_PGD_INDEX) * sizeof(pgd_t))

/* image/kernel.lds */
extern char _text[], _etext[], _rodata[], _erodata[], _data[], _end[];

static const u32 a_constant = 0x600dc0de;

static u32 address_of(const volatile void *pointer)
{
	return (u32)(uintptr_t)pointer;
}

/* The processor is in the mode that the other cases require. */
static void control_registers(void)
{
	const u32 cr0 = CR0_PG | CR0_WP | CR0_PE;

	EXPECT_EQ(read_cr0() & cr0, cr0);
	EXPECT_EQ(read_cr4() & (CR4_PSE | CR4_PAE), CR4_PSE | (PMD_FOLDED ? 0 : CR4_PAE));
	EXPECT_EQ(!!(read_cr4() & CR4_PGE), cpu_has(CPU_PGE));
	EXPECT_EQ(read_cr3() & PAGE_MASK, (u32)mmu_root());
}

static u32 segment_base(u64 descriptor)
{
	return (u32)(descriptor >> 16 & 0xffffff) | (u32)(descriptor >> 56) << 24;
}

/* Segments are flat and equal for all; protection is by paging. */
static void segments(void)
{
	static const u32 selectors[] = { KERNEL_CS, KERNEL_DS, USER_CS, USER_DS };
	struct {
		u16 limit;
		u32 base;
	} __packed gdtr;
	const u64 *gdt;

	__asm__ volatile("sgdt %0" : "=m"(gdtr));
	gdt = (const u64 *)(uintptr_t)gdtr.base;
	for (u32 i = 0; i < ARRAY_SIZE(selectors); i++) {
		u32 limit = 0;

		__asm__ volatile("lsl %1, %0" : "+r"(limit) : "r"(selectors[i]) : "cc");
		EXPECT_EQ(limit, 0xffffffffu);
		EXPECT_EQ(segment_base(gdt[selectors[i] / 8]), 0);
	}
}

static void live_directory_valid(void)
{
	vaddr_t where;

	EXPECT(pgtable_validate(kernel_pgd, kernel_pgd, max_pfn, &where) == NULL);
	for (u32 i = 0; i < KERNEL_PGD_INDEX; i++)
		EXPECT_EQ(kernel_pgd[i].value, 0);
}

/*
 * Each frame below the limit lies at PAGE_OFFSET + its address, out of ring 3's reach, and only
 * text and constants are read-only.
 */
static void direct_map(void)
{
	const pfn_t ro_first = virt_to_pfn(_text), ro_end = virt_to_pfn(_data);
	u32 wrong = 0, read_only = 0;

	for (pfn_t pfn = 0; pfn < max_low_pfn; pfn++) {
		struct translation t = { 0 };
		bool found = translate(kernel_pgd, PAGE_OFFSET + (pfn << PAGE_SHIFT), &t);

		/* The page below the boot stack is its guard, where 4 KiB pages map it. */
		if (pfn == virt_to_pfn(boot_stack_guard) && !t.large) {
			wrong += found;
			continue;
		}
		if (debug_pagealloc_on && !pfn_to_page(pfn)->count) {
			wrong += found;
			continue;
		}
		wrong += !found || t.phys != pfn_to_phys(pfn) || t.flags & (PTE_USER | PTE_PCD);
		wrong += !(t.flags & PTE_WRITE) != (pfn >= ro_first && pfn < ro_end);
		read_only += !(t.flags & PTE_WRITE);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(read_only, ro_end - ro_first);
	EXPECT(probe_accessible(address_of(pfn_to_virt(max_low_pfn - 1))));
}

/* Where all rights are equal, large pages save page tables and TLB entries. */
static void large_pages(void)
{
	u32 small = 0;

	if (debug_pagealloc_on) {
		test_skip("debug_pagealloc=on needs small pages");
		return;
	}
	for (pfn_t pfn = 0; pfn + PTRS_PER_PTE <= max_low_pfn; pfn += PTRS_PER_PTE) {
		struct translation t = { 0 };

		translate(kernel_pgd, PAGE_OFFSET + (pfn << PAGE_SHIFT), &t);
		small += !t.large;
	}
	/* The image can begin and end within a large page. */
	EXPECT(small <= (u32)(_end - _text) / LARGE_PAGE_SIZE + 2);
#ifndef COVERAGE
	EXPECT((u32)(_end - _text) < MiB(4));
#endif
}

/* Text and constants are one run, the data behind them another one; the user half has none. */
static void runs(void)
{
	struct pgtable_run run = { 0 };

	EXPECT(!pgtable_run(kernel_pgd, 0, PAGE_OFFSET, &run));
	EXPECT(pgtable_run(kernel_pgd, address_of(_text), address_of(_end), &run));
	EXPECT_EQ(run.start, address_of(_text));
	EXPECT_EQ(run.end, address_of(_data));
	EXPECT_EQ(run.phys, virt_to_phys(_text));
	EXPECT(!(run.flags & PTE_WRITE));
	EXPECT(pgtable_run(kernel_pgd, run.end, address_of(_end), &run));
	EXPECT_EQ(run.start, address_of(_data));
	EXPECT_EQ(run.phys, virt_to_phys(_data));
	EXPECT(run.flags & PTE_WRITE);
	pgtable_dump(kernel_pgd, address_of(_text), address_of(_end));
}

static void expect_read_only(u32 address)
{
	struct probe read = probe_read(address), write;

	EXPECT(!read.faulted);
	write = probe_write(address, read.value);
	EXPECT(write.faulted);
	EXPECT_EQ(write.error_code, ERROR_PRESENT | ERROR_WRITE);
	EXPECT_EQ(write.address, address);
}

static void text_read_only(void)
{
	expect_read_only(address_of(_text));
	expect_read_only(address_of(_etext) - 4);
	expect_read_only(address_of(_rodata));
	expect_read_only(address_of(_erodata) - 4);
	expect_read_only(address_of(&a_constant));
	expect_read_only(address_of(_data) - 4);
	EXPECT(probe_accessible(address_of(_data)));
	EXPECT(probe_accessible(address_of(_end) - 4));
}

/* CR0.WP keeps ring 0 from writing to read-only pages. */
static void write_protection(void)
{
	unsigned long irq = irq_save();
	u32 cr0 = read_cr0();
	struct probe with, without;

	with = probe_write(address_of(&a_constant), a_constant);
	write_cr0(cr0 & ~CR0_WP);
	without = probe_write(address_of(&a_constant), a_constant);
	write_cr0(cr0);
	irq_restore(irq);
	EXPECT(with.faulted);
	EXPECT(!without.faulted);
}

/*
 * A null pointer, -errno used as a pointer, and an access past the direct map all fault.
 */
static void holes(void)
{
	const u32 unmapped[] = { 0,
				 PAGE_SIZE,
				 USER_MIN - 4,
				 USER_MIN,
				 TASK_SIZE - 4,
				 PAGE_OFFSET + (max_low_pfn << PAGE_SHIFT),
				 PAGE_OFFSET + (max_low_pfn << PAGE_SHIFT) + VMALLOC_OFFSET - 4,
				 FIXMAP_END,
				 0xfffffffcu };

	for (u32 i = 0; i < ARRAY_SIZE(unmapped); i++)
		expect_unmapped(unmapped[i]);
}

/* A new page directory has the kernel half of the master, and nothing else. */
static void new_directory(void)
{
	pgd_t *directory = pgd_alloc();
	struct page *page;

	EXPECT(directory);
	for (vaddr_t address = 0; address < TASK_SIZE; address += PMD_SIZE)
		EXPECT(pmd_none(*find_pmd(directory, address)));
	list_for_each_entry (page, &pgd_list, lru) {
		pgd_t *any = page_address(page);
		vaddr_t where;

		EXPECT_EQ(memcmp(any + KERNEL_PGD_INDEX, kernel_pgd + KERNEL_PGD_INDEX,
				 KERNEL_PGD_BYTES),
			  0);
		EXPECT(!pgtable_validate(any, kernel_pgd, max_pfn, &where));
	}
	pgd_free(directory);
}

/* The highest addresses of the kernel half without a page table; 0: there are none. */
static vaddr_t free_slot(void)
{
	vaddr_t address = PKMAP_BASE - PMD_SIZE;

	while (address > PAGE_OFFSET && !pmd_none(*find_pmd(kernel_pgd, address)))
		address -= PMD_SIZE;
	return address > PAGE_OFFSET ? address : 0;
}

static void clear_slot(vaddr_t address)
{
	struct page *page;

	list_for_each_entry (page, &pgd_list, lru)
		pmd_clear(find_pmd(page_address(page), address));
	pmd_clear(find_pmd(kernel_pgd, address));
}

/*
 * A page table that is added to the kernel half is seen in every address space at once. The kernel
 * never removes one; this test does it itself, before any use.
 */
static void new_kernel_table(void)
{
	pgd_t *directories[] = { pgd_alloc(), pgd_alloc(), kernel_pgd };
	struct page *page = alloc_page(GFP_KERNEL);
	vaddr_t address = free_slot();
	pfn_t table;

	EXPECT(directories[0] && directories[1] && page && address);
	*(u32 *)page_address(page) = 0x5107;
	EXPECT_EQ(
		map_page(kernel_pgd, address, page_to_pfn(page), PAGE_KERNEL, &kernel_pgtable_ops),
		0);
	table = pmd_pfn(*find_pmd(kernel_pgd, address));
	for (u32 i = 0; i < ARRAY_SIZE(directories); i++) {
		struct probe probe;

		mmu_set_root(virt_to_phys(directories[i]));
		probe = probe_read(address);
		EXPECT(!probe.faulted);
		EXPECT_EQ(probe.value, 0x5107);
	}
	unmap_range(kernel_pgd, address, 1);
	clear_slot(address);
	tlb_flush_kernel();
	expect_unmapped(address);
	__free_page(pfn_to_page(table));
	__free_page(page);
	for (u32 i = 0; i < 2; i++)
		pgd_free(directories[i]);
}

static u32 sum_words(const void *start, size_t bytes)
{
	const u32 *word = start;
	u32 sum = 0;

	for (size_t i = 0; i < bytes / 4; i++)
		sum = sum * 31 + (word[i] & ~(u32)(PTE_ACCESSED | PTE_DIRTY));
	return sum;
}

/* An allocation of contiguous frames leaves the kernel's page tables alone. */
static void allocation_edits_nothing(void)
{
	const pmd_t *entries = find_pmd(kernel_pgd, PAGE_OFFSET);
	size_t bytes = (0u - PAGE_OFFSET) / PMD_SIZE * sizeof(*entries);
	u32 before = sum_words(entries, bytes);
	void *blocks[] = { __get_free_pages(GFP_KERNEL, 9), __get_free_pages(GFP_KERNEL, 0),
			   kmalloc(100, GFP_KERNEL), kmalloc(100000, GFP_KERNEL),
			   __get_free_pages(GFP_KERNEL | __GFP_DMA, 3) };

	EXPECT_EQ(sum_words(entries, bytes), before);
	for (u32 i = 0; i < ARRAY_SIZE(blocks); i++)
		EXPECT(blocks[i] && probe_accessible(address_of(blocks[i])));
	free_pages(blocks[0], 9);
	free_pages(blocks[1], 0);
	kfree(blocks[2]);
	kfree(blocks[3]);
	free_pages(blocks[4], 3);
	EXPECT_EQ(sum_words(entries, bytes), before);
}

/* Does the checker name this invariant, and this address? */
static bool named(pgd_t *directory, char number, vaddr_t address)
{
	vaddr_t where = 0;
	const char *violated = pgtable_validate(directory, kernel_pgd, max_pfn, &where);

	return violated && violated[1] == number && where == address;
}

/* The checker names each invariant when it is broken. */
static void checker_sees(void)
{
	static const struct {
		vaddr_t address;
		pteval_t value;
		char number;
	} planted[] = {
		{ 0x4b000000, PTE_PRESENT | PTE_LARGE | PAGE_SIZE, '4' },
		{ 0, PTE_PRESENT | PTE_LARGE, '5' },
	};
	pgd_t *directory = pgd_alloc(), *kernel_half;
	vaddr_t where = 0;

	EXPECT(directory);
	EXPECT(pgtable_validate(directory, kernel_pgd, max_pfn, &where) == NULL);
	kernel_half = pgd_offset(directory, PKMAP_BASE);
	kernel_half->value ^= PAGE_SIZE;
	EXPECT(named(directory, '1', PMD_FOLDED ? PKMAP_BASE : PAGE_OFFSET));
	kernel_half->value ^= PAGE_SIZE;
	for (u32 i = 0; i < ARRAY_SIZE(planted); i++) {
		pmd_t *pmd = find_pmd(directory, planted[i].address);

		pmd->value = planted[i].value;
		EXPECT(named(directory, planted[i].number, planted[i].address));
		pmd->value = 0;
	}
	pgd_free(directory);
}

static const struct test_case cases[] = {
	{ "control_registers", control_registers },
	{ "segments", segments },
	{ "live_directory_valid", live_directory_valid },
	{ "direct_map", direct_map },
	{ "large_pages", large_pages },
	{ "runs", runs },
	{ "text_read_only", text_read_only },
	{ "write_protection", write_protection },
	{ "holes", holes },
	{ "new_directory", new_directory },
	{ "new_kernel_table", new_kernel_table },
	{ "allocation_edits_nothing", allocation_edits_nothing },
	{ "checker_sees", checker_sees },
};

TEST_SUITE(paging, cases);
