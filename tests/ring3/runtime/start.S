/* SPDX-License-Identifier: MIT */
/*
 * The first instructions of every ring-3 program, and its one way into the kernel.
 *
 * At entry the stack is the one of the System V ABI for i386, "Process Initialization":
 *
 *	esp -> argc | argv[0..argc-1] | 0 | envp[..] | 0 | auxv pairs | 0 0 | strings
 *
 * Linux gives zeroes in all general registers, and its "flags" are 0x202; abi.c holds a kernel to
 * that, so the state is kept before anything changes it.
 */
	.text

	.globl	_start
	.type	_start, @function
_start:
	movl	%esp, start_stack
	movl	%eax, start_registers
	movl	%ebx, start_registers + 4
	movl	%ecx, start_registers + 8
	movl	%edx, start_registers + 12
	movl	%esi, start_registers + 16
	movl	%edi, start_registers + 20
	movl	%ebp, start_registers + 24
	pushfl
	popl	start_flags

	movl	start_stack, %esi
	movl	(%esi), %eax			/* argc */
	leal	4(%esi), %ecx			/* argv */
	leal	8(%esi, %eax, 4), %edx		/* envp, after argv's null pointer */
	movl	%edx, start_environment

	xorl	%ebp, %ebp			/* a back-trace ends here */
	andl	$-16, %esp
	subl	$4, %esp
	pushl	%edx
	pushl	%ecx
	pushl	%eax				/* esp is aligned to 16 at the call */
	call	main

	movl	%eax, %ebx
	movl	$252, %eax			/* exit_group */
	int	$0x80
	ud2
	.size	_start, . - _start

/*
 * long system_call(long number, long a, long b, long c, long d, long e, long f)
 *
 * The i386 convention: number in eax, arguments in ebx, ecx, edx, esi, edi, ebp; result or -errno
 * in eax.
 */
	.globl	system_call
	.type	system_call, @function
system_call:
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
	int	$0x80
	popl	%ebx
	popl	%esi
	popl	%edi
	popl	%ebp
	ret
	.size	system_call, . - system_call

	.bss
	.balign	4
	.globl	start_stack, start_environment, start_flags, start_registers
start_stack:
	.skip	4
start_environment:
	.skip	4
start_flags:
	.skip	4
start_registers:
	.skip	28

	.section .note.GNU-stack, "", @progbits
