/* SPDX-License-Identifier: MIT */
/*
 * The local APIC: its registers, end of interrupt, and its timer. Source: Intel SDM vol. 3A 10.4,
 * 10.5, 10.12.
 */
#ifndef KERNEL_CPU_LAPIC_H
#define KERNEL_CPU_LAPIC_H

#include "lib/types.h"

/* The timer counts at the bus (or crystal) frequency divided by this. */
#define LAPIC_TIMER_DIVISOR 16u

/*
 * Enables the local APIC with all its own interrupts masked, and ends what the firmware left in
 * service (*drained counts that). Returns how it is reached: "xapic", "x2apic", or "none" if there
 * is none or it cannot be mapped.
 */
const char *lapic_init(unsigned int *drained);

/*
 * Did lapic_init() find one? If not, the functions below must not be called, but for the next two.
 */
bool lapic_present(void);

/* Is this vector in service? False without a local APIC. */
bool lapic_in_service(u32 vector);

void lapic_end_of_interrupt(void);

/* The error status register; reading it clears it. */
u32 lapic_error(void);

/* Counts down from the highest value, without an interrupt. */
void lapic_timer_measure(void);

/* Counts since lapic_timer_measure(). */
u32 lapic_timer_elapsed(void);

/* Raises VECTOR_LAPIC_TIMER each time that count steps have gone by; 0 stops the timer. */
void lapic_timer_periodic(u32 count);

/* Lets the interrupts of the 8259s through ("virtual wire"). */
void lapic_accept_pic(void);

#endif
