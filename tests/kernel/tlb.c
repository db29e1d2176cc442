/* SPDX-License-Identifier: MIT */
/*
 * TLB flushes. Each case lets the processor cache a translation, changes the tables without a
 * flush, then flushes: from then on the new tables must count. Until then the old entry may or
 * may not be used, as the processor likes. The log says how often a stale one was seen, because
 * a case that never sees one shows nothing.
 */
#include "kernel/cpu/cpu.h"
#include "lib/irq.h"
#include "lib/printk.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/kernel_space/vmalloc.h"
#include "paging/tlb.h"
#include "tests/kernel/probe.h"

#define USER_ADDRESS 0x50000000u

/* Two frames with a number each, two page tables, two page directories. */
struct bench {
	struct page *frames[2], *tables[2];
	pgd_t *directories[2];
	u32 stale, looks, wrong;
};

static void bench_set(struct bench *bench)
{
	bool complete = true;

	*bench = (struct bench){ 0 };
	for (u32 i = 0; i < 2; i++) {
		bench->frames[i] = alloc_page(GFP_KERNEL);
		bench->tables[i] = alloc_page(GFP_PGTABLE);
		bench->directories[i] = pgd_alloc();
		complete &= bench->frames[i] && bench->tables[i] && bench->directories[i];
		if (bench->frames[i])
			*(u32 *)page_address(bench->frames[i]) = i;
	}
	EXPECT(complete);
}

static void bench_strike(struct bench *bench)
{
	mmu_set_root(virt_to_phys(kernel_pgd));
	for (u32 i = 0; i < 2; i++) {
		if (bench->frames[i])
			__free_page(bench->frames[i]);
		if (bench->directories[i]) {
			pmd_clear(find_pmd(bench->directories[i], USER_ADDRESS));
			pgd_free(bench->directories[i]);
		}
		if (bench->tables[i])
			__free_page(bench->tables[i]);
	}
	printk("  # stale translations seen: %u of %u\n", bench->stale, bench->looks);
	EXPECT_EQ(bench->wrong, 0);
	/* Global pages stay on. */
	EXPECT_EQ(read_cr4() & CR4_PGE, cpu_has(CPU_PGE) ? CR4_PGE : 0);
}

static pte_t *user_pte(struct bench *bench, u32 table)
{
	return (pte_t *)page_address(bench->tables[table]) + pte_index(USER_ADDRESS);
}

static void set_user_table(struct bench *bench, u32 directory, u32 table)
{
	pmd_t *pmd =
		pmd_offset(pgd_offset(bench->directories[directory], USER_ADDRESS), USER_ADDRESS);

	set_pmd(pmd, mk_pmd_table(page_to_pfn(bench->tables[table])));
}

static pte_t entry_for(struct bench *bench, u32 frame, pgprot_t prot)
{
	return mk_pte(page_to_pfn(bench->frames[frame]), prot);
}

/*
 * Lets `pte`, the entry of `address`, name frame 0, reads, lets it name frame 1, and flushes.
 * Before the flush either frame may be seen.
 */
static void change_frame(struct bench *bench, pte_t *pte, u32 address, pgprot_t prot,
			 void (*flush)(u32 address))
{
	unsigned long irq = irq_save();
	u32 first, between, after;

	set_pte(pte, entry_for(bench, 0, prot));
	flush(address);
	first = probe_read(address).value;
	set_pte(pte, entry_for(bench, 1, prot));
	between = probe_read(address).value;
	flush(address);
	after = probe_read(address).value;
	irq_restore(irq);
	bench->wrong += first != 0 || after != 1;
	bench->looks++;
	bench->stale += between == 0;
}

/* The same, but the entry is cleared: after the flush the access faults. */
static void take_away(struct bench *bench, pte_t *pte, u32 address, pgprot_t prot,
		      void (*flush)(u32 address))
{
	unsigned long irq = irq_save();
	struct probe first, between, after;

	set_pte(pte, entry_for(bench, 0, prot));
	flush(address);
	first = probe_read(address);
	pte_clear(pte);
	between = probe_read(address);
	flush(address);
	after = probe_read(address);
	irq_restore(irq);
	bench->wrong += first.faulted || !after.faulted;
	bench->looks++;
	bench->stale += !between.faulted;
}

static void flush_all(u32 address)
{
	(void)address;
	tlb_flush_all();
}

static void flush_kernel(u32 address)
{
	(void)address;
	tlb_flush_kernel();
}

static void user_page(void (*flush)(u32 address))
{
	struct bench bench;

	bench_set(&bench);
	set_user_table(&bench, 0, 0);
	mmu_set_root(virt_to_phys(bench.directories[0]));
	change_frame(&bench, user_pte(&bench, 0), USER_ADDRESS, PAGE_SHARED, flush);
	take_away(&bench, user_pte(&bench, 0), USER_ADDRESS, PAGE_SHARED, flush);
	bench_strike(&bench);
}

static void user_page_by_page(void)
{
	user_page(tlb_flush_page);
}

static void user_page_by_all(void)
{
	user_page(flush_all);
}

