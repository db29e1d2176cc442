/* SPDX-License-Identifier: MIT */
/* Power off, reset, halt. None of them returns. Any context, also a panic; sources: power.c. */
#ifndef KERNEL_DEVICES_POWER_H
#define KERNEL_DEVICES_POWER_H

#include "lib/types.h"

/* The reset register of Intel's chipsets. */
#define RESET_PORT	  0xcf9u
#define RESET_POWER_CYCLE 0x08u /* the reset cycles the power: RAM loses the log */

/* Enters ACPI's state S5, by PM1 or the sleep control register. If that fails, logs and halts. */
void machine_power_off(void) __noreturn;

/* Resets by ACPI's register, port 0xcf9, keyboard controller, triple fault, in this order. */
void machine_restart(void) __noreturn;

/*
 * Registers the one function to call before each attempt to end the run, but for a halt: the
 * disks, a room above. It is called with interrupts off, also in a panic, and must end.
 */
void power_call_before_end(void (*function)(void));

/* Halts with interrupts off. */
void machine_halt(void) __noreturn;

/* Ends QEMU by isa-debug-exit: status 33 (success) or 35. Without that device, powers off. */
void qemu_exit(bool success) __noreturn;

#endif
