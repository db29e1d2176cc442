/* SPDX-License-Identifier: MIT */
/*
 * A serial line.
 *
 *  1. No loop waits for the hardware without a bound: without a UART a port reads 0xff, with flow
 *     control or a stopped reader the transmitter may never get ready.
 *
 * Source: National Semiconductor PC16550D data sheet, 8.0.
 */
#include "kernel/io.h"
#include "kernel/serial.h"

/* Registers, from the first port; with the divisor latch open the first two are the divisor. */
#define UART_DATA	      0
#define UART_INTERRUPT_ENABLE 1
#define UART_FIFO_CONTROL     2 /* write */
#define UART_INTERRUPT_ID     2 /* read */
#define UART_LINE_CONTROL     3
#define UART_MODEM_CONTROL    4
#define UART_LINE_STATUS      5
#define UART_MODEM_STATUS     6

#define LINE_8N1	0x03
#define LINE_DIVISOR	0x80
#define FIFO_ENABLE	0x07 /* and empty both */
#define FIFO_WORKS	0xc0
#define MODEM_DTR_RTS	0x03
#define MODEM_LOOP	0x10
#define STATUS_CAN_SEND 0x20 /* the FIFO (or the holding register) is empty */
#define STATUS_ALL_SENT 0x40

#define BASE_BAUD 115200u

/* A poll takes about 1 us on a PC, and 16 characters at 300 baud take half a second. */
#define POLL_LIMIT	    1000000u
#define TIMEOUTS_TO_GIVE_UP 4u

static bool wait_for(u16 port, u8 status)
{
	for (u32 polls = 0; polls < POLL_LIMIT; polls++) {
		if (inb(port + UART_LINE_STATUS) & status)
			return true;
	}
	return false;
}

/*
 * In loop-back mode the four modem outputs come back as the modem inputs: RTS as CTS, OUT2 as DCD
 * and so on.
 */
static bool loops_back(u16 port)
{
	u8 saved = inb(port + UART_MODEM_CONTROL);
	u8 first, second;

	outb(port + UART_MODEM_CONTROL, MODEM_LOOP | 0x0a);
	first = inb(port + UART_MODEM_STATUS) & 0xf0;
	outb(port + UART_MODEM_CONTROL, MODEM_LOOP | 0x05);
	second = inb(port + UART_MODEM_STATUS) & 0xf0;
	outb(port + UART_MODEM_CONTROL, saved);
	return first == 0x90 && second == 0x60;
}

bool serial_probe(u16 port)
{
	/* The upper half of the interrupt-enable register always reads as 0. */
	outb(port + UART_INTERRUPT_ENABLE, 0);
	if (inb(port + UART_INTERRUPT_ENABLE) != 0)
		return false;
	return loops_back(port);
}

void serial_open(struct serial *line, u16 port, u32 baud)
{
	u32 divisor = baud ? (BASE_BAUD + baud / 2) / baud : 1;

	if (divisor == 0)
		divisor = 1;
	wait_for(port, STATUS_ALL_SENT); /* the firmware's last words */
	outb(port + UART_LINE_CONTROL, LINE_DIVISOR | LINE_8N1);
	outb(port + UART_DATA, (u8)divisor);
	outb(port + UART_INTERRUPT_ENABLE, (u8)(divisor >> 8));
	outb(port + UART_LINE_CONTROL, LINE_8N1);
	outb(port + UART_INTERRUPT_ENABLE, 0);
	outb(port + UART_FIFO_CONTROL, FIFO_ENABLE);
	outb(port + UART_MODEM_CONTROL, MODEM_DTR_RTS);
	line->port = port;
	line->depth = (inb(port + UART_INTERRUPT_ID) & FIFO_WORKS) == FIFO_WORKS ? SERIAL_FIFO : 1;
	line->timeouts = 0;
}

void serial_send(struct serial *line, const char *text, size_t count)
{
	size_t done = 0;

	while (done < count && line->port) {
		size_t end = min(count, done + line->depth);

		if (!wait_for(line->port, STATUS_CAN_SEND)) {
			if (++line->timeouts == TIMEOUTS_TO_GIVE_UP)
				line->port = 0;
			return;
		}
		line->timeouts = 0;
		while (done < end)
			outb(line->port + UART_DATA, (u8)text[done++]);
	}
}
