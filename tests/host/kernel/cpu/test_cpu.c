/* SPDX-License-Identifier: MIT */
/*
 * The processor's registers: what the start sets for which features, and how translations are
 * flushed. Instructions are a record; control and model-specific registers are variables. Bits
 * and numbers are from Intel's manual, not from the code under test.
 */
#include <stdio.h>
#include <string.h>

#include "lib/types.h"

#define read_cr0  processor_read_cr0
#define read_cr3  processor_read_cr3
#define read_cr4  processor_read_cr4
#define write_cr0 processor_write_cr0
#define write_cr3 processor_write_cr3
#define write_cr4 processor_write_cr4
#define rdmsr	  processor_rdmsr
#define wrmsr	  processor_wrmsr
#define rdtsc	  processor_rdtsc
#include "kernel/cpu/cpu.h"
#undef read_cr0
#undef read_cr3
#undef read_cr4
#undef write_cr0
#undef write_cr3
#undef write_cr4
#undef rdmsr
#undef wrmsr
#undef rdtsc

#include "kernel/cpu/gdt.h"
#include "lib/irq.h"
#include "lib/string.h"
#include "paging/pgtable.h"
#include "paging/tlb.h"
#include "paging/trace_events.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"

static u32 control_0, control_3, control_4;
static u64 msr_value;

/* Variables of the functions, as operands of their instructions; without one, these. */
static struct {
	u32 eax, ebx, ecx, edx;
} r;
static u32 leaf, low, high, there;
static vaddr_t address;
static const volatile char *line;

/* An instruction; it may set its operands. */
static void model_asm(const char *text, void *leaf_words, const u32 *leaf_number, u32 *msr_low,
		      u32 *msr_high, u32 *msr_there, const vaddr_t *page,
		      const volatile char *const *cache_line);

#define read_cr0()		      control_0
#define read_cr3()		      control_3
#define read_cr4()		      control_4
#define write_cr0(value)	      (control_0 = (value))
#define write_cr3(value)	      (control_3 = (value), note("cr3=%x ", control_3))
#define write_cr4(value)	      (control_4 = (value), note("cr4=%x ", control_4))
#define rdmsr(index)		      (note("rdmsr %x ", index), msr_value)
#define wrmsr(index, value)	      (msr_value = (value), note("wrmsr %x ", index))
#define rdtsc()			      77ull
#define trace_tlb_flush(reason, what) note("trace %u %x ", reason, (u32)(what))
#undef trace
#define trace(name, reason, what) note("trace %u %x ", reason, (u32)(what))
#define tlb_flush_page		  cpu_flush_page
#define tlb_flush_all		  cpu_flush_all
#define tlb_flush_kernel	  cpu_flush_kernel
#define mmu_root		  cpu_root
#define mmu_set_root		  cpu_set_root
#define mmu_pointer		  cpu_pointer
#define irq_save		  cpu_irq_save
#define irq_restore		  cpu_irq_restore
void tlb_flush_page(vaddr_t address);
void tlb_flush_all(void);
void tlb_flush_kernel(void);
phys_addr_t mmu_root(void);
void mmu_set_root(phys_addr_t page_directory);
void *mmu_pointer(vaddr_t address);
#define __asm__
#define volatile(...) model_asm(#__VA_ARGS__, &r, &leaf, &low, &high, &there, &address, &line)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wint-to-pointer-cast"
#include "kernel/cpu/cpu.c"
#pragma GCC diagnostic pop
#undef volatile
#undef __asm__

struct cpu_info cpu;

static u32 features; /* EDX of leaf 1 */
static bool msr_exists;

static void model_asm(const char *text, void *words, const u32 *number, u32 *msr_low, u32 *msr_high,
		      u32 *msr_there, const vaddr_t *page, const volatile char *const *cache_line)
{
	if (strstr(text, "cpuid")) {
		const u32 result[4] = { *number + 1, 2, 3, features };

		memcpy(words, result, sizeof(result));
	} else if (strstr(text, "rdmsr")) {
		*msr_low = 0x89abcdef;
		*msr_high = 0x1234567;
		*msr_there = msr_exists;
	} else if (strstr(text, "invlpg")) {
		note("invlpg %x ", *page);
	} else if (strstr(text, "clflush")) {
		note("clflush %x ", (u32)(uintptr_t)*cache_line);
	} else {
		note("%s ", strstr(text, "wbinvd") ? "wbinvd" : text);
	}
}

void cpu_identify(void)
{
	note("identify ");
}

void cpu_print(void)
{
	note("print ");
}

void c1e_disable(void)
{
	note("c1e ");
}

void tss_set_root(u32 page_directory)
{
	note("tss %x ", page_directory);
}

static void be(u32 words)
{
	cpu = (struct cpu_info){ .words = { words }, .family = 6 };
	did[0] = '\0';
	control_0 = 0x8000001a; /* MP, TS */
	control_3 = 0x5018;
	control_4 = 0x10;
}

static void leaves(void)
{
	u32 words[4];

	cpu_leaf(0x80000001, words);
	EXPECT(words[0] == 0x80000002 && words[1] == 2 && words[2] == 3 && words[3] == features);
	features = 1u << 4;
	EXPECT_EQ(read_tsc(), 77);
	features = ~(1u << 4);
	EXPECT_EQ(read_tsc(), 0);
}

