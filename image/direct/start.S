/* SPDX-License-Identifier: MIT */
/*
 * The Multiboot header, and the first instructions. Source: Multiboot Specification 0.6.96, 3.1
 * and 3.2: 32-bit protected mode, flat segments, paging and interrupts off, EAX = magic, EBX =
 * information; ESP is undefined.
 */
#define HEADER_MAGIC 0x1badb002
#define HEADER_FLAGS 3 /* modules page aligned, and a memory map */

	.section .multiboot, "a", @progbits
	.balign 4
	.long	HEADER_MAGIC
	.long	HEADER_FLAGS
	.long	-(HEADER_MAGIC + HEADER_FLAGS)

	.text
	.globl	direct_start
direct_start:
	movl	$stack_top, %esp
	pushl	$2 /* EFLAGS: only the bit that is always set */
	popfl
	movl	%ebx, %edx
	call	direct_main

	.bss
	.balign 16
	.skip 8192
stack_top:
	.section .note.GNU-stack, "", @progbits
