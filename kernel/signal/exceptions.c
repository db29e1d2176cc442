/* SPDX-License-Identifier: MIT */
/*
 * Page faults and other exceptions of programs.
 *
 *   from ring 3                        memory management resolves it, or SIGSEGV
 *                                      (after the end of a file: SIGBUS; no memory: SIGKILL)
 *   from ring 0, user address, by an
 *   instruction of the exception table memory management resolves it, or the instruction's fix-up
 *                                      (no memory: SIGKILL too)
 *   from ring 0, all others            a bug of the kernel: panic
 *
 * A fault that needs no work was caused by a stale translation, which is flushed. If the same
 * fault comes back, the processor contradicts the page tables, and the access would fault for
 * ever: it is refused after SPURIOUS_MAX times in a row. QEMU 7.2 does that: in ring 3 it reads
 * the stack of a far return as a supervisor, which SMAP forbids. No real processor accesses the
 * user half as a supervisor in ring 3, so such a fault is refused at once.
 *
 * A signal that the program handles is not logged.
 */
#include "kernel/cpu/cpu.h"
#include "kernel/task/fpu.h"
#include "kernel/signal/signal.h"
#include "kernel/task/task.h"
#include "kernel/cpu/uaccess.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/symbol.h"
#include "mm/frames/debug_pagealloc.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"

#define SPURIOUS_MAX 16u

/* SMAP is off, or the access was between stac and clac. */
static bool opened(const struct pt_regs *regs)
{
	return regs->eflags & EFLAGS_AC || !cpu_has(CPU_SMAP);
}

/* "08048000-0804a000,r--p", or "none". */
static const char *area_text(struct mm_struct *mm, u32 address, char *text, u32 size)
{
	struct vm_area_struct *vma = mm && address < TASK_SIZE ? find_vma(mm, address) : NULL;
	char rights[5];

	if (!vma || vma->vm_start > address)
		return "none";
	scnprintf(text, size, "%08x-%08x,%s", vma->vm_start, vma->vm_end,
		  vm_flags_text(vma->vm_flags, rights));
	return text;
}

/* Logs one line: the process, the access and the area. */
static void report(const struct pt_regs *regs, const char *what, u32 address,
		   enum fault_access access)
{
	static const char *const names[] = {
		[FAULT_READ] = "read",
		[FAULT_WRITE] = "write",
		[FAULT_EXEC] = "fetch",
	};
	char area[48];

	printk("%s: pid=%d name=%s address=%#010x access=%s eip=%#010x area=%s\n", what,
	       current->pid, current->name, address, names[access], regs->eip,
	       area_text(current->mm, address, area, sizeof(area)));
}

/* Saves the values for the handler's sigcontext. */
static void note_trap(u32 vector, u32 error_code, u32 cr2)
{
	current->trapno = vector;
	current->error_code = error_code;
	current->cr2 = cr2;
}

/* Hides the kernel half from the program: every address there looks present. */
static u32 error_code_told(u32 error_code, u32 address)
{
	return error_code | ERROR_USER | (address >= TASK_SIZE ? ERROR_PRESENT : 0);
}

void user_out_of_memory(vaddr_t address, enum fault_access access)
{
	if (current->pending.signals & SIGMASK(SIGKILL))
		return;
	/* That its memory is gone already is in the log. */
	if (!current->mm->oom_victim)
		report(task_regs(current), "out-of-memory", address, access);
	signal_send(current, SIGKILL);
}

void fpu_no_memory(u32 eip)
{
	printk("out-of-memory: pid=%d name=%s address=none access=fpu eip=%#010x area=none\n",
	       current->pid, current->name, eip);
	signal_send(current, SIGKILL);
}

/*
 * A fetch from a page that is not there is a read: the page is brought in, and only then refused,
 * so that the error code is that of Linux. SMEP too makes the processor tell of fetches.
 */
static inline enum fault_access access_of(u32 error_code)
{
	if (error_code & ERROR_WRITE)
		return FAULT_WRITE;
	return pte_nx && error_code & ERROR_FETCH && error_code & ERROR_PRESENT ? FAULT_EXEC
										: FAULT_READ;
}

