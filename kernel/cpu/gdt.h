/* SPDX-License-Identifier: MIT */
/*
 * Segments, task states and the interrupt descriptor table.
 *
 * Segments are flat (base 0, limit 4 GiB); what protects is paging. The selectors are those of
 * Linux 2.4, and of a 32-bit program under a 64-bit Linux: a program that prints its CS sees the
 * same number on both.
 *
 * Sources: Intel SDM vol. 3A 3.4.5 (segment descriptors), 6.11 (IDT descriptors), 7.2.1 (32-bit
 * TSS).
 */
#ifndef KERNEL_CPU_GDT_H
#define KERNEL_CPU_GDT_H

#define KERNEL_CS	      0x10
#define KERNEL_DS	      0x18
#define USER_CS		      0x23
#define USER_DS		      0x2b
#define TSS_SELECTOR	      0x30
#define DOUBLE_FAULT_SELECTOR 0x38

/* The entries that a program sets for its threads' own data: three, from this one on. */
#define GDT_ENTRY_TLS_MIN 12
#define GDT_TLS_ENTRIES	  3

#ifndef __ASSEMBLER__

#include "lib/types.h"

/*
 * Loads the kernel's own GDT, segment registers and task register. Once, interrupts off, before
 * idt_init().
 */
void gdt_init(void);

/* Fills and loads the IDT: all 256 vectors are answered from here on. Once, after gdt_init(). */
void idt_init(void);

/*
 * The stack that the processor takes on the way from ring 3 to ring 0: top is its first byte above.
 * Every task switch calls this. Interrupts may be on if the running task never returns to ring 3 in
 * between.
 */
void tss_set_kernel_stack(void *top);

/*
 * The task's descriptors for its own data. FS and GS are emptied: the values that ring 3 had in them are on the kernel stack, and are loaded
 * on the way back.
 */
void gdt_set_tls(const u64 tls[GDT_TLS_ENTRIES]);

/*
 * entry.S: the stack of the boot and of the idle task, with a page below it that nothing uses. Page
 * aligned.
 */
extern char boot_stack_guard[], boot_stack[], boot_stack_top[];

/* The page directory of the double-fault task (its physical address). Called by mmu_set_root(). */
void tss_set_root(u32 page_directory);

#endif /* __ASSEMBLER__ */
#endif
