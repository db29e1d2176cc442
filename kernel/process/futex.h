/* SPDX-License-Identifier: MIT */
/*
 * Futexes: sleep as long as a word of ring 3 has a value, and wake who sleeps there.
 *
 * A word is known by the address space and its address; where its page belongs to a file or other shared object and the call is not
 * said to be private, by the object and the place in it, so that processes meet. The frame is no part of that: truncation and MADV_REMOVE
 * replace it.
 *
 *  1. The kernel is not preempted: between the look at the word and the sleep nobody can change it and wake in vain.
 *  2. A sleeper holds a reference to what its key names, be that its own process's or not: an object, or the structure of an
 *     address space (not its memory), so that neither is freed and made anew below the key.
 *
 * Source: futex(2).
 */
#ifndef KERNEL_PROCESS_FUTEX_H
#define KERNEL_PROCESS_FUTEX_H

#include "lib/types.h"

#define FUTEX_BITSET_MATCH_ANY 0xffffffffu
#define FUTEX_FOREVER	       (~0ull)

/*
 * Sleeps while *address is `value`, until a waker with a common bit, until clock_monotonic() is `deadline` at most. Returns 0 when woken,
 * -EAGAIN when the word is another, -ETIMEDOUT, -EFAULT, -EINVAL for an address that is no word's or no bits. A signal ends it with
 * -ERESTARTSYS, or where there is a deadline with -ERESTART_RESTARTBLOCK, and current->restart_block then goes on.
 */
int futex_wait(vaddr_t address, bool shared, u32 value, u32 bits, u64 deadline);

/* Wakes up to `count` sleepers. Returns how many, -EFAULT or -EINVAL. */
int futex_wake(vaddr_t address, bool shared, u32 count, u32 bits);

/*
 * Wakes up to `count`, and lets up to `most` others sleep on at address `to`. Returns how many both are. With `compare`, -EAGAIN where
 * *address is not `value`.
 */
int futex_requeue(vaddr_t address, bool shared, u32 count, u32 most, vaddr_t to, bool compare,
		  u32 value);

#endif
