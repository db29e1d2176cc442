/* SPDX-License-Identifier: MIT */
/*
 * Interrupts of devices: the two 8259s, and what belongs to nobody.
 */
#ifndef KERNEL_CPU_IRQ_H
#define KERNEL_CPU_IRQ_H

#include "kernel/cpu/trap.h"

/*
 * Takes the interrupt controllers from the firmware: 8259s moved to VECTOR_PIC and all masked, the
 * local APIC (where there is one) enabled with everything masked, what was in service ended. Prints
 * one line. Once, interrupts off, after idt_init() and vmalloc_init().
 */
void irq_init(void);

/* Lets interrupt 0..15 of the 8259s through. */
void irq_unmask(unsigned int irq);

/* Called by trap.c for every vector from 32 up, but 0x80. Interrupts off. */
void irq_dispatch(struct pt_regs *regs, u32 vector);

/* One tick. Interrupts off. Supplied by kernel/devices/time.c. */
void timer_interrupt(struct pt_regs *regs);

#endif
