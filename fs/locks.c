/* SPDX-License-Identifier: MIT */
/* Locks on files. Numbers cite the invariants of the header. */
#include "fs/locks.h"
#include "fs/poll.h"
#include "abi/linux/errno.h"
#include "mm/slab/slab.h"

/* Chains of owners that wait for each other are followed so far, as on Linux. */
#define CHAIN_MAX 10

/* One queue for all: few processes wait for locks, and each looks again when one is removed. */
static struct wait_queue lock_waiters = { LIST_HEAD_INIT(lock_waiters.entries) };

/* An owner that waits, and the process that it waits for; NULL: for an open file. */
struct lock_wait {
	struct list_head link;
	const void *owner, *holder;
};

static LIST_HEAD(waits);

static bool overlap(const struct file_lock *a, const struct file_lock *b)
{
	return a->first <= b->last && b->first <= a->last;
}

static bool touch(const struct file_lock *a, const struct file_lock *b)
{
	return overlap(a, b) || a->last + 1 == b->first || b->last + 1 == a->first;
}

static bool same_owner(const struct file_lock *a, const struct file_lock *b)
{
	return a->owner == b->owner && a->whole == b->whole;
}

const struct file_lock *lock_conflict(const struct inode *inode, const struct file_lock *wanted)
{
	const struct file_lock *lock;

	if (wanted->type == LOCK_NONE)
		return NULL;
	list_for_each_entry (lock, &inode->locks, link)
		if (lock->owner != wanted->owner && lock->whole == wanted->whole &&
		    overlap(lock, wanted) &&
		    (lock->type == LOCK_WRITE || wanted->type == LOCK_WRITE))
			return lock;
	return NULL;
}

const struct file_lock *lock_own(const struct inode *inode, const struct file_lock *wanted)
{
	const struct file_lock *lock;

	list_for_each_entry (lock, &inode->locks, link)
		if (same_owner(lock, wanted) && overlap(lock, wanted))
			return lock;
	return NULL;
}

/*
 * Several processes may use an open file: which of them waits for its locks cannot be told.
 * Source: Linux, fs/locks.c, posix_locks_deadlock().
 */
static bool is_of_process(const struct file_lock *lock)
{
	return !lock->whole && lock->pid != LOCK_OF_FILE;
}

/*
 * Would `owner` wait for itself if it waited for `holder`? Threads of one owner may wait for
 * several: the last one that waits for a process counts, as on Linux.
 */
static bool is_deadlock(const void *owner, const void *holder)
{
	for (int i = 0; i < CHAIN_MAX; i++) {
		const struct lock_wait *wait;
		const void *next = NULL;

		if (holder == owner)
			return true;
		list_for_each_entry (wait, &waits, link)
			if (!next && wait->owner == holder)
				next = wait->holder;
		if (!next)
			return false;
		holder = next;
	}
	return false;
}

static void drop(struct file_lock *lock)
{
	list_del(&lock->link);
	kfree(lock);
}

/* In order of their first bytes: F_GETLK reports the first one. */
static void insert(struct inode *inode, struct file_lock *lock)
{
	struct file_lock *place;

	list_for_each_entry (place, &inode->locks, link)
		if (place->first > lock->first)
			break;
	list_add_tail(&lock->link, &place->link);
}

/*
 * Takes the range of `wanted` out of a record of the same owner. *spare becomes the second part
 * if it falls into two.
 */
static void cut(struct inode *inode, struct file_lock *lock, const struct file_lock *wanted,
		struct file_lock **spare)
{
	bool before = lock->first < wanted->first;
	bool after = lock->last > wanted->last;

	if (!before && !after) {
		drop(lock);
		return;
	}
	if (before && after) {
		**spare = *lock;
		(*spare)->first = wanted->last + 1;
		insert(inode, *spare);
		*spare = NULL;
	}
	if (before) {
		lock->last = wanted->first - 1;
		return;
	}
	lock->first = wanted->last + 1;
	list_del(&lock->link);
	insert(inode, lock);
}

