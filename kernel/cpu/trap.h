/* SPDX-License-Identifier: MIT */
/*
 * The way into the kernel and back: the frame that it leaves on the kernel stack, and what the two
 * halves of kernel/ ask of each other.
 *
 *     high    ss, esp        only if the trap came from ring 3
 *             eflags, cs, eip
 *             orig_eax       number of the system call, or -1: the trap was none
 *             gs, fs, es, ds
 *             eax, ebp, edi, esi, edx, ecx
 *     low     ebx            <- struct pt_regs *
 */
#ifndef KERNEL_CPU_TRAP_H
#define KERNEL_CPU_TRAP_H

#define PT_GS	    40
#define PT_ORIG_EAX 44
#define PT_EIP	    48
#define PT_CS	    52
#define PT_EFLAGS   56

/* In the frame: ring 3's code segment, or virtual 8086 mode, whose segment registers say nothing of rings. */
#define EFLAGS_IOPL 0x00003000
#define EFLAGS_NT   0x00004000
#define EFLAGS_VM   0x00020000
#define CS_RING	    3

#define TRAP_STUB_SIZE 16

#define VECTOR_PAGE_FAULT 14

/*
 * Vectors of the interrupts. The 8259s get sixteen; spurious ends in 0xf, as a P6's local APIC
 * wants it.
 */
#define VECTOR_PIC	      0x20
#define VECTOR_LAPIC_TIMER    0xef
#define VECTOR_LAPIC_ERROR    0xfe
#define VECTOR_LAPIC_SPURIOUS 0xff

#ifndef __ASSEMBLER__

#include "lib/types.h"

/*
 * Linux's order (i386, asm/ptrace.h). A segment register is 16 bits: the processor may leave the
 * upper half of its word as it was, so compare the lower half only.
 */
struct pt_regs {
	u32 ebx, ecx, edx, esi, edi, ebp, eax;
	u32 ds, es, fs, gs;
	u32 orig_eax;
	u32 eip, cs, eflags;
	u32 esp, ss; /* of ring 3; not there, and not to be read, if the trap came from ring 0 */
};
_Static_assert(offsetof(struct pt_regs, gs) == PT_GS, "trap_entry.S");
_Static_assert(offsetof(struct pt_regs, orig_eax) == PT_ORIG_EAX, "trap_entry.S");
_Static_assert(offsetof(struct pt_regs, eip) == PT_EIP, "trap_entry.S");
_Static_assert(offsetof(struct pt_regs, cs) == PT_CS, "trap_entry.S");
_Static_assert(offsetof(struct pt_regs, eflags) == PT_EFLAGS, "trap_entry.S");

/* NMIs so far. */
extern volatile u32 nmi_count;

/* Did the trap come from ring 3? trap_entry.S asks the same (JUMP_USER). */
static inline bool user_mode(const struct pt_regs *regs)
{
	return (regs->cs & CS_RING) == CS_RING || regs->eflags & EFLAGS_VM;
}

/*
 * trap_entry.S: 256 entries of TRAP_STUB_SIZE bytes, and int 0x80's own. Not to be called from C.
 */
extern char trap_stubs[];
extern char syscall_entry[];

/*
 * Where a new task begins: with ESP at a struct pt_regs, it is loaded and left for. To ring 3,
 * after return_work has been seen to; to ring 0 directly. Not to be called from C.
 */
extern char trap_return[];

#define VECTOR_PROTECTION 13

/* All traps but int 0x80, from trap_entry.S: the processor's vector, and its error code or 0. */
void trap_dispatch(struct pt_regs *regs, u32 vector, u32 error_code);

/* What the rooms above supply. */

/*
 * int 0x80: number in orig_eax and eax, arguments in ebx ecx edx esi edi ebp; result to eax.
 * Interrupts on.
 */
void do_syscall(struct pt_regs *regs);

/*
 * A page fault from ring 3 or 0; error_code is the processor's. Interrupts as the interrupted code
 * had them.
 */
void do_page_fault(struct pt_regs *regs, u32 error_code, u32 address);

/* A program did wrong: Linux's signal, si_code and si_addr for what the processor told. */
struct user_exception {
	u32 vector, error_code;
	int signal, code;
	u32 address;
};

/* Returns when the signal is pending; return_work is then not 0. Interrupts on. */
void user_exception(struct pt_regs *regs, const struct user_exception *exception);

/*
 * If the exception table names regs->eip: puts the place to go on at there and says true. Any
 * context.
 */
bool fixup_exception(struct pt_regs *regs);

/* Bits of return_work: another task is due; a signal is pending. */
enum { WORK_RESCHEDULE = 1, WORK_SIGNAL = 2 };

/* Not 0: something is to be done before ring 3. */
extern volatile u32 return_work;

/*
 * Does it. Interrupts on; may switch tasks; may not return. Is called again while return_work is
 * not 0.
 */
void do_return_work(struct pt_regs *regs);

/* Once a tick. Interrupts off; never sleeps. */
void scheduler_tick(struct pt_regs *regs);

/*
 * #NM from ring 3: the same, but a task that can't have them gets SIGKILL (no memory). Returns false, and has done nothing, on a
 * processor without x87. Interrupts on.
 */
bool fpu_trap(const struct pt_regs *regs);

/*
 * What an exception of x87 (#MF) or, with `simd`, of SSE (#XM) was about, as si_code of SIGFPE; 0: nothing. Right after it, for the
 * current task.
 */
int fpu_exception_code(bool simd);

/* A trap that the kernel cannot go on from; regs is its frame (kernel/start/panic.h). */
void panic_regs(const struct pt_regs *regs, const char *format, ...) __printf(2, 3) __noreturn;

/*
 * As panic_regs(), for registers that were saved by a task switch: regs->esp is that of the
 * interrupted code.
 */
void panic_task(const struct pt_regs *regs, const char *text) __noreturn;

/* For reports, in any context, also before there is a task. */
const char *current_name(void);
int current_pid(void);

#endif /* __ASSEMBLER__ */
#endif
