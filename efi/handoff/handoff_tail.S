/* SPDX-License-Identifier: MIT */
/*
 * The end of both trampolines: 32-bit code, in a flat segment, with interrupts off.
 *
 * Entered with EBX = struct handoff, ESP = the loader's stack, and paging on in any mode (long
 * mode's, PAE) or off; the page of this code is mapped to itself. Leaves in the state that
 * abi/boot/boot_info.h promises. Position independent.
 *
 * Only here, with paging off, is memory written that the firmware's map calls free: firmware page
 * tables may lie in it. Source: Intel SDM vol. 3A, 4.1.2 (changing the paging mode), 9.8.5.4
 * (leaving IA-32e mode), 2.2.1 (EFER).
 */
#define CR0_PG		0x80000000
#define CR0_OURS	0x80010033 /* PG, WP, NE, ET, MP, PE */
#define CR4_PSE		0x10
#define MSR_EFER	0xc0000080
#define EFER_NOT_OURS	0x901 /* NXE, LME, SCE */
#define CPUID_EXTENDED	0x80000001
#define CPUID_HAS_EFER	0x20100800 /* EDX: long mode, NX, SYSCALL */
#define HANDOFF_MAGIC	0x74685750 /* BOOT_INFO_MAGIC; handoff.c checks it */

	.code32
handoff_tail:
	movw	$HANDOFF_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss

	movl	%cr0, %eax
	andl	$~CR0_PG, %eax
	movl	%eax, %cr0
	xorl	%eax, %eax
	movl	%eax, %cr4

	/* A Pentium III has no EFER, and returns arbitrary values for an extended leaf. */
	movl	%ebx, %ebp
	movl	$0x80000000, %eax
	cpuid
	cmpl	$CPUID_EXTENDED, %eax
	jb	1f
	cmpl	$0x8000ffff, %eax
	ja	1f
	movl	$CPUID_EXTENDED, %eax
	cpuid
	testl	$CPUID_HAS_EFER, %edx
	jz	1f
	movl	$MSR_EFER, %ecx
	rdmsr
	andl	$~EFER_NOT_OURS, %eax
	wrmsr
1:
	movl	%ebp, %ebx

	cld
	movl	HANDOFF_STAGED(%ebx), %esi
	movl	HANDOFF_PLACE(%ebx), %edi
	movl	HANDOFF_STAGED_WORDS(%ebx), %ecx
	rep movsl
	xorl	%eax, %eax
	movl	HANDOFF_BSS_WORDS(%ebx), %ecx
	rep stosl

	movl	$CR4_PSE, %eax
	movl	%eax, %cr4
	movl	HANDOFF_PAGE_DIRECTORY(%ebx), %eax
	movl	%eax, %cr3
	movl	$CR0_OURS, %eax
	movl	%eax, %cr0

	movl	HANDOFF_ENTRY(%ebx), %ecx
	movl	HANDOFF_BOOT_INFO(%ebx), %ebx
	movl	$HANDOFF_MAGIC, %eax
	jmp	*%ecx

	.globl	handoff_end
	.hidden	handoff_end
handoff_end:
	.section .note.GNU-stack, "", @progbits
