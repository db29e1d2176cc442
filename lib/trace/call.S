/* SPDX-License-Identifier: MIT */
/*
 * Calls a function for a place of lib/trace/trace.h and changes no register.
 *
 *     on the stack: the return address, the function, its three arguments (regparm: EAX, EDX, ECX)
 */
	.text
	.globl trace_call
	.type trace_call, @function
trace_call:
	pushl %eax
	pushl %ecx
	pushl %edx
	movl 20(%esp), %eax
	movl 24(%esp), %edx
	movl 28(%esp), %ecx
	call *16(%esp)
	popl %edx
	popl %ecx
	popl %eax
	ret $16
	.size trace_call, . - trace_call

	.section .note.GNU-stack, "", @progbits
