/* SPDX-License-Identifier: MIT */
/*
 * Waits after ExitBootServices, by the time-stamp counter. Without one, or if it stood still while
 * it was measured, each call reads port 0x80, 0.5 to 2 us on a PC.
 */
#include <cpuid.h>

#include "efi/clock.h"
#include "efi/loader.h"
#include "kernel/cpu/io.h"

#define CPUID_TSC  (1u << 4) /* leaf 1, EDX */
#define MEASURE_US 1000u

static u32 counts_per_us; /* 0: no counter */
static u64 calls;

static u64 read_counter(void)
{
	u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}

u64 clock_counter(void)
{
	unsigned int eax, ebx, ecx, edx;

	return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && edx & CPUID_TSC ? read_counter() : 0;
}

void clock_init(void)
{
	u64 start = clock_counter();

	if (!start)
		return;
	BS->Stall(MEASURE_US);
	/* 32 bits are enough for a millisecond; the 32-bit loader has no 64-bit division. */
	counts_per_us = (u32)(read_counter() - start) / MEASURE_US;
}

u64 clock_after_us(u32 microseconds)
{
	return counts_per_us ? read_counter() + (u64)microseconds * counts_per_us
			     : calls + 2ull * microseconds;
}

bool clock_reached(u64 moment)
{
	if (counts_per_us)
		return read_counter() >= moment;
	io_delay();
	return ++calls >= moment;
}

void clock_wait_us(u32 microseconds)
{
	u64 end = clock_after_us(microseconds);

	while (!clock_reached(end))
		;
}
