/* SPDX-License-Identifier: MIT */
/* Waiting for a device. */
#include "kernel/disks/poll.h"
#include "kernel/devices/time.h"

/* A fast device answers within microseconds; a slow one should not be asked all the time. */
#define EAGER_US 1000u
#define STEP_US	 10u

/*
 * Reading registers and clocks takes time too, in an emulator as long as the wait. So the clock
 * decides, and the sum of the waits only where the clock stands still.
 */
bool poll_bits_or(const volatile u32 *word, u32 mask, u32 value, const volatile u32 *errors,
		  u32 bad, u32 milliseconds)
{
	u64 start = clock_monotonic(), limit = (u64)milliseconds * 1000000;
	u32 step = 1;

	for (u32 waited = 0;; waited += step) {
		if ((*word & mask) == value)
			return true;
		if (errors && *errors & bad)
			return false;
		if (waited >= milliseconds * 1000)
			return false;
		if (waited >= EAGER_US) {
			step = STEP_US;
			if (clock_monotonic() - start >= limit)
				return false;
		}
		delay_us(step);
	}
}

bool poll_bits(const volatile u32 *word, u32 mask, u32 value, u32 milliseconds)
{
	return poll_bits_or(word, mask, value, NULL, 0, milliseconds);
}
