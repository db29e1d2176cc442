/* SPDX-License-Identifier: MIT */
/*
 * The processor's instructions and privileged registers, as paging/tlb.h and lib/irq.h need them.
 * Its features: kernel/cpu/identify.c.
 *
 *  (1) Ring 0 runs no x87, MMX or SSE instruction (compiler flags), except in
 *      kernel/task/fpu.c, which saves and loads ring 3's registers. Before fpu_init() not even
 *      that runs (CR0.EM).
 *  (2) Loading CR3 drops all translations except the global ones. Code that changes a global entry
 *      calls tlb_flush_kernel() or tlb_flush_page().
 *  (3) The double-fault task always has a page directory that is in use: mmu_set_root() stores
 *      each new one in its TSS.
 */
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/gdt.h"
#include "lib/irq.h"
#include "lib/string.h"
#include "paging/pgtable.h"
#include "paging/tlb.h"
#include "paging/trace_events.h"

#define CACHE_LINE 32u /* bytes; no processor with CLFLUSH has shorter ones */

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

static struct cpuid cpuid(u32 leaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(0));
	return r;
}

void cpu_leaf(u32 leaf, u32 words[4])
{
	struct cpuid r = cpuid(leaf);

	memcpy(words, &r, sizeof(r));
}

u64 read_tsc(void)
{
	return cpuid(1).edx >> CPU_TSC & 1 ? rdtsc() : 0;
}

/*
 * Entry 1 of the page attribute table, which PWT alone selects, becomes write combining as on
 * Linux. The others keep their reset values: write back, UC-, UC, and the same again. Source:
 * Intel SDM vol. 3A 12.12.2; 12.12.4 for the steps.
 */
static void set_page_attributes(void)
{
	__asm__ volatile("wbinvd" : : : "memory");
	wrmsr(MSR_PAT, 0x0007010600070106ull);
	__asm__ volatile("wbinvd" : : : "memory");
	tlb_flush_kernel();
}

void cpu_detect(void)
{
	cpu_identify();
	write_cr0((read_cr0() | CR0_EM) & ~(CR0_MP | CR0_TS));
	if (cpu_has(CPU_MCE) && cpu_has(CPU_MCA))
		write_cr4(read_cr4() | CR4_MCE);
}

void cpu_init(void)
{
	cpu_print();
	if (cpu_has(CPU_PAT) && cpu_has(CPU_MSR))
		set_page_attributes();
	c1e_disable();
}

bool rdmsr_safe(u32 index, u64 *value)
{
	u32 low = 0, high = 0, there = 0;

	if (!cpu_has(CPU_MSR))
		return false;
	__asm__ volatile("1:\trdmsr\n\t"
			 "movl $1, %2\n"
			 "2:\n\t"
			 ".pushsection __ex_table, \"a\", @progbits\n\t"
			 ".balign 4\n\t"
			 ".long 1b, 2b\n\t"
			 ".popsection"
			 : "+a"(low), "+d"(high), "+r"(there)
			 : "c"(index));
	*value = (u64)high << 32 | low;
	return there;
}

/*
 * The loader's directory has two levels. When CR4.PAE is set, the processor reads the four entries
 * of the first level from where CR3 points (Intel SDM vol. 3A 4.1.2, 4.4.1): to the loader's
 * directory. There they replace the first eight entries, which map the lowest 32 MiB to themselves
 * and are of no use to the kernel. So paging stays on, and the code runs on at its address.
 */
static void enter_pae(const pgd_t *directory)
{
	memcpy(phys_to_virt(mmu_root()), directory, PTRS_PER_PGD * sizeof(*directory));
	write_cr4(read_cr4() | CR4_PAE);
}

void cpu_start_paging(phys_addr_t page_directory)
{
	if (!PMD_FOLDED)
		enter_pae(phys_to_virt(page_directory));
	mmu_set_root(page_directory);
}

void cpu_enable_global_pages(void)
{
	if (cpu_has(CPU_PGE))
		write_cr4(read_cr4() | CR4_PGE);
}

void cpu_enable_nx(void)
{
	if (!PTE_NX || !cpu_has(CPU_NX) || !cpu_has(CPU_MSR))
		return;
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	pte_nx_on();
}

void cache_clean(const volatile void *start, size_t bytes)
{
	const volatile char *line = start, *end = line + bytes;

	if (!cpu_has(CPU_CLFLUSH)) {
		/* Older than the Pentium 4: small caches, and nothing else writes them back. */
		if (cpu.family)
			__asm__ volatile("wbinvd" : : : "memory");
		return;
	}
	line = (const volatile char *)ALIGN_DOWN((uintptr_t)line, CACHE_LINE);
	for (; line < end; line += CACHE_LINE)
		__asm__ volatile("clflush %0" : : "m"(*line) : "memory");
}

static inline void invlpg(vaddr_t address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

TRACED void tlb_flush_page(vaddr_t address)
{
	invlpg(address);
}

static TRACED void tlb_flush_page_traced(vaddr_t address)
{
	trace_tlb_flush(TRACE_FLUSH_PAGE, address);
	invlpg(address);
}
TRACE_REPLACE(tlb_flush, tlb_flush_page, tlb_flush_page_traced);

void tlb_flush_all(void)
{
	trace(tlb_flush, TRACE_FLUSH_ALL, 0);
	write_cr3(read_cr3());
}

void tlb_flush_kernel(void)
{
	u32 cr4 = read_cr4();

	if (cr4 & CR4_PGE) {
		trace(tlb_flush, TRACE_FLUSH_KERNEL, 0);
		write_cr4(cr4 & ~CR4_PGE);
		write_cr4(cr4);
	} else {
		tlb_flush_all();
	}
}

phys_addr_t mmu_root(void)
{
	return read_cr3() & ~0xfffu;
}

void mmu_set_root(phys_addr_t page_directory)
{
	trace(tlb_flush, TRACE_FLUSH_SWITCH, (u32)page_directory);
	tss_set_root((u32)page_directory);
	write_cr3((u32)page_directory);
}

unsigned long irq_save(void)
{
	unsigned long flags;

	__asm__ volatile("pushfl; popl %0; cli" : "=r"(flags) : : "memory");
	return flags;
}

void irq_restore(unsigned long flags)
{
	__asm__ volatile("pushl %0; popfl" : : "r"(flags) : "memory", "cc");
}

void *mmu_pointer(vaddr_t address)
{
	return (void *)address;
}
