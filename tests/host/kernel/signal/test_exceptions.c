/* SPDX-License-Identifier: MIT */
/*
 * What becomes of page faults and other exceptions: resolved, a signal with its line in the log, a
 * fix-up, or a panic. Memory management and signals are stubs that say what they were asked.
 *
 * sources: kernel/signal/exceptions.c
 */
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/signal/signal.h"
#include "kernel/task/fpu.h"
#include "lib/printf.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

#include <stdarg.h>
#include <stdio.h>

#define PLACE 0x08049010u /* in the area */
#define ENTRY 0x0804a123u /* EIP */
#define RING3 3u

struct cpu_info cpu;
struct task *current;
struct fault_counters fault_counters;
#ifndef pte_nx
pteval_t pte_nx; /* a variable with three levels of page tables */
#endif

static struct thread_group group;
static struct mm_struct space;
static struct vm_area_struct area = { .vm_start = 0x08049000, .vm_end = 0x0804b000 };
static struct task task;
static struct pt_regs regs, entered = { .eip = 0x0804cccc };

/* What the stubs return, and what they were asked. */
static enum fault_result outcome;
static bool no_work, fatal, listed, fixable;
static struct {
	u32 faults, access, forced, fixups, retcodes, kills;
	int signal, code;
	u32 address;
} did;

enum fault_result mm_fault(struct mm_struct *mm, vaddr_t address, enum fault_access access)
{
	EXPECT(mm == &space && address < TASK_SIZE);
	did.faults++;
	did.access = access;
	fault_counters.spurious += no_work;
	return outcome;
}

struct vm_area_struct *vma_search(struct mm_struct *mm, vaddr_t address)
{
	EXPECT(mm == &space);
	return address < area.vm_end ? &area : NULL;
}

const char *vm_flags_text(u32 vm_flags, char text[5])
{
	(void)vm_flags;
	snprintf(text, 5, "rw-p");
	return text;
}

bool signal_force(int signal, int code, u32 address)
{
	did.forced++;
	did.signal = signal;
	did.code = code;
	did.address = address;
	return fatal;
}

void signal_send(struct task *to, int signal)
{
	EXPECT(to == &task && signal == SIGKILL);
	did.kills++;
}

bool signal_run_retcode(struct pt_regs *frame)
{
	EXPECT(frame == &regs);
	did.retcodes++;
	return true;
}

bool exception_listed(u32 eip)
{
	EXPECT_EQ(eip, regs.eip);
	return listed;
}

bool fixup_exception(struct pt_regs *frame)
{
	EXPECT(frame == &regs);
	did.fixups++;
	return fixable;
}

struct pt_regs *task_regs(struct task *of)
{
	EXPECT(of == &task);
	return &entered;
}

void debug_pagealloc_explain(vaddr_t address, char *buffer, u32 size)
{
	EXPECT(address);
	snprintf(buffer, size, ", why");
}

void panic_regs(const struct pt_regs *frame, const char *format, ...)
{
	char text[200];
	va_list arguments;

	EXPECT(frame == &regs);
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	panic("%s", text);
}

/* A trap from this ring. */
static void begin(u32 ring)
{
	regs = (struct pt_regs){ .eip = ENTRY, .cs = ring };
	task = (struct task){ .pid = 7, .name = "name", .mm = &space, .group = &group };
	current = &task;
	did.faults = did.forced = did.fixups = did.kills = 0;
	outcome = FAULT_OK;
	no_work = listed = fixable = false;
	fatal = true;
	console_clear();
}

static void fault(u32 error_code, u32 address, enum fault_result result)
{
	outcome = result;
	do_page_fault(&regs, error_code, address);
}

static void expect_signal(int signal, int code, u32 address, u32 told)
{
	EXPECT(did.forced == 1 && !did.kills && !did.fixups);
	EXPECT(did.signal == signal && did.code == code && did.address == address);
	EXPECT_EQ(task.trapno, VECTOR_PAGE_FAULT);
	EXPECT_EQ(task.error_code, told);
	EXPECT_EQ(task.cr2, address);
}

/* ---- Of programs ---- */

/* Without a bit for it in the entries, a fetch is a read. */
static void accesses(void)
{
	static const struct {
		u32 error_code;
		enum fault_access access;
	} cases[] = {
		{ ERROR_USER, FAULT_READ },
		{ ERROR_USER | ERROR_PRESENT, FAULT_READ },
		{ ERROR_USER | ERROR_WRITE, FAULT_WRITE },
		{ ERROR_USER | ERROR_WRITE | ERROR_PRESENT, FAULT_WRITE },
		{ ERROR_USER | ERROR_FETCH, FAULT_READ },
		{ ERROR_USER | ERROR_FETCH | ERROR_PRESENT, FAULT_READ },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		begin(RING3);
		fault(cases[i].error_code, PLACE, FAULT_OK);
		EXPECT(did.faults == 1 && did.access == cases[i].access);
		EXPECT(!did.forced && !did.kills && !did.fixups);
		EXPECT_TEXT(console_text(), "");
	}
}

