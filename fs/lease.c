/* SPDX-License-Identifier: MIT */
/* Leases. Numbers cite the invariants of the header. */
#include "fs/lease.h"
#include "fs/owner.h"
#include "fs/poll.h"
#include "fs/process.h"
#include "abi/linux/errno.h"
#include "abi/linux/signal.h"
#include "mm/slab/slab.h"

#define NSEC_PER_SEC 1000000000u

struct lease {
	struct list_head link; /* in inode->leases */
	struct file *file;
	enum lock_type type;
	u64 downgrade, end; /* when it becomes one to read, and ends; 0: no process waits */
};

u32 lease_break_time = 45;

/* One queue for all: few processes wait for leases. */
static struct wait_queue lease_waiters = { LIST_HEAD_INIT(lease_waiters.entries) };

static struct lease *lease_of(const struct file *file)
{
	struct lease *lease;

	list_for_each_entry (lease, &file->inode->leases, link)
		if (lease->file == file)
			return lease;
	return NULL;
}

/* Gives the lease another type: the end of it for LOCK_NONE. It may still have to end. */
static void change(struct lease *lease, enum lock_type type)
{
	lease->type = type;
	if (type != LOCK_WRITE)
		lease->downgrade = 0;
	if (type == LOCK_NONE) {
		list_del(&lease->link);
		kfree(lease);
	}
	wait_queue_wake(&lease_waiters);
}

/* What is over time becomes what it must. */
static void expire(struct inode *inode)
{
	struct lease *lease, *next;
	u64 now = poll_deadline(0);

	list_for_each_entry_safe (lease, next, &inode->leases, link) {
		if (lease->downgrade && lease->downgrade <= now)
			change(lease, LOCK_READ);
		if (lease->end && lease->end <= now)
			change(lease, LOCK_NONE);
	}
}

/* May the file have a lease of this type, as it is open now, beside those of others? */
static int may_lease(const struct file *file, enum lock_type type)
{
	const struct inode *inode = file->inode;
	const s32 writers = inode->mapping.writers; /* < 0: programs run from it */
	const struct lease *lease;

	if (type == LOCK_READ ? writers > 0 : writers < 0 || inode->opens != 1)
		return -EAGAIN;
	list_for_each_entry (lease, &inode->leases, link)
		if (lease->file != file && lease->end)
			return -EAGAIN;
	return 0;
}

int lease_set(struct file *file, u32 fd, enum lock_type type)
{
	struct file_owner *owner;
	struct lease *lease;
	int err;

	if (file->inode && (file->inode->mode & S_IFMT) == S_IFDIR)
		return -EINVAL; /* as since Linux 6.19, whoever owns the folder */
	if (file->inode && process_fsuid() != file->inode->uid && !capable(CAP_LEASE))
		return -EACCES;
	if (!file->mapping)
		return -EINVAL;
	if (type != LOCK_NONE) {
		expire(file->inode);
		err = may_lease(file, type);
		if (err)
			return err;
	}
	lease = lease_of(file);
	if (lease) {
		change(lease, type);
		return 0;
	}
	if (type == LOCK_NONE)
		return -EAGAIN;
	owner = file_owner_make(file);
	lease = owner ? kmalloc(sizeof(*lease), GFP_KERNEL) : NULL;
	if (!lease)
		return -ENOMEM;
	err = may_lease(file, type); /* memory may have taken time */
	if (err || lease_of(file)) {
		kfree(lease);
		return err;
	}
	*lease = (struct lease){ .file = file, .type = type };
	list_add_tail(&lease->link, &file->inode->leases);
	owner->fd = fd;
	process_becomes_owner(owner);
	return 0;
}

enum lock_type lease_get(const struct file *file)
{
	const struct lease *lease;

	if (!file->inode)
		return LOCK_NONE;
	expire(file->inode);
	lease = lease_of(file);
	if (!lease || lease->end)
		return LOCK_NONE;
	return lease->downgrade ? LOCK_READ : lease->type;
}

/*
 * Asks the holders for the leases that are in the way. Returns the first deadline; 0: none is.
 * Source: Linux, fs/locks.c, __break_lease().
 */
static u64 ask_holders(struct inode *inode, bool writes)
{
	struct lease *lease;
	u64 first = 0;

	list_for_each_entry (lease, &inode->leases, link) {
		u64 *when = writes ? &lease->end : &lease->downgrade;

		if (!writes && lease->type != LOCK_WRITE)
			continue;
		if (!lease->end && !*when) {
			*when = poll_deadline((u64)lease_break_time * NSEC_PER_SEC);
			process_tell_owner(lease->file->owner, POLL_MSG);
		}
		if (!*when)
			when = &lease->end;
		if (!first || *when < first)
			first = *when;
	}
	return first;
}

int leases_break_slow(struct inode *inode, bool writes, bool nonblock)
{
	struct wait_entry entry;
	struct poll_table table;
	int err = 0;

	poll_begin(&table, &entry, 1);
	poll_wait(&table, &lease_waiters);
	while (err != -ERESTARTSYS) {
		u64 deadline;

		expire(inode);
		deadline = ask_holders(inode, writes);
		err = !deadline ? 0 : nonblock ? -EAGAIN : poll_sleep(&table, deadline);
		if (!deadline || nonblock)
			break;
	}
	poll_end(&table);
	return err;
}

void lease_remove_slow(const struct file *file)
{
	struct lease *lease = lease_of(file);

	if (lease)
		change(lease, LOCK_NONE);
}
