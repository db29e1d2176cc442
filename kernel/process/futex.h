/* SPDX-License-Identifier: MIT */
/*
 * Futexes: sleep while a word of ring 3 has a value, and wake the sleepers.
 *
 * The identity of a word is its address space and address. If the call is not private, and the
 * page belongs to a file or another shared object, it is the object and the offset in it: so
 * processes share the word. The frame does not count: truncation and MADV_REMOVE replace it.
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

/*
 * Sleeps while each of the words has its value, until one is woken or the deadline is over.
 * Returns the index of the one that was woken last; else as futex_wait(), but -ERESTARTSYS for
 * each signal; -ENOMEM. The flags of the words are checked.
 */
int futex_wait_any(const struct futex_waitv *words, u32 count, u64 deadline);

/* Wakes up to `count` sleepers. Returns their number, -EFAULT or -EINVAL. */
int futex_wake(vaddr_t address, bool shared, u32 count, u32 bits);

/*
 * FUTEX_WAKE_OP: changes the word at `to` as `encoded` says, wakes up to `count` sleepers of
 * `address`, and, if the old value compares as `encoded` says, up to `count_to` of `to`. Returns
 * their number, -EFAULT, -EINVAL or -ENOSYS: no such operation.
 */
int futex_wake_op(vaddr_t address, bool shared, u32 count, vaddr_t to, u32 count_to, u32 encoded);

/*
 * Wakes up to `count` sleepers, and moves up to `most` others to the word at `to`. Returns the
 * number of both. With `compare`: -EAGAIN if *address is not `value`.
 */
int futex_requeue(vaddr_t address, bool shared, u32 count, u32 most, vaddr_t to, bool compare,
		  u32 value);

/*
 * FUTEX_LOCK_PI: takes the lock whose word has the thread ID of its owner, or sleeps until that
 * hands it over (kernel/process/futex_pi.c). With `try` it does not sleep: -EAGAIN. 0; -EDEADLK:
 * the owner is the caller, or waits for it; -ESRCH: there is no such thread; -EPERM: it is the
 * kernel's; -EINVAL: the word does not name the owner that others wait for; -ETIMEDOUT, -EFAULT,
 * -ENOMEM, -ERESTARTNOINTR.
 */
int futex_lock_pi(vaddr_t address, bool shared, bool try, u64 deadline);

/* FUTEX_UNLOCK_PI. 0; -EPERM: the caller is not the owner; -EINVAL, -EFAULT. */
int futex_unlock_pi(vaddr_t address, bool shared);

/*
 * The current task ends: each of its locks that others wait for goes to the first waiter. It has
 * released its address space.
 */
void futex_pi_exit(void);

/*
 * Robust lists: the locks that a thread holds when it ends or calls execve.
 *
 * A lock is a futex word with the thread ID of its owner. The kernel does not know it, so the
 * locks of a dead thread would stay locked for ever. Therefore each thread keeps a list of its
 * locks in its own memory, and passes the address to the kernel:
 *
 *      robust_list -> | next    | -> | next | -> | next | -> back to the head
 *                     | offset  |    |      |    |      |
 *                     | pending |    | word |    | word |    at `offset` from the entry
 *
 * When the thread leaves its address space, each word that still names it gets FUTEX_OWNER_DIED
 * instead of the ID, and one waiter is woken. It sees that the owner died, and can repair the data
 * under the lock. `pending` is an entry that the thread was about to add or remove.
 *
 *  (3) The list is in user memory and can contain anything. It is read word by word like any
 *      argument, up to ROBUST_LIST_LIMIT entries; the walk ends at the first unreadable word.
 *  (4) Only words owned by the current thread are changed.
 *  (5) Bit 0 of a link marks a lock of futex_lock_pi(): the word is marked and no waiter is woken,
 *      because futex_pi_exit() makes the first one the owner.
 *
 * Source: Linux Documentation/locking/robust-futex-ABI.rst.
 *
 * Walks the current thread's list and clears it. Call it before the thread leaves its address
 * space. May fault; does not sleep.
 */
void robust_list_exit(void);

#endif
