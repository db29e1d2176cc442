/* SPDX-License-Identifier: MIT */
/*
 * Exceptions. From ring 3 they become signals; from ring 0 an entry of the exception table
 * handles them, or the kernel panics.
 *
 *  (1) Entered with interrupts off. CR2 is read first; then interrupts are enabled if the
 *      interrupted code had them on, before anything that takes long.
 *  (2) A program's exception never ends in a panic.
 *  (3) No code enters virtual 8086 mode: iret in ring 3 ignores EFLAGS.VM (SDM vol. 2A "IRET"),
 *      but QEMU's emulation does not. If a program enters it there, the first trap leaves it
 *      again, as if iret had faulted.
 *
 * Signals and codes are Linux's for the same exceptions (arch/x86/kernel/traps.c). #NM is a
 * signal only on a processor without x87; otherwise it loads the program's registers
 * (kernel/task/fpu.c).
 *
 * Source: Intel SDM vol. 3A 6.15 (each exception).
 */
#include "kernel/cpu/backtrace.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/gdt.h"
#include "kernel/cpu/io.h"
#include "kernel/cpu/irq.h"
#include "kernel/cpu/machine_check.h"
#include "abi/linux/signal.h"
#include "kernel/cpu/trap.h"
#include "lib/printk.h"

#define VECTOR_DEBUG	     1
#define VECTOR_NMI	     2
#define VECTOR_NO_DEVICE     7
#define VECTOR_X87	     16
#define VECTOR_MACHINE_CHECK 18
#define VECTOR_SIMD	     19
#define EXCEPTIONS	     32

#define NMI_REASON_PORT 0x61
#define NMI_LINES	8u

struct exception {
	const char *name;
	u8 signal; /* 0: not the program's fault, even if it came from ring 3 */
	u8 code;
	bool with_eip; /* si_addr is the instruction, else 0 */
};

static const struct exception exceptions[EXCEPTIONS] = {
	[0] = { "divide error", SIGFPE, FPE_INTDIV, true },
	[1] = { "debug", SIGTRAP, TRAP_TRACE, true },
	[2] = { "NMI", 0, 0, false },
	[3] = { "int3", SIGTRAP, SI_KERNEL, false },
	[4] = { "overflow", SIGSEGV, SI_KERNEL, false },
	[5] = { "bounds", SIGSEGV, SI_KERNEL, false },
	[6] = { "invalid opcode", SIGILL, ILL_ILLOPN, true },
	[7] = { "device not available", SIGILL, ILL_COPROC, true },
	[8] = { "double fault", 0, 0, false },
	[9] = { "coprocessor segment overrun", SIGFPE, SI_KERNEL, false },
	[10] = { "invalid TSS", SIGSEGV, SI_KERNEL, false },
	[11] = { "segment not present", SIGBUS, SI_KERNEL, false },
	[12] = { "stack segment", SIGBUS, SI_KERNEL, false },
	[13] = { "general protection fault", SIGSEGV, SI_KERNEL, false },
	[14] = { "page fault", SIGSEGV, SI_KERNEL, false },
	[16] = { "x87 error", SIGFPE, FPE_FLTINV, true },
	[17] = { "alignment check", SIGBUS, BUS_ADRALN, false },
	[18] = { "machine check", 0, 0, false },
	[19] = { "SIMD error", SIGFPE, FPE_FLTINV, true },
};

volatile u32 nmi_count;

/*
 * A memory or bus error, a button, or tools/run, which asks where a machine
 * hangs. The kernel uses no NMI itself: tell where it is and go on.
 */
static void nmi(const struct pt_regs *regs)
{
	if (nmi_count++ >= NMI_LINES)
		return;
	printk("nmi: reason=0x%02x pid=%d name=%s eip=0x%08x count=%u\n", inb(NMI_REASON_PORT),
	       current_pid(), current_name(), regs->eip, nmi_count);
	if (!user_mode(regs))
		backtrace(regs->ebp, regs->eip);
}

static void program_exception(struct pt_regs *regs, u32 vector, u32 error_code)
{
	const struct exception *e = &exceptions[vector];
	struct user_exception told = {
		.vector = vector,
		.error_code = error_code,
		.signal = e->signal,
		.code = e->code,
		.address = e->with_eip ? regs->eip : 0,
	};

	if (vector == VECTOR_X87 || vector == VECTOR_SIMD) {
		told.code = fpu_exception_code(vector == VECTOR_SIMD);
		if (!told.code)
			return;
	}
	user_exception(regs, &told);
}

static void exception(struct pt_regs *regs, u32 vector, u32 error_code)
{
	const char *name = exceptions[vector].name;

	if (vector == VECTOR_NMI) {
		nmi(regs);
		return;
	}
	if (vector == VECTOR_MACHINE_CHECK) {
		machine_check_report(false);
		panic_regs(regs, "machine check");
	}
	if (vector == VECTOR_DEBUG)
		__asm__ volatile("mov %0, %%dr6" : : "r"(0ul)); /* the processor only sets bits */
	if (regs->eflags & EFLAGS_IF)
		local_irq_enable();
	if (user_mode(regs) && vector == VECTOR_NO_DEVICE && fpu_trap(regs))
		return;
	if (user_mode(regs) && exceptions[vector].signal)
		program_exception(regs, vector, error_code);
	else if (user_mode(regs) || !fixup_exception(regs))
		panic_regs(regs, "%s (vector %u, error code 0x%x)", name ? name : "exception",
			   vector, error_code);
}

/*
 * (3). Turns the frame into one of ring 3: the processor has pushed the segment registers above
 * it and cleared them. Returns the vector to handle instead.
 */
static u32 leave_vm86(struct pt_regs *regs, u32 vector)
{
	regs->eflags = (regs->eflags & ~(u32)(EFLAGS_VM | EFLAGS_IOPL | EFLAGS_NT)) | EFLAGS_IF;
	regs->cs = USER_CS;
	regs->ss = regs->ds = regs->es = USER_DS;
	regs->fs = regs->gs = 0;
	if (vector >= EXCEPTIONS || vector == VECTOR_NMI || vector == VECTOR_MACHINE_CHECK)
		return vector;
	return VECTOR_PROTECTION;
}

void trap_dispatch(struct pt_regs *regs, u32 vector, u32 error_code)
{
	if (unlikely(regs->eflags & EFLAGS_VM))
		vector = leave_vm86(regs, vector);
	if (vector >= EXCEPTIONS) {
		irq_dispatch(regs, vector);
	} else if (vector == VECTOR_PAGE_FAULT) {
		u32 address = read_cr2();

		if (regs->eflags & EFLAGS_IF)
			local_irq_enable();
		do_page_fault(regs, error_code, address);
	} else {
		exception(regs, vector, error_code);
	}
}
