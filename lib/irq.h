/* SPDX-License-Identifier: MIT */
/*
 * Masking of interrupts. On one processor this is the only lock needed against interrupt handlers.
 * kernel/ defines these for the machine, tests/host/ for the host.
 */
#ifndef LIB_IRQ_H
#define LIB_IRQ_H

/* Masks interrupts. Returns the previous state for irq_restore(). Nests. */
unsigned long irq_save(void);
void irq_restore(unsigned long state);

#endif
