/* SPDX-License-Identifier: MIT */
/*
 * Protection of ring 0 and ring 3: the bits of the control registers, the closed entries of
 * SYSENTER and SYSCALL, the places of STAC and CLAC, and the counts of pages by their rights.
 * Registers are variables; bits and numbers are from Intel's manual, not from the code under test.
 */
#include <stdio.h>
#include <string.h>

#include "lib/types.h"

#define read_cr0  processor_read_cr0
#define read_cr4  processor_read_cr4
#define write_cr0 processor_write_cr0
#define write_cr4 processor_write_cr4
#define rdmsr	  processor_rdmsr
#define wrmsr	  processor_wrmsr
#include "kernel/cpu/cpu.h"
#undef read_cr0
#undef read_cr4
#undef write_cr0
#undef write_cr4
#undef rdmsr
#undef wrmsr
#define read_cr0()	    control_0
#define read_cr4()	    control_4
#define write_cr0	    model_write_cr0
#define write_cr4	    model_write_cr4
#define rdmsr(index)	    (*msr(index))
#define wrmsr(index, value) model_wrmsr(index, value)

static u32 control_0, control_4, cr4_writes;
static u64 *msr(u32 index);
static void model_write_cr0(u32 value);
static void model_write_cr4(u32 value);
static void model_wrmsr(u32 index, u64 value);

#include "kernel/cpu/protection.c"

#include "mm/frames/page_alloc.h"
#include "paging/range.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

struct cpu_info cpu;

static u64 msrs[4];
static u32 msr_writes;

static u64 *msr(u32 index)
{
	static u64 none;

	if (index >= 0x174 && index <= 0x176)
		return &msrs[index - 0x174];
	return EXPECT_EQ(index, 0xc0000080) ? &msrs[3] : &none;
}

static void model_write_cr0(u32 value)
{
	control_0 = value;
}

static void model_write_cr4(u32 value)
{
	control_4 = value;
	cr4_writes++;
}

static void model_wrmsr(u32 index, u64 value)
{
	*msr(index) = value;
	msr_writes++;
}

static void has(enum cpu_feature feature)
{
	cpu.words[feature / 32] |= 1u << feature % 32;
}

static void be(u32 family, u32 model, u32 stepping)
{
	cpu = (struct cpu_info){ .family = family, .model = model, .stepping = stepping };
	for (u32 i = 0; i < 4; i++)
		msrs[i] = 0x1234500000fffull;
	msr_writes = cr4_writes = 0;
	control_0 = 0x80000011;
	control_4 = 0x10;
	console_clear();
}

/* ---- The way of SYSENTER and SYSCALL ---- */

static void gates(void)
{
	static const struct {
		u32 family, model, stepping;
		bool sysenter;
	} cases[] = {
		{ 6, 1, 9, false }, /* a Pentium Pro has the bit, and no such registers */
		{ 6, 2, 9, false }, { 6, 3, 2, false }, { 6, 3, 3, true },
		{ 6, 4, 0, true },  { 15, 1, 0, true },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		be(cases[i].family, cases[i].model, cases[i].stepping);
		has(CPU_SEP);
		protection_close_gates();
		for (u32 j = 0; j < 3; j++)
			tap_check((msrs[j] == 0) == cases[i].sysenter, __FILE__, __LINE__,
				  "case %u register %u", i, j);
		EXPECT_EQ(msr_writes, cases[i].sysenter ? 3 : 0);
	}
	be(15, 1, 0);
	protection_close_gates();
	EXPECT_EQ(msr_writes, 0);
	be(15, 1, 0);
	has(CPU_SYSCALL);
	protection_close_gates();
	EXPECT(msr_writes == 1 && msrs[3] == 0x1234500000ffeull);
	be(6, 15, 0);
	has(CPU_LM); /* Intel has it in 64-bit mode only */
	protection_close_gates();
	EXPECT(msr_writes == 1 && msrs[3] == 0x1234500000ffeull);
}

/* ---- STAC and CLAC ---- */

static u8 code[3][4];
static struct smap_site sites[] __attribute__((section("__smap_sites"), used)) = {
	{ code[0], SMAP_CLAC }, { code[1], SMAP_STAC }, { code[2], SMAP_CLAC }
};

