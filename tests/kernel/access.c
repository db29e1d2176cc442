/* SPDX-License-Identifier: MIT */
/*
 * The processor's answer to every entry: the cases of tests/kernel/access_cases.h, and what the
 * kernel makes of the same entries. On a processor without NX, EFER.NXE is clear and NX reserved.
 *
 * All combinations run, also of bits that must have no effect, such as SMEP on a read. Not tested:
 * implicit supervisor accesses, the processor's own ones to GDT, IDT, LDT and TSS from ring 3.
 *
 * The page directory of the test has one page table for the code that runs in ring 3, and one
 * entry under test. As a large page that entry names the memory around the frame that the test
 * owns, and the address is chosen so that it ends in that frame either way: a wrong right never
 * lets a write reach other memory.
 */
#include "kernel/cpu/cpu.h"
#include "kernel/task/task.h"
#include "lib/irq.h"
#include "lib/printk.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/frames/page_alloc.h"
#include "paging/tlb.h"
#include "tests/kernel/access_cases.h"
#include "tests/kernel/probe.h"

#define CODE_ADDRESS   0x08048000u
#define TARGET_ADDRESS 0x40000000u

#define REPORT_LINES 8u

#define READ_VALUE  (0xcdu | PROBE_VECTOR << 8) /* as code: int $PROBE_VECTOR */
#define WRITE_VALUE 0xa5a5a5a5u

/* The page directory under test, made active, and its frames. */
struct stage {
	pgd_t *directory;
	struct page *code_table, *code, *target_table, *target;
	vaddr_t address; /* of the frame `target`, by a 4 KiB page and by a large page */
	pmd_t *pmd;
	pte_t *pte;
	u32 *memory; /* the frame, through the direct map */
	struct test_undo undo;
};

struct outcome_of_access {
	struct access_outcome mmu;
	u32 memory, value;
};

static void stage_strike(void *what)
{
	struct stage *stage = what;

	mmu_set_root(virt_to_phys(kernel_pgd));
	if (stage->directory) {
		for (vaddr_t address = 0; address < TASK_SIZE; address += PMD_SIZE)
			pmd_clear(find_pmd(stage->directory, address));
		pgd_free(stage->directory);
	}
	if (stage->code_table)
		__free_page(stage->code_table);
	if (stage->target_table)
		__free_page(stage->target_table);
	if (stage->code)
		__free_page(stage->code);
	if (stage->target)
		__free_page(stage->target);
}

static void stage_set(struct stage *stage)
{
	const u32 all = PTE_PRESENT | PTE_WRITE | PTE_USER;
	pmd_t *code;

	test_undo_push(&stage->undo, stage_strike, stage);
	stage->directory = pgd_alloc();
	stage->code_table = alloc_page(GFP_PGTABLE);
	stage->target_table = alloc_page(GFP_PGTABLE);
	stage->code = alloc_page(GFP_KERNEL);
	stage->target = alloc_page(GFP_KERNEL | __GFP_ZERO);
	EXPECT(stage->directory && stage->code_table && stage->target_table && stage->code &&
	       stage->target);
	probe_fill_code(page_address(stage->code));
	code = pmd_offset(pgd_offset(stage->directory, CODE_ADDRESS), CODE_ADDRESS);
	set_pmd(code, mk_pmd_table(page_to_pfn(stage->code_table)));
	set_pte(pte_offset(*code, CODE_ADDRESS),
		mk_pte(page_to_pfn(stage->code), (pgprot_t){ all & ~(pteval_t)PTE_WRITE }));

	stage->address =
		TARGET_ADDRESS + pte_index(page_to_pfn(stage->target) << PAGE_SHIFT) * PAGE_SIZE;
	stage->pmd = pmd_offset(pgd_offset(stage->directory, stage->address), stage->address);
	stage->pte = (pte_t *)page_address(stage->target_table) + pte_index(stage->address);
	stage->memory = page_address(stage->target);
	mmu_set_root(virt_to_phys(stage->directory));
}

static void set_entries(struct stage *stage, pteval_t pde, pteval_t pte)
{
	pfn_t target = page_to_pfn(stage->target), frame = page_to_pfn(stage->target_table);

	if (pde & PTE_LARGE)
		frame = ALIGN_DOWN(target, PTRS_PER_PTE);
	set_pte(stage->pte, (pte_t){ (pteval_t)target << PAGE_SHIFT | pte });
	set_pmd(stage->pmd, (pmd_t){ (pteval_t)frame << PAGE_SHIFT | pde });
	tlb_flush_page(stage->address);
}

/* The processor has NX, entries have the bit, and EFER.NXE is on during the test. */
static bool has_nx(void)
{
	return PTE_NX && cpu_has(CPU_NX);
}

