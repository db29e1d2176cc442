/* SPDX-License-Identifier: MIT */
/*
 * The way into the kernel and back. kernel/cpu/trap.h has the picture of the frame.
 *
 *  (1) C code runs with the direction flag clear, user memory closed (EFLAGS.AC clear if there is
 *      SMAP: a program can set it), and kernel data segments. The kernel uses neither FS nor GS;
 *      they are the program's or null. Their descriptors do not change while they are loaded
 *      (gdt_set_tls()).
 *  (2) After the last look at return_work, which found 0, interrupts stay off until ring 3 runs.
 *  (3) A program can write anything into the frame that it returns by (a signal handler changes
 *      it). So the loads of segment registers and iret may fault in ring 0. The exception table
 *      sends these faults to code below, which repairs the frame and, for iret, passes the fault
 *      to the program.
 */
#include "kernel/cpu/gdt.h"
#include "kernel/cpu/smap.h"
#include "kernel/cpu/trap.h"

#define VECTOR_GENERAL_PROTECTION 13

	.text

/* Jumps if the frame at ESP is of a trap from ring 3, as user_mode() says. Clobbers EAX. */
	.macro JUMP_USER target
	movl PT_EFLAGS(%esp), %eax
	movb PT_CS(%esp), %al
	testl $(EFLAGS_VM | CS_RING), %eax
	jnz \target
	.endm

/* A call that goes to another function if its events are traced (kernel/trace/sites.c). */
	.macro CALL_TRACED function, kind
661:	call \function
	.pushsection __trace_sites, "a", @progbits
	.balign 4
	.long 661b - ., \function\()_traced - ., \kind
	.popsection
	.endm

/* The lower part of the frame, and (1). */
	.macro SAVE_REGISTERS
	pushl %fs
	pushl %es
	pushl %ds
	pushl %eax
	pushl %ebp
	pushl %edi
	pushl %esi
	pushl %edx
	pushl %ecx
	pushl %ebx
	cld
	SMAP_SITE(SMAP_CLAC)
	.endm

/* One stub a vector: pushes an error code if the processor did not, then the vector for GS. */
	.globl trap_stubs
	.type trap_stubs, @function
	.balign TRAP_STUB_SIZE
trap_stubs:
	.set .Lvector, 0
	.rept 256
	.balign TRAP_STUB_SIZE
	.if .Lvector != 8 && (.Lvector < 10 || .Lvector > 14) && .Lvector != 17 && \
		.Lvector != 21 && .Lvector != 29 && .Lvector != 30
	pushl $0
	.endif
	pushl $.Lvector
	jmp trap_common
	.set .Lvector, .Lvector + 1
	.endr
	.balign TRAP_STUB_SIZE
	.size trap_stubs, . - trap_stubs

	.type trap_common, @function
trap_common:
	SAVE_REGISTERS
	movl $KERNEL_DS, %ecx
	movl %ecx, %ds
	movl %ecx, %es
trap_saved:
	movl %esp, %ebx
	movl PT_GS(%ebx), %edx			/* the vector */
	movl PT_ORIG_EAX(%ebx), %ecx		/* the error code */
	movl %gs, %eax
	movl %eax, PT_GS(%ebx)
	movl $-1, PT_ORIG_EAX(%ebx)

	/* A frame as if the interrupted instruction had called this code: for the call trace. */
	pushl PT_EIP(%ebx)
	pushl %ebp
	movl %esp, %ebp

	movl %ebx, %eax				/* the frame, the vector, the error code */
	CALL_TRACED trap_dispatch, TRACE_CALL_TRAP
	movl %ebx, %esp
	JUMP_USER trap_return_user
	jmp restore
	.size trap_common, . - trap_common

/*
 * A page fault, the most frequent exception. One of ring 3 goes straight to its handler: it saves
 * a sixth of what a fault costs besides clearing its page. All others take the common way.
 */
	.globl page_fault_entry
	.type page_fault_entry, @function
	.balign 16
page_fault_entry:
	pushl %gs
	SAVE_REGISTERS
	movl $KERNEL_DS, %edx
	movl %edx, %ds
	movl %edx, %es
	testb $CS_RING, PT_CS(%esp)
	jz 1f
	testl $EFLAGS_VM, PT_EFLAGS(%esp)
	jnz 1f
	movl PT_ORIG_EAX(%esp), %edx		/* the error code */
	movl $-1, PT_ORIG_EAX(%esp)
	movl %cr2, %ecx
	sti
	xorl %ebp, %ebp				/* a call trace ends here */
	movl %esp, %eax
	CALL_TRACED do_page_fault, TRACE_CALL_TRAP
	jmp trap_return_user
1:	movl $VECTOR_PAGE_FAULT, PT_GS(%esp)
	jmp trap_saved
	.size page_fault_entry, . - page_fault_entry

/* int 0x80: as few instructions as a full frame allows. Interrupts stay on (trap gate). */
	.globl syscall_entry
	.type syscall_entry, @function
	.balign 16
syscall_entry:
	pushl %eax
	pushl %gs
	SAVE_REGISTERS
	movl $KERNEL_DS, %edx
	movl %edx, %ds
	movl %edx, %es
	xorl %ebp, %ebp				/* a call trace ends here */
	movl %esp, %eax
	CALL_TRACED do_syscall, TRACE_CALL_SYSCALL

trap_return_user:
	cli
	cmpl $0, return_work
	.globl return_to_user_site
return_to_user_site:				/* sched=: goes to return_to_order */
	jne return_to_work
restore:
	popl %ebx
	popl %ecx
	popl %edx
	popl %esi
	popl %edi
	popl %ebp
	popl %eax
1:	popl %ds
2:	popl %es
3:	popl %fs
4:	popl %gs
	addl $4, %esp
5:	iret
	.size syscall_entry, . - syscall_entry

	.globl trap_return
	.type trap_return, @function
trap_return:
	JUMP_USER trap_return_user
	cli
	jmp restore
	.size trap_return, . - trap_return

	.type return_to_work, @function
return_to_work:
	sti
	xorl %ebp, %ebp
	movl %esp, %eax
	call do_return_work
	jmp trap_return_user
	.size return_to_work, . - return_to_work

/* The same with the option sched=, also without work: another task may be chosen. */
	.globl return_to_order
	.type return_to_order, @function
return_to_order:
	sti
	xorl %ebp, %ebp
	movl %esp, %eax
	call order_return
	cli
	cmpl $0, return_work			/* an interrupt after order_return() */
	jne return_to_order
	jmp restore
	.size return_to_order, . - return_to_order

/* (3). A bad selector becomes the null selector, which every data segment register accepts. */
	.type restore_fault, @function
restore_fault:
11:	movl $0, (%esp)
	jmp 1b
12:	movl $0, (%esp)
	jmp 2b
13:	movl $0, (%esp)
	jmp 3b
14:	movl $0, (%esp)
	jmp 4b
	/* ESP is at the frame that iret refused: make it one of ring 3 and raise its fault. */
15:	movl $USER_CS, 4(%esp)
	movl $USER_DS, 16(%esp)
	pushl $0
	pushl $VECTOR_GENERAL_PROTECTION
	jmp trap_common
	.size restore_fault, . - restore_fault

	.section __ex_table, "a", @progbits
	.balign 4
	.long 1b, 11b
	.long 2b, 12b
	.long 3b, 13b
	.long 4b, 14b
	.long 5b, 15b

	.section .note.GNU-stack, "", @progbits
