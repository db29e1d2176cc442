/* SPDX-License-Identifier: MIT */
/* The identity of a futex word, and the sleep, shared by the files of futexes (futex.h). */
#ifndef KERNEL_PROCESS_FUTEX_KEY_H
#define KERNEL_PROCESS_FUTEX_KEY_H

#include "abi/linux/errno.h"
#include "kernel/process/futex.h"
#include "kernel/signal/signal.h"
#include "kernel/task/sched.h"

/*
 * The identity of a word. The kind determines the type of `object`, in whatever process the key is
 * compared: a requeued sleeper may belong to another one.
 */
enum key_kind {
	KEY_PRIVATE,   /* a struct mm_struct; the call was private */
	KEY_ANONYMOUS, /* a struct mm_struct; the call was not private, but the page is */
	KEY_OBJECT,    /* a struct address_space */
};

struct futex_key {
	void *object;
	u32 page;   /* of the address, or within the object */
	u32 offset; /* in the page, with `kind` in the two lowest bits, which an offset has not */
};

static inline bool same_key(const struct futex_key *a, const struct futex_key *b)
{
	return a->offset == b->offset && a->object == b->object && a->page == b->page;
}

/* The upper bits are the ones to use. */
static inline u32 key_hash(const struct futex_key *key)
{
	return ((u32)(uintptr_t)key->object >> 5 ^ key->page << 10 ^ key->offset >> 2) *
	       0x9e3779b1u;
}

/*
 * The key of a word of the current process. Takes no reference: valid until the task sleeps. 0;
 * -EINVAL: misaligned; -EFAULT. For a word that is not private it may sleep.
 */
int make_key(vaddr_t address, bool shared, struct futex_key *key);

/* A reference to the object, or to the structure of the address space. */
void key_get(const struct futex_key *key);
void key_put(const struct futex_key *key);

/* Sleeps until something wakes the task. 0; the deadline: -ETIMEDOUT; a signal: -ERESTARTSYS. */
static inline int futex_sleep(u64 deadline)
{
	u64 now = deadline == FUTEX_FOREVER ? 0 : clock_monotonic();

	if (now >= deadline)
		return -ETIMEDOUT;
	if (signal_pending(current))
		return -ERESTARTSYS;
	current->state = TASK_SLEEPING;
	if (deadline == FUTEX_FOREVER)
		schedule();
	else
		schedule_timeout(to_ticks(deadline - now));
	return 0;
}

/* Does a task sleep in futex_wait() on this word? It knows of no owner. */
bool futex_has_sleeper(const struct futex_key *key);

#endif
