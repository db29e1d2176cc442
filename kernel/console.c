/* SPDX-License-Identifier: MIT */
/*
 * The console.
 *
 *     printk() ──> console_write() ──> indentation, CR LF ──> 16 characters ──> serial_send(), screen_write()
 *                        └──> early_text, until console_setup() knows the right line
 *
 *  1. A message of printk() or one console_write() is not interrupted by another one, but for an
 *     NMI or a panic.
 *  2. Without a UART everything is dropped in silence: a machine without serial line has to boot as
 *     well.
 */
#include "kernel/console.h"
#include "kernel/logbuf.h"
#include "kernel/options.h"
#include "kernel/screen.h"
#include "kernel/serial.h"
#include "lib/irq.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/string.h"

#define MESSAGE_SIZE 512

static struct serial line;
static bool inside_line;
static bool indented_line; /* the line that is open is a program's */
static unsigned int indent;

static char early_text[KiB(2)];
static size_t early_used;
static bool early = true;

/* Characters on their way to the line, as many as its FIFO takes. */
struct burst {
	size_t used;
	char text[SERIAL_FIFO];
};

static void burst_end(struct burst *burst)
{
	serial_send(&line, burst->text, burst->used);
	screen_write(burst->text, burst->used);
	logbuf_write(burst->text, burst->used);
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
		for (unsigned int i = 0; i < indent; i++)
			burst_put(burst, ' ');
		inside_line = true;
		indented_line = indent;
	}
	burst_put(burst, c);
}

static void remember_early(const char *text, size_t count)
{
	count = min(count, sizeof(early_text) - early_used);
	memcpy(early_text + early_used, text, count);
	early_used += count;
}

void console_write(const char *text, size_t count)
{
	struct burst burst = { .used = 0 };
	unsigned long flags = irq_save();

	if (early)
		remember_early(text, count);
	for (size_t i = 0; i < count; i++)
		console_put(&burst, text[i]);
	burst_end(&burst);
	irq_restore(flags);
}

void console_set_indent(unsigned int blanks)
{
	indent = blanks;
}

void console_end_line(void)
{
	if (inside_line)
		console_write("\n", 1);
}

void printk(const char *format, ...)
{
	char message[MESSAGE_SIZE];
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = (size_t)vscnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);

	/* What the kernel says is never a part of a program's line. */
	if (inside_line && indented_line && !indent)
		console_end_line();
	/* A message that was cut still ends its line. */
	if (length == sizeof(message) - 1)
		message[length - 1] = '\n';
	console_write(message, length);
}

void console_init_early(void)
{
	u16 port = serial_port(0);

	if (serial_probe(port))
		serial_open(&line, port, CONSOLE_BAUD);
}

/* The UART that the option means; 0: none. */
static u16 find_port(const struct console_option *wanted)
{
	if (wanted->kind == CONSOLE_NONE)
		return 0;
	if (wanted->kind == CONSOLE_PORT)
		return serial_probe(wanted->port) ? wanted->port : 0;
	for (unsigned int i = 0; i < SERIAL_PORTS; i++) {
		if (serial_probe(serial_port(i)))
			return serial_port(i);
	}
	return 0;
}

void console_setup(const char *option)
{
	struct console_option wanted;
	u16 before = line.port, port;

	if (!console_option_parse(option, &wanted)) {
		printk("option: bad value name=console value=%s (ignored)\n", option);
		console_option_parse("", &wanted);
	}
	port = find_port(&wanted);
	early = false;
	line.port = 0;
	if (!port)
		return;
	serial_open(&line, port, wanted.baud);
	if (port != before) {
		inside_line = false;
		console_write(early_text, early_used);
	}
	printk("console: port=0x%x baud=%u\n", port, wanted.baud);
}
