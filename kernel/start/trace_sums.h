/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own counters when the trace ended. The events of a whole trace must add up to them.
 * So each group of events can be compared with a number that does not come from the trace
 * (tests/boot/trace.t).
 */
#ifndef KERNEL_START_TRACE_SUMS_H
#define KERNEL_START_TRACE_SUMS_H

/* Logs `trace: owner=...`, `trace: zone=...` and `trace: counter=...`. The trace has stopped. */
void trace_sums_print(void);

#endif
