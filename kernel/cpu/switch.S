/* SPDX-License-Identifier: MIT */
/*
 * Switching stacks, and the first steps of a new task.
 *
 * A task that does not run has, at its saved ESP: edi, esi, ebx, ebp, and the address where it goes on.
 */
	.text

/* void switch_to(u32 *save_esp, u32 load_esp): the call returns when somebody switches back. */
	.globl switch_to
	.type switch_to, @function
switch_to:
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	movl %esp, (%eax)
	movl %edx, %esp
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	ret
	.size switch_to, . - switch_to

/* A kernel task: the function and its argument are on the stack. If it returns, the way to ring 3 is laid (kernel/exec/exec.c). */
	.globl kernel_task_start
	.type kernel_task_start, @function
kernel_task_start:
	sti
	popl %edx
	popl %eax
	call *%edx
	jmp trap_return
	.size kernel_task_start, . - kernel_task_start

	.section .note.GNU-stack, "", @progbits
