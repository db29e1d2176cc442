/* SPDX-License-Identifier: MIT */
/*
 * What the MMU makes of every entry: all combinations of the bits of a page-directory entry, those
 * of a page-table entry, CR0.WP, read or write, ring 0 or ring 3, each tried on the processor and
 * compared with what the manual says (Intel SDM vol. 3A 4.6 for the rights, 4.7 for the error code,
 * 4.8 for the accessed and dirty bits).
 *
 *   combination   14 closed | 13 ring | 12 write | 11 WP | 10..6 pte: D A U W P | 5..0 pde: D A PS U W P
 *
 * The page directory of the test has one page table for the code that runs in ring 3, and one entry
 * under test. As a 4 MiB page that entry names the 4 MiB around the frame that the test owns, and
 * the address is chosen so that it ends in that frame either way: a wrong right never lets a write
 * reach anybody else's memory.
 */
#include "kernel/cpu/cpu.h"
#include "kernel/process/task.h"
#include "lib/irq.h"
#include "lib/printk.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/frames/page_alloc.h"
#include "paging/tlb.h"
#include "tests/kernel/probe.h"

#define CODE_ADDRESS   0x08048000u
#define TARGET_ADDRESS 0x40000000u

#define COMBINATIONS (1u << 15)
#define REPORT_LINES 8u

#define READ_VALUE  0x11223344u
#define WRITE_VALUE 0xa5a5a5a5u

/* The page directory under test, made active, and its frames. */
struct stage {
	pgd_t *directory;
	struct page *code_table, *code, *target_table, *target;
	vaddr_t address; /* of the frame `target`, by a 4 KiB page and by a 4 MiB page */
	pmd_t *pmd;
	pte_t *pte;
	u32 *memory; /* the frame, through the direct map */
	struct test_undo undo;
};

struct combination {
	u32 pde, pte; /* flags */
	bool wp, write, user;
	bool closed; /* SMAP, where there is, keeps ring 0 from ring 3's memory */
};

struct outcome_of_access {
	bool faulted;
	u32 error_code;
	u32 pde, pte; /* flags afterwards */
	u32 memory, value;
};