/* False: the processor lacks a feature of the environment, or there is none. */
static bool choose_environment(struct access_case *c, u32 number)
{
	return access_environment(c, number, has_nx()) && (!c->smep || cpu_has(CPU_SMEP)) &&
	       (!c->smap || cpu_has(CPU_SMAP));
}

static struct outcome_of_access expected(const struct access_case *c)
{
	struct access_outcome mmu = access_expected(c);
	bool done = !mmu.faulted;

	return (struct outcome_of_access){
		.mmu = mmu,
		.memory = done && c->kind == ACCESS_WRITE ? WRITE_VALUE : READ_VALUE,
		.value = done && c->kind == ACCESS_READ ? READ_VALUE : 0,
	};
}

static struct probe access_once(const struct stage *stage, const struct access_case *c)
{
	if (c->user)
		return probe_ring3(CODE_ADDRESS, (enum probe_access)c->kind, stage->address,
				   WRITE_VALUE);
	if (c->kind == ACCESS_FETCH)
		return probe_execute(stage->address);
	if (c->kind == ACCESS_WRITE)
		return c->open ? probe_write(stage->address, WRITE_VALUE)
			       : probe_write_closed(stage->address, WRITE_VALUE);
	return c->open ? probe_read(stage->address) : probe_read_closed(stage->address);
}

/* All bits of an entry but the frame. */
static pteval_t flags_of(pteval_t pde)
{
	return ~PTE_FRAME | (pde & PTE_LARGE ? ACCESS_LARGE_RESERVED : 0);
}

static struct outcome_of_access try(struct stage *stage, const struct access_case *c)
{
	struct probe probe;

	/* Only if it changes: a write makes an emulator discard its translated code. */
	if (*stage->memory != READ_VALUE)
		*stage->memory = READ_VALUE;
	set_entries(stage, c->pde, c->pte);
	probe = access_once(stage, c);
	if (probe.error_code & ERROR_RESERVED)
		probe.error_code |= ERROR_PRESENT; /* QEMU 7.2 leaves it out */
	return (struct outcome_of_access){
		.mmu = { .faulted = probe.faulted && probe.address == stage->address,
			 .error_code = probe.error_code,
			 .pde = stage->pmd->value & flags_of(c->pde),
			 .pte = stage->pte->value & flags_of(0) },
		.memory = *stage->memory,
		.value = c->kind == ACCESS_READ ? probe.value : 0,
	};
}

static bool as_expected(const struct outcome_of_access *seen, const struct outcome_of_access *e)
{
	return access_agrees(&seen->mmu, &e->mmu) && seen->memory == e->memory &&
	       seen->value == e->value;
}

static void report_outcome(const char *name, const struct outcome_of_access *o)
{
	printk("  #   %s fault=%d error=%#x pde=%#05llx pte=%#05llx memory=%#x value=%#x\n", name,
	       o->mmu.faulted, o->mmu.error_code, (u64)o->mmu.pde, (u64)o->mmu.pte, o->memory,
	       o->value);
}

static void report(const struct access_case *c, const struct outcome_of_access *seen,
		   const struct outcome_of_access *e)
{
	static const char *const names[] = {
		[ACCESS_READ] = "read",
		[ACCESS_WRITE] = "write",
		[ACCESS_FETCH] = "fetch",
	};

	printk("  # ring %d %s wp=%d smep=%d smap=%d ac=%d nxe=%d pde=%#05llx pte=%#05llx\n",
	       c->user ? 3 : 0, names[c->kind], c->wp, c->smep, c->smap, c->open, c->nxe,
	       (u64)c->pde, (u64)c->pte);
	report_outcome("seen:    ", seen);
	report_outcome("expected:", e);
}

/* Tries all entries in one environment. */
static void try_entries(struct stage *stage, struct access_case c, enum access_series series,
			u32 *wrong, u32 *faults)
{
	const u32 cr4_bits = CR4_SMEP | CR4_SMAP;
	unsigned long irq = irq_save();
	u32 cr0 = read_cr0(), cr4 = read_cr4();
	u64 efer = has_nx() ? rdmsr(MSR_EFER) : 0;

	if (has_nx())
		wrmsr(MSR_EFER, efer | EFER_NXE);
	write_cr4((cr4 & ~cr4_bits) | (c.smep ? CR4_SMEP : 0) | (c.smap ? CR4_SMAP : 0));
	write_cr0(c.wp ? cr0 : cr0 & ~CR0_WP);
	for (u32 number = 0; number < access_entries(series); number++) {
		struct outcome_of_access e, seen;

		access_choose(&c, series, number);
		e = expected(&c);
		seen = try(stage, &c);
		*faults += e.mmu.faulted;
		if (!as_expected(&seen, &e) && (*wrong)++ < REPORT_LINES)
			report(&c, &seen, &e);
	}
	write_cr0(cr0);
	write_cr4(cr4);
	if (has_nx())
		wrmsr(MSR_EFER, efer);
	irq_restore(irq);
}

