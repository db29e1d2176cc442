/* SPDX-License-Identifier: MIT */
/* Waiting for a device. */
#include "kernel/disks/poll.h"
#include "kernel/devices/time.h"

/* A fast device answers within microseconds; a slow one should not be asked all the time. */
#define EAGER_US 1000u
#define STEP_US	 10u

bool poll_bits(const volatile u32 *word, u32 mask, u32 value, u32 milliseconds)
{
	u32 step = 1;

	for (u32 waited = 0;; waited += step) {
		if ((*word & mask) == value)
			return true;
		if (waited >= milliseconds * 1000)
			return false;
		if (waited >= EAGER_US)
			step = STEP_US;
		delay_us(step);
	}
}
