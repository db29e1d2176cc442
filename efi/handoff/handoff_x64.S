/* SPDX-License-Identifier: MIT */
/*
 * The trampoline of the 64-bit loader: out of long mode. handoff.c copies [handoff_start,
 * handoff_end) to low memory and calls it there as a System V function of one argument, struct
 * handoff *, below 4 GiB. Position independent.
 *
 * CR4 is reduced while still in long mode: clearing PG with PCIDE set is a #GP, and so is clearing
 * PAE or changing LA57 in long mode (Intel SDM vol. 3A, 2.5).
 */
#include "efi/handoff/handoff.h"

#define CR4_STAY 0x1030 /* LA57, PAE, PSE */

	.text
	.code64
	.globl	handoff_start
	.hidden	handoff_start
handoff_start:
	cli
	movl	%edi, %ebx
	lgdt	HANDOFF_GDTR(%rbx)
	lidt	HANDOFF_IDTR(%rbx)
	movl	HANDOFF_STACK(%rbx), %esp
	movq	%cr4, %rax
	andl	$CR4_STAY, %eax
	movq	%rax, %cr4
	leaq	handoff_tail(%rip), %rax
	pushq	$HANDOFF_CODE
	pushq	%rax
	lretq

#include "efi/handoff/handoff_tail.S"
