/* SPDX-License-Identifier: MIT */
/*
 * How fast counters run: what measurements and the processor's own words say. Pure functions.
 */
#ifndef KERNEL_DEVICES_FREQUENCY_H
#define KERNEL_DEVICES_FREQUENCY_H

#include "lib/types.h"

/* Reads a leaf of CPUID, sub-leaf 0: EAX, EBX, ECX, EDX. */
typedef void (*leaf_reader)(u32 leaf, u32 words[4]);

/* Reads a model specific register that may not be there. */
typedef bool (*msr_reader)(u32 index, u64 *value);

/* `counts` while a reference of step_hz made `steps`; kHz, or 0: no steps, or more than 100 GHz. */
u32 frequency_khz(u32 counts, u32 steps, u64 step_hz);

/* The middle one of `count` values, an odd number; sorts them. */
u32 frequency_median(u32 *values, u32 count);

/*
 * Hz of the time-stamp counter as CPUID tells it, or 0: leaf 15h (the crystal and the ratio to it), else 16h (the base frequency). Source: Intel SDM
 * vol. 3B 19.7.3.
 */
u64 frequency_by_cpuid(leaf_reader leaf);

/*
 * The same as a hypervisor tells it: VMware's leaf 40000010h, which KVM has too; Hyper-V's MSR 40000022h (Hypervisor Top Level Functional
 * Specification 6.0, 12.6.1); Xen's leaf 40000003h.
 */
u64 frequency_by_hypervisor(leaf_reader leaf, msr_reader msr);

#endif
