/* SPDX-License-Identifier: MIT */
/* The time-stamp counter, and waits when the firmware has left. */
#ifndef EFI_CLOCK_H
#define EFI_CLOCK_H

#include "lib/types.h"

/* The time-stamp counter; 0: there is none. */
u64 clock_counter(void);

/* Measures the time-stamp counter against the firmware's Stall(), about 1 ms. Before ExitBootServices. */
void clock_init(void);

/* Time-stamp count of a moment that many microseconds from now. */
u64 clock_after_us(u32 microseconds);

/* Has that moment come? Each call takes about 1 us where there is no counter, so that a loop on it ends there too. */
bool clock_reached(u64 moment);

void clock_wait_us(u32 microseconds);

#endif