/* Sets the record, which nothing is in the way of. Uses one of the two or both. Keeps (2). */
static void enter(struct inode *inode, const struct file_lock *wanted, struct file_lock **new,
		  struct file_lock **spare)
{
	struct file_lock all = *wanted, *lock, *next;

	list_for_each_entry_safe (lock, next, &inode->locks, link) {
		if (!same_owner(lock, wanted))
			continue;
		if (lock->type == wanted->type && touch(lock, &all)) {
			all.first = min(all.first, lock->first);
			all.last = max(all.last, lock->last);
			drop(lock);
		} else if (overlap(lock, wanted)) {
			cut(inode, lock, wanted, spare);
		}
	}
	if (wanted->type != LOCK_NONE) {
		**new = all;
		insert(inode, *new);
		*new = NULL;
	}
	wait_queue_wake(&lock_waiters);
}

/* Sleeps until nothing is in the way. */
static int wait_for_locks(struct inode *inode, const struct file_lock *wanted)
{
	struct lock_wait wait = { .owner = wanted->owner };
	struct wait_entry entry;
	struct poll_table table;
	int err = 0;

	poll_begin(&table, &entry, 1);
	poll_wait(&table, &lock_waiters);
	while (!err) {
		const struct file_lock *conflict = lock_conflict(inode, wanted);

		if (!conflict)
			break;
		wait.holder = is_of_process(conflict) ? conflict->owner : NULL;
		if (is_of_process(wanted) && is_deadlock(wanted->owner, conflict->owner)) {
			err = -EDEADLK;
			break;
		}
		list_add(&wait.link, &waits);
		err = poll_sleep(&table, WAIT_FOREVER);
		list_del(&wait.link);
	}
	poll_end(&table);
	return err;
}

/* flock(): the owner's lock of the other type ends first, even if the new one is refused. */
static void convert(struct inode *inode, const struct file_lock *wanted)
{
	struct file_lock *lock, *next;

	list_for_each_entry_safe (lock, next, &inode->locks, link)
		if (same_owner(lock, wanted) && lock->type != wanted->type) {
			drop(lock);
			wait_queue_wake(&lock_waiters);
		}
}

/* Must one record become two? */
static bool splits(const struct inode *inode, const struct file_lock *wanted)
{
	const struct file_lock *lock;

	list_for_each_entry (lock, &inode->locks, link)
		if (same_owner(lock, wanted) && lock->type != wanted->type &&
		    lock->first < wanted->first && lock->last > wanted->last)
			return true;
	return false;
}

int lock_set(struct inode *inode, const struct file_lock *wanted, bool wait)
{
	bool ends = wanted->type == LOCK_NONE;
	struct file_lock *new = ends ? NULL : kmalloc(sizeof(*new), GFP_KERNEL);
	struct file_lock *spare = NULL;
	int err = new || ends ? 0 : wanted->whole ? -ENOMEM : -ENOLCK;

	if (!err && wanted->whole)
		convert(inode, wanted);
	while (!err) {
		if (lock_conflict(inode, wanted)) {
			err = wait ? wait_for_locks(inode, wanted) : -EAGAIN;
		} else if (!spare && splits(inode, wanted)) {
			spare = kmalloc(sizeof(*spare), GFP_KERNEL); /* may take time */
			err = spare ? 0 : -ENOLCK;
		} else {
			enter(inode, wanted, &new, &spare);
			break;
		}
	}
	kfree(new);
	kfree(spare);
	return err;
}

void locks_remove_slow(struct inode *inode, const void *owner)
{
	struct file_lock *lock, *next;

	list_for_each_entry_safe (lock, next, &inode->locks, link)
		if (lock->owner == owner)
			drop(lock);
	wait_queue_wake(&lock_waiters);
}

const char *locks_validate(const struct inode *inode)
{
	const struct file_lock *a, *b;

	list_for_each_entry (a, &inode->locks, link) {
		if (a->first > a->last || lock_conflict(inode, a))
			return "locks (1): two owners have the same bytes";
		list_for_each_entry (b, &inode->locks, link)
			if (a != b && same_owner(a, b) &&
			    (overlap(a, b) || (a->type == b->type && touch(a, b))))
				return "locks (2): an owner has bytes twice";
	}
	return NULL;
}
