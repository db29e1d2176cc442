/* SPDX-License-Identifier: MIT */
/*
 * Machine checks: hardware faults that the processor reports. Each of its parts has a bank of
 * registers that keeps the last fault, also over a warm reset. So it may be from the last run.
 * Source: Intel SDM vol. 3B 16.3, 16.8.
 */
#ifndef KERNEL_CPU_MACHINE_CHECK_H
#define KERNEL_CPU_MACHINE_CHECK_H

#include "lib/types.h"

#define MSR_MCG_CAP    0x179u
#define MSR_MCG_STATUS 0x17au
#define MSR_MCG_CTL    0x17bu
#define MSR_BANK(bank) (0x400u + 4 * (bank)) /* CTL, STATUS, ADDR, MISC */

#define BANKS_MAX 32u /* that are read, Linux's limit too: a processor may claim 255 */

/* Reports and clears the previous run's faults, enables all reports. Once, after cpu_detect(). */
void machine_check_init(void);

/* Prints a line `machine check: ...` for each bank with a fault. `stale`: a previous run's. */
void machine_check_report(bool stale);

#endif
