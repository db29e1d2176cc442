/* SPDX-License-Identifier: MIT */
/*
 * A serial line: an 8250, 16450 or 16550 in I/O ports or in memory, polled; 8N1.
 *
 * Any context, one caller at a time; each wait for the hardware is bounded.
 */
#ifndef KERNEL_DEVICES_SERIAL_H
#define KERNEL_DEVICES_SERIAL_H

#include "lib/types.h"

/* The most characters that one wait allows to send. */
#define SERIAL_FIFO 16u

/* The clock of a PC's UART, divided by 16. */
#define UART_BASE_BAUD 115200u

/* The location of a UART's registers. */
struct uart {
	u16 port;		  /* the first of eight I/O ports, or 0 */
	phys_addr_t memory;	  /* else, their physical address; 0: there is no UART */
	volatile void *registers; /* where `memory` is mapped */
	u8 stride;		  /* in memory: bytes from one register to the next */
	bool wide;		  /* in memory: registers are accessed by 32 bits */
	u32 base_baud;		  /* the UART's clock divided by 16; not 0 */
};

struct serial {
	struct uart uart;
	bool there;	   /* false: there is no line, and output is dropped */
	u8 depth;	   /* characters that the transmitter takes at once */
	u8 timeouts;	   /* consecutive waits that timed out */
	u16 divisor;	   /* the rate: base_baud / divisor */
	u16 found_divisor; /* the UART's divisor when it was first opened */
};

/* A PC's UART at these I/O ports. */
struct uart uart_at_port(u16 port);

/* Do both have their registers at the same address? */
bool uart_same(const struct uart *a, const struct uart *b);

/* Is there a UART? Waits until it has sent all. Leaves it as it was, but its interrupts off. */
bool serial_probe(const struct uart *uart);

/*
 * May this be a UART? For one that the user has named: the UARTs of some emulators have no
 * loop-back. Switches its interrupts off.
 */
bool serial_answers(const struct uart *uart);

/*
 * Opens the UART, which serial_probe() or serial_answers() has found. baud is rounded to a
 * divisor of base_baud; 0 keeps the rate that the UART had when it was first opened. Returns
 * whether the UART or its rate differs from the line's before.
 */
bool serial_open(struct serial *line, const struct uart *uart, u32 baud);

/*
 * Sends count characters. Waits a bounded time for the transmitter and drops the rest after that.
 * After some consecutive time-outs the line is treated as absent.
 */
void serial_send(struct serial *line, const char *text, size_t count);

/* Takes a character that has arrived. False: there is none. Does not wait. */
bool serial_receive(struct serial *line, char *c);

#endif
