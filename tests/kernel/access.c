/* SPDX-License-Identifier: MIT */
/*
 * The MMU's answer to every entry: all combinations of the bits of a page-directory entry and of
 * a page-table entry, in every environment in which the manual distinguishes accesses. Each is
 * tried on the processor and compared with the manual (Intel SDM vol. 3A 4.6 for the rights, 4.7
 * for the error code, 4.8 for the accessed and dirty bits).
 *
 *   entries       12 pte: NX | 11 pde: NX | 10..6 pte: D A U W P | 5..0 pde: D A PS U W P
 *   environment   read, write or fetch; ring 0 or 3; CR0.WP; CR4.SMEP; CR4.SMAP; for data in
 *                 ring 0 EFLAGS.AC, which a fetch ignores, and which checks alignment in ring 3
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

struct combination {
	pteval_t pde, pte; /* flags */
	enum probe_access access;
	bool user, wp, smep, smap;
	bool open; /* EFLAGS.AC: SMAP lets ring 0 reach ring 3's memory */
};

struct outcome_of_access {
	bool faulted;
	u32 error_code;
	pteval_t pde, pte; /* flags afterwards */
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

static void choose_entries(struct combination *c, u32 number)
{
	static const u32 pde_bits[] = { PTE_PRESENT, PTE_WRITE,	   PTE_USER,
					PTE_LARGE,   PTE_ACCESSED, PTE_DIRTY };
	static const u32 pte_bits[] = { PTE_PRESENT, PTE_WRITE, PTE_USER, PTE_ACCESSED, PTE_DIRTY };

	c->pde = number & 1u << 11 ? PTE_NX : 0;
	c->pte = number & 1u << 12 ? PTE_NX : 0;
	for (u32 i = 0; i < ARRAY_SIZE(pde_bits); i++)
		c->pde |= number >> i & 1 ? pde_bits[i] : 0;
	for (u32 i = 0; i < ARRAY_SIZE(pte_bits); i++)
		c->pte |= number >> (6 + i) & 1 ? pte_bits[i] : 0;
}

/* False: the processor lacks a feature of the environment, or AC is for other accesses. */
static bool choose_environment(struct combination *c, u32 number)
{
	*c = (struct combination){ .user = number & 1,
				   .wp = number & 2,
				   .smep = number & 4,
				   .smap = number & 8,
				   .open = number & 16,
				   .access = (enum probe_access)(number / 32) };

	if ((c->smep && !cpu_has(CPU_SMEP)) || (c->smap && !cpu_has(CPU_SMAP)))
		return false;
	return !c->open || (!c->user && c->access != PROBE_EXECUTE);
}

#define ENVIRONMENTS (3u * 32)

/* Whether the page is present by its entries. */
static bool mapped(const struct combination *c)
{
	return c->pde & PTE_PRESENT && (c->pde & PTE_LARGE || c->pte & PTE_PRESENT);
}

/* The processor has NX, entries have the bit, and EFER.NXE is on during the test. */
static bool has_nx(void)
{
	return PTE_NX && cpu_has(CPU_NX);
}

static u32 entries(void)
{
	return has_nx() ? 1u << 13 : 1u << 11;
}

/* A level forbids execution. */
static bool no_execute(const struct combination *c)
{
	return c->pde & PTE_NX || (!(c->pde & PTE_LARGE) && c->pte & PTE_NX);
}

/* A right that every level must grant. */
static bool granted(const struct combination *c, u32 right)
{
	return c->pde & right && (c->pde & PTE_LARGE || c->pte & right);
}

static bool allowed(const struct combination *c)
{
	bool write = c->access == PROBE_WRITE;

	if (!mapped(c) || (c->access == PROBE_EXECUTE && no_execute(c)))
		return false;
	if (c->user)
		return granted(c, PTE_USER) && (!write || granted(c, PTE_WRITE));
	if (granted(c, PTE_USER) && (c->access == PROBE_EXECUTE ? c->smep : c->smap && !c->open))
		return false;
	return !write || granted(c, PTE_WRITE) || !c->wp;
}

static struct outcome_of_access expected(const struct combination *c)
{
	bool write = c->access == PROBE_WRITE;
	struct outcome_of_access e = {
		.faulted = !allowed(c),
		.pde = c->pde,
		.pte = c->pte,
		.memory = allowed(c) && write ? WRITE_VALUE : READ_VALUE,
		.value = allowed(c) && c->access == PROBE_READ ? READ_VALUE : 0,
	};
	pteval_t *last = c->pde & PTE_LARGE ? &e.pde : &e.pte;

	if (!e.faulted) {
		e.pde |= PTE_ACCESSED;
		*last |= PTE_ACCESSED | (write ? PTE_DIRTY : 0);
	} else {
		e.error_code =
			(mapped(c) ? ERROR_PRESENT : 0) | (write ? ERROR_WRITE : 0) |
			(c->user ? ERROR_USER : 0) |
			((c->smep || has_nx()) && c->access == PROBE_EXECUTE ? ERROR_FETCH : 0);
	}
	return e;
}

static struct probe access_once(const struct stage *stage, const struct combination *c)
{
	if (c->user)
		return probe_ring3(CODE_ADDRESS, c->access, stage->address, WRITE_VALUE);
	if (c->access == PROBE_EXECUTE)
		return probe_execute(stage->address);
	if (c->access == PROBE_WRITE)
		return c->open ? probe_write(stage->address, WRITE_VALUE)
			       : probe_write_closed(stage->address, WRITE_VALUE);
	return c->open ? probe_read(stage->address) : probe_read_closed(stage->address);
}

static struct outcome_of_access try(struct stage *stage, const struct combination *c)
{
	struct probe probe;

