/* SPDX-License-Identifier: MIT */
/*
 * Robust lists: the locks that a thread holds when it ends or executes another program.
 *
 * A lock is a futex word with its owner's thread ID. Nothing in the kernel knows of it, so a thread that dies would leave its locks
 * locked for ever. Therefore each thread keeps a list of those that it holds, in its own memory, and tells the kernel where:
 *
 *      robust_list -> | next    | -> | next | -> | next | -> back to the head
 *                     | offset  |    |      |    |      |
 *                     | pending |    | word |    | word |    at `offset` from the entry
 *
 * When the thread leaves its address space, each word that still names it gets FUTEX_OWNER_DIED in the place of the ID, and
 * one waiter is woken: it finds that the owner died, and can repair what the lock guards. `pending` is an entry that the thread was
 * about to put on or take off the list.
 *
 *  1. The list is ring 3's and can hold anything: it is read word by word like any argument, for ROBUST_LIST_LIMIT entries at most, and the
 *     walk ends at the first word that can't be read.
 *  2. Only a word whose owner is the current thread is changed.
 *  3. Bit 0 of a link marks a lock with priority inheritance, whose waiters the kernel keeps elsewhere. There are no such locks here;
 *     as on Linux, the word is marked and no waiter is woken.
 *
 * Source: Linux Documentation/locking/robust-futex-ABI.rst.
 */
#ifndef KERNEL_PROCESS_ROBUST_LIST_H
#define KERNEL_PROCESS_ROBUST_LIST_H

#include "lib/types.h"

/* struct robust_list_head of ring 3; `next` points to the entry, whose first word is again such a pointer. */
struct robust_list_head {
	u32 next;
	u32 offset; /* signed; from an entry to its word */
	u32 pending;
};

/* Walks the current thread's list and forgets it. Before it leaves its address space. May fault; does not sleep. */
void robust_list_exit(void);

#endif
