/* SPDX-License-Identifier: MIT */
/*
 * A serial line: an 8250, 16450 or 16550 at an I/O port, polled, 8 bits, no parity, one stop bit.
 */
#ifndef KERNEL_SERIAL_H
#define KERNEL_SERIAL_H

#include "lib/types.h"

/* Characters that one wait is good for, at most. */
#define SERIAL_FIFO 16u

struct serial {
	u16 port;    /* first of eight; 0: no line, what is written is dropped */
	u8 depth;    /* characters that the transmitter takes at once */
	u8 timeouts; /* waits in a row that ended without the transmitter being ready */
};

/* Is there a UART at this port? Never hangs; leaves a UART as it was, but with interrupts off. */
bool serial_probe(u16 port);

/*
 * Takes the UART at port, which serial_probe() has found. baud divides 115200, or is rounded to
 * what does.
 */
void serial_open(struct serial *line, u16 port, u32 baud);

/*
 * Sends count characters. Waits a bounded time for the transmitter; drops them when that is over,
 * and gives the line up (port 0) after some time-outs in a row.
 */
void serial_send(struct serial *line, const char *text, size_t count);

#endif
