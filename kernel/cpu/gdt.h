/* SPDX-License-Identifier: MIT */
/*
 * Segments, task states and the interrupt descriptor table.
 *
 * Segments are flat (base 0, limit 4 GiB); paging protects. The selectors are those of Linux 2.4,
 * and of a 32-bit program on a 64-bit Linux: a program sees the same CS on both.
 *
 * Sources: Intel SDM vol. 3A 3.4.5 (segment descriptors), 6.11 (IDT descriptors), 7.2.1 (TSS).
 */
#ifndef KERNEL_CPU_GDT_H
#define KERNEL_CPU_GDT_H

#define KERNEL_CS	      0x10
#define KERNEL_DS	      0x18
#define USER_CS		      0x23
#define USER_DS		      0x2b
#define TSS_SELECTOR	      0x30
#define DOUBLE_FAULT_SELECTOR 0x38
#define LDT_SELECTOR	      0x40

/* The three descriptors that set_thread_area(2) sets start at this entry. */
#define GDT_ENTRY_TLS_MIN 12
#define GDT_TLS_ENTRIES	  3

#ifndef __ASSEMBLER__

#include "lib/types.h"

/* Loads the GDT, segment registers and task register. Once, interrupts off, before idt_init(). */
void gdt_init(void);

/*
 * Fills and loads the IDT: from here on all 256 vectors have a handler. Once, after gdt_init().
 */
void idt_init(void);

/*
 * Sets the stack that the processor loads on entry from ring 3; top is the first byte above it.
 * Every task switch calls this. Interrupts may be on if the running task does not return to ring
 * 3 before the switch is complete.
 */
void tss_set_kernel_stack(void *top);

/*
 * Loads the task's thread-local descriptors, and the null selector into FS and GS. Ring 3's
 * values of FS and GS are on the kernel stack and are loaded on return.
 */
void gdt_set_tls(const u64 tls[GDT_TLS_ENTRIES]);

/*
 * Loads a table of descriptors for selectors with bit 2, or none (NULL), and the null selector
 * into FS and GS as gdt_set_tls(). The table stays while it is loaded.
 */
void gdt_set_ldt(const u64 *entries, u32 count);

/*
 * entry.S: the stack of the boot and of the idle task, with an unused page below. Page aligned.
 */
extern char boot_stack_guard[], boot_stack[], boot_stack_top[];

/*
 * Sets the page directory (physical address) of the double-fault task. mmu_set_root() calls it.
 */
void tss_set_root(u32 page_directory);

#endif /* __ASSEMBLER__ */
#endif
