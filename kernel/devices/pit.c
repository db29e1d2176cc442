/* SPDX-License-Identifier: MIT */
/*
 * The 8254 interval timer.
 *
 *  (1) Nothing here waits: the timer may be absent, or its clock gated off (newer PCs).
 *
 * Source: Intel 8254 data sheet; port 0x61 as in the ICH data sheets ("NMI status and control").
 */
#include "kernel/cpu/io.h"
#include "kernel/devices/pit.h"
#include "lib/assert.h"

#define PIT_CHANNEL0 0x40
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND  0x43
#define PIT_GATE     0x61

#define COMMAND_RATE	 0x34 /* channel 0, low byte then high byte, mode 2 */
#define COMMAND_ONE_SHOT 0xb0 /* channel 2, low byte then high byte, mode 0 */
#define COMMAND_LATCH	 0x80 /* channel 2 */

#define GATE_OPEN    0x01
#define GATE_SPEAKER 0x02

void pit_periodic(u32 hz)
{
	u32 count = (PIT_HZ + hz / 2) / hz;

	BUG_ON(!count || count > 0xffff);
	outb(PIT_COMMAND, COMMAND_RATE);
	outb(PIT_CHANNEL0, (u8)count);
	outb(PIT_CHANNEL0, (u8)(count >> 8));
}

void pit_free_run(void)
{
	u8 gate = (u8)(inb(PIT_GATE) & ~(GATE_OPEN | GATE_SPEAKER));

	outb(PIT_GATE, gate);
	outb(PIT_COMMAND, COMMAND_ONE_SHOT);
	outb(PIT_CHANNEL2, 0); /* 0 means 65536; it wraps below zero */
	outb(PIT_CHANNEL2, 0);
	outb(PIT_GATE, gate | GATE_OPEN);
}

u32 pit_read(void)
{
	u8 low;

	outb(PIT_COMMAND, COMMAND_LATCH);
	low = inb(PIT_CHANNEL2);
	return (u16) - (inb(PIT_CHANNEL2) << 8 | low);
}
