/* SPDX-License-Identifier: MIT */
/*
 * The calls that return twice on one stack or on two, so that C can't make them: the child calls a
 * function, and its result is the child's exit status.
 */
#define NR_exit	 1
#define NR_clone 120
#define NR_vfork 190

	.text

/*
 * long clone_call(u32 flags, void *stack_top, int *parent_tid, void *tls, int *child_tid,
 *		   int (*function)(void *argument), void *argument)
 *
 * stack_top is 16 bytes aligned, or NULL: the child has a copy of this stack (no CLONE_VM).
 */
	.globl	clone_call
	.type	clone_call, @function
clone_call:
	pushl	%ebp
	pushl	%edi
	pushl	%esi
	pushl	%ebx
	movl	20(%esp), %ebx
	movl	24(%esp), %ecx
	movl	28(%esp), %edx
	movl	32(%esp), %esi
	movl	36(%esp), %edi
	movl	40(%esp), %ebp			/* the function: the child has our registers */
	movl	44(%esp), %eax
	testl	%ecx, %ecx
	jz	1f
	subl	$16, %ecx
	movl	%eax, (%ecx)
	jmp	2f
1:	leal	44(%esp), %ecx
2:	movl	$NR_clone, %eax
	int	$0x80
	testl	%eax, %eax
	jz	call_function
	popl	%ebx
	popl	%esi
	popl	%edi
	popl	%ebp
	ret

call_function:					/* the argument is at (%esp) */
	call	*%ebp
	movl	%eax, %ebx
	movl	$NR_exit, %eax
	int	$0x80
	ud2
	.size	clone_call, . - clone_call

/* long vfork_call(int (*function)(void *argument), void *argument) */
	.globl	vfork_call
	.type	vfork_call, @function
vfork_call:
	movl	$NR_vfork, %eax
	int	$0x80
	testl	%eax, %eax
	jz	1f
	ret
1:	movl	4(%esp), %ebp
	pushl	8(%esp)				/* below what the parent goes on with */
	jmp	call_function
	.size	vfork_call, . - vfork_call

	.section .note.GNU-stack, "", @progbits
