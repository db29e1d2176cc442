/* SPDX-License-Identifier: MIT */
/*
 * Leases, fcntl(2): a process that keeps a copy of a file's contents gets a signal before another
 * one changes them (a lease to read) or looks at them (to write), and some time to react.
 *
 *   inode->leases --> lease of file A --> lease of file B
 *
 *   holder   F_SETLEASE -------------------------> signal ... F_SETLEASE, F_UNLCK
 *   other                 open(O_WRONLY): sleeps ............. goes on
 *
 *   (1) a file has at most one lease; it ends with the file;
 *   (2) if a lease is for writing it is the only one.
 */
#ifndef FS_LEASE_H
#define FS_LEASE_H

#include "fs/file.h"
#include "fs/locks.h"

/* Seconds that a holder has; then its lease ends without it. /proc/sys/fs/lease-break-time. */
extern u32 lease_break_time;

/*
 * F_SETLEASE; LOCK_NONE ends the lease. `fd` will be the signal's si_fd. 0; -EAGAIN: the file is
 * open in a way that the lease excludes, or there is no lease to end; -EACCES: it belongs to
 * another user; -EINVAL: no regular file; -ENOMEM.
 */
int lease_set(struct file *file, u32 fd, enum lock_type type);

/* F_GETLEASE: the type; what it must become, if another process waits for that. */
enum lock_type lease_get(const struct file *file);

/*
 * Another process opens the file, sets its size or executes it: waits for what excludes this. 0,
 * -EAGAIN (`nonblock`), -ERESTARTSYS. The caller holds a reference to the inode, and counts in
 * `opens` and the mapping's `writers` already: so no holder takes such a lease again meanwhile.
 */
int leases_break_slow(struct inode *inode, bool writes, bool nonblock);

static inline int leases_break(struct inode *inode, bool writes, bool nonblock)
{
	return likely(list_empty(&inode->leases)) ? 0 : leases_break_slow(inode, writes, nonblock);
}

/* The file ends. */
void lease_remove_slow(const struct file *file);

static inline void lease_remove(const struct file *file)
{
	if (file->inode && unlikely(!list_empty(&file->inode->leases)))
		lease_remove_slow(file);
}

#endif
