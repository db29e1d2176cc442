/* SPDX-License-Identifier: MIT */
/*
 * The end of a run that a process asks for: reboot(2), or a signal to init as `poweroff` and
 * `reboot` of BusyBox send it. All processes end; init (kernel/harness/) prints the verdict, and
 * then the machine does what was asked for.
 */
#ifndef KERNEL_PROCESS_RUN_END_H
#define KERNEL_PROCESS_RUN_END_H

#include "lib/types.h"

enum run_end { RUN_GOES_ON, RUN_POWER_OFF, RUN_RESTART, RUN_HALT };

/* What was asked for. */
extern enum run_end run_end;

/* Init sets it while a program of run= is there. Tests must not end the run. */
extern bool run_may_end;

/* Ends all processes, the current one too. 0; -EPERM: not now, or without CAP_SYS_BOOT. */
int run_request_end(enum run_end end);

/* A signal to init that asks for an end, as init(8) of sysvinit and BusyBox; else 0. */
int run_end_by_signal(int signal);

#endif
