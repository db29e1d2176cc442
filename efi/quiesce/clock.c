/* SPDX-License-Identifier: MIT */
/*
 * Waits after ExitBootServices, by the time-stamp counter. Without one, or if it stood still while
 * it was measured, each call reads port 0x80, 0.5 to 2 us on a PC.
 */
#include "efi/quiesce/clock.h"
#include "efi/loader.h"
#include "kernel/cpu/io.h"

#define MEASURE_US 1000u

static u32 counts_per_us; /* 0: no counter */
static u64 calls;

u64 clock_counter(void)
{
	return processor_has(CPU_TSC) ? rdtsc() : 0;
}

void clock_init(void)
{
	u64 start = clock_counter();

	if (!start)
		return;
	BS->Stall(MEASURE_US);
	/* 32 bits are enough for a millisecond; the 32-bit loader has no 64-bit division. */
	counts_per_us = (u32)(rdtsc() - start) / MEASURE_US;
}

u64 clock_after_us(u32 microseconds)
{
	return counts_per_us ? rdtsc() + (u64)microseconds * counts_per_us
			     : calls + 2ull * microseconds;
}

bool clock_reached(u64 moment)
{
	if (counts_per_us)
		return rdtsc() >= moment;
	io_delay();
	return ++calls >= moment;
}

void clock_wait_us(u32 microseconds)
{
	u64 end = clock_after_us(microseconds);

	while (!clock_reached(end))
		;
}
