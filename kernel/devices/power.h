/* SPDX-License-Identifier: MIT */
/*
 * Ways to end. None of them returns; each works in any context, also in a panic, and with whatever
 * hardware is there.
 */
#ifndef KERNEL_DEVICES_POWER_H
#define KERNEL_DEVICES_POWER_H

#include "lib/types.h"

/* ACPI's state S5, by the PM1 registers or hardware-reduced ACPI's sleep control. A machine that cannot do that stays halted, with a line that says so. */
void machine_power_off(void) __noreturn;

/*
 * Reset: ACPI's register, port 0xcf9, keyboard controller, triple fault, in this order until one
 * works.
 */
void machine_restart(void) __noreturn;

/* Stops with interrupts off. */
void machine_halt(void) __noreturn;

/*
 * QEMU's isa-debug-exit at 0xf4: QEMU's status is 33 (success) or 35. Powers off where that device
 * is not there.
 */
void qemu_exit(bool success) __noreturn;

#endif
