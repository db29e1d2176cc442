/* SPDX-License-Identifier: MIT */
/*
 * The way into a probe and out of it (tests/kernel/probe.h).
 *
 *   probe_enter() --- jmp or iret ---> probe_code ---+--- int PROBE_VECTOR ---> probe_done
 *                                                    \--- page fault ---------> probe_fault
 *
 * Both ways out drop the stack, load the one of probe_enter() and return to its caller.
 */
#include "kernel/cpu/gdt.h"
#include "tests/kernel/probe.h"

	.text

/*
 * u32 probe_enter(void): interrupts are off, the probe's IDT is loaded, and probe_order is filled
 * in. Returns the value that the access read.
 */
	.globl probe_enter
	.type probe_enter, @function
probe_enter:
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	pushfl
	movl %esp, probe_esp
	movl probe_order + PROBE_ADDRESS, %eax
	movl probe_order + PROBE_VALUE, %ecx
	movl probe_order + PROBE_ENTRY, %ebx
	cmpl $0, probe_order + PROBE_RING3
	jne 1f
	pushfl
	popl %edx
	orl probe_order + PROBE_FLAGS, %edx
	pushl %edx
	popfl
	jmp *%ebx
1:	movl $USER_DS, %edx
	movl %edx, %ds
	movl %edx, %es
	pushl $USER_DS
	pushl $0				/* no stack */
	pushl $2				/* EFLAGS: interrupts stay off */
	pushl $USER_CS
	pushl %ebx
	iret

	.globl probe_fault
	.type probe_fault, @function
probe_fault:
	popl probe_error_code
	movl $1, probe_faulted
	movl %cr2, %eax
	.globl probe_done
	.type probe_done, @function
probe_done:
	movl $KERNEL_DS, %edx
	movl %edx, %ds
	movl %edx, %es
	movl probe_esp, %esp
	popfl
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	ret
	.size probe_enter, . - probe_enter

/*
 * The accesses. EAX: the address, ECX: the value. They run here, or from a copy in a page of
 * ring 3.
 */
	.globl probe_code, probe_code_end, probe_code_read, probe_code_write, probe_code_jump
	.type probe_code, @function
probe_code:
	int $PROBE_VECTOR
probe_code_read:
	movl (%eax), %eax
	int $PROBE_VECTOR
probe_code_write:
	movl %ecx, (%eax)
	int $PROBE_VECTOR
probe_code_jump:
	jmp *%eax
probe_code_end:
	.size probe_code, . - probe_code

	.section .note.GNU-stack, "", @progbits
