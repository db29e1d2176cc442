/* SPDX-License-Identifier: MIT */
/*
 * Locks on files: records of fcntl(2), and flock(2). They only exclude each other.
 *
 *   inode->locks --> [0, 9] read, owner A --> [5, 5] read, owner B --> [20, end] write, owner A
 *
 *   (1) two records of different owners overlap only if both are for reading;
 *   (2) two records of one owner never overlap, and those of one type are not adjacent;
 *   (3) an owner of a record is a table of descriptors (F_SETLK) or an open file (F_OFD_SETLK,
 *       flock). It drops its records when it ends; a table also when it closes any descriptor of
 *       the inode.
 *
 * A lock of flock() is a record of the whole file, and its kind does not meet the other kind.
 */
#ifndef FS_LOCKS_H
#define FS_LOCKS_H

#include "fs/inode.h"

#define LOCK_END     ((u64)INT64_MAX) /* the last byte of any file */
#define LOCK_OF_FILE (-1)	      /* pid of an open file's record */

enum lock_type { LOCK_READ, LOCK_WRITE, LOCK_NONE }; /* F_RDLCK, F_WRLCK, F_UNLCK */

struct file_lock {
	struct list_head link; /* in inode->locks */
	const void *owner;
	int pid; /* of the process that set it, or LOCK_OF_FILE */
	enum lock_type type;
	bool whole;	 /* of flock() */
	u64 first, last; /* bytes */
};

/*
 * Sets the record, or with LOCK_NONE removes what it covers. `wait`: sleeps until no other record
 * is in the way; -EDEADLK tells a process that it would wait for itself. A record of flock() of
 * another type ends before, also if the new one is refused. Returns 0, -EAGAIN, -EDEADLK,
 * -ERESTARTSYS; without memory -ENOLCK, and for flock() -ENOMEM. LOCK_NONE needs memory only where
 * one record becomes two.
 */
int lock_set(struct inode *inode, const struct file_lock *wanted, bool wait);

/* The first record that is in the way of this one, or NULL. */
const struct file_lock *lock_conflict(const struct inode *inode, const struct file_lock *wanted);

/* A record of the same owner that has some of these bytes, or NULL. */
const struct file_lock *lock_own(const struct inode *inode, const struct file_lock *wanted);

/* Removes all records of an owner. */
void locks_remove_slow(struct inode *inode, const void *owner);

static inline void locks_remove(struct inode *inode, const void *owner)
{
	if (inode && unlikely(!list_empty(&inode->locks)))
		locks_remove_slow(inode, owner);
}

/* NULL, or the first violated of (1) and (2). */
const char *locks_validate(const struct inode *inode);

#endif