	/* Only if it changes: a write makes an emulator discard its translated code. */
	if (*stage->memory != READ_VALUE)
		*stage->memory = READ_VALUE;
	set_entries(stage, c->pde, c->pte);
	probe = access_once(stage, c);
	return (struct outcome_of_access){
		.faulted = probe.faulted && probe.address == stage->address,
		.error_code = probe.error_code,
		.pde = stage->pmd->value & PTE_FLAGS_MASK,
		.pte = stage->pte->value & PTE_FLAGS_MASK,
		.memory = *stage->memory,
		.value = c->access == PROBE_READ ? probe.value : 0,
	};
}

/*
 * After a fault below the directory entry, its accessed bit is the processor's choice.
 */
static bool as_expected(const struct outcome_of_access *seen, const struct outcome_of_access *e)
{
	u32 choice = e->faulted && e->pde & PTE_PRESENT ? PTE_ACCESSED : 0;

	return seen->faulted == e->faulted && seen->error_code == e->error_code &&
	       !((seen->pde ^ e->pde) & ~choice) && seen->pte == e->pte &&
	       seen->memory == e->memory && seen->value == e->value;
}

static void report(const struct combination *c, const struct outcome_of_access *seen,
		   const struct outcome_of_access *e)
{
	static const char *const names[] = {
		[PROBE_READ] = "read",
		[PROBE_WRITE] = "write",
		[PROBE_EXECUTE] = "fetch",
	};

	printk("  # ring %d %s wp=%d smep=%d smap=%d ac=%d pde=%#05llx pte=%#05llx\n",
	       c->user ? 3 : 0, names[c->access], c->wp, c->smep, c->smap, c->open, (u64)c->pde,
	       (u64)c->pte);
	printk("  #   seen:     fault=%d error=%#x pde=%#05llx pte=%#05llx memory=%#x value=%#x\n",
	       seen->faulted, seen->error_code, (u64)seen->pde, (u64)seen->pte, seen->memory,
	       seen->value);
	printk("  #   expected: fault=%d error=%#x pde=%#05llx pte=%#05llx memory=%#x value=%#x\n",
	       e->faulted, e->error_code, (u64)e->pde, (u64)e->pte, e->memory, e->value);
}

/* Tries all entries in one environment. */
static void try_entries(struct stage *stage, struct combination c, u32 *wrong, u32 *faults)
{
	const u32 cr4_bits = CR4_SMEP | CR4_SMAP;
	unsigned long irq = irq_save();
	u32 cr0 = read_cr0(), cr4 = read_cr4();
	u64 efer = has_nx() ? rdmsr(MSR_EFER) : 0;

	if (has_nx())
		wrmsr(MSR_EFER, efer | EFER_NXE);
	write_cr4((cr4 & ~cr4_bits) | (c.smep ? CR4_SMEP : 0) | (c.smap ? CR4_SMAP : 0));
	write_cr0(c.wp ? cr0 : cr0 & ~CR0_WP);
	for (u32 number = 0; number < entries(); number++) {
		struct outcome_of_access e, seen;

		choose_entries(&c, number);
		e = expected(&c);
		seen = try(stage, &c);
		*faults += e.faulted;
		if (!as_expected(&seen, &e) && (*wrong)++ < REPORT_LINES)
			report(&c, &seen, &e);
	}
	write_cr0(cr0);
	write_cr4(cr4);
	if (has_nx())
		wrmsr(MSR_EFER, efer);
	irq_restore(irq);
}

static void every_combination(void)
{
	struct stage stage = { 0 };
	struct combination c;
	u32 wrong = 0, faults = 0, environments = 0;

	stage_set(&stage);
	for (u32 number = 0; number < ENVIRONMENTS; number++) {
		if (!choose_environment(&c, number))
			continue;
		environments++;
		try_entries(&stage, c, &wrong, &faults);
	}
	EXPECT_EQ(wrong, 0);
	printk("  # %u combinations, %u of them fault\n", environments * entries(), faults);
	test_undo_now(&stage.undo);
}

/* paging/range.c and the MMU agree on the meaning of the entries. */
static void translate_agrees(void)
{
	struct stage stage = { 0 };
	u32 wrong = 0;

	stage_set(&stage);
	for (u32 number = 0; number < entries(); number++) {
		struct combination c = { 0 };
		struct translation t;
		bool found;

		choose_entries(&c, number);
		set_entries(&stage, c.pde, c.pte);
		found = translate(stage.directory, stage.address, &t);
		wrong += found != mapped(&c);
		if (found)
			wrong += t.phys != pfn_to_phys(page_to_pfn(stage.target)) ||
				 !(t.flags & PTE_WRITE) == granted(&c, PTE_WRITE) ||
				 !(t.flags & PTE_USER) == granted(&c, PTE_USER) ||
				 !!(t.flags & PTE_NX) != no_execute(&c) ||
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
	{ "translate_agrees", translate_agrees },
	{ "reserved_bit", reserved_bit },
	{ "reserved_bit_of_wide_entries", reserved_bit_of_wide_entries },
};

TEST_SUITE(access, cases);
