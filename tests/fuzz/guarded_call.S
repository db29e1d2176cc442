/* SPDX-License-Identifier: MIT */
/*
 * long guarded_call(long number, long a, long b, long c, long d, long e, long f)
 *
 * system_call() of workers (call_rounds.h). It checks the registers that the kernel will see, not
 * memory that another thread may change in between. Every call that names a process has it in ebx;
 * tgkill() has its group there.
 */
#include "tests/fuzz/call_rounds.h"

#define NR_kill 37

	.text
	.globl	guarded_call
	.type	guarded_call, @function
guarded_call:
	pushl	%ebp
	pushl	%edi
	pushl	%esi
	pushl	%ebx
	movl	20(%esp), %eax
	movl	24(%esp), %ebx
	movl	28(%esp), %ecx
	movl	32(%esp), %edx
	movl	36(%esp), %esi
	movl	40(%esp), %edi
	movl	44(%esp), %ebp
	cmpl	$SUPERVISOR, %ebx
	je	1f
	cmpl	$NR_kill, %eax
	jne	2f
	testl	%ebx, %ebx
	jg	2f
1:	xorl	%eax, %eax
	jmp	3f
2:	int	$0x80
3:	popl	%ebx
	popl	%esi
	popl	%edi
	popl	%ebp
	ret
	.size	guarded_call, . - guarded_call

	.section .note.GNU-stack, "", @progbits
