/* SPDX-License-Identifier: MIT */
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
 *  (1) The list is in user memory and can contain anything. It is read word by word like any
 *      argument, up to ROBUST_LIST_LIMIT entries; the walk ends at the first unreadable word.
 *  (2) Only words owned by the current thread are changed.
 *  (3) Bit 0 of a link marks a lock with priority inheritance. There are no such locks here; as on
 *      Linux, the word is marked and no waiter is woken.
 *
 * Source: Linux Documentation/locking/robust-futex-ABI.rst.
 */
#ifndef KERNEL_PROCESS_ROBUST_LIST_H
#define KERNEL_PROCESS_ROBUST_LIST_H

/*
 * Walks the current thread's list and clears it. Call it before the thread leaves its address
 * space. May fault; does not sleep.
 */
void robust_list_exit(void);

#endif
