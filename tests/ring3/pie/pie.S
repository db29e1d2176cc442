/* SPDX-License-Identifier: MIT */
/*
 * A static PIE (ET_DYN): it runs wherever it is loaded. It needs no relocation, as it finds its
 * text by its own address; so it also checks that the entry point is where the file says.
 */
	.globl	_start
_start:
	call	1f
1:	popl	%esi
	movl	$4, %eax		/* write */
	movl	$1, %ebx
	leal	text - 1b(%esi), %ecx
	movl	$text_end - text, %edx
	int	$0x80
	movl	$1, %eax		/* exit */
	xorl	%ebx, %ebx
	int	$0x80

text:	.ascii	"1..1\nok 1 - a program that runs where it is loaded\n"
text_end:

	.section .note.GNU-stack, "", @progbits
