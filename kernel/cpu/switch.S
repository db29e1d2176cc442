/* SPDX-License-Identifier: MIT */
/*
 * Switching stacks, and the first steps of a new task.
 *
 * The saved ESP of a task that does not run points at edi, esi, ebx, ebp and the return address.
 */
	.text

/* void switch_to(u32 *save_esp, u32 load_esp): returns when another task switches back. */
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

/*
 * A kernel task: the function and its argument are on the stack. If it returns, the task enters
 * ring 3 by the frame above (kernel/exec/exec.c).
 */
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
