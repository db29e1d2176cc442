/* SPDX-License-Identifier: MIT */
/* The local APIC: interrupts, and its timer. Source: Intel SDM vol. 3A 10.4, 10.5, 10.12. */
#ifndef KERNEL_CPU_LAPIC_H
#define KERNEL_CPU_LAPIC_H

#include "lib/types.h"

/* The timer counts at the bus (or crystal) frequency divided by this. */
#define LAPIC_TIMER_DIVISOR 16u

/*
 * Enables the local APIC with all its own interrupts masked, and ends all interrupts in service
 * (*drained counts them). Returns the mode: "xapic", "x2apic", or "none" if there is no local APIC
 * or it cannot be mapped.
 */
const char *lapic_init(unsigned int *drained);

/* Did lapic_init() find one? If not, only this function and the next one may be called. */
bool lapic_present(void);

/* Is this vector in service? False without a local APIC. */
bool lapic_in_service(u32 vector);

void lapic_end_of_interrupt(void);

/* Returns the error status register and clears it. */
u32 lapic_error(void);

/* Starts the timer at its highest value, counting down, without an interrupt. */
void lapic_timer_measure(void);

/* Counts since lapic_timer_measure(). */
u32 lapic_timer_elapsed(void);

/* Raises VECTOR_LAPIC_TIMER every `count` steps; 0 stops the timer. */
void lapic_timer_periodic(u32 count);

/* Accepts the interrupts of the 8259s ("virtual wire" mode). */
void lapic_accept_pic(void);

#endif
