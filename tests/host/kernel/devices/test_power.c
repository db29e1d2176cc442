/* SPDX-License-Identifier: MIT */
/*
 * Power off and reset: every write to a port or register, in order, on machines that ignore it, so
 * that the next step follows. A wait is a line of the record too.
 */
#define KERNEL_CPU_IO_H /* the record is the ports */
#define KERNEL_CPU_CPU_H
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/types.h"

static u8 inb(u16 port);
static u16 inw(u16 port);
static void outb(u16 port, u8 value);
static void outw(u16 port, u16 value);
static void io_delay(void);
static void local_irq_disable(void);
static void cpu_halt(void);

#include "kernel/devices/power.c"

#include "tests/host/console.h"
#include "tests/host/tap.h"

#define PM1A	0x604u
#define PM1B	0x704u
#define COMMAND 0xb2u

struct acpi acpi;

static char record[2000];
static jmp_buf halted;
static u16 pm1a, pm1b;
static u8 reset_port, keyboard_status;
static u32 acpi_mode_after; /* waits until the firmware has changed to ACPI mode */
static u32 delays;
static size_t shown; /* of the log, at the last printk_flush() */

static void note(const char *format, ...) __printf(1, 2);
static void note(const char *format, ...)
{
	size_t length = strlen(record);
	va_list list;

	EXPECT_EQ(strlen(console_text()),
		  shown); /* the line that names the step is on the screen */
	va_start(list, format);
	vsnprintf(record + length, sizeof(record) - length, format, list);
	va_end(list);
}

static u8 inb(u16 port)
{
	if (port == 0xcf9)
		return reset_port;
	EXPECT_EQ(port, 0x64);
	return keyboard_status;
}

static u16 inw(u16 port)
{
	EXPECT(port == PM1A || port == PM1B);
	return port == PM1A ? pm1a : pm1b;
}

static void outb(u16 port, u8 value)
{
	note("outb %x %x\n", port, value);
}

static void outw(u16 port, u16 value)
{
	note("outw %x %x\n", port, value);
}

static void io_delay(void)
{
	delays++;
}

void delay_us(u32 microseconds)
{
	if (acpi_mode_after && !--acpi_mode_after)
		pm1a |= 1;
	if (microseconds == 10000)
		delays++;
	else
		note("wait %u\n", microseconds);
}

static void local_irq_disable(void)
{
	note("cli\n");
}

static void cpu_halt(void)
{
	note("hlt\n");
	longjmp(halted, 1);
}

void pci_write_byte(struct pci_device device, u8 place, u8 value)
{
	note("pci %u:%u.%u %x %x\n", device.bus, device.device, device.function, place, value);
}

/* The last step of a reset has no effect that can be seen here: the record ends before it. */
void printk_flush(void)
{
	shown = strlen(console_text());
	if (strstr(console_text(), "triple-fault"))
		longjmp(halted, 1);
}

static void before(void)
{
	note("disks\n");
}

/* What was written until the machine halted. */
static const char *ends_by(void (*function)(void))
{
	record[0] = '\0';
	delays = 0;
	shown = 0;
	console_clear();
	if (!setjmp(halted))
		function();
	return record;
}

static void off_by_pm1(void)
{
	acpi = (struct acpi){
		.pm1a_control = PM1A, .has_s5 = true, .s5_type_a = 5, .s5_type_b = 3
	};
	pm1a = 0xffff;
	EXPECT_TEXT(ends_by(machine_power_off), "cli\noutw 604 f7ff\nwait 1000000\ncli\nhlt\n");
	EXPECT_TEXT(console_text(),
		    "power: off by=pm1 port=0x604 type=5\n"
		    "power: s5=failed: this machine has to be switched off by hand\n");
	/* A second block of registers has a type of its own. */
	acpi.pm1b_control = PM1B;
	pm1a = 1;
	pm1b = 0x1c00;
	EXPECT_TEXT(ends_by(machine_power_off),
		    "cli\noutw 604 3401\noutw 704 2c00\nwait 1000000\ncli\nhlt\n");
	acpi.has_s5 = false;
	EXPECT_TEXT(ends_by(machine_power_off), "cli\ncli\nhlt\n");
	acpi = (struct acpi){ .has_s5 = true };
	EXPECT_TEXT(ends_by(machine_power_off), "cli\ncli\nhlt\n");
}

