/* SPDX-License-Identifier: MIT */
/*
 * Panic: panic() (lib/printk.h) and its variants for a trap report, then stop.
 *
 *     Kernel panic - not syncing: TEXT
 *     task: pid=0 name=boot
 *     EIP=... CS=... EFLAGS=... and the other registers
 *     CR0=... CR2=... CR3=... CR4=...
 *     Call trace:
 *      [<c0101234>] function+0x12/0x40
 *
 * Then exit=qemu ends QEMU with the status of a failure. Else panic= decides whether the machine
 * waits or restarts (kernel/start/options.h).
 *
 *  (1) The report takes no lock and allocates nothing. A panic during the report skips the rest of
 *      it; a third one halts at once.
 *  (2) `Kernel panic - not syncing: ` always starts a line, even if another line was open.
 */
#include "abi/boot/boot_info.h"
#include "kernel/cpu/backtrace.h"
#include "kernel/console/console.h"
#include "kernel/cpu/cpu.h"
#include "kernel/start/options.h"
#include "kernel/devices/power.h"
#include "kernel/console/screen.h"
#include "kernel/devices/time.h"
#include "lib/printf.h"
#include "lib/printk.h"

#define TEXT_SIZE 256

_Static_assert(ENTRY_MAGIC == BOOT_INFO_MAGIC, "entry.S does not know the loader");

static int panic_depth;

static void print_control_registers(void)
{
	printk("CR0=%08x CR2=%08x CR3=%08x CR4=%08x\n", read_cr0(), read_cr2(), read_cr3(),
	       read_cr4());
}

static __noreturn void end(void)
{
	trace_panic(&options.trace);
	if (options.panic > 0 && options.exit != EXIT_QEMU)
		printk("Rebooting in %d seconds\n", options.panic);
	screen_refresh();
	if (options.exit == EXIT_QEMU)
		qemu_exit(false);
	if (options.panic > 0) {
		for (s32 i = 0; i < options.panic; i++)
			delay_us(1000000);
	}
	if (options.panic != 0)
		machine_restart();
	machine_halt();
}

static __noreturn void report(const struct pt_regs *regs, u32 esp, u16 ss)
{
	printk("EIP=%08x CS=%04x EFLAGS=%08x\n", regs->eip, (u16)regs->cs, regs->eflags);
	printk("EAX=%08x EBX=%08x ECX=%08x EDX=%08x\n", regs->eax, regs->ebx, regs->ecx, regs->edx);
	printk("ESI=%08x EDI=%08x EBP=%08x ESP=%08x\n", regs->esi, regs->edi, regs->ebp, esp);
	printk("DS=%04x ES=%04x FS=%04x GS=%04x SS=%04x\n", (u16)regs->ds, (u16)regs->es,
	       (u16)regs->fs, (u16)regs->gs, ss);
	print_control_registers();
	backtrace(regs->ebp, regs->eip);
	end();
}

/* Prints the first line. Returns only in the outermost panic. */
static void begin(const char *format, va_list arguments)
{
	char text[TEXT_SIZE];

	local_irq_disable();
	if (++panic_depth > 2)
		machine_halt();
	console_end_line();
	vscnprintf(text, sizeof(text), format, arguments);
	printk("Kernel panic - not syncing: %s\n", text);
	if (panic_depth == 2)
		end();
	printk("task: pid=%d name=%s\n", current_pid(), current_name());
}

void panic(const char *format, ...)
{
	uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
	va_list arguments;

	va_start(arguments, format);
	begin(format, arguments);
	va_end(arguments);
	printk("EBP=%08x ESP=%08x\n", (u32)frame, (u32)frame);
	print_control_registers();
	backtrace(frame, 0);
	end();
}

void panic_regs(const struct pt_regs *regs, const char *format, ...)
{
	bool user = user_mode(regs);
	va_list arguments;

	va_start(arguments, format);
	begin(format, arguments);
	va_end(arguments);

	/* A trap from ring 0 does not switch stacks: ESP was at the end of the frame. */
	report(regs, user ? regs->esp : (u32)(uintptr_t)&regs->esp,
	       user ? (u16)regs->ss : (u16)regs->ds);
}

void panic_task(const struct pt_regs *regs, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	begin(format, arguments);
	va_end(arguments);
	report(regs, regs->esp, (u16)regs->ss);
}

/* entry.S calls this if EAX is not BOOT_INFO_MAGIC: our loader did not start the kernel. */
void entry_magic_wrong(u32 magic) __noreturn;
void entry_magic_wrong(u32 magic)
{
	console_init_early();
	panic("boot: no hand-off from the loader: magic=0x%08x", magic);
}
