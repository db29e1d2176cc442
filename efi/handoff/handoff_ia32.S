/* SPDX-License-Identifier: MIT */
/*
 * The trampoline of the 32-bit loader. handoff.c copies [handoff_start, handoff_end) to low memory
 * and calls it there as a System V function of one argument, struct handoff *. Position
 * independent. The firmware may have paging on, with PAE or without, or off: the tail handles all.
 * */
#include "efi/handoff/handoff.h"

#define CR4_CET 0x800000

	.text
	.code32
	.globl	handoff_start
	.hidden	handoff_start
handoff_start:
	cli
	movl	4(%esp), %ebx
	lgdt	HANDOFF_GDTR(%ebx)
	lidt	HANDOFF_IDTR(%ebx)
	movl	HANDOFF_STACK(%ebx), %esp
	/* Shadow stacks off before the first return on our stack. CR4 exists since the Pentium. */
	movl	%cr4, %eax
	andl	$~CR4_CET, %eax
	movl	%eax, %cr4
	call	1f
1:
	popl	%eax
	addl	$handoff_tail - 1b, %eax
	pushl	$HANDOFF_CODE
	pushl	%eax
	lretl

#include "efi/handoff/handoff_tail.S"