static void try_series(enum access_series series)
{
	struct stage stage = { 0 };
	struct access_case c;
	u32 wrong = 0, faults = 0, environments = 0;

	stage_set(&stage);
	for (u32 number = 0; number < ACCESS_ENVIRONMENTS; number++) {
		if (!choose_environment(&c, number))
			continue;
		environments++;
		try_entries(&stage, c, series, &wrong, &faults);
	}
	EXPECT_EQ(wrong, 0);
	printk("  # %u combinations, %u of them fault\n", environments * access_entries(series),
	       faults);
	test_undo_now(&stage.undo);
}

static void every_combination(void)
{
	try_series(ACCESS_ALL_BITS);
}

static void every_reserved_bit(void)
{
	try_series(ACCESS_RESERVED);
}

/* paging/range.c and the MMU agree on the meaning of the entries. */
static void translate_agrees(void)
{
	struct stage stage = { 0 };
	u32 wrong = 0;

	stage_set(&stage);
	for (u32 number = 0; number < access_entries(ACCESS_ALL_BITS); number++) {
		struct access_case c = { 0 };
		struct translation t;
		bool found;

		access_choose(&c, ACCESS_ALL_BITS, number);
		set_entries(&stage, c.pde, c.pte);
		found = translate(stage.directory, stage.address, &t);
		wrong += found != access_mapped(&c);
		if (found)
			wrong += t.phys != pfn_to_phys(page_to_pfn(stage.target)) ||
				 !(t.flags & PTE_WRITE) == access_granted(&c, PTE_WRITE) ||
				 !(t.flags & PTE_USER) == access_granted(&c, PTE_USER) ||
				 !!(t.flags & PTE_NX) != access_no_execute(&c) ||
				 t.large != !!(c.pde & PTE_LARGE);
	}
	EXPECT_EQ(wrong, 0);
	test_undo_now(&stage.undo);
}

/*
 * Bit 21 of an entry for a 4 MiB page is reserved, with PSE-36 and without (table 4-4), and bit 20
 * of one for a 2 MiB page (table 4-9). The error
 * code must also have "present", but QEMU 7.2 leaves it out.
 */
static void reserved_bit(void)
{
	const u32 all = PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_LARGE;
	struct stage stage = { 0 };
	struct probe probe;

	stage_set(&stage);
	set_entries(&stage, all, 0);
	stage.pmd->value |= LARGE_PAGE_SIZE / 2;
	tlb_flush_page(stage.address);
	probe = probe_read(stage.address);
	EXPECT(probe.faulted);
	EXPECT_EQ(probe.error_code | ERROR_PRESENT, ERROR_PRESENT | ERROR_RESERVED);
	probe = probe_ring3(CODE_ADDRESS, PROBE_WRITE, stage.address, 0);
	EXPECT(probe.faulted);
	EXPECT_EQ(probe.error_code | ERROR_PRESENT,
		  ERROR_PRESENT | ERROR_RESERVED | ERROR_WRITE | ERROR_USER);
	test_undo_now(&stage.undo);
}

static bool reserved_fault(const struct stage *stage)
{
	struct probe probe;

	tlb_flush_page(stage->address);
	probe = probe_read(stage->address);
	return probe.faulted && probe.error_code & ERROR_RESERVED;
}

/* Bit 62 of every entry of 64 bits is reserved: tables 4-9 to 4-11. */
static void reserved_bit_of_wide_entries(void)
{
	const u32 all = PTE_PRESENT | PTE_WRITE | PTE_USER;
	const pteval_t bit = PTE_RESERVED & (pteval_t)1 << (sizeof(pteval_t) * 8 - 2);
	struct stage stage = { 0 };

	if (PMD_FOLDED) {
		test_skip("entries have 32 bits");
		return;
	}
	stage_set(&stage);
	set_entries(&stage, all, all | bit);
	EXPECT(reserved_fault(&stage));
	set_entries(&stage, all | bit, all);
	EXPECT(reserved_fault(&stage));
	set_entries(&stage, all | PTE_LARGE | bit, 0);
	EXPECT(reserved_fault(&stage));
	set_entries(&stage, all, all);
	EXPECT(!probe_read(stage.address).faulted);
	test_undo_now(&stage.undo);
}

static const struct test_case cases[] = {
	{ "every_combination", every_combination },
	{ "every_reserved_bit", every_reserved_bit },
	{ "translate_agrees", translate_agrees },
	{ "reserved_bit", reserved_bit },
	{ "reserved_bit_of_wide_entries", reserved_bit_of_wide_entries },
};

TEST_SUITE(access, cases);
