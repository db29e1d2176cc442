/* SPDX-License-Identifier: MIT */
/*
 * Futexes: sleep while a word of ring 3 has a value, and wake the sleepers.
 *
 * The identity of a word is its address space and address. If the call is not private, and the
 * page belongs to a file or another shared object, it is the object and the offset in it: so
 * processes share the word. The frame does not count, because truncation and MADV_REMOVE replace
 * it.
 *
 *  (1) The kernel is not preempted: no task can change the word and wake between the check and the
 *      sleep.
 *  (2) A sleeper holds a reference to the object of its key, or to the structure (not the memory)
 *      of the address space. So neither is freed, and its address reused, while the key exists.
 *
 * Source: futex(2).
 */
#ifndef KERNEL_PROCESS_FUTEX_H
#define KERNEL_PROCESS_FUTEX_H

#include "abi/linux/futex.h"
#include "lib/types.h"

#define FUTEX_FOREVER (~0ull)

/*
 * Sleeps while *address is `value`, until a wake with a common bit or until clock_monotonic()
 * reaches `deadline`. Returns 0 if woken; -EAGAIN if the word has another value; -ETIMEDOUT;
 * -EFAULT; -EINVAL for a misaligned address or no bits. A signal ends it with -ERESTARTSYS or, if
 * there is a deadline, with -ERESTART_RESTARTBLOCK, and current->restart_block then continues it.
 */
int futex_wait(vaddr_t address, bool shared, u32 value, u32 bits, u64 deadline);

/* Wakes up to `count` sleepers. Returns their number, -EFAULT or -EINVAL. */
int futex_wake(vaddr_t address, bool shared, u32 count, u32 bits);

/*
 * Wakes up to `count` sleepers, and moves up to `most` others to the word at `to`. Returns the
 * number of both. With `compare`: -EAGAIN if *address is not `value`.
 */
int futex_requeue(vaddr_t address, bool shared, u32 count, u32 most, vaddr_t to, bool compare,
		  u32 value);

#endif
