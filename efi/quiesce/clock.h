/* SPDX-License-Identifier: MIT */
/* The time-stamp counter, and waits after ExitBootServices. */
#ifndef EFI_QUIESCE_CLOCK_H
#define EFI_QUIESCE_CLOCK_H

#include "lib/types.h"

/* The time-stamp counter; 0: there is none. */
u64 clock_counter(void);

/*
 * Measures the time-stamp counter against the firmware's Stall(), about 1 ms. Before
 * ExitBootServices.
 */
void clock_init(void);

/* The time-stamp count that many microseconds from now. */
u64 clock_after_us(u32 microseconds);

/*
 * Has that moment come? Without a counter each call takes about 1 us, so that a loop on it ends.
 */
bool clock_reached(u64 moment);

void clock_wait_us(u32 microseconds);

#endif
