/* SPDX-License-Identifier: MIT */
/* Waiting for a device, and the order of accesses to memory that it reads and writes. */
#ifndef KERNEL_DISKS_POLL_H
#define KERNEL_DISKS_POLL_H

#include "lib/types.h"

/*
 * Waits until `(*word & mask) == value`, in a register or in memory, for `milliseconds`. Returns
 * whether it became so. Any context; ends even if no clock runs.
 */
bool poll_bits(const volatile u32 *word, u32 mask, u32 value, u32 milliseconds);

/* The same, but gives up as soon as `*errors` has one of the bits `bad`. */
bool poll_bits_or(const volatile u32 *word, u32 mask, u32 value, const volatile u32 *errors,
		  u32 bad, u32 milliseconds);

/*
 * The compiler finishes the stores before it, and begins the loads after it. On x86 the processor
 * and DMA need no more (Intel SDM vol. 3A, 9.2.2: stores stay in order, memory is write back).
 */
static inline void dma_barrier(void)
{
	__asm__ volatile("" : : : "memory");
}

#endif