/* No x87 in the kernel; machine checks where there are registers for them. */
static void detect(void)
{
	static const struct {
		u32 words, control_4;
	} cases[] = {
		{ 0, 0x10 },
		{ 1u << 7, 0x10 },
		{ 1u << 14, 0x10 },
		{ 1u << 7 | 1u << 14, 0x50 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		be(cases[i].words);
		cpu_detect();
		EXPECT(!strncmp(did, "identify ", 9));
		EXPECT_EQ(control_0, 0x80000014);
		EXPECT_EQ(control_4, cases[i].control_4);
	}
}

/* Entry 1 of the page attributes is write combining; caches and TLB are flushed around it. */
static void page_attributes(void)
{
	be(1u << 16 | 1u << 5);
	cpu_init();
	EXPECT_TEXT(did, "print wbinvd wrmsr 277 wbinvd trace 1 0 cr3=5018 c1e ");
	EXPECT(msr_value == 0x0007010600070106ull);
	be(1u << 16);
	cpu_init();
	EXPECT_TEXT(did, "print c1e ");
	be(1u << 5);
	cpu_init();
	EXPECT_TEXT(did, "print c1e ");
}

static void registers(void)
{
	u64 value = 1;

	be(0);
	EXPECT(!rdmsr_safe(0x34, &value) && value == 1);
	be(1u << 5);
	EXPECT(!rdmsr_safe(0x34, &value));
	msr_exists = true;
	EXPECT(rdmsr_safe(0x34, &value) && value == 0x123456789abcdefull);
}

static void paging(void)
{
	be(0);
	cpu_enable_global_pages();
	EXPECT_EQ(control_4, 0x10);
	be(1u << 13);
	cpu_enable_global_pages();
	EXPECT_EQ(control_4, 0x90);
	EXPECT_EQ(cpu_root(), 0x5000);
	did[0] = '\0';
	cpu_set_root(0x7000);
	EXPECT_TEXT(did, "trace 3 7000 tss 7000 cr3=7000 ");
	be(0);
	if (PMD_FOLDED)
		cpu_start_paging(0x9000);
	else
		cpu_set_root(0x9000);
	EXPECT_TEXT(did, "trace 3 9000 tss 9000 cr3=9000 ");
	EXPECT(cpu_pointer(0x1234) == (void *)0x1234);
}

static void no_execute(void)
{
	for (u32 i = 0; i < 4; i++) {
		bool there_is = PTE_NX && i == 3;

		be(i & 1 ? 1u << 5 : 0);
		cpu.words[3] = i & 2 ? 1u << 20 : 0;
		msr_value = 0x500;
		cpu_enable_nx();
		EXPECT_TEXT(did, there_is ? "rdmsr c0000080 wrmsr c0000080 " : "");
		EXPECT(msr_value == (there_is ? 0xd00 : 0x500));
	}
}

static void flushes(void)
{
	be(0);
	cpu_flush_page(0x1234000);
	tlb_flush_page_traced(0x5000);
	EXPECT_TEXT(did, "invlpg 1234000 trace 0 5000 invlpg 5000 ");
	be(0);
	cpu_flush_all();
	EXPECT_TEXT(did, "trace 1 0 cr3=5018 ");
	be(0);
	cpu_flush_kernel();
	EXPECT_TEXT(did, "trace 1 0 cr3=5018 ");
	/* Global entries go when PGE changes. */
	be(0);
	control_4 = 0x90;
	cpu_flush_kernel();
	EXPECT_TEXT(did, "trace 2 0 cr4=10 cr4=90 ");
}

static void caches(void)
{
	static char bytes[200] __attribute__((aligned(64)));
	char expected[80];
	u32 at = (u32)(uintptr_t)bytes;

	be(0);
	cpu.family = 0; /* before cpu_detect() */
	cache_clean(bytes, 100);
	EXPECT_TEXT(did, "");
	be(0);
	cache_clean(bytes, 100);
	EXPECT_TEXT(did, "wbinvd ");
	be(1u << 19);
	cache_clean(bytes + 40, 57); /* up to byte 96 */
	snprintf(expected, sizeof(expected), "clflush %x clflush %x clflush %x ", at + 32, at + 64,
		 at + 96);
	EXPECT_TEXT(did, expected);
	be(1u << 19);
	cache_clean(bytes + 32, 64);
	snprintf(expected, sizeof(expected), "clflush %x clflush %x ", at + 32, at + 64);
	EXPECT_TEXT(did, expected);
	be(1u << 19);
	cache_clean(bytes, 0);
	EXPECT_TEXT(did, "");
}

static void interrupts(void)
{
	be(0);
	cpu_irq_restore(0x202);
	EXPECT(strstr(did, "popfl"));
	be(0);
	cpu_irq_save();
	EXPECT(strstr(did, "pushfl") && strstr(did, "cli"));
}

TAP_MAIN({ "CPUID and the counter", leaves }, { "x87 and machine checks", detect },
	 { "page attributes", page_attributes }, { "a register that may not exist", registers },
	 { "paging", paging }, { "NX", no_execute }, { "flushes", flushes },
	 { "cache lines", caches }, { "interrupts", interrupts })