/* The same for the log, where any fetch is one that the processor tells of. */
static enum fault_access access_told(u32 error_code)
{
	return error_code & ERROR_FETCH ? FAULT_EXEC : access_of(error_code);
}

static void refuse(struct pt_regs *regs, u32 error_code, u32 address, enum fault_result result,
		   const char *what)
{
	bool fatal;

	note_trap(VECTOR_PAGE_FAULT, error_code_told(error_code, address), address);
	if (result == FAULT_SIGBUS) {
		what = "sigbus";
		fatal = signal_force(SIGBUS, BUS_ADRERR, address);
	} else {
		fatal = signal_force(SIGSEGV, (int)result, address);
	}
	if (fatal)
		report(regs, what, address, access_told(error_code));
}

static bool resolvable(const struct pt_regs *regs, u32 error_code, u32 address)
{
	return current->mm && address < TASK_SIZE && !(error_code & ERROR_RESERVED) &&
	       (user_mode(regs) || (exception_listed(regs->eip) && opened(regs)));
}

/* The fault needed no work. Would the access fault for ever? */
static bool endless(const struct pt_regs *regs, u32 error_code, u32 address)
{
	if (current->spurious.eip != regs->eip || current->spurious.address != address)
		current->spurious.count = 0;
	current->spurious.eip = regs->eip;
	current->spurious.address = address;
	return ++current->spurious.count >= SPURIOUS_MAX ||
	       (user_mode(regs) && !(error_code & ERROR_USER));
}

/* The fault is not resolved: a signal, a fix-up, or a panic. */
static noinline void fault_refused(struct pt_regs *regs, u32 error_code, u32 address,
				   enum fault_result result, const char *what)
{
	enum fault_access access = access_of(error_code);
	static const char *const doings[] = {
		[FAULT_READ] = "read of",
		[FAULT_WRITE] = "write to",
		[FAULT_EXEC] = "fetch of",
	};
	char why[64 + SYMBOL_SIZE];

	if (access == FAULT_EXEC && result == FAULT_ACCERR && user_mode(regs) &&
	    address == regs->eip && signal_run_retcode(regs))
		return;
	if (result == FAULT_OOM)
		user_out_of_memory(address, access_told(error_code));
	if (user_mode(regs) && result != FAULT_OOM)
		refuse(regs, error_code, address, result, what);
	else if (!user_mode(regs) && (address >= TASK_SIZE || !fixup_exception(regs))) {
		debug_pagealloc_explain(address, why, sizeof(why));
		panic_regs(regs, "page fault in the kernel: %s %#010x, error code %#x%s",
			   doings[access_told(error_code)], address, error_code, why);
	}
}

static u32 spurious_seen; /* of fault_counters.spurious */

static noinline void spurious_fault(struct pt_regs *regs, u32 error_code, u32 address)
{
	spurious_seen = fault_counters.spurious;
	if (endless(regs, error_code, address))
		fault_refused(regs, error_code, address, FAULT_ACCERR, "endless-fault");
}

void do_page_fault(struct pt_regs *regs, u32 error_code, u32 address)
{
	enum fault_access access = access_of(error_code);
	enum fault_result result = FAULT_MAPERR;

	if (resolvable(regs, error_code, address))
		result = mm_fault(current->mm, address, access);
	if (unlikely(result != FAULT_OK))
		fault_refused(regs, error_code, address, result, "segfault");
	else if (unlikely(fault_counters.spurious != spurious_seen))
		spurious_fault(regs, error_code, address);
}

void user_exception(struct pt_regs *regs, const struct user_exception *e)
{
	note_trap(e->vector, e->error_code, current->cr2);
	if (signal_force(e->signal, e->code, e->address))
		printk("exception: pid=%d name=%s signal=%d code=%d address=%#010x eip=%#010x\n",
		       current->pid, current->name, e->signal, e->code, e->address, regs->eip);
}
