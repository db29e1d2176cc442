/* SPDX-License-Identifier: MIT */
/*
 * Futexes that the kernel hands from owner to owner: FUTEX_LOCK_PI and so on. Programs choose
 * them so that a thread with a high priority does not wait for one that may not run.
 *
 *   word: FUTEX_WAITERS | thread ID of the owner
 *
 *   task <-- owner: pi_lock, with the key of the word --> waiters, those of high priority first
 *
 * A lock without waiters is the word alone: ring 3 takes and releases it. The first one that has
 * to wait makes a pi_lock and sets FUTEX_WAITERS, so that the owner releases it by a call, which
 * writes the ID of the first waiter into the word. So no later caller can overtake it.
 *
 *  (1) A pi_lock has a waiter, or its new owner is about to set the word (`inherited`).
 *  (2) It is in the list of its owner, task->pi_locks; an owner that ends leaves it to the first
 *      waiter, which sets FUTEX_OWNER_DIED.
 *  (3) Between the look at the word and the sleep no other task runs: the page is there
 *      (touch_word()), and the memory was allocated before.
 *
 * The owner does not inherit the priority of its waiters. What programs can rely on is the order
 * in which waiters get the lock.
 *
 * Source: futex(2), Linux Documentation/locking/pi-futex.rst.
 */
#include "kernel/process/futex.h"
#include "abi/linux/errno.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/devices/time.h"
#include "kernel/process/futex_key.h"
#include "kernel/signal/signal.h"
#include "kernel/task/sched.h"
#include "lib/assert.h"
#include "mm/slab/slab.h"
#include "mm/user_space/page_fault.h"

#define BUCKETS 256u

struct pi_lock {
	struct pi_lock *next_key, *next_owned; /* in its bucket, and in owner->pi_locks */
	struct futex_key key;		       /* with a reference */
	struct task *owner;
	struct list_head waiters;
	bool inherited; /* from an owner that ended: the word does not name the new one yet */
};

struct pi_waiter {
	struct list_head link;
	struct task *task;
	bool owns;
	struct pi_lock *inherited; /* from an owner that ended */
};

static struct pi_lock *buckets[BUCKETS];

static struct pi_lock **find_place(const struct futex_key *key)
{
	struct pi_lock **place = &buckets[key_hash(key) >> 24];

	while (*place && !same_key(&(*place)->key, key))
		place = &(*place)->next_key;
	return place;
}

static void leave_owner(struct pi_lock *lock)
{
	struct pi_lock **place = &lock->owner->pi_locks;

	while (*place != lock)
		place = &(*place)->next_owned;
	*place = lock->next_owned;
}

static void join_owner(struct pi_lock *lock, struct task *owner)
{
	lock->owner = owner;
	lock->next_owned = owner->pi_locks;
	owner->pi_locks = lock;
}

/* Keeps (1). */
static void free_if_unused(struct pi_lock *lock)
{
	if (!list_empty(&lock->waiters) || lock->inherited)
		return;
	leave_owner(lock);
	*find_place(&lock->key) = lock->next_key;
	key_put(&lock->key);
	kfree(lock);
}

static struct pi_waiter *first_waiter(const struct pi_lock *lock)
{
	return list_first_entry(&lock->waiters, struct pi_waiter, link);
}

/* The first waiter becomes the owner. */
static void hand_over(struct pi_lock *lock)
{
	struct pi_waiter *waiter = first_waiter(lock);

	leave_owner(lock);
	join_owner(lock, waiter->task);
	list_del(&waiter->link);
	waiter->owns = true;
	waiter->task->pi_wait = NULL;
	task_wake(waiter->task);
}

/* Makes the page writable: a store does not sleep then. 0 or -EFAULT. */
static int touch_word(vaddr_t address)
{
	struct page *page;
	enum fault_result result = mm_page(current->mm, address, FAULT_WRITE, &page);

	if (result == FAULT_OOM)
		user_out_of_memory(address, FAULT_WRITE);
	return result == FAULT_OK ? 0 : -EFAULT;
}

/* Key and value of a word. The key has a reference. 0, -EINVAL, -EFAULT. */
static int look_at_word(vaddr_t address, bool shared, struct futex_key *key, u32 *value)
{
	int err = make_key(address, shared, key);

	if (err)
		return err;
	key_get(key);
	err = touch_word(address);
	if (!err && get_user(value, address))
		err = -EFAULT;
	if (err)
		key_put(key);
	return err;
}

/* Would the owner wait for the current task, by way of others? */
static bool is_deadlock(const struct task *owner)
{
	while (owner->pi_wait && owner != current)
		owner = owner->pi_wait->owner;
	return owner == current;
}

/* The owner that the word names, or what is wrong with it. */
static int find_owner(const struct pi_lock *lock, u32 value, struct task **owner)
{
	u32 tid = value & FUTEX_TID_MASK;

	if (lock) {
		bool left = lock->inherited || (!tid && value & FUTEX_OWNER_DIED);

		*owner = lock->owner;
		return left || tid == (u32)lock->owner->pid ? 0 : -EINVAL;
	}
	*owner = task_find((int)tid);
	if (!*owner)
		return -ESRCH;
	if (!(*owner)->mm)
		return (*owner)->ends ? -ESRCH : -EPERM; /* EPERM: a task of the kernel */
	return 0;
}

