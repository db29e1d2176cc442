/* SPDX-License-Identifier: MIT */
/* The battery-backed real-time clock: an MC146818 or a compatible one. */
#ifndef KERNEL_DEVICES_RTC_H
#define KERNEL_DEVICES_RTC_H

#include "lib/types.h"

/*
 * Seconds since 1970-01-01 00:00:00; the clock is taken to show UTC. 0: there is no clock, or it
 * shows no valid date. Waits up to 10 ms for an update to end.
 */
u32 rtc_read(void);

#endif
