/* SPDX-License-Identifier: MIT */
/*
 * The serial line for programs: it is opened if a UART answers, and bytes pass as they are.
 *
 * sources: kernel/console/terminal_line.c
 */
#include <string.h>

#include "kernel/console/terminal_line.h"
#include "kernel/devices/serial.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

static bool answers, arrives;
static char sent[20];
static u32 opens;

struct uart uart_at_port(u16 port)
{
	EXPECT_EQ(port, 0x2f8);
	return (struct uart){ .port = port };
}

bool serial_probe(const struct uart *uart)
{
	EXPECT_EQ(uart->port, 0x2f8);
	return answers;
}

bool serial_open(struct serial *serial, const struct uart *uart, u32 baud)
{
	EXPECT(uart->port == 0x2f8 && baud == 9600);
	serial->there = true;
	opens++;
	return true;
}

void serial_send(struct serial *serial, const char *text, size_t count)
{
	EXPECT(serial->there && irq_depth() == 1);
	strncat(sent, text, count);
}

bool serial_receive(struct serial *serial, char *c)
{
	EXPECT(serial->there);
	*c = 'x';
	return arrives;
}

static const struct console_option option = { .kind = CONSOLE_PORT, .port = 0x2f8, .baud = 9600 };

static void absent(void)
{
	char c;

	EXPECT(!terminal_line_there() && !terminal_line_read(&c));
	terminal_line_open(&option);
	EXPECT_TEXT(console_text(), "terminal: absent=0x2f8: programs write to the log\n");
	EXPECT(!terminal_line_there() && !terminal_line_read(&c) && !opens);
}

static void open(void)
{
	char c;

	answers = true;
	terminal_line_open(&option);
	EXPECT_TEXT(console_text(), "terminal: port=0x2f8 baud=9600\n");
	EXPECT(terminal_line_there() && opens == 1 && !terminal_line_read(&c));
	arrives = true;
	EXPECT(terminal_line_read(&c) && c == 'x');
	terminal_line_write("a\nbc", 3);
	EXPECT_TEXT(sent, "a\nb");
	EXPECT_EQ(irq_depth(), 0);
}

TAP_MAIN({ "no UART", absent }, { "a line", open })
