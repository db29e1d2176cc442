/* SPDX-License-Identifier: MIT */
/*
 * The kernel's first instructions. abi/boot/boot_info.h describes the machine's state.
 *
 *  (1) This code is first in the image, and the ENTRY of the link script.
 *  (2) The loader has zeroed .bss, as for every ELF file: the boot stack lies there.
 *  (3) C functions take their first three arguments in EAX, EDX, ECX (-mregparm=3), here and in
 *      all assembly of the kernel.
 *  (4) The page below the boot stack is empty, so that it can be unmapped as a guard.
 */
#include "kernel/cpu/cpu.h"

	.section .text.entry, "ax", @progbits
	.globl entry
	.type entry, @function
entry:
	movl $boot_stack_top, %esp
	pushl $2				/* EFLAGS: only the bit that is always set */
	popfl
	xorl %ebp, %ebp
	cmpl $ENTRY_MAGIC, %eax
	jne 1f
	movl %ebx, %eax
	call kernel_main
1:	call entry_magic_wrong
	.size entry, . - entry

	.section .bss.page_aligned, "aw", @nobits
	.balign 4096
	.globl boot_stack_guard, boot_stack, boot_stack_top
boot_stack_guard:
	.skip 4096
boot_stack:
	.skip 8192
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
