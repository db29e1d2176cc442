/* SPDX-License-Identifier: MIT */
/*
 * What becomes of each exception: of a program, of the kernel, in virtual 8086 mode; interrupts,
 * NMIs, machine checks. Signals and codes are Linux's (arch/x86/kernel/traps.c, siginfo(2)).
 */
#include "lib/types.h"

#define KERNEL_CPU_IO_H /* no ports on the host */
static u8 inb(u16 port);

/* Replaces the real instructions. */
#define read_cr2	 processor_read_cr2
#define local_irq_enable processor_irq_enable
#include "kernel/cpu/cpu.h"
#undef read_cr2
#undef local_irq_enable
#define read_cr2	 model_read_cr2
#define local_irq_enable model_irq_enable
static u32 model_read_cr2(void);
static void model_irq_enable(void);

#include "kernel/cpu/trap.c"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/console.h"
#include "tests/host/tap.h"

#define INTERRUPTS 0x200u
#define VM86	   0x20000u

static struct pt_regs regs;
static char did[300]; /* what was called, a word each */
static struct user_exception sent;
static bool has_fixup, fpu_loads;
static int fpu_code;

static void note(const char *word)
{
	strcat(did, word);
	strcat(did, " ");
}

static u8 inb(u16 port)
{
	EXPECT_EQ(port, 0x61);
	return 0xb1;
}

static u32 model_read_cr2(void)
{
	note("cr2");
	return 0x1234;
}

static void model_irq_enable(void)
{
	note("sti");
}

void irq_dispatch(struct pt_regs *frame, u32 vector)
{
	EXPECT(frame == &regs && vector >= 32);
	note("irq");
}

void do_page_fault(struct pt_regs *frame, u32 error_code, u32 address)
{
	EXPECT(frame == &regs && error_code == 7 && address == 0x1234);
	note("fault");
}

void user_exception(struct pt_regs *frame, const struct user_exception *exception)
{
	EXPECT(frame == &regs);
	sent = *exception;
	note("signal");
}

bool fixup_exception(struct pt_regs *frame)
{
	EXPECT(frame == &regs);
	note("fixup");
	return has_fixup;
}

bool fpu_trap(const struct pt_regs *frame)
{
	EXPECT(frame == &regs);
	note("fpu");
	return fpu_loads;
}

int fpu_exception_code(bool simd)
{
	note(simd ? "simd" : "x87");
	return fpu_code;
}

void machine_check_report(bool stale)
{
	EXPECT(!stale);
	note("mce");
}

void backtrace(uintptr_t ebp, uintptr_t eip)
{
	EXPECT(ebp == 0x77 && eip == 0xc0101000);
	note("backtrace");
}

void panic_regs(const struct pt_regs *frame, const char *format, ...)
{
	char message[100];
	va_list arguments;

	EXPECT(frame == &regs);
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	panic("%s%s", did, message);
}

const char *current_name(void)
{
	return "task";
}

int current_pid(void)
{
	return 9;
}

static void begin(u32 cs, u32 eflags)
{
	regs = (struct pt_regs){ .eip = 0xc0101000, .ebp = 0x77, .cs = cs, .eflags = eflags };
	did[0] = '\0';
	sent = (struct user_exception){ 0 };
	has_fixup = fpu_loads = false;
	fpu_code = 7;
	console_clear();
}

/* A program's exception: this signal and code; its address is the instruction's, or 0. */
static void programs(void)
{
	static const struct {
		u32 vector;
		int signal, code;
		bool address;
		const char *did;
	} cases[] = {
		{ 0, 8, 1, true, "sti signal " },      /* SIGFPE, FPE_INTDIV */
		{ 3, 5, 0x80, false, "sti signal " },  /* SIGTRAP, SI_KERNEL */
		{ 4, 11, 0x80, false, "sti signal " }, /* SIGSEGV */
		{ 5, 11, 0x80, false, "sti signal " },
		{ 6, 4, 2, true, "sti signal " },     /* SIGILL, ILL_ILLOPN */
		{ 7, 4, 7, true, "sti fpu signal " }, /* ILL_COPROC */
		{ 9, 8, 0x80, false, "sti signal " },
		{ 10, 11, 0x80, false, "sti signal " },
		{ 11, 7, 0x80, false, "sti signal " }, /* SIGBUS */
		{ 12, 7, 0x80, false, "sti signal " },
		{ 13, 11, 0x80, false, "sti signal " },
		{ 16, 8, 7, true, "sti x87 signal " },
		{ 17, 7, 1, false, "sti signal " }, /* BUS_ADRALN */
		{ 19, 8, 7, true, "sti simd signal " },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		begin(USER_CS, INTERRUPTS);
		trap_dispatch(&regs, cases[i].vector, 0x55);
		EXPECT_TEXT(did, cases[i].did);
		EXPECT_EQ(sent.vector, cases[i].vector);
		EXPECT_EQ(sent.error_code, 0x55);
		EXPECT_EQ(sent.signal, cases[i].signal);
		EXPECT_EQ(sent.code, cases[i].code);
		EXPECT_EQ(sent.address, cases[i].address ? regs.eip : 0);
	}
	/* An x87 exception that is not pending any more. */
	begin(USER_CS, INTERRUPTS);
	fpu_code = 0;
	trap_dispatch(&regs, 16, 0);
	EXPECT_TEXT(did, "sti x87 ");
	/* The registers are loaded: no signal. */
	begin(USER_CS, INTERRUPTS);
	fpu_loads = true;
	trap_dispatch(&regs, 7, 0);
	EXPECT_TEXT(did, "sti fpu ");
}

