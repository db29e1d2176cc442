/* SPDX-License-Identifier: MIT */
/*
 * Counters of known frequency, to measure others by. In order of preference: the PIT, ACPI's
 * power-management timer (ACPI 6.5, 4.8.2.1), the HPET (IA-PC HPET 1.0a), and the time-stamp
 * counter if the processor or the hypervisor reports its frequency.
 */
#ifndef KERNEL_DEVICES_TIMER_REFERENCE_H
#define KERNEL_DEVICES_TIMER_REFERENCE_H

#include "lib/types.h"

struct timer_reference {
	const char *name;
	u64 (*start)(void); /* starts it; returns Hz, or 0: it is absent */
	u32 (*read)(void);  /* counts upward, modulo mask + 1 */
	u32 mask;
};

#define TIMER_REFERENCES 5
extern const struct timer_reference timer_references[TIMER_REFERENCES];

#endif
