/* SPDX-License-Identifier: MIT */
/*
 * Protection of ring 0 and ring 3 from each other, beyond the rights of pages.
 *
 *     CR0.WP    ring 0 cannot write to read-only pages: constants, and copy-on-write pages
 *     NX        data cannot be executed: with PAE, if the processor has it (cpu_enable_nx())
 *     SMEP      ring 0 cannot execute user pages
 *     SMAP      ring 0 can access user pages only between STAC and CLAC (kernel/cpu/smap.h)
 *     UMIP      ring 3 cannot read the addresses of the kernel's tables
 *     CR0.AM    a misaligned access is SIGBUS if the program sets EFLAGS.AC, as on Linux
 *
 * Firmware may leave two more ways into ring 0 open: SYSENTER and SYSCALL, with their entry
 * address in a model-specific register. They are closed; int 0x80 is the only way in.
 *
 * Source: Intel SDM vol. 3A 2.5 (the bits), 4.6 (access rights).
 */
#ifndef KERNEL_CPU_PROTECTION_H
#define KERNEL_CPU_PROTECTION_H

#include "lib/types.h"

/*
 * Writes STAC and CLAC to their sites, if the processor has them. Once, after cpu_init(), while
 * the kernel's text is writable; interrupts off.
 */
void protection_patch(void);

/*
 * Enables what the processor has, and prints the line `protection: ...`. Once, when the kernel's
 * own page tables are in use: the loader's may let ring 3 in.
 */
void protection_enable(void);

/* Makes SYSENTER raise #GP and SYSCALL #UD, if they exist. Part of protection_enable(). */
void protection_close_gates(void);

/* Counts of pages of the kernel half, by their rights. */
struct kernel_pages {
	u32 read_only, writable;
	u32 writable_code; /* that can be executed too: with NX none, without it all */
	u32 user;	   /* of these, reachable from ring 3: none */
};

void protection_count(struct kernel_pages *pages);

#endif
