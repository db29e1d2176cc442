/* SPDX-License-Identifier: MIT */
/*
 * The report of a panic, line by line, and how the machine ends after it: by exit= and panic=. A
 * panic within the report, and a third one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/types.h"

/* Control registers and interrupts are variables; panic() is not the harness's. */
#define read_cr0	  processor_read_cr0
#define read_cr2	  processor_read_cr2
#define read_cr3	  processor_read_cr3
#define read_cr4	  processor_read_cr4
#define local_irq_disable processor_irq_disable
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/gdt.h"
#undef read_cr0
#undef read_cr2
#undef read_cr3
#undef read_cr4
#undef local_irq_disable
#define read_cr0()	    0x80000011u
#define read_cr2()	    0x22u
#define read_cr3()	    0x33000u
#define read_cr4()	    0x44u
#define local_irq_disable() (interrupts = false)
static bool interrupts;

#include "lib/printk.h"
#define panic(...) kernel_panic(__VA_ARGS__)
void kernel_panic(const char *format, ...) __printf(1, 2) __noreturn;
#include "kernel/start/panic.c"
#undef panic

#include "tests/host/console.h"
#include "tests/host/tap.h"

struct options options;

static jmp_buf ended;
static char how[400];
static uintptr_t traced_ebp, traced_eip;
static u32 panics_in_backtrace;

static void note(const char *word)
{
	EXPECT(!interrupts);
	strcat(how, word);
	strcat(how, " ");
}

static void __noreturn end_by(const char *word)
{
	note(word);
	longjmp(ended, 1);
}

void machine_restart(void)
{
	end_by("restart");
}

void machine_halt(void)
{
	end_by("halt");
}

void qemu_exit(bool success)
{
	EXPECT(!success);
	end_by("qemu");
}

void screen_refresh(void)
{
	if (panics_in_backtrace > 1) {
		panics_in_backtrace = 0;
		kernel_panic("third");
	}
	note("screen");
}

void delay_us(u32 microseconds)
{
	EXPECT_EQ(microseconds, 1000000);
	note("second");
}

void trace_panic(const struct trace_options *given)
{
	EXPECT(given == &options.trace);
	note("trace");
}

void console_end_line(void)
{
	printk("<end of line>\n");
}

void console_init_early(void)
{
	note("console");
}

void backtrace(uintptr_t ebp, uintptr_t eip)
{
	traced_ebp = ebp;
	traced_eip = eip;
	printk("Call trace:\n");
	if (panics_in_backtrace)
		kernel_panic("second");
}

int current_pid(void)
{
	return 7;
}

const char *current_name(void)
{
	return "prog";
}

static const struct pt_regs regs = {
	.ebx = 0xb,
	.ecx = 0xc,
	.edx = 0xd,
	.esi = 0x51,
	.edi = 0xd1,
	.ebp = 0xeb,
	.eax = 0xa,
	.ds = 0x5000d,
	.es = 0x5000e,
	.fs = 0x5000f,
	.gs = 0x50006,
	.eip = 0xe1,
	.cs = USER_CS,
	.eflags = 0x202,
	.esp = 0xe5,
	.ss = 0x70055,
};

#define REGISTERS(esp, cs, ss)                                  \
	"EIP=000000e1 CS=" cs " EFLAGS=00000202\n"              \
	"EAX=0000000a EBX=0000000b ECX=0000000c EDX=0000000d\n" \
	"ESI=00000051 EDI=000000d1 EBP=000000eb ESP=" esp "\n"  \
	"DS=000d ES=000e FS=000f GS=0006 SS=" ss "\n"           \
	"CR0=80000011 CR2=00000022 CR3=00033000 CR4=00000044\nCall trace:\n"

static void begin_case(s32 seconds, enum exit_action action)
{
	options.panic = seconds;
	options.exit = action;
	panic_depth = 0;
	interrupts = true;
	how[0] = '\0';
	console_clear();
}

static void report_of_a_call(void)
{
	char expected[400];

	begin_case(0, EXIT_POWEROFF);
	if (!setjmp(ended))
		kernel_panic("reason %d", 5);
	snprintf(expected, sizeof(expected),
		 "<end of line>\nKernel panic - not syncing: reason 5\ntask: pid=7 name=prog\n"
		 "EBP=%08x ESP=%08x\nCR0=80000011 CR2=00000022 CR3=00033000 CR4=00000044\n"
		 "Call trace:\n",
		 (u32)traced_ebp, (u32)traced_ebp);
	EXPECT_TEXT(console_text(), expected);
	EXPECT(traced_ebp && !traced_eip);
	EXPECT_TEXT(how, "trace screen halt ");
}

