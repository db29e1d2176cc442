/* SPDX-License-Identifier: MIT */
/* The frequency of counters: measured, or as processor or hypervisor report it. Pure functions. */
#ifndef KERNEL_DEVICES_FREQUENCY_H
#define KERNEL_DEVICES_FREQUENCY_H

#include "lib/types.h"

/* Reads a leaf of CPUID, sub-leaf 0: EAX, EBX, ECX, EDX. */
typedef void (*leaf_reader)(u32 leaf, u32 words[4]);

/* Reads a model-specific register that may not exist. False: it does not. */
typedef bool (*msr_reader)(u32 index, u64 *value);

/* kHz of a counter: `counts` in `steps` of step_hz. 0: no steps, or above 100 GHz. */
u32 frequency_khz(u32 counts, u32 steps, u64 step_hz);

/* Sorts `count` values and returns the median; of an even number, the upper one. */
u32 frequency_median(u32 *values, u32 count);

/*
 * Hz of the time-stamp counter as CPUID reports it, or 0: leaf 15h (crystal and ratio), else 16h
 * (base frequency). Source: Intel SDM vol. 3B 19.7.3.
 */
u64 frequency_by_cpuid(leaf_reader leaf);

/*
 * As a hypervisor reports it: VMware's leaf 40000010h, which KVM has too; Hyper-V's MSR 40000022h
 * (Hypervisor Top Level Functional Specification 6.0, 12.6.1); Xen's leaf 40000003h. 0: unknown.
 */
u64 frequency_by_hypervisor(leaf_reader leaf, msr_reader msr);

#endif
