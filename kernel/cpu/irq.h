/* SPDX-License-Identifier: MIT */
/* Interrupts of devices: the two 8259As (Intel's data sheet), and unexpected vectors. */
#ifndef KERNEL_CPU_IRQ_H
#define KERNEL_CPU_IRQ_H

#include "kernel/cpu/trap.h"

#define VECTOR_COUNT 256u

/*
 * Takes the interrupt controllers over from the firmware: moves the 8259s to VECTOR_PIC, masks all
 * their inputs, enables the local APIC (if there is one) with everything masked, and ends all
 * interrupts in service. Prints a line. Once, interrupts off, after idt_init(), vmalloc_init().
 */
void irq_init(void);

/* Interrupts so far, by vector; of the local APIC and the 8259s, spurious ones too. */
extern u32 irq_counts[VECTOR_COUNT];

/* Unmasks input 0..15 of the 8259s. */
void irq_unmask(unsigned int irq);

/* trap.c calls this for every vector from 32 up, except 0x80. Interrupts off. */
void irq_dispatch(struct pt_regs *regs, u32 vector);

/* One tick. Interrupts off. Defined in kernel/devices/time.c. */
void timer_interrupt(struct pt_regs *regs);

#endif
