/* SPDX-License-Identifier: MIT */
/*
 * What keeps ring 0 and ring 3 out of each other's memory, beyond the rights of pages.
 *
 *     CR0.WP    ring 0 cannot write to what is read-only: constants, and pages shared on write
 *     SMEP      ring 0 cannot execute ring 3's pages
 *     SMAP      ring 0 cannot touch ring 3's pages but between STAC and CLAC (kernel/cpu/smap.h)
 *     UMIP      ring 3 cannot ask where the kernel's tables lie
 *     CR0.AM    a misaligned access of a program that sets EFLAGS.AC is SIGBUS, as on Linux
 *
 * And two gates are closed that firmware may have left open: SYSENTER and SYSCALL, which go to ring 0 at an address in a
 * model specific register. int 0x80 is the only way in.
 *
 * Source: Intel SDM vol. 3A 2.5 (the bits), 4.6 (what they forbid).
 */
#ifndef KERNEL_PROCESS_PROTECTION_H
#define KERNEL_PROCESS_PROTECTION_H

#include "lib/types.h"

/*
 * Writes STAC and CLAC to their places, where the processor has them. Once, after cpu_init(), while
 * the kernel's text can still be written; interrupts off.
 */
void protection_patch(void);

/*
 * Switches on what the processor has, and prints the line `protection: ...`. Once, when the kernel's
 * own page tables are in use: those of the loader may let ring 3 in.
 */
void protection_enable(void);

/* SYSENTER becomes #GP and SYSCALL #UD, where the processor has them. A part of protection_enable(). */
void protection_close_gates(void);

/* Pages of the kernel half, by what may be done with them. */
struct kernel_pages {
	u32 read_only, writable;
	u32 user; /* of these, pages that ring 3 could reach: none */
};

void protection_count(struct kernel_pages *pages);

/*
 * The current program asks for the rights `prot` (PROT_*) on [start, start + bytes), and gets them:
 * prints the line `wx: ...` if it could then write what it executes, the first time that it does so.
 */
void protection_note(u32 prot, vaddr_t start, u32 bytes);

#endif
