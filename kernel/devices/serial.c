/* SPDX-License-Identifier: MIT */
/*
 * A serial line.
 *
 *  (1) Every wait for the hardware is bounded: a port without a UART reads 0xff, and flow control
 *      or a stopped reader may block the transmitter for ever.
 *
 * Source: National Semiconductor PC16550D data sheet, 8.0.
 */
#include "kernel/cpu/io.h"
#include "kernel/devices/serial.h"

/* Registers. With the divisor latch open the first two are the divisor. */
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
#define FIFO_ENABLE	0x07 /* and clear both FIFOs */
#define FIFO_WORKS	0xc0
#define MODEM_DTR_RTS	0x03
#define MODEM_LOOP	0x10
#define STATUS_ARRIVED	0x01
#define STATUS_CAN_SEND 0x20 /* the FIFO (or the holding register) is empty */
#define STATUS_ALL_SENT 0x40

/* A poll takes about 1 us on a PC; 16 characters at 300 baud take half a second. */
#define POLL_LIMIT	    1000000u
#define TIMEOUTS_TO_GIVE_UP 4u

static u8 get(const struct uart *uart, u32 number)
{
	volatile void *place;

	if (uart->port)
		return inb((u16)(uart->port + number));
	place = (volatile u8 *)uart->registers + number * uart->stride;
	return uart->wide ? (u8) * (volatile u32 *)place : *(volatile u8 *)place;
}

static void set(const struct uart *uart, u32 number, u8 value)
{
	volatile void *place;

	if (uart->port) {
		outb((u16)(uart->port + number), value);
		return;
	}
	place = (volatile u8 *)uart->registers + number * uart->stride;
	if (uart->wide)
		*(volatile u32 *)place = value;
	else
		*(volatile u8 *)place = value;
}

struct uart uart_at_port(u16 port)
{
	return (struct uart){ .port = port, .base_baud = UART_BASE_BAUD };
}

bool uart_same(const struct uart *a, const struct uart *b)
{
	return a->port == b->port && a->memory == b->memory;
}

static bool wait_for(const struct uart *uart, u8 status)
{
	for (u32 polls = 0; polls < POLL_LIMIT; polls++) {
		if (get(uart, UART_LINE_STATUS) & status)
			return true;
	}
	return false;
}

/* In loop-back mode the modem outputs are the modem inputs: RTS is CTS, OUT2 is DCD and so on. */
static bool loops_back(const struct uart *uart)
{
	u8 saved = get(uart, UART_MODEM_CONTROL);
	u8 first, second;

	set(uart, UART_MODEM_CONTROL, MODEM_LOOP | 0x0a);
	first = get(uart, UART_MODEM_STATUS) & 0xf0;
	set(uart, UART_MODEM_CONTROL, MODEM_LOOP | 0x05);
	second = get(uart, UART_MODEM_STATUS) & 0xf0;
	set(uart, UART_MODEM_CONTROL, saved);
	return first == 0x90 && second == 0x60;
}

bool serial_answers(const struct uart *uart)
{
	if (!uart->port && !uart->registers)
		return false;
	/* The upper half of the interrupt-enable register always reads as 0. */
	set(uart, UART_INTERRUPT_ENABLE, 0);
	return get(uart, UART_INTERRUPT_ENABLE) == 0;
}

bool serial_probe(const struct uart *uart)
{
	if (!serial_answers(uart))
		return false;
	/* Characters in the transmitter would be looped back too, and be lost. */
	wait_for(uart, STATUS_ALL_SENT);
	return loops_back(uart);
}

/* Reads the rate, as a divisor of base_baud. */
static u16 get_divisor(const struct uart *uart)
{
	u16 divisor;

	set(uart, UART_LINE_CONTROL, LINE_DIVISOR | LINE_8N1);
	divisor = (u16)(get(uart, UART_DATA) | get(uart, UART_INTERRUPT_ENABLE) << 8);
	set(uart, UART_LINE_CONTROL, LINE_8N1);
	return divisor;
}

static void set_divisor(const struct uart *uart, u16 divisor)
{
	set(uart, UART_LINE_CONTROL, LINE_DIVISOR | LINE_8N1);
	set(uart, UART_DATA, (u8)divisor);
	set(uart, UART_INTERRUPT_ENABLE, (u8)(divisor >> 8));
	set(uart, UART_LINE_CONTROL, LINE_8N1);
}

static u16 divisor_for(const struct uart *uart, u32 baud)
{
	u32 divisor = (uart->base_baud + baud / 2) / baud;

	return (u16)max(min(divisor, 0xffffu), 1u);
}

bool serial_open(struct serial *line, const struct uart *uart, u32 baud)
{
	bool same = uart_same(uart, &line->uart);
	u16 divisor, before = line->divisor;

	wait_for(uart, STATUS_ALL_SENT); /* the last characters of the previous user */
	if (!same)
		line->found_divisor = get_divisor(uart);
	divisor = baud ? divisor_for(uart, baud) : line->found_divisor;
	/* 0: the UART was never set up. */
	if (!divisor)
		divisor = divisor_for(uart, UART_BASE_BAUD);
	set_divisor(uart, divisor);
	set(uart, UART_INTERRUPT_ENABLE, 0);
	set(uart, UART_FIFO_CONTROL, FIFO_ENABLE);
	set(uart, UART_MODEM_CONTROL, MODEM_DTR_RTS);
	line->uart = *uart;
	line->divisor = divisor;
	line->depth = (get(uart, UART_INTERRUPT_ID) & FIFO_WORKS) == FIFO_WORKS ? SERIAL_FIFO : 1;
	line->timeouts = 0;
	same = same && line->there && divisor == before;
	line->there = true;
	return !same;
}

void serial_send(struct serial *line, const char *text, size_t count)
{
	size_t done = 0;

	while (done < count && line->there) {
		size_t end = min(count, done + line->depth);

		if (!wait_for(&line->uart, STATUS_CAN_SEND)) {
			if (++line->timeouts == TIMEOUTS_TO_GIVE_UP)
				line->there = false;
			return;
		}
		line->timeouts = 0;
		while (done < end)
			set(&line->uart, UART_DATA, (u8)text[done++]);
	}
}

/* A port without a UART reads 0xff. */
bool serial_receive(struct serial *line, char *c)
{
	u8 status = get(&line->uart, UART_LINE_STATUS);

	if (status == 0xff || !(status & STATUS_ARRIVED))
		return false;
	*c = (char)get(&line->uart, UART_DATA);
	return true;
}
