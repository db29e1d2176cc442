/* SPDX-License-Identifier: MIT */
/* The clock that runs on while the machine is off: an MC146818 or what passes for one. */
#ifndef KERNEL_DEVICES_RTC_H
#define KERNEL_DEVICES_RTC_H

#include "lib/types.h"

/*
 * Seconds since 1970-01-01 00:00:00, taking what the clock says for UTC. 0: there is no clock, or it shows no date. Takes up to 10 ms while
 * the clock advances.
 */
u32 rtc_read(void);

#endif
