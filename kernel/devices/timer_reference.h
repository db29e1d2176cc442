/* SPDX-License-Identifier: MIT */
/*
 * What time is measured by: counters whose frequency is known. In the order of preference: the PIT, ACPI's power-management timer, the HPET, and the
 * time-stamp counter where the processor or the hypervisor tells its frequency.
 */
#ifndef KERNEL_DEVICES_TIMER_REFERENCE_H
#define KERNEL_DEVICES_TIMER_REFERENCE_H

#include "lib/types.h"

struct timer_reference {
	const char *name;
	u64 (*start)(void); /* lets it run. Hz, or 0: it is not there */
	u32 (*read)(void);  /* counts upward, modulo mask + 1 */
	u32 mask;
};

#define TIMER_REFERENCES 5
extern const struct timer_reference timer_references[TIMER_REFERENCES];

#endif
