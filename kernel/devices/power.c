/* SPDX-License-Identifier: MIT */
/*
 * Power off and reset.
 *
 * No single method works on every PC, and one may hang the machine. So each is tried in turn.
 *
 *  (1) Each step waits a bounded time for its effect; then comes the next step. The last one
 *      halts.
 *  (2) Each step is logged before it is tried, on the screen too: the last line names the step
 *      that hung.
 *
 * Sources: ACPI 6.5: 4.8.3.2.1 (PM1 control), 4.8.3.7 (sleep control), 4.8.4.6 (reset register),
 * 16.1.7; ICH9 data sheet 13.7.5 (port 0xcf9); IBM PC/AT technical reference (keyboard
 * controller's command 0xfe).
 */
#include "kernel/devices/acpi.h"
#include "kernel/cpu/cpu.h"
#include "kernel/cpu/io.h"
#include "kernel/devices/pci.h"
#include "kernel/devices/power.h"
#include "kernel/devices/time.h"
#include "lib/printk.h"

#define PM1_SCI_ENABLE	 0x0001u
#define PM1_SLEEP_TYPE	 10
#define PM1_SLEEP_MASK	 0x1c00u
#define PM1_SLEEP_ENABLE 0x2000u

#define SLEEP_CONTROL_TYPE   2 /* hardware-reduced ACPI: a register of 8 bits */
#define SLEEP_CONTROL_ENABLE 0x20u

#define RESET_HARD	  0x02
#define RESET_GO	  0x04
#define KEYBOARD_PORT	  0x64
#define KEYBOARD_BUSY	  0x02
#define KEYBOARD_RESET	  0xfe
#define DEBUG_EXIT_PORT	  0xf4
#define DEBUG_EXIT_GOOD	  0x10
#define DEBUG_EXIT_FAILED 0x11

#define EFFECT_US 100000u

static void (*before_end)(void);

void power_call_before_end(void (*function)(void))
{
	before_end = function;
}

static void prepare_end(void)
{
	local_irq_disable();
	if (before_end)
		before_end();
}

void machine_halt(void)
{
	local_irq_disable();
	for (;;)
		cpu_halt();
}

/* Before ACPI mode the sleep bits are the firmware's. No specified limit: this waits up to 3 s. */
static void enter_acpi_mode(void)
{
	if ((inw(acpi.pm1a_control) & PM1_SCI_ENABLE) || !acpi.smi_command || !acpi.acpi_enable)
		return;
	outb(acpi.smi_command, acpi.acpi_enable);
	for (u32 i = 0; i < 300 && !(inw(acpi.pm1a_control) & PM1_SCI_ENABLE); i++)
		delay_us(10000);
}

static void sleep_s5(u16 port, u8 type)
{
	u32 control = inw(port) & ~(PM1_SLEEP_MASK | PM1_SLEEP_ENABLE);

	outw(port, (u16)(control | (u32)type << PM1_SLEEP_TYPE | PM1_SLEEP_ENABLE));
}

/* Writes a byte to a register that ACPI's tables name. */
static void write_register(const struct acpi_address *to, u8 value)
{
	u64 address = to->address;

	if (to->space == ACPI_MEMORY) {
		*to->memory = value;
	} else if (to->space == ACPI_IO) {
		outb((u16)address, value);
	} else {
		u32 device = address >> 32 & 31, function = address >> 16 & 7;
		u32 offset = address & 255;

		pci_write_byte((struct pci_device){ 0, (u8)device, (u8)function }, (u8)offset,
			       value);
	}
}

void machine_power_off(void)
{
	prepare_end();
	if (acpi.has_s5 && acpi.pm1a_control) {
		printk("power: off by=pm1 port=0x%x type=%u\n", acpi.pm1a_control, acpi.s5_type_a);
		printk_flush();
		enter_acpi_mode();
		sleep_s5(acpi.pm1a_control, acpi.s5_type_a);
		if (acpi.pm1b_control)
			sleep_s5(acpi.pm1b_control, acpi.s5_type_b);
		delay_us(10 * EFFECT_US);
	}
	if (acpi.has_s5 && acpi.sleep_control.address) {
		printk("power: off by=sleep-control address=%#llx type=%u\n",
		       acpi.sleep_control.address, acpi.s5_type_a);
		printk_flush();
		write_register(&acpi.sleep_control,
			       (u8)(acpi.s5_type_a << SLEEP_CONTROL_TYPE | SLEEP_CONTROL_ENABLE));
		delay_us(10 * EFFECT_US);
	}
	printk("power: s5=failed: this machine has to be switched off by hand\n");
	printk_flush();
	machine_halt();
}

static void reset_by_acpi(void)
{
	if (!acpi.has_reset)
		return;
	printk("power: reset by=acpi space=%u address=%#llx value=0x%02x\n", acpi.reset.space,
	       acpi.reset.address, acpi.reset_value);
	printk_flush();
	write_register(&acpi.reset, acpi.reset_value);
	delay_us(EFFECT_US);
}

static void reset_by_port(void)
{
	u8 value = (u8)(inb(RESET_PORT) & ~(RESET_HARD | RESET_GO | RESET_POWER_CYCLE));

	printk("power: reset by=port port=0x%x\n", RESET_PORT);
	printk_flush();
	outb(RESET_PORT, value | RESET_HARD);
	delay_us(50);
	outb(RESET_PORT, value | RESET_HARD | RESET_GO); /* the edge of this bit resets */
	delay_us(EFFECT_US);
}

static void reset_by_keyboard(void)
{
	printk("power: reset by=keyboard port=0x%x\n", KEYBOARD_PORT);
	printk_flush();
	for (u32 polls = 0; polls < 10000 && (inb(KEYBOARD_PORT) & KEYBOARD_BUSY); polls++)
		io_delay();
	outb(KEYBOARD_PORT, KEYBOARD_RESET);
	delay_us(EFFECT_US);
}

/* Without an IDT neither the breakpoint nor the faults that follow can be delivered. */
static void reset_by_triple_fault(void)
{
	static const u8 empty[6];

	printk("power: reset by=triple-fault\n");
	printk_flush();
	__asm__ volatile("lidt %0; int3" : : "m"(empty));
}

void machine_restart(void)
{
	prepare_end();
	reset_by_acpi();
	reset_by_port();
	reset_by_keyboard();
	reset_by_triple_fault();
	machine_halt();
}

void qemu_exit(bool success)
{
	prepare_end();
	outb(DEBUG_EXIT_PORT, success ? DEBUG_EXIT_GOOD : DEBUG_EXIT_FAILED);
	/*
	 * QEMU 10 ends a moment after the write, on a busy machine a long one: the next line would
	 * be sent in part.
	 */
	delay_us(10 * EFFECT_US);
	machine_power_off();
}
