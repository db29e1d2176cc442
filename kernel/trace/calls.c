/* SPDX-License-Identifier: MIT */
/*
 * Events of exceptions and system calls: the calls of kernel/cpu/trap_entry.S come here instead.
 */
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/trap.h"
#include "kernel/trace/trace.h"
#include "lib/trace/trace.h"

u32 trace_books_every;

static void fault_begins(const struct pt_regs *regs, u32 error_code, u32 address)
{
	if (user_mode(regs) && trace_chosen(TRACE_page_fault_user))
		trace_record(TRACE_page_fault_user, address, regs->eip, error_code);
	if (!user_mode(regs) && trace_chosen(TRACE_page_fault_kernel))
		trace_record(TRACE_page_fault_kernel, address, (const void *)(uintptr_t)regs->eip,
			     error_code);
}

/* Of a program; those of the kernel come by trap_dispatch(). */
void do_page_fault_traced(struct pt_regs *regs, u32 error_code, u32 address)
{
	trace_books(trace_books_every);
	fault_begins(regs, error_code, address);
	do_page_fault(regs, error_code, address);
}

/* CR2 is read before anything else can fault. */
void trap_dispatch_traced(struct pt_regs *regs, u32 vector, u32 error_code)
{
	u32 address = read_cr2();

	if (vector == VECTOR_PAGE_FAULT)
		fault_begins(regs, error_code, address);
	trap_dispatch(regs, vector, error_code);
}

void do_syscall_traced(struct pt_regs *regs)
{
	u32 number = regs->eax;

	trace_books(trace_books_every);
	if (trace_chosen(TRACE_sys_enter))
		trace_record(TRACE_sys_enter, number, regs->ebx, regs->ecx, regs->edx, regs->esi,
			     regs->edi, regs->ebp);
	do_syscall(regs);
	if (trace_chosen(TRACE_sys_exit))
		trace_record(TRACE_sys_exit, number, regs->eax);
}