static void patches(void)
{
	static const u8 clac[4] = { 0x0f, 0x01, 0xca, 0x55 }, stac[4] = { 0x0f, 0x01, 0xcb, 0x55 };

	memset(code, 0x55, sizeof(code));
	be(6, 0x3c, 1);
	protection_patch();
	EXPECT_EQ(code[0][0], 0x55);
	has(CPU_SMAP);
	protection_patch();
	EXPECT(!memcmp(code[0], clac, 4) && !memcmp(code[1], stac, 4) && !memcmp(code[2], clac, 4));
}

/* ---- Bits, and pages ---- */

static void bits(void)
{
	static const struct {
		enum cpu_feature feature;
		u32 bit;
		const char *line;
	} cases[] = {
		{ CPU_FPU, 0, "protection: wp=1 smep=0 smap=0 umip=0 " },
		{ CPU_SMEP, 1u << 20, "protection: wp=1 smep=1 smap=0 umip=0 " },
		{ CPU_SMAP, 1u << 21, "protection: wp=1 smep=0 smap=1 umip=0 " },
		{ CPU_UMIP, 1u << 11, "protection: wp=1 smep=0 smap=0 umip=1 " },
	};

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		be(15, 1, 0);
		has(cases[i].feature);
		has(CPU_SEP);
		protection_enable();
		EXPECT_EQ(control_0, 0x80000011 | 1u << 16 | 1u << 18);
		EXPECT_EQ(control_4, 0x10 | cases[i].bit);
		EXPECT_EQ(cr4_writes, cases[i].bit != 0); /* unknown bits are not touched */
		EXPECT_EQ(msr_writes, 3);
		EXPECT(strstr(console_text(), cases[i].line));
		EXPECT(strstr(console_text(), pte_nx ? " nx=1 read_only=" : " nx=0 read_only="));
	}
}

/* The same counts, found by translating each address. */
static struct kernel_pages expected_pages(void)
{
	struct kernel_pages pages = { 0 };
	struct translation found;

	for (vaddr_t address = PAGE_OFFSET; address; address += PAGE_SIZE) {
		if (!translate(kernel_pgd, address, &found))
			continue;
		pages.writable += !!(found.flags & PTE_WRITE);
		pages.read_only += !(found.flags & PTE_WRITE);
		pages.writable_code += found.flags & PTE_WRITE && !(found.flags & pte_nx);
		pages.user += !!(found.flags & PTE_USER);
	}
	return pages;
}

static void expect_pages(const struct kernel_pages *wanted)
{
	struct kernel_pages pages;

	memset(&pages, 0x11, sizeof(pages));
	protection_count(&pages);
	EXPECT_EQ(pages.read_only, wanted->read_only);
	EXPECT_EQ(pages.writable, wanted->writable);
	EXPECT_EQ(pages.writable_code, wanted->writable_code);
	EXPECT_EQ(pages.user, wanted->user);
}

static void counts(void)
{
	struct kernel_pages pages;
	pte_t *first, *last, saved[2];
	char line[80];

	machine_boot();
	pages = expected_pages();
	EXPECT(pages.read_only && pages.writable > pages.read_only && !pages.user);
	expect_pages(&pages);
	be(15, 1, 0);
	protection_enable();
	snprintf(line, sizeof(line), " read_only=%u writable=%u user=0\n", pages.read_only,
		 pages.writable);
	EXPECT(strstr(console_text(), line));

	/* The first and last entry of a table, with other rights. */
	first = pte_lookup(kernel_pgd, PKMAP_BASE);
	if (!EXPECT(first))
		return;
	last = first + PTRS_PER_PTE - 1;
	saved[0] = *first;
	saved[1] = *last;
	first->value = PTE_PRESENT;
	last->value = PTE_PRESENT | PTE_WRITE;
	pages = expected_pages();
	expect_pages(&pages);
	first->value = PTE_WRITE; /* not present */
	last->value = PTE_PRESENT | PTE_USER | PTE_WRITE;
	pmd_off(kernel_pgd, PKMAP_BASE)->value |= PTE_USER;
	pages = expected_pages();
	EXPECT_EQ(pages.user, 1);
	expect_pages(&pages);
	EXPECT_PANIC("pages.user", protection_enable());
	/* A right must be granted at both levels. */
	pmd_off(kernel_pgd, PKMAP_BASE)->value &= ~(pteval_t)PTE_USER;
	pages = expected_pages();
	EXPECT_EQ(pages.user, 0);
	expect_pages(&pages);
	*first = saved[0];
	*last = saved[1];
}

TAP_MAIN({ "SYSENTER and SYSCALL", gates }, { "STAC and CLAC", patches },
	 { "bits of control registers", bits }, { "pages by their rights", counts })
