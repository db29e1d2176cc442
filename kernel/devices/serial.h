/* SPDX-License-Identifier: MIT */
/*
 * A serial line: an 8250, 16450 or 16550 behind I/O ports or in memory, polled; 8 bits, no parity, one stop bit.
 *
 * Any context, one caller at a time; each wait for the hardware is bounded.
 */
#ifndef KERNEL_DEVICES_SERIAL_H
#define KERNEL_DEVICES_SERIAL_H

#include "lib/types.h"

/* Characters that one wait is good for, at most. */
#define SERIAL_FIFO 16u

/* The clock of a PC's UART, divided by 16. */
#define UART_BASE_BAUD 115200u

/* Where a UART's registers are. */
struct uart {
	u16 port;		  /* the first of eight I/O ports, or 0 */
	phys_addr_t memory;	  /* else, their physical address; 0: there is no UART */
	volatile void *registers; /* and where that is mapped */
	u8 stride;		  /* in memory: bytes from one register to the next */
	bool wide;		  /* in memory: a register is read and written by 32 bits */
	u32 base_baud;		  /* the UART's clock divided by 16; not 0 */
};

struct serial {
	struct uart uart;
	bool there;	   /* false: no line, what is written is dropped */
	u8 depth;	   /* characters that the transmitter takes at once */
	u8 timeouts;	   /* waits in a row that ended without the transmitter being ready */
	u16 divisor;	   /* the rate: base_baud / divisor */
	u16 found_divisor; /* the one that the UART had when it was opened first */
};

/* A UART of a PC at these I/O ports. */
struct uart uart_at_port(u16 port);

/* Are the registers of the two at the same place? */
bool uart_same(const struct uart *a, const struct uart *b);

/* Is there a UART? Leaves one as it was, but with interrupts off, when it has sent what it was given. */
bool serial_probe(const struct uart *uart);

/*
 * Takes the UART, which serial_probe() has found. baud is rounded to what base_baud and a divisor give; 0 is the rate that the UART had
 * when the line first took it. Returns whether what was sent over `line` before was sent elsewhere, or at another rate.
 */
bool serial_open(struct serial *line, const struct uart *uart, u32 baud);

/*
 * Sends count characters. Waits a bounded time for the transmitter; drops them when that is over,
 * and gives the line up after some time-outs in a row.
 */
void serial_send(struct serial *line, const char *text, size_t count);

#endif
