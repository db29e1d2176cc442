/* SPDX-License-Identifier: MIT */
/*
 * Masking of interrupts: the one lock that a kernel on one processor needs against its interrupt handlers.
 * kernel/ defines these for the machine, tests/host/ for the host.
 */
#ifndef LIB_IRQ_H
#define LIB_IRQ_H

/* Masks interrupts and returns the state to give to irq_restore(). Nests. */
unsigned long irq_save(void);
void irq_restore(unsigned long state);

#endif
