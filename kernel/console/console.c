/* SPDX-License-Identifier: MIT */
/*
 * The console: one log, several outputs.
 *
 *     printk() ─> console_write() ─────┬─> CR LF ─> 16 characters ─> serial_send(), screen_write()
 *                        └─> kmsg ring └── two blanks, \xNN <─ console_write_program() <─ ring 3
 *
 *  (1) A message of printk() or one console_write() is not interrupted by another one, except from
 *      an NMI or a panic.
 *  (2) Without a UART the screen and the log buffer are the only outputs: a machine without a
 *      serial line must boot too.
 *  (3) The serial line that is finally chosen gets the log from its first character: the ring
 *      (kmsg.h) is repeated there. Characters that it has lost are counted. The screen and the log
 *      buffer get everything once.
 *  (4) A line of the log is the kernel's or a program's, and its first column tells which. Text of
 *      programs begins after PROGRAM_INDENT blanks and shares no line with the kernel's.
 *  (5) Control characters, which could fake a line on a terminal or for a reader, reach the log as
 *      \xNN: a program's here, those in names in printk().
 */
#include "kernel/console/console.h"
#include "kernel/devices/acpi.h"
#include "kernel/console/kmsg.h"
#include "kernel/console/kmsg_files.h"
#include "kernel/console/logbuf.h"
#include "kernel/devices/console_option.h"
#include "kernel/console/screen.h"
#include "kernel/devices/serial.h"
#include "kernel/devices/time.h"
#include "kernel/devices/uart_find.h"
#include "lib/assert.h"
#include "lib/irq.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/string.h"

#define MESSAGE_SIZE   512
#define PROGRAM_INDENT 2

static struct serial line;
static bool inside_line;
static bool program_line; /* the open line is a program's */
static char program_last; /* the last character that programs wrote */

static bool chosen; /* the line: no output is repeated any more */
static struct console_option wanted;

/* Characters for the line, as many as its FIFO takes. */
struct burst {
	bool repeated; /* the screen and the log buffer have them already */
	bool program;  /* written by a program */
	size_t used;
	char text[SERIAL_FIFO];
};

static void burst_end(struct burst *burst)
{
	serial_send(&line, burst->text, burst->used);
	if (!burst->repeated) {
		screen_write(burst->text, burst->used);
		logbuf_write(burst->text, burst->used);
	}
	burst->used = 0;
}

static void burst_put(struct burst *burst, char c)
{
	if (burst->used == SERIAL_FIFO)
		burst_end(burst);
	burst->text[burst->used++] = c;
}

static void console_put(struct burst *burst, char c)
{
	if (c == '\n') {
		burst_put(burst, '\r');
		inside_line = false;
	} else if (!inside_line) {
		for (u32 i = 0; burst->program && i < PROGRAM_INDENT; i++)
			burst_put(burst, ' ');
		inside_line = true;
		program_line = burst->program;
	}
	burst_put(burst, c);
}

/* (4): if the open line is the other's, ends it. */
static void console_take_turn(struct burst *burst)
{
	if (inside_line && program_line != burst->program)
		console_put(burst, '\n');
}

static void console_put_foreign(struct burst *burst, char c)
{
	char text[4] = { c };
	u32 length = c == '\n' || c == '\t' ? 1 : escape_control(text, program_last, c);

	for (u32 i = 0; i < length; i++)
		console_put(burst, text[i]);
	program_last = c;
}

/* Calls show() with each piece of the log so far. */
static void each_line(void (*show)(void *context, const char *text, size_t count), void *context)
{
	struct kmsg_record record;
	const char *open;
	u32 length;

	for (u64 next = kmsg_first(); kmsg_find(next, &record); next = record.number + 1) {
		show(context, record.text, record.length);
		show(context, "\n", 1);
	}
	length = kmsg_open_line(&open);
	show(context, open, length);
}

static void repeat_piece(void *context, const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		console_put(context, text[i]);
}

static void repeat_early(void)
{
	struct burst burst = { .repeated = true };
	unsigned long flags = irq_save();

	inside_line = false;
	each_line(repeat_piece, &burst);
	if (inside_line)
		console_put(&burst, '\n');
	burst_end(&burst);
	irq_restore(flags);
}