static void acpi_mode(void)
{
	acpi = (struct acpi){ .pm1a_control = PM1A, .has_s5 = true, .s5_type_a = 0 };
	/* No command is known: the machine is always in ACPI mode. */
	EXPECT_TEXT(ends_by(machine_power_off), "cli\noutw 604 2000\nwait 1000000\ncli\nhlt\n");
	acpi.acpi_enable = 0xf1;
	ends_by(machine_power_off);
	EXPECT(!strstr(record, "f1"));
	acpi.smi_command = COMMAND;
	acpi.acpi_enable = 0;
	EXPECT(!strstr(ends_by(machine_power_off), "outb"));
	acpi.acpi_enable = 0xf1;
	acpi_mode_after = 7;
	EXPECT_TEXT(ends_by(machine_power_off),
		    "cli\noutb b2 f1\noutw 604 2001\nwait 1000000\ncli\nhlt\n");
	EXPECT_EQ(delays, 7);
	/* It is already there. */
	EXPECT(!strstr(ends_by(machine_power_off), "outb"));
	/* It never comes: 3 s. */
	pm1a = 0;
	EXPECT_TEXT(ends_by(machine_power_off),
		    "cli\noutb b2 f1\noutw 604 2000\nwait 1000000\ncli\nhlt\n");
	EXPECT_EQ(delays, 300);
}

static void off_by_sleep_control(void)
{
	u8 memory = 0;

	acpi = (struct acpi){ .has_s5 = true, .s5_type_a = 5 };
	acpi.sleep_control = (struct acpi_address){ .address = 0xb4, .space = ACPI_IO };
	EXPECT_TEXT(ends_by(machine_power_off), "cli\noutb b4 34\nwait 1000000\ncli\nhlt\n");
	EXPECT_TEXT(console_text(),
		    "power: off by=sleep-control address=0xb4 type=5\n"
		    "power: s5=failed: this machine has to be switched off by hand\n");
	acpi.sleep_control.space = ACPI_MEMORY;
	acpi.sleep_control.memory = &memory;
	EXPECT_TEXT(ends_by(machine_power_off), "cli\nwait 1000000\ncli\nhlt\n");
	EXPECT_EQ(memory, 0x34);
	acpi.sleep_control.space = ACPI_PCI;
	acpi.sleep_control.address = 0x1f000700b1ull;
	EXPECT_TEXT(ends_by(machine_power_off), "cli\npci 0:31.7 b1 34\nwait 1000000\ncli\nhlt\n");
	acpi.has_s5 = false;
	EXPECT_TEXT(ends_by(machine_power_off), "cli\ncli\nhlt\n");
}

static void resets(void)
{
	acpi = (struct acpi){ .has_reset = true, .reset_value = 6 };
	acpi.reset = (struct acpi_address){ .address = 0xb3, .space = ACPI_IO };
	reset_port = 0xff;
	EXPECT_TEXT(ends_by(machine_restart), "cli\noutb b3 6\nwait 100000\n"
					      "outb cf9 f3\nwait 50\noutb cf9 f7\nwait 100000\n"
					      "outb 64 fe\nwait 100000\n");
	EXPECT_TEXT(console_text(), "power: reset by=acpi space=1 address=0xb3 value=0x06\n"
				    "power: reset by=port port=0xcf9\n"
				    "power: reset by=keyboard port=0x64\n"
				    "power: reset by=triple-fault\n");
	EXPECT_EQ(delays, 0);
	/* No register of ACPI; the keyboard controller is busy for ever. */
	acpi.has_reset = false;
	reset_port = 0;
	keyboard_status = 2;
	EXPECT_TEXT(ends_by(machine_restart), "cli\noutb cf9 2\nwait 50\noutb cf9 6\nwait 100000\n"
					      "outb 64 fe\nwait 100000\n");
	EXPECT_EQ(delays, 10000);
}

static void good(void)
{
	qemu_exit(true);
}

static void failed(void)
{
	qemu_exit(false);
}

static void by_qemu(void)
{
	EXPECT_TEXT(ends_by(good), "cli\noutb f4 10\nwait 1000000\ncli\ncli\nhlt\n");
	EXPECT_TEXT(ends_by(failed), "cli\noutb f4 11\nwait 1000000\ncli\ncli\nhlt\n");
}

static void disks_first(void)
{
	power_call_before_end(before);
	EXPECT_TEXT(ends_by(machine_power_off), "cli\ndisks\ncli\nhlt\n");
	EXPECT_TEXT(ends_by(good), "cli\ndisks\noutb f4 10\nwait 1000000\ncli\ndisks\ncli\nhlt\n");
	EXPECT_TEXT(ends_by(machine_restart), "cli\ndisks\noutb cf9 2\nwait 50\noutb cf9 6\n"
					      "wait 100000\noutb 64 fe\nwait 100000\n");
	EXPECT_TEXT(ends_by(machine_halt), "cli\nhlt\n");
}

TAP_MAIN({ "off by PM1", off_by_pm1 }, { "ACPI mode first", acpi_mode },
	 { "off by the sleep control register", off_by_sleep_control }, { "resets", resets },
	 { "QEMU's exit", by_qemu }, { "the disks first", disks_first })