static void user_page_by_kernel(void)
{
	user_page(flush_kernel);
}

/* Entries of the kernel half are global: a flush of all others leaves them. */
static void global_page(void (*flush)(u32 address))
{
	void *area = vmalloc(PAGE_SIZE);
	u32 address = (u32)(uintptr_t)area;
	struct bench bench;

	EXPECT(area);
	bench_set(&bench);
	pte_t *pte = pte_lookup(kernel_pgd, address), was = *pte;

	change_frame(&bench, pte, address, PAGE_KERNEL, flush);
	take_away(&bench, pte, address, PAGE_KERNEL, flush);
	set_pte(pte, was);
	flush(address);
	bench.wrong += !probe_accessible(address);
	vfree(area);
	bench_strike(&bench);
}

static void global_page_by_page(void)
{
	global_page(tlb_flush_page);
}

static void global_page_by_kernel(void)
{
	global_page(flush_kernel);
}

/* A removed right is gone after the flush; reads still work. */
static void write_right(void)
{
	struct bench bench;

	bench_set(&bench);
	unsigned long irq = irq_save();
	struct probe first, between, after, read;

	set_user_table(&bench, 0, 0);
	mmu_set_root(virt_to_phys(bench.directories[0]));
	set_pte(user_pte(&bench, 0), entry_for(&bench, 0, PAGE_SHARED));
	first = probe_write(USER_ADDRESS, 7);
	set_pte(user_pte(&bench, 0), entry_for(&bench, 0, PAGE_READONLY));
	between = probe_write(USER_ADDRESS, 8);
	tlb_flush_page(USER_ADDRESS);
	after = probe_write(USER_ADDRESS, 9);
	read = probe_read(USER_ADDRESS);
	irq_restore(irq);
	bench.looks++;
	bench.stale += !between.faulted;
	EXPECT(!first.faulted && after.faulted && !read.faulted);
	EXPECT_EQ(after.error_code, ERROR_PRESENT | ERROR_WRITE);
	EXPECT_EQ(read.value, between.faulted ? 7 : 8);
	bench_strike(&bench);
}

/* A new entry in place of an absent one needs no flush. */
static void new_page(void)
{
	struct bench bench;

	bench_set(&bench);
	struct probe before, after;

	set_user_table(&bench, 0, 0);
	mmu_set_root(virt_to_phys(bench.directories[0]));
	before = probe_read(USER_ADDRESS);
	set_pte(user_pte(&bench, 0), entry_for(&bench, 1, PAGE_READONLY));
	after = probe_read(USER_ADDRESS);
	EXPECT(before.faulted && !after.faulted);
	EXPECT_EQ(after.value, 1);
	bench_strike(&bench);
}

/*
 * Another page table at the same entry: a flush of one page drops the cached directory entry too
 * (SDM vol. 3A 4.10.4.1).
 */
static void other_table(void)
{
	struct bench bench;

	bench_set(&bench);
	unsigned long irq = irq_save();
	u32 first, between, after;

	set_pte(user_pte(&bench, 0), entry_for(&bench, 0, PAGE_READONLY));
	set_pte(user_pte(&bench, 1), entry_for(&bench, 1, PAGE_READONLY));
	set_user_table(&bench, 0, 0);
	mmu_set_root(virt_to_phys(bench.directories[0]));
	first = probe_read(USER_ADDRESS).value;
	set_user_table(&bench, 0, 1);
	between = probe_read(USER_ADDRESS).value;
	tlb_flush_page(USER_ADDRESS);
	after = probe_read(USER_ADDRESS).value;
	irq_restore(irq);
	bench.looks++;
	bench.stale += between == 0;
	EXPECT_EQ(first, 0);
	EXPECT_EQ(after, 1);
	bench_strike(&bench);
}

/* A switch of page directories flushes the previous user half. */
static void other_directory(void)
{
	struct bench bench;

	bench_set(&bench);
	for (u32 i = 0; i < 2; i++) {
		set_user_table(&bench, i, i);
		set_pte(user_pte(&bench, i), entry_for(&bench, i, PAGE_READONLY));
	}
	for (u32 i = 0; i < 6; i++) {
		mmu_set_root(virt_to_phys(bench.directories[i % 2]));
		EXPECT_EQ((u32)mmu_root(), (u32)virt_to_phys(bench.directories[i % 2]));
		EXPECT_EQ(probe_read(USER_ADDRESS).value, i % 2);
	}
	mmu_set_root(virt_to_phys(kernel_pgd));
	expect_unmapped(USER_ADDRESS);
	bench_strike(&bench);
}

static const struct test_case cases[] = {
	{ "user_page_by_page", user_page_by_page },
	{ "user_page_by_all", user_page_by_all },
	{ "user_page_by_kernel", user_page_by_kernel },
	{ "global_page_by_page", global_page_by_page },
	{ "global_page_by_kernel", global_page_by_kernel },
	{ "write_right", write_right },
	{ "new_page", new_page },
	{ "other_table", other_table },
	{ "other_directory", other_directory },
};

TEST_SUITE(tlb, cases);
