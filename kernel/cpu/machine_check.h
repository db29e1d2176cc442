/* SPDX-License-Identifier: MIT */
/*
 * Machine checks: hardware faults that the processor reports. Each of its parts has a bank of
 * registers that keeps the last fault, also over a warm reset. So a bank may hold a fault of the
 * previous run.
 */
#ifndef KERNEL_CPU_MACHINE_CHECK_H
#define KERNEL_CPU_MACHINE_CHECK_H

#include "lib/types.h"

/*
 * Reports and clears the faults of the previous run, and enables the reports of all faults. Once,
 * after cpu_detect().
 */
void machine_check_init(void);

/*
 * Prints one line `machine check: ...` for each bank that has a fault. `stale`: from the previous
 * run. Any context.
 */
void machine_check_report(bool stale);

#endif
