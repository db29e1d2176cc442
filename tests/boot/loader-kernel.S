/* SPDX-License-Identifier: MIT */
/*
 * The entry point of the test kernel: pushes the state that the loader left as struct entry_state
 * of loader-kernel.c.
 */
	.text
	.globl	_start
_start:
	pushfl
	pushl	%ds
	pushl	%ss
	pushl	%cs
	pushl	%ebx
	pushl	%eax
	movl	%cr4, %eax
	pushl	%eax
	movl	%cr0, %eax
	pushl	%eax
	movl	%esp, %eax
	movl	$stack_top, %esp
	pushl	%eax
	call	test_kernel_main
1:
	hlt
	jmp	1b

	.bss
	.balign	16
	.space	16384
stack_top:
	.section .note.GNU-stack, "", @progbits