/* What no program can have caused. */
static void not_the_programs(void)
{
	begin(USER_CS, INTERRUPTS);
	EXPECT_PANIC("sti exception (vector 15, error code 0x0)", trap_dispatch(&regs, 15, 0));
	EXPECT_PANIC("sti double fault (vector 8,", trap_dispatch(&regs, 8, 0));
	EXPECT_PANIC("mce machine check", trap_dispatch(&regs, 18, 0));
	EXPECT_TEXT(did, "");
}

/* The kernel's: an entry of the exception table, or a panic. Interrupts stay as they were. */
static void kernels(void)
{
	begin(KERNEL_CS, INTERRUPTS);
	has_fixup = true;
	trap_dispatch(&regs, 13, 0);
	EXPECT_TEXT(did, "sti fixup ");
	begin(KERNEL_CS, 0);
	has_fixup = true;
	trap_dispatch(&regs, 7, 0);
	EXPECT_TEXT(did, "fixup ");
	begin(KERNEL_CS, 0);
	EXPECT_PANIC("fixup general protection fault (vector 13, error code 0x18)",
		     trap_dispatch(&regs, 13, 0x18));
}

/* CR2 is read before interrupts are enabled. */
static void page_faults(void)
{
	begin(USER_CS, INTERRUPTS);
	trap_dispatch(&regs, 14, 7);
	EXPECT_TEXT(did, "cr2 sti fault ");
	begin(KERNEL_CS, 0);
	trap_dispatch(&regs, 14, 7);
	EXPECT_TEXT(did, "cr2 fault ");
}

static void interrupts(void)
{
	begin(USER_CS, INTERRUPTS);
	trap_dispatch(&regs, 32, 0);
	trap_dispatch(&regs, 255, 0);
	EXPECT_TEXT(did, "irq irq ");
}

/* An NMI is told eight times. */
static void nmis(void)
{
	begin(KERNEL_CS, INTERRUPTS);
	trap_dispatch(&regs, 2, 0);
	EXPECT_TEXT(console_text(), "nmi: reason=0xb1 pid=9 name=task eip=0xc0101000 count=1\n");
	EXPECT_TEXT(did, "backtrace ");
	begin(USER_CS, INTERRUPTS);
	for (u32 i = 0; i < 7; i++)
		trap_dispatch(&regs, 2, 0);
	EXPECT(strstr(console_text(), "count=8\n"));
	EXPECT_TEXT(did, "");
	console_clear();
	trap_dispatch(&regs, 2, 0);
	EXPECT_TEXT(console_text(), "");
	EXPECT_EQ(nmi_count, 9);
}

/* The first trap leaves virtual 8086 mode, as a protection fault of ring 3. */
static void vm86(void)
{
	static const u32 exceptions_of_it[] = { 0, 3, 6, 13, 14 };

	for (u32 i = 0; i < ARRAY_SIZE(exceptions_of_it); i++) {
		begin(0xf000, VM86 | 0x7000);
		regs.ds = regs.es = regs.fs = regs.gs = regs.ss = 0x1234;
		trap_dispatch(&regs, exceptions_of_it[i], 0);
		EXPECT_TEXT(did, "sti signal ");
		EXPECT(sent.vector == 13 && sent.signal == 11);
		EXPECT_EQ(regs.eflags, INTERRUPTS);
		EXPECT(regs.cs == USER_CS && regs.ss == USER_DS);
		EXPECT(regs.ds == USER_DS && regs.es == USER_DS && !regs.fs && !regs.gs);
	}
	begin(0xf000, VM86);
	trap_dispatch(&regs, 32, 0); /* interrupts stay what they are */
	EXPECT_TEXT(did, "irq ");
	EXPECT(regs.cs == USER_CS && !(regs.eflags & VM86));
	begin(0xf000, VM86);
	trap_dispatch(&regs, 2, 0);
	EXPECT(strstr(console_text(), "nmi: "));
	begin(0xf000, VM86);
	EXPECT_PANIC("mce machine check", trap_dispatch(&regs, 18, 0));
}

TAP_MAIN({ "exceptions of programs", programs },
	 { "exceptions that no program causes", not_the_programs },
	 { "exceptions of the kernel", kernels }, { "page faults", page_faults },
	 { "interrupts", interrupts }, { "NMIs", nmis }, { "virtual 8086 mode", vm86 })