static void stage_strike(void *what)
{
	struct stage *stage = what;

	mmu_set_root(virt_to_phys(kernel_pgd));
	if (stage->directory) {
		for (u32 i = 0; i < KERNEL_PGD_INDEX; i++)
			stage->directory[i].value = 0;
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

static void stage_set(struct test *test, struct stage *stage)
{
	const u32 all = PTE_PRESENT | PTE_WRITE | PTE_USER;
	pmd_t *code;

	test_undo_push(test, &stage->undo, stage_strike, stage);
	stage->directory = pgd_alloc();
	stage->code_table = alloc_page(GFP_PGTABLE);
	stage->target_table = alloc_page(GFP_PGTABLE);
	stage->code = alloc_page(GFP_KERNEL);
	stage->target = alloc_page(GFP_KERNEL | __GFP_ZERO);
	EXPECT(test, stage->directory && stage->code_table && stage->target_table && stage->code &&
			     stage->target);
	probe_fill_code(page_address(stage->code));
	code = pmd_offset(pgd_offset(stage->directory, CODE_ADDRESS), CODE_ADDRESS);
	set_pmd(code, mk_pmd_table(page_to_pfn(stage->code_table)));
	set_pte(pte_offset(*code, CODE_ADDRESS),
		mk_pte(page_to_pfn(stage->code), (pgprot_t){ all & ~(u32)PTE_WRITE }));

	stage->address =
		TARGET_ADDRESS + pte_index(page_to_pfn(stage->target) << PAGE_SHIFT) * PAGE_SIZE;
	stage->pmd = pmd_offset(pgd_offset(stage->directory, stage->address), stage->address);
	stage->pte = (pte_t *)page_address(stage->target_table) + pte_index(stage->address);
	stage->memory = page_address(stage->target);
	mmu_set_root(virt_to_phys(stage->directory));
}

static void set_entries(struct stage *stage, u32 pde, u32 pte)
{
	pfn_t target = page_to_pfn(stage->target), frame = page_to_pfn(stage->target_table);

	if (pde & PTE_LARGE)
		frame = ALIGN_DOWN(target, PTRS_PER_PTE);
	set_pte(stage->pte, (pte_t){ target << PAGE_SHIFT | pte });
	set_pmd(stage->pmd, (pmd_t){ { frame << PAGE_SHIFT | pde } });
	tlb_flush_page(stage->address);
}

static struct combination combination(u32 number)
{
	static const u32 pde_bits[] = { PTE_PRESENT, PTE_WRITE,	   PTE_USER,
					PTE_LARGE,   PTE_ACCESSED, PTE_DIRTY };
	static const u32 pte_bits[] = { PTE_PRESENT, PTE_WRITE, PTE_USER, PTE_ACCESSED, PTE_DIRTY };
	struct combination c = { .wp = number >> 11 & 1,
				 .write = number >> 12 & 1,
				 .user = number >> 13 & 1,
				 .closed = number >> 14 & 1 };

	for (u32 i = 0; i < ARRAY_SIZE(pde_bits); i++)
		c.pde |= number >> i & 1 ? pde_bits[i] : 0;
	for (u32 i = 0; i < ARRAY_SIZE(pte_bits); i++)
		c.pte |= number >> (6 + i) & 1 ? pte_bits[i] : 0;
	return c;
}

/* The page is there, as far as the entries say. */
static bool mapped(const struct combination *c)
{
	return c->pde & PTE_PRESENT && (c->pde & PTE_LARGE || c->pte & PTE_PRESENT);
}

/* A right that every level has to give. */
static bool granted(const struct combination *c, u32 right)
{
	return c->pde & right && (c->pde & PTE_LARGE || c->pte & right);
}

static bool kept_out(const struct combination *c)
{
	return c->closed && !c->user && cpu_has(CPU_SMAP) && granted(c, PTE_USER);
}

static struct outcome_of_access expected(const struct combination *c)
{
	bool allowed = mapped(c) && !kept_out(c) && (!c->user || granted(c, PTE_USER)) &&
		       (!c->write || granted(c, PTE_WRITE) || (!c->user && !c->wp));
	struct outcome_of_access e = {
		.faulted = !allowed,
		.pde = c->pde,
		.pte = c->pte,
		.memory = allowed && c->write ? WRITE_VALUE : READ_VALUE,
		.value = allowed && !c->write ? READ_VALUE : 0,
	};
	u32 *last = c->pde & PTE_LARGE ? &e.pde : &e.pte;

	if (allowed) {
		e.pde |= PTE_ACCESSED;
		*last |= PTE_ACCESSED | (c->write ? PTE_DIRTY : 0);
	} else {
		e.error_code = (mapped(c) ? ERROR_PRESENT : 0) | (c->write ? ERROR_WRITE : 0) |
			       (c->user ? ERROR_USER : 0);
	}
	return e;
}

static struct probe access_once(const struct stage *stage, const struct combination *c)
{
	unsigned long irq = irq_save();
	u32 cr0 = read_cr0();
	struct probe probe;

	if (!c->wp)
		write_cr0(cr0 & ~CR0_WP);
	if (c->user)
		probe = probe_ring3(CODE_ADDRESS, c->write ? PROBE_WRITE : PROBE_READ,
				    stage->address, WRITE_VALUE);
	else if (c->write)
		probe = c->closed ? probe_write_closed(stage->address, WRITE_VALUE)
				  : probe_write(stage->address, WRITE_VALUE);
	else
		probe = c->closed ? probe_read_closed(stage->address) : probe_read(stage->address);
	if (!c->wp)
		write_cr0(cr0);
	irq_restore(irq);
	return probe;
}

static struct outcome_of_access try(struct stage *stage, const struct combination *c)
{
	struct probe probe;

	*stage->memory = READ_VALUE;
	set_entries(stage, c->pde, c->pte);
	probe = access_once(stage, c);
	return (struct outcome_of_access){
		.faulted = probe.faulted && probe.address == stage->address,
		.error_code = probe.error_code,
		.pde = stage->pmd->pgd.value & PTE_FLAGS_MASK,
		.pte = stage->pte->value & PTE_FLAGS_MASK,
		.memory = *stage->memory,
		.value = c->write ? 0 : probe.value,
	};
}

/*
 * Whether the directory entry counts as accessed by an access that faults below it is the
 * processor's choice.
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
	printk("  # ring %d %s wp=%d closed=%d pde=%#05x pte=%#05x\n", c->user ? 3 : 0,
	       c->write ? "write" : "read", c->wp, c->closed, c->pde, c->pte);
	printk("  #   seen:     fault=%d error=%#x pde=%#05x pte=%#05x memory=%#x value=%#x\n",
	       seen->faulted, seen->error_code, seen->pde, seen->pte, seen->memory, seen->value);
	printk("  #   expected: fault=%d error=%#x pde=%#05x pte=%#05x memory=%#x value=%#x\n",
	       e->faulted, e->error_code, e->pde, e->pte, e->memory, e->value);
}

static void every_combination(struct test *test)
{
	struct stage stage = { 0 };
	u32 wrong = 0, faults = 0;

	stage_set(test, &stage);
	for (u32 number = 0; number < COMBINATIONS; number++) {
		struct combination c = combination(number);
		struct outcome_of_access e = expected(&c), seen = try(&stage, &c);

		faults += e.faulted;
		if (!as_expected(&seen, &e) && wrong++ < REPORT_LINES)
			report(&c, &seen, &e);
	}
	EXPECT_EQ(test, wrong, 0);
	printk("  # %u combinations, %u of them fault\n", COMBINATIONS, faults);
	test_undo_now(test, &stage.undo);
}

/* What paging/range.c says of the entries is what the MMU does with them. */
static void translate_agrees(struct test *test)
{
	struct stage stage = { 0 };
	u32 wrong = 0;

	stage_set(test, &stage);
	for (u32 number = 0; number < 1u << 11; number++) {
		struct combination c = combination(number);
		struct translation t;
		bool found;

		set_entries(&stage, c.pde, c.pte);
		found = translate(stage.directory, stage.address, &t);
		wrong += found != mapped(&c);
		if (found)
			wrong += t.phys != pfn_to_phys(page_to_pfn(stage.target)) ||
				 !(t.flags & PTE_WRITE) == granted(&c, PTE_WRITE) ||
				 !(t.flags & PTE_USER) == granted(&c, PTE_USER) ||
				 t.large != !!(c.pde & PTE_LARGE);
	}
	EXPECT_EQ(test, wrong, 0);
	test_undo_now(test, &stage.undo);
}

/*
 * Bit 21 of an entry for a 4 MiB page is reserved, with PSE-36 and without (table 4-4). The error
 * code then says "present" too, but QEMU 7.2 leaves that out.
 */
static void reserved_bit(struct test *test)
{
	const u32 all = PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_LARGE;
	struct stage stage = { 0 };
	struct probe probe;

	stage_set(test, &stage);
	set_entries(&stage, all, 0);
	stage.pmd->pgd.value |= 1u << 21;
	tlb_flush_page(stage.address);
	probe = probe_read(stage.address);
	EXPECT(test, probe.faulted);
	EXPECT_EQ(test, probe.error_code | ERROR_PRESENT, ERROR_PRESENT | ERROR_RESERVED);
	probe = probe_ring3(CODE_ADDRESS, PROBE_WRITE, stage.address, 0);
	EXPECT(test, probe.faulted);
	EXPECT_EQ(test, probe.error_code | ERROR_PRESENT,
		  ERROR_PRESENT | ERROR_RESERVED | ERROR_WRITE | ERROR_USER);
	test_undo_now(test, &stage.undo);
}

/*
 * Without NX what may be read may be executed, but ring 3's pages not by ring 0 where there is SMEP,
 * which also has the error code tell instruction fetches from reads.
 */
static void execution(struct test *test)
{
	struct stage stage = { 0 };

	stage_set(test, &stage);
	probe_fill_code(stage.memory);
	for (u32 number = 0; number < 1u << 7; number++) {
		struct combination c = combination((number & 0x3f) | (number & 7) << 6);
		struct outcome_of_access e;
		struct probe probe;

		c.user = number >> 6;
		e = expected(&c);
		if (cpu_has(CPU_SMEP)) {
			if (mapped(&c) && !c.user && granted(&c, PTE_USER)) {
				e.faulted = true;
				e.error_code = ERROR_PRESENT;
			}
			e.error_code |= e.faulted ? ERROR_FETCH : 0;
		}
		set_entries(&stage, c.pde, c.pte);
		probe = c.user ? probe_ring3(CODE_ADDRESS, PROBE_EXECUTE, stage.address, 0)
			       : probe_execute(stage.address);
		EXPECT(test, probe.faulted == e.faulted);
		EXPECT_EQ(test, probe.error_code, e.error_code);
	}
	test_undo_now(test, &stage.undo);
}

static const struct test_case cases[] = {
	{ "every_combination", every_combination },
	{ "translate_agrees", translate_agrees },
	{ "reserved_bit", reserved_bit },
	{ "execution", execution },
};

TEST_SUITE(access, cases);