static void signals(void)
{
	begin(RING3);
	fault(ERROR_USER, PLACE, FAULT_MAPERR);
	expect_signal(SIGSEGV, 1, PLACE, ERROR_USER);
	EXPECT_TEXT(console_text(), "segfault: pid=7 name=name address=0x08049010 access=read "
				    "eip=0x0804a123 area=08049000-0804b000,rw-p\n");
	begin(RING3);
	fault(ERROR_USER | ERROR_WRITE | ERROR_PRESENT, area.vm_start, FAULT_ACCERR);
	expect_signal(SIGSEGV, 2, area.vm_start, ERROR_USER | ERROR_WRITE | ERROR_PRESENT);
	EXPECT_TEXT(console_text(), "segfault: pid=7 name=name address=0x08049000 access=write "
				    "eip=0x0804a123 area=08049000-0804b000,rw-p\n");
	begin(RING3);
	fault(ERROR_USER | ERROR_FETCH, area.vm_start - 1, FAULT_SIGBUS);
	expect_signal(SIGBUS, BUS_ADRERR, area.vm_start - 1, ERROR_USER | ERROR_FETCH);
	EXPECT_TEXT(console_text(), "sigbus: pid=7 name=name address=0x08048fff access=fetch "
				    "eip=0x0804a123 area=none\n");
	/* No line if the program handles it. */
	begin(RING3);
	fatal = false;
	fault(ERROR_USER, area.vm_end, FAULT_MAPERR);
	expect_signal(SIGSEGV, 1, area.vm_end, ERROR_USER);
	EXPECT_TEXT(console_text(), "");
	/* Without such a bit none is the return from a handler. */
	begin(RING3);
	fault(ERROR_USER | ERROR_FETCH | ERROR_PRESENT, ENTRY, FAULT_ACCERR);
	EXPECT_EQ(did.retcodes, 0);
	fault(ERROR_USER, ENTRY, FAULT_ACCERR);
	EXPECT_EQ(did.retcodes, 0);
}

/* A program learns nothing of the kernel half: all of it looks present. */
static void kernel_half(void)
{
	begin(RING3);
	fault(ERROR_USER, TASK_SIZE, FAULT_OK);
	expect_signal(SIGSEGV, 1, TASK_SIZE, ERROR_USER | ERROR_PRESENT);
	EXPECT_EQ(did.faults, 0);
	EXPECT_TEXT(console_text(), "segfault: pid=7 name=name address=0xc0000000 access=read "
				    "eip=0x0804a123 area=none\n");
	begin(RING3);
	fault(0, 0xffffffff, FAULT_OK);
	expect_signal(SIGSEGV, 1, 0xffffffff, ERROR_USER | ERROR_PRESENT);
	begin(RING3);
	fault(ERROR_USER, TASK_SIZE - 1, FAULT_MAPERR);
	expect_signal(SIGSEGV, 1, TASK_SIZE - 1, ERROR_USER);
	EXPECT_EQ(did.faults, 1);
	/* Page tables with a reserved bit can't be mended. */
	begin(RING3);
	fault(ERROR_USER | ERROR_RESERVED, PLACE, FAULT_OK);
	expect_signal(SIGSEGV, 1, PLACE, ERROR_USER | ERROR_RESERVED);
	EXPECT_EQ(did.faults, 0);
}

static void no_memory(void)
{
	begin(RING3);
	fault(ERROR_USER | ERROR_WRITE, PLACE, FAULT_OOM);
	EXPECT(did.kills == 1 && !did.forced && !did.fixups);
	EXPECT_TEXT(console_text(),
		    "out-of-memory: pid=7 name=name address=0x08049010 access=write "
		    "eip=0x0804cccc area=08049000-0804b000,rw-p\n");
	begin(RING3);
	task.pending.signals = SIGMASK(SIGKILL); /* it ends already */
	fault(ERROR_USER, PLACE, FAULT_OOM);
	EXPECT_EQ(did.kills, 0);
	EXPECT_TEXT(console_text(), "");
	begin(RING3);
	task.pending.signals = SIGMASK(SIGTERM);
	space.oom_victim = true;
	fault(ERROR_USER, PLACE, FAULT_OOM);
	EXPECT_EQ(did.kills, 1);
	EXPECT_TEXT(console_text(), "");
	space.oom_victim = false;
	begin(RING3);
	fpu_no_memory(0x1234);
	EXPECT_EQ(did.kills, 1);
	EXPECT_TEXT(console_text(), "out-of-memory: pid=7 name=name address=none access=fpu "
				    "eip=0x00001234 area=none\n");
}

