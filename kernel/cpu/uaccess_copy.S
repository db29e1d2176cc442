/* SPDX-License-Identifier: MIT */
/*
 * The instructions that access a program's memory. The exception table lists each of them: after
 * a fault that could not be resolved the copy goes on, or ends, at its other address.
 *
 * Both copy words, then bytes. A word may cross into a page that is not there. So after a fault
 * the bytes of the word before that page are copied too. The page itself is not tried again.
 */
#include "abi/linux/errno.h"
#include "kernel/cpu/smap.h"

#define TASK_SIZE 0xc0000000 /* paging/layout.h */

/* The bytes from the address in \register to the end of its page; jumps if a word fits there. */
	.macro BYTES_OF_PAGE register, fits
	negl \register
	andl $4095, \register
	cmpl $4, \register
	jae \fits
	.endm

	.text

/*
 * u32 user_copy(void *to, const void *from, u32 bytes): returns the number of bytes not copied.
 */
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
4:	leal (%eax, %ecx, 4), %ecx		/* the bytes that are left */
	movl %esi, %eax
	cmpl $TASK_SIZE, %esi
	jb 5f
	movl %edi, %eax
5:	BYTES_OF_PAGE %eax, 3b
	subl %eax, %ecx
	pushl %ecx
	movl %eax, %ecx
6:	rep movsb
7:	popl %eax
	addl %eax, %ecx
	jmp 3b
	.size user_copy, . - user_copy

	.pushsection __ex_table, "a", @progbits
	.balign 4
	.long 1b, 4b
	.long 2b, 3b
	.long 6b, 7b
	.popsection

/*
 * int user_string(char *to, const char *from, u32 size): copies a string with its NUL, and up to
 * three bytes after it. Returns its length; `size` if the first `size` bytes have no NUL; or
 * -EFAULT.
 *
 * A word has a zero byte if and only if (word - 0x01010101) & ~word & 0x80808080 is not 0; the
 * lowest bit that is set is that of its first zero byte (Hacker's Delight, 6-1). Without ~word it
 * is not 0 for bytes above 0x80 too, which are rare.
 */
	.globl user_string
	.type user_string, @function
	.balign 16
user_string:
	pushl %ebx
	pushl %esi
	pushl %edi
	pushl %ecx				/* the size */
	movl %eax, %ebx				/* the start of the copy */
	movl %eax, %edi
	movl %edx, %esi
	SMAP_SITE(SMAP_STAC)
	shrl $2, %ecx
	jz .Lbytes
1:	lodsl
	stosl
	leal -0x01010101(%eax), %edx
	andl $0x80808080, %edx
	jnz .Lperhaps
.Lnext:	decl %ecx
	jnz 1b

.Lbytes: movl %ebx, %ecx			/* those behind the words */
	addl (%esp), %ecx
	subl %edi, %ecx
	jz .Lno_end
2:	lodsb
	stosb
	testb %al, %al
	jz .Lend
	decl %ecx
	jnz 2b
.Lno_end: movl (%esp), %eax
	jmp .Lreturn

.Lperhaps: notl %eax
	andl %eax, %edx
	jz .Lnext
	bsfl %edx, %edx
	shrl $3, %edx
	leal -3(%edi, %edx), %edi		/* behind the NUL */
.Lend:	leal -1(%edi), %eax
	subl %ebx, %eax
.Lreturn: SMAP_SITE(SMAP_CLAC)
	popl %ecx
	popl %edi
	popl %esi
	popl %ebx
	ret

	/* A word crosses into a bad page: the string may end before it. */
3:	movl %esi, %ecx
	BYTES_OF_PAGE %ecx, 5f
	jecxz 5f
4:	lodsb
	stosb
	testb %al, %al
	jz .Lend
	decl %ecx
	jnz 4b
5:	movl $-EFAULT, %eax
	jmp .Lreturn
	.size user_string, . - user_string

	.section __ex_table, "a", @progbits
	.balign 4
	.long 1b, 3b
	.long 2b, 5b
	.long 4b, 5b

	.section .note.GNU-stack, "", @progbits
