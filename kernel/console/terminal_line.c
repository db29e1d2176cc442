/* SPDX-License-Identifier: MIT */
#include "kernel/console/terminal_line.h"
#include "kernel/devices/serial.h"
#include "lib/irq.h"
#include "lib/printk.h"

static struct serial line;

void terminal_line_open(const struct console_option *option)
{
	struct uart uart = uart_at_port(option->port);

	if (!serial_probe(&uart)) {
		printk("terminal: absent=0x%x: programs write to the log\n", option->port);
		return;
	}
	serial_open(&line, &uart, option->baud);
	printk("terminal: port=0x%x baud=%u\n", option->port, option->baud);
}

bool terminal_line_there(void)
{
	return line.there;
}

void terminal_line_write(const char *text, size_t count)
{
	unsigned long flags = irq_save();

	serial_send(&line, text, count);
	irq_restore(flags);
}

bool terminal_line_read(char *c)
{
	return line.there && serial_receive(&line, c);
}