static void other_exceptions(void)
{
	const struct user_exception e = { 13, 0x18, SIGSEGV, SI_KERNEL, 0x55 };

	begin(RING3);
	task.cr2 = 0x77;
	user_exception(&regs, &e);
	EXPECT(did.signal == SIGSEGV && did.code == SI_KERNEL && did.address == 0x55);
	EXPECT(task.trapno == 13 && task.error_code == 0x18 && task.cr2 == 0x77);
	EXPECT_TEXT(console_text(), "exception: pid=7 name=name signal=11 code=128 "
				    "address=0x00000055 eip=0x0804a123\n");
	begin(RING3);
	fatal = false;
	user_exception(&regs, &e);
	EXPECT_EQ(did.forced, 1);
	EXPECT_TEXT(console_text(), "");
}

/* ---- Faults that need no work ---- */

static void spurious(u32 error_code, u32 address)
{
	no_work = true;
	fault(error_code, address, FAULT_OK);
}

static void endless(void)
{
	begin(RING3);
	for (u32 i = 0; i < 15; i++)
		spurious(ERROR_USER, PLACE);
	EXPECT_EQ(did.forced, 0);
	spurious(ERROR_USER, PLACE);
	expect_signal(SIGSEGV, 2, PLACE, ERROR_USER);
	EXPECT_TEXT(console_text(), "endless-fault: pid=7 name=name address=0x08049010 access=read "
				    "eip=0x0804a123 area=08049000-0804b000,rw-p\n");
	/* Another access, or another instruction, begins anew. */
	begin(RING3);
	for (u32 i = 0; i < 15; i++)
		spurious(ERROR_USER, PLACE);
	spurious(ERROR_USER, PLACE + 4);
	for (u32 i = 0; i < 14; i++)
		spurious(ERROR_USER, PLACE + 4);
	regs.eip++;
	for (u32 i = 0; i < 15; i++)
		spurious(ERROR_USER, PLACE + 4);
	EXPECT_EQ(did.forced, 0);
	spurious(ERROR_USER, PLACE + 4);
	EXPECT_EQ(did.forced, 1);
	/* One that had work to do is none of them. */
	begin(RING3);
	for (u32 i = 0; i < 40; i++) {
		no_work = false;
		fault(ERROR_USER, PLACE, FAULT_OK);
	}
	EXPECT_EQ(did.forced, 0);
	/* A supervisor's access in ring 3: no real processor does that. */
	begin(RING3);
	spurious(0, PLACE);
	expect_signal(SIGSEGV, 2, PLACE, ERROR_USER);
	begin(0);
	listed = true;
	spurious(0, PLACE);
	EXPECT(!did.forced && !did.fixups);
}

/* ---- Of the kernel ---- */

static void user_memory(void)
{
	begin(0);
	listed = true;
	fault(ERROR_WRITE, PLACE, FAULT_OK);
	EXPECT(did.faults == 1 && did.access == FAULT_WRITE && !did.fixups);
	begin(0);
	listed = fixable = true;
	fault(ERROR_WRITE, PLACE, FAULT_MAPERR);
	EXPECT(did.faults == 1 && did.fixups == 1 && !did.forced && !did.kills);
	begin(0);
	listed = fixable = true;
	fault(0, PLACE, FAULT_OOM);
	EXPECT(did.fixups == 1 && did.kills == 1 && !did.forced);
	/* With SMAP only between stac and clac. */
	cpu.words[CPU_SMAP / 32] |= 1u << CPU_SMAP % 32;
	begin(0);
	listed = fixable = true;
	fault(ERROR_PRESENT, PLACE, FAULT_OK);
	EXPECT(!did.faults && did.fixups == 1);
	begin(0);
	listed = fixable = true;
	regs.eflags = EFLAGS_AC;
	fault(0, PLACE, FAULT_OK);
	EXPECT(did.faults == 1 && !did.fixups);
	cpu.words[CPU_SMAP / 32] = 0;
	/* An instruction that is none for user memory. */
	begin(0);
	fixable = true;
	fault(0, PLACE, FAULT_OK);
	EXPECT(!did.faults && did.fixups == 1);
	begin(0);
	task.mm = NULL;
	listed = fixable = true;
	fault(0, PLACE, FAULT_OK);
	EXPECT(!did.faults && did.fixups == 1);
}

static void panics(void)
{
	begin(0);
	listed = true;
	EXPECT_PANIC("page fault in the kernel: read of 0x08049010, error code 0x1, why",
		     fault(ERROR_PRESENT, PLACE, FAULT_ACCERR));
	begin(0);
	listed = fixable = true;
	EXPECT_PANIC("page fault in the kernel: write to 0xc0000000, error code 0x2, why",
		     fault(ERROR_WRITE, TASK_SIZE, FAULT_OK));
	begin(0);
	EXPECT_PANIC("page fault in the kernel: fetch of 0x00000010, error code 0x10, why",
		     fault(ERROR_FETCH, 0x10, FAULT_OK));
}

TAP_MAIN({ "accesses", accesses }, { "signals of refused accesses", signals },
	 { "the kernel half", kernel_half }, { "no memory", no_memory },
	 { "other exceptions", other_exceptions }, { "faults without an end", endless },
	 { "the kernel's accesses to user memory", user_memory },
	 { "the kernel's own faults", panics })
