/* SPDX-License-Identifier: MIT */
/*
 * u32 user_copy(void *to, const void *from, u32 bytes): copies. Returns the number of bytes not
 * copied, if a fault could not be resolved.
 *
 * Copies words, then bytes. At a fault ECX holds the words or bytes that remain.
 */
#include "kernel/cpu/smap.h"

	.text
	.globl user_copy
	.type user_copy, @function
user_copy:
	pushl %esi
	pushl %edi
	movl %eax, %edi
	movl %edx, %esi
	movl %ecx, %eax
	andl $3, %eax
	shrl $2, %ecx
	SMAP_SITE(SMAP_STAC)
1:	rep movsl
	movl %eax, %ecx
2:	rep movsb
3:	SMAP_SITE(SMAP_CLAC)
	movl %ecx, %eax
	popl %edi
	popl %esi
	ret
4:	leal (%eax, %ecx, 4), %ecx
	jmp 3b
	.size user_copy, . - user_copy

	.section __ex_table, "a", @progbits
	.balign 4
	.long 1b, 4b
	.long 2b, 3b

	.section .note.GNU-stack, "", @progbits