static void enter(struct pi_lock *lock, struct pi_waiter *waiter)
{
	struct list_head *place;

	list_for_each (place, &lock->waiters)
		if (list_entry(place, struct pi_waiter, link)->task->policy.priority <
		    waiter->task->policy.priority)
			break;
	list_add_tail(&waiter->link, place);
}

/* Sleeps until the lock is handed over. 0, -ETIMEDOUT, -ERESTARTNOINTR. */
static int wait_for_owner(const struct pi_waiter *waiter, u64 deadline)
{
	int err = 0;

	while (!err && !waiter->owns)
		err = futex_sleep(deadline);
	return err == -ERESTARTSYS ? -ERESTARTNOINTR : err;
}

/* The owner ended: the new one says so in the word, unless that is gone. */
static int set_inherited(struct pi_lock *lock, vaddr_t address)
{
	u32 value = (u32)current->pid | FUTEX_WAITERS | FUTEX_OWNER_DIED;
	int err = put_user(value, address) ? -EFAULT : 0;

	lock->inherited = false;
	free_if_unused(lock);
	return err;
}

static int wait_in(struct pi_lock *lock, vaddr_t address, u64 deadline)
{
	struct pi_waiter waiter = { .task = current };
	int err;

	enter(lock, &waiter);
	current->pi_wait = lock;
	err = wait_for_owner(&waiter, deadline);
	current->pi_wait = NULL;
	if (!err) /* an unlock that left no waiter has freed the lock */
		return waiter.inherited ? set_inherited(waiter.inherited, address) : 0;
	list_del(&waiter.link);
	free_if_unused(lock);
	return err;
}

/* Makes the lock of a key, with a reference of its own to that. */
static struct pi_lock *make_lock(struct pi_lock *lock, const struct futex_key *key,
				 struct task *owner)
{
	*lock = (struct pi_lock){ .key = *key };
	key_get(key);
	list_init(&lock->waiters);
	join_owner(lock, owner);
	*find_place(key) = lock;
	return lock;
}

/* `spare` is memory for a lock; the caller frees it unless it becomes NULL. */
static int lock_word(vaddr_t address, const struct futex_key *key, u32 value, bool try,
		     u64 deadline, struct pi_lock **spare)
{
	struct pi_lock *lock = *find_place(key);
	struct task *owner;
	int err;

	if ((value & FUTEX_TID_MASK) == (u32)current->pid)
		return -EDEADLK;
	if (!lock && futex_has_sleeper(key))
		return -EINVAL;
	if (!lock && !(value & FUTEX_TID_MASK))
		return put_user((u32)current->pid | (value & FUTEX_OWNER_DIED), address) ? -EFAULT
											 : 0;
	err = find_owner(lock, value, &owner);
	if (err)
		return err;
	if (is_deadlock(owner))
		return -EDEADLK;
	if (put_user(value | FUTEX_WAITERS, address))
		return -EFAULT;
	if (try)
		return -EAGAIN;
	if (!lock) {
		lock = make_lock(*spare, key, owner);
		*spare = NULL;
	}
	return wait_in(lock, address, deadline);
}

int futex_lock_pi(vaddr_t address, bool shared, bool try, u64 deadline)
{
	struct pi_lock *spare = kmalloc(sizeof(*spare), GFP_KERNEL);
	struct futex_key key;
	u32 value;
	int err = spare ? look_at_word(address, shared, &key, &value) : -ENOMEM;

	if (!err) {
		err = lock_word(address, &key, value, try, deadline, &spare);
		key_put(&key);
	}
	if (spare)
		kfree(spare);
	return err;
}

int futex_unlock_pi(vaddr_t address, bool shared)
{
	struct futex_key key;
	struct pi_lock *lock;
	u32 value, next = 0;
	int err;

	/* As on Linux, before the address is checked. */
	if (get_user(&value, address))
		return -EFAULT;
	if ((value & FUTEX_TID_MASK) != (u32)current->pid)
		return -EPERM;
	err = look_at_word(address, shared, &key, &value);
	if (err)
		return err;
	lock = *find_place(&key);
	if ((value & FUTEX_TID_MASK) != (u32)current->pid) /* changed meanwhile */
		err = -EPERM;
	else if (lock ? lock->owner != current : futex_has_sleeper(&key))
		err = -EINVAL;
	if (!err && lock)
		next = (u32)first_waiter(lock)->task->pid | FUTEX_WAITERS;
	if (!err && put_user(next, address))
		err = -EFAULT;
	if (!err && lock) {
		hand_over(lock);
		free_if_unused(lock);
	}
	key_put(&key);
	return err;
}

void futex_pi_exit(void)
{
	while (current->pi_locks) {
		struct pi_lock *lock = current->pi_locks;

		lock->inherited = true;
		first_waiter(lock)->inherited = lock;
		hand_over(lock); /* (2): it goes to the list of another task */
	}
}