static void report_of_a_trap(void)
{
	struct pt_regs kernel = regs;
	char esp[12], expected[600];

	begin_case(0, EXIT_POWEROFF);
	if (!setjmp(ended))
		panic_regs(&regs, "trap");
	EXPECT_TEXT(console_text(),
		    "<end of line>\nKernel panic - not syncing: trap\n"
		    "task: pid=7 name=prog\n" REGISTERS("000000e5", "0023", "0055"));
	EXPECT(traced_ebp == 0xeb && traced_eip == 0xe1);

	/* From ring 0: the stack is where the frame ends. */
	kernel.cs = KERNEL_CS;
	begin_case(0, EXIT_POWEROFF);
	if (!setjmp(ended))
		panic_regs(&kernel, "trap");
	snprintf(esp, sizeof(esp), "%08x", (u32)(uintptr_t)&kernel.esp);
	snprintf(expected, sizeof(expected),
		 "EBP=000000eb ESP=%s\nDS=000d ES=000e FS=000f "
		 "GS=0006 SS=000d\n",
		 esp);
	EXPECT(strstr(console_text(), "EIP=000000e1 CS=0010 "));
	EXPECT(strstr(console_text(), expected));

	/* Of a task that was switched away: its own stack. */
	begin_case(0, EXIT_POWEROFF);
	if (!setjmp(ended))
		panic_task(&kernel, "task");
	EXPECT(strstr(console_text(), "Kernel panic - not syncing: task\n"));
	EXPECT(strstr(console_text(), REGISTERS("000000e5", "0010", "0055")));
}

static void panic_now(void)
{
	if (!setjmp(ended))
		panic_task(&regs, "x");
}

static void ends(void)
{
	static const struct {
		s32 seconds;
		enum exit_action action;
		const char *how, *line;
	} cases[] = {
		{ 0, EXIT_POWEROFF, "trace screen halt ", NULL },
		{ 0, EXIT_QEMU, "trace screen qemu ", NULL },
		{ 2, EXIT_QEMU, "trace screen qemu ", NULL },
		{ 1, EXIT_HALT, "trace screen second restart ", "Rebooting in 1 seconds\n" },
		{ 3, EXIT_REBOOT, "trace screen second second second restart ",
		  "Rebooting in 3 seconds\n" },
		{ -1, EXIT_POWEROFF, "trace screen restart ", NULL },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		begin_case(cases[i].seconds, cases[i].action);
		panic_now();
		EXPECT_TEXT(how, cases[i].how);
		EXPECT_EQ(strstr(console_text(), "Rebooting") != NULL, cases[i].line != NULL);
		if (cases[i].line)
			EXPECT(strstr(console_text(), cases[i].line));
	}
}

/* The second one skips the rest of the report; the third only halts. */
static void panics_in_a_panic(void)
{
	begin_case(0, EXIT_QEMU);
	panics_in_backtrace = 1;
	if (!setjmp(ended))
		kernel_panic("first");
	EXPECT(strstr(console_text(), "Call trace:\n<end of line>\n"
				      "Kernel panic - not syncing: second\n"));
	EXPECT(!strstr(strstr(console_text(), "second"), "task:"));
	EXPECT_TEXT(how, "trace screen qemu ");

	begin_case(0, EXIT_QEMU);
	panics_in_backtrace = 2;
	if (!setjmp(ended))
		kernel_panic("first");
	EXPECT(!strstr(console_text(), "third"));
	EXPECT_TEXT(how, "trace halt ");
}

static void another_loader(void)
{
	begin_case(0, EXIT_POWEROFF);
	interrupts = false;
	if (!setjmp(ended))
		entry_magic_wrong(0x2badb002);
	EXPECT(strstr(console_text(), "Kernel panic - not syncing: boot: no hand-off from the "
				      "loader: magic=0x2badb002\n"));
	EXPECT_TEXT(how, "console trace screen halt ");
}

TAP_MAIN({ "panic()", report_of_a_call }, { "registers of a trap", report_of_a_trap },
	 { "the end", ends }, { "panics in a panic", panics_in_a_panic },
	 { "another loader", another_loader })