/* Writes count characters of the kernel's log; '\n' becomes CR LF. */
static void console_write(const char *text, size_t count)
{
	struct burst burst = { .used = 0 };
	const char *end = text + count;
	unsigned long flags = irq_save();

	console_take_turn(&burst);
	for (const char *at = text; at < end; at++) {
		console_put(&burst, *at);
		if (*at == '\n') {
			kmsg_end_line(text, (size_t)(at - text), clock_counts());
			text = at + 1;
		}
	}
	if (text < end)
		kmsg_extend_line(text, (size_t)(end - text), clock_counts());
	burst_end(&burst);
	kmsg_wake();
	irq_restore(flags);
}

static void show_piece(void *context, const char *text, size_t count)
{
	(void)context;
	screen_write(text, count);
}

void console_show_early(void)
{
	each_line(show_piece, NULL);
}

void console_write_program(const char *text, size_t count)
{
	struct burst burst = { .program = true };
	unsigned long flags = irq_save();

	console_take_turn(&burst);
	for (size_t i = 0; i < count; i++)
		console_put_foreign(&burst, text[i]);
	burst_end(&burst);
	irq_restore(flags);
}

void console_end_line(void)
{
	if (inside_line)
		console_write("\n", program_line ? 0 : 1);
}

void printk_flush(void)
{
	screen_refresh();
}

void printk(const char *format, ...)
{
	char message[MESSAGE_SIZE];
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = (size_t)vscnprintf_escaped(message, sizeof(message), format, arguments);
	va_end(arguments);

	/* A truncated message still ends its line. */
	if (length == sizeof(message) - 1)
		message[length - 1] = '\n';
	console_write(message, length);
}

void console_init_early(void)
{
	struct uart uart = uart_at_port(serial_port(0));

	if (serial_probe(&uart))
		serial_open(&line, &uart, CONSOLE_BAUD);
}

/*
 * Switches to this UART; baud 0 is the firmware's rate. The line that announces the switch is the
 * last one on the old line, and is repeated on the new one.
 */
static void go_on_at(const struct uart *uart, u32 baud, const char *source)
{
	if (uart->port)
		printk("console: port=0x%x", uart->port);
	else
		printk("console: memory=0x%llx stride=%u", uart->memory, uart->stride);
	if (baud)
		printk(" baud=%u source=%s\n", baud, source);
	else
		printk(" baud=firmware source=%s\n", source);
	if (!serial_open(&line, uart, baud))
		return;
	repeat_early();
	if (kmsg_lost())
		printk("console: lost=%u unit=characters\n", (u32)kmsg_lost());
}

void console_setup(const char *option)
{
	struct uart uart;
	bool found = false;

	if (!console_option_parse(option, &wanted)) {
		printk("option: bad value name=console value=%s (ignored)\n", option);
		console_option_parse("", &wanted);
	}
	if (wanted.kind == CONSOLE_MEMORY)
		return; /* COM1 is used until memory can be mapped */
	if (wanted.kind == CONSOLE_PORT) {
		uart = uart_at_port(wanted.port);
		found = serial_answers(&uart);
	} else if (wanted.kind == CONSOLE_ANY) {
		found = uart_find_com(&uart);
	}
	if (found)
		go_on_at(&uart, wanted.baud, wanted.kind == CONSOLE_PORT ? "option" : "probe");
	else if (wanted.kind == CONSOLE_PORT)
		printk("console: absent=%s\n", option);
	line.there = found;
}

void console_setup_late(void)
{
	struct uart uart;

	BUG_ON(chosen); /* once */
	if (wanted.kind == CONSOLE_MEMORY) {
		if (uart_find_memory(&uart, wanted.address, wanted.wide ? 4 : 1, wanted.wide))
			go_on_at(&uart, wanted.baud, "option");
		else
			printk("console: absent=0x%x\n", wanted.address);
	} else if (wanted.kind == CONSOLE_ANY) {
		if (acpi.has_uart && uart_find_acpi(&acpi.uart, &uart))
			go_on_at(&uart, acpi.uart.baud, "spcr");
		else if (acpi.has_uart)
			printk("console: absent=0x%llx\n", acpi.uart.address);
		if (!line.there && uart_find_pci(&uart))
			go_on_at(&uart, wanted.baud, "pci");
	}
	chosen = true;
}
