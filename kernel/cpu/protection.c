/* SPDX-License-Identifier: MIT */
/*
 * Protection of the kernel: see protection.h.
 *
 *  (1) EFLAGS.AC is clear whenever the kernel's C code runs. A program can set it, so both entries
 *      to the kernel clear it (kernel/cpu/trap_entry.S); user_copy() sets and clears it itself.
 */
#include "kernel/cpu/protection.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/smap.h"
#include "lib/assert.h"
#include "lib/printk.h"
#include "mm/kernel_space/kernel_map.h"

#define SITE_BYTES 3

void protection_patch(void)
{
	if (!cpu_has(CPU_SMAP))
		return;
	for (const struct smap_site *s = __start___smap_sites; s < __stop___smap_sites; s++)
		for (u32 i = 0; i < SITE_BYTES; i++)
			((volatile u8 *)s->place)[i] = (u8)(s->instruction >> 8 * i);
}

static void count_entry(struct kernel_pages *pages, pteval_t flags, u32 count)
{
	if (flags & PTE_WRITE)
		pages->writable += count;
	else
		pages->read_only += count;
	if (flags & PTE_WRITE && !(flags & pte_nx))
		pages->writable_code += count;
	if (flags & PTE_USER)
		pages->user += count;
}

static void count_table(struct kernel_pages *pages, pmd_t pmd)
{
	const pte_t *table = pte_offset(pmd, 0);

	for (u32 i = 0; i < PTRS_PER_PTE; i++) {
		pteval_t flags = table[i].value;

		/* A right must be granted at both levels. */
		if (flags & PTE_PRESENT)
			count_entry(pages, flags & (pmd.value | ~(pteval_t)(PTE_WRITE | PTE_USER)),
				    1);
	}
}

void protection_count(struct kernel_pages *pages)
{
	*pages = (struct kernel_pages){ 0 };
	for (vaddr_t address = PAGE_OFFSET; address; address += PMD_SIZE) {
		pmd_t pmd = *pmd_off(kernel_pgd, address);

		if (pmd_large(pmd))
			count_entry(pages, pmd.value, PTRS_PER_PTE);
		else if (pmd_table(pmd))
			count_table(pages, pmd);
	}
}

/* A Pentium Pro before model 3, stepping 3 has SEP without SYSENTER: SDM vol. 2B "SYSENTER". */
static bool has_sysenter(void)
{
	return cpu_has(CPU_SEP) &&
	       !(cpu.family == 6 && (cpu.model < 3 || (cpu.model == 3 && cpu.stepping < 3)));
}

void protection_close_gates(void)
{
	if (has_sysenter()) {
		wrmsr(MSR_SYSENTER_CS, 0);
		wrmsr(MSR_SYSENTER_ESP, 0);
		wrmsr(MSR_SYSENTER_EIP, 0);
	}
	if (cpu_has(CPU_SYSCALL) || cpu_has(CPU_LM))
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(u64)EFER_SCE);
}

void protection_enable(void)
{
	struct kernel_pages pages;
	u32 cr4 = read_cr4();

	write_cr0(read_cr0() | CR0_WP | CR0_AM);
	protection_close_gates();
	cr4 |= cpu_has(CPU_SMEP) ? CR4_SMEP : 0;
	cr4 |= cpu_has(CPU_SMAP) ? CR4_SMAP : 0;
	cr4 |= cpu_has(CPU_UMIP) ? CR4_UMIP : 0;
	/* A Pentium Pro has CR4, but unknown bits must stay clear. */
	if (cr4 != read_cr4())
		write_cr4(cr4);
	protection_count(&pages);
	BUG_ON(pages.user || !pages.read_only || (pte_nx && pages.writable_code));
	printk("protection: wp=1 smep=%d smap=%d umip=%d nx=%d read_only=%u writable=%u user=%u\n",
	       cpu_has(CPU_SMEP), cpu_has(CPU_SMAP), cpu_has(CPU_UMIP), pte_nx != 0,
	       pages.read_only, pages.writable, pages.user);
}
