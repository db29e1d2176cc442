/* SPDX-License-Identifier: MIT */
/*
 * The way into the kernel and back: the frame on the kernel stack, and the functions that the
 * processor's code and the rooms above it call in each other.
 *
 *     high    ss, esp        only if the trap came from ring 3
 *             eflags, cs, eip
 *             orig_eax       number of the system call; -1: not a system call
 *             gs, fs, es, ds
 *             eax, ebp, edi, esi, edx, ecx
 *     low     ebx            <- struct pt_regs *
 *
 * Sources: Intel SDM vol. 3A 6.12.1 (stack of a trap), 6.15 (vectors); vol. 1 3.4.3 (EFLAGS).
 */
#ifndef KERNEL_CPU_TRAP_H
#define KERNEL_CPU_TRAP_H

#define PT_GS	    40
#define PT_ORIG_EAX 44
#define PT_EIP	    48
#define PT_CS	    52
#define PT_EFLAGS   56

/* In the frame: ring 3's code segment, or virtual 8086 mode, where CS has no privilege level. */
#define EFLAGS_IOPL 0x00003000
#define EFLAGS_NT   0x00004000
#define EFLAGS_VM   0x00020000
#define CS_RING	    3

#define TRAP_STUB_SIZE 16

#define VECTOR_PAGE_FAULT 14

/* The error code of a page fault (Intel SDM vol. 3A 4.7). */
#define ERROR_PRESENT  0x01u /* the rights forbid the access; else there is no page */
#define ERROR_WRITE    0x02u
#define ERROR_USER     0x04u
#define ERROR_RESERVED 0x08u
#define ERROR_FETCH    0x10u /* of an instruction; set only with SMEP or NX */

/* Vectors of interrupts. The 8259As need 16. A P6's spurious vector ends in 0xf (SDM 3A 10.9). */
#define VECTOR_PIC	      0x20
#define VECTOR_LAPIC_TIMER    0xef
#define VECTOR_LAPIC_ERROR    0xfe
#define VECTOR_LAPIC_SPURIOUS 0xff

/* Places of trace events that are calls, not no-operations, in struct trace_site (lib/trace/). */
#define TRACE_CALL_TRAP	   0x10000
#define TRACE_CALL_SYSCALL 0x10001

#ifndef __ASSEMBLER__

#include "lib/types.h"

/*
 * In Linux's order (i386, asm/ptrace.h). A segment register has 16 bits, and the processor may
 * leave the upper half of its word unchanged: compare the lower half only.
 */
struct pt_regs {
	u32 ebx, ecx, edx, esi, edi, ebp, eax;
	u32 ds, es, fs, gs;
	u32 orig_eax;
	u32 eip, cs, eflags;
	u32 esp, ss; /* of ring 3; absent, and not to be read, if the trap came from ring 0 */
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

/* trap_entry.S: 256 stubs of TRAP_STUB_SIZE bytes; the entry of int 0x80. Not callable from C. */
extern char trap_stubs[];
extern char syscall_entry[], page_fault_entry[];

/*
 * A new task starts here, with ESP at a struct pt_regs: loads it and returns to its code. To ring
 * 3 after the work in return_work, to ring 0 directly. Not callable from C.
 */
extern char trap_return[];

/*
 * The jump to the work on the way back to ring 3, and where it goes with the option sched=
 * (kernel/orders/). Not callable from C.
 */
extern char return_to_user_site[], return_to_order[];

#define VECTOR_PROTECTION 13

/* trap_entry.S calls this for all traps but int 0x80. error_code is 0 if there is none. */
void trap_dispatch(struct pt_regs *regs, u32 vector, u32 error_code);

/* The rooms above define the following. */

/* int 0x80: number in eax, arguments in ebx ecx edx esi edi ebp, result in eax. Interrupts on. */
void do_syscall(struct pt_regs *regs);

/* A page fault; error_code is the processor's. Interrupts as in the interrupted code. */
void do_page_fault(struct pt_regs *regs, u32 error_code, u32 address);

/* An exception of a program: Linux's signal, si_code and si_addr for it. */
struct user_exception {
	u32 vector, error_code;
	int signal, code;
	u32 address;
};

/* Sends the signal. It is pending on return, and return_work is not 0. Interrupts on. */
void user_exception(struct pt_regs *regs, const struct user_exception *exception);

/* If the exception table has regs->eip, sets it to the fixup and returns true. Any context. */
bool fixup_exception(struct pt_regs *regs);

/* Bits of return_work: another task should run; a signal is pending; a tick of a limit passed. */
enum { WORK_RESCHEDULE = 1, WORK_SIGNAL = 2, WORK_CPU_TIMERS = 4 };

/* Not 0: there is work to do before the return to ring 3. */
extern volatile u32 return_work;

/* Does that work, until return_work is 0. Interrupts on; may switch tasks; may not return. */
void do_return_work(struct pt_regs *regs);

/* The same with the option sched=, and also without work: it may choose another task. */
void order_return(struct pt_regs *regs);

/* Called once a tick. Interrupts off; never sleeps. */
void scheduler_tick(struct pt_regs *regs);

/*
 * #NM from ring 3: loads the task's x87 and SSE registers; without memory for them the task gets
 * SIGKILL. False, and nothing is done, on a processor without x87. Interrupts on.
 */
bool fpu_trap(const struct pt_regs *regs);

/*
 * The si_code of SIGFPE for an x87 exception (#MF) or, with `simd`, an SSE exception (#XM); 0: no
 * exception is pending. Call it right after the exception, for the current task.
 */
int fpu_exception_code(bool simd);

/* Panics for a trap that the kernel cannot handle; regs is its frame (kernel/start/panic.c). */
void panic_regs(const struct pt_regs *regs, const char *format, ...) __printf(2, 3) __noreturn;

/* As panic_regs(), for registers saved by a task switch: regs->esp is the interrupted code's. */
void panic_task(const struct pt_regs *regs, const char *format, ...) __printf(2, 3) __noreturn;

/* Called in place of trap_dispatch() and do_syscall() if their events are traced. */
void trap_dispatch_traced(struct pt_regs *regs, u32 vector, u32 error_code);
void do_page_fault_traced(struct pt_regs *regs, u32 error_code, u32 address);
void do_syscall_traced(struct pt_regs *regs);

/* For reports, in any context, also before there is a task. */
const char *current_name(void);
int current_pid(void);

#endif /* __ASSEMBLER__ */
#endif
