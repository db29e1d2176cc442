/* SPDX-License-Identifier: MIT */
/*
 * The 8254 interval timer.
 *
 *  1. Nothing waits for it without a bound: its clock may be gated off (newer PCs), or it may not
 *     be there.
 *
 * Source: Intel 8254 data sheet; port 0x61 as in the ICH data sheets ("NMI status and control").
 */
#include "kernel/io.h"
#include "kernel/pit.h"

#define PIT_CHANNEL0 0x40
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND  0x43
#define PIT_GATE     0x61

#define COMMAND_RATE	 0x34 /* channel 0, low byte then high byte, mode 2 */
#define COMMAND_ONE_SHOT 0xb0 /* channel 2, low byte then high byte, mode 0 */
#define COMMAND_LATCH	 0x80 /* channel 2 */

#define GATE_OPEN    0x01
#define GATE_SPEAKER 0x02
#define GATE_OUT     0x20

/*
 * A poll is a read from a port: about 1 us on a PC, five instructions under an instruction-counting
 * emulator where the 1 ms of a calibration is a million instructions. So this is more than needed
 * on both, and half a second at most.
 */
#define POLL_LIMIT 500000u

static u16 started_at;

void pit_periodic(u32 hz)
{
	u32 count = (PIT_HZ + hz / 2) / hz;

	outb(PIT_COMMAND, COMMAND_RATE);
	outb(PIT_CHANNEL0, (u8)count);
	outb(PIT_CHANNEL0, (u8)(count >> 8));
}

void pit_start(u16 count)
{
	u8 gate = (u8)(inb(PIT_GATE) & ~(GATE_OPEN | GATE_SPEAKER));

	started_at = count;
	outb(PIT_GATE, gate); /* closed: the count is loaded, but does not run */
	outb(PIT_COMMAND, COMMAND_ONE_SHOT);
	outb(PIT_CHANNEL2, (u8)count);
	outb(PIT_CHANNEL2, (u8)(count >> 8));
	outb(PIT_GATE, gate | GATE_OPEN);
}

static u16 pit_count(void)
{
	u16 low;

	outb(PIT_COMMAND, COMMAND_LATCH);
	low = inb(PIT_CHANNEL2);
	return (u16)(inb(PIT_CHANNEL2) << 8 | low);
}

u32 pit_wait(void)
{
	u32 polls = 0;

	while (!(inb(PIT_GATE) & GATE_OUT)) {
		if (++polls == POLL_LIMIT)
			return 0;
	}
	/* Out is low while the count runs. High at once: what answers at this port is no timer. */
	if (polls == 0)
		return 0;
	return (u16)(started_at - pit_count());
}
