/* SPDX-License-Identifier: MIT */
/*
 * Machine checks: what the processor knows of faults of the hardware. A bank of registers for each of its parts keeps the last fault, over a warm reset
 * too, so that what is there at the start tells of the run before.
 */
#ifndef KERNEL_CPU_MACHINE_CHECK_H
#define KERNEL_CPU_MACHINE_CHECK_H

#include "lib/types.h"

/* Prints and clears what is left of the time before, and asks for reports of all faults. Once, after cpu_detect(). */
void machine_check_init(void);

/* One line `machine check: ...` for each bank that has a fault. `stale`: of the time before. Any context. */
void machine_check_report(bool stale);

#endif
