/* SPDX-License-Identifier: MIT */
/*
 * Events of exceptions and system calls: the calls of kernel/cpu/trap_entry.S come here instead.
 */
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/trap.h"
#include "kernel/trace/trace.h"
#include "lib/trace/trace.h"
#include "mm/user_space/page_fault.h"
#include "paging/range.h"
#include "paging/tlb.h"

/* What the counters say; a page that was read from swap and then copied counts as swapped in. */
static enum trace_fault_kind kind_of(const struct fault_counters *before)
{
	const struct fault_counters *now = &fault_counters;

	if (now->refused != before->refused)
		return TRACE_FAULT_REFUSED;
	if (now->swapped_in != before->swapped_in)
		return TRACE_FAULT_SWAPPED_IN;
	if (now->zero_page != before->zero_page)
		return TRACE_FAULT_ZERO_PAGE;
	if (now->fresh_page != before->fresh_page)
		return TRACE_FAULT_FRESH_PAGE;
	if (now->mapped_page != before->mapped_page)
		return TRACE_FAULT_MAPPED_PAGE;
	if (now->cow_copy != before->cow_copy)
		return TRACE_FAULT_COW_COPY;
	if (now->cow_reuse != before->cow_reuse)
		return TRACE_FAULT_COW_REUSE;
	return TRACE_FAULT_SPURIOUS;
}

static void fault_handled(u32 address, const struct fault_counters *before)
{
	const pte_t *pte = find_pte(phys_to_virt(mmu_root()), address);

	trace_record(TRACE_fault, kind_of(before), address,
		     pte && pte_present(*pte) ? pte_pfn(*pte) : 0,
		     fault_counters.mapped_around - before->mapped_around,
		     fault_counters.stack_growth - before->stack_growth);
}

static void fault_begins(const struct pt_regs *regs, u32 error_code, u32 address)
{
	if (user_mode(regs) && trace_chosen(TRACE_page_fault_user))
		trace_record(TRACE_page_fault_user, address, regs->eip, error_code);
	if (!user_mode(regs) && trace_chosen(TRACE_page_fault_kernel))
		trace_record(TRACE_page_fault_kernel, address, (const void *)regs->eip, error_code);
}

/* Of a program; those of the kernel come by trap_dispatch(). */
void do_page_fault_traced(struct pt_regs *regs, u32 error_code, u32 address)
{
	struct fault_counters before = fault_counters;

	fault_begins(regs, error_code, address);
	do_page_fault(regs, error_code, address);
	if (trace_chosen(TRACE_fault))
		fault_handled(address, &before);
}

/* CR2 is read before anything else can fault. */
void trap_dispatch_traced(struct pt_regs *regs, u32 vector, u32 error_code)
{
	struct fault_counters before = fault_counters;
	u32 address = read_cr2();

	if (vector != VECTOR_PAGE_FAULT) {
		trap_dispatch(regs, vector, error_code);
		return;
	}
	fault_begins(regs, error_code, address);
	trap_dispatch(regs, vector, error_code);
	if (trace_chosen(TRACE_fault))
		fault_handled(address, &before);
}

void do_syscall_traced(struct pt_regs *regs)
{
	u32 number = regs->eax;

	if (trace_chosen(TRACE_sys_enter))
		trace_record(TRACE_sys_enter, number, regs->ebx, regs->ecx, regs->edx, regs->esi,
			     regs->edi, regs->ebp);
	do_syscall(regs);
	if (trace_chosen(TRACE_sys_exit))
		trace_record(TRACE_sys_exit, number, regs->eax);
}
