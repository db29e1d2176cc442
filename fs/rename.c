/* SPDX-License-Identifier: MIT */
/* rename(2): Linux's order of checks, then one change without a pause. */
#include "fs/names.h"
#include "fs/events/inotify.h"
#include "abi/linux/errno.h"

struct rename {
	struct nameidata from, to;
	struct dentry *old, *new; /* new: NULL if the name is unused */
	u32 flags;
};

/* Finds both names, and refuses what the flags and the shape of the tree forbid. */
static int find_names(struct rename *r)
{
	bool exchange = r->flags & RENAME_EXCHANGE;
	int err = name_entry(&r->from, &r->old);

	if (err)
		return err;
	err = name_entry(&r->to, &r->new);
	if (err && (err != -ENOENT || exchange))
		return err;
	if (r->new && r->flags & RENAME_NOREPLACE)
		return -EEXIST;
	if (exchange && r->to.slash && r->new && !is_kind(r->new->inode, S_IFDIR))
		return -ENOTDIR;
	if (!is_kind(r->old->inode, S_IFDIR) && (r->from.slash || (!exchange && r->to.slash)))
		return -ENOTDIR;
	if (folder_lies_in(r->to.at, r->old->inode))
		return -EINVAL;
	if (r->new &&folder_lies_in(r->from.at, r->new->inode))
		return exchange ? -EINVAL : -ENOTEMPTY;
	return 0;
}

/* A folder that moves gets another "..": that is a change of it. */
static int may_move(const struct dentry *dentry, const struct inode *to)
{
	if (dentry->folder == to || !is_kind(dentry->inode, S_IFDIR))
		return 0;
	return inode_permission(dentry->inode, MAY_WRITE);
}

static int check_rights(const struct rename *r)
{
	bool folder = is_kind(r->old->inode, S_IFDIR);
	int err = may_remove(r->from.at, r->old->inode);

	if (err)
		return err;
	if (!r->new)
		err = inode_permission(r->to.at, MAY_WRITE | MAY_EXEC);
	else
		err = may_remove(r->to.at, r->new->inode);
	if (!err && r->new && !(r->flags & RENAME_EXCHANGE) &&
	    folder != is_kind(r->new->inode, S_IFDIR))
		err = folder ? -ENOTDIR : -EISDIR;
	if (!err && !r->from.at->fs->writable)
		err = -EPERM;
	if (!err)
		err = may_move(r->old, r->to.at);
	if (!err && r->flags & RENAME_EXCHANGE)
		err = may_move(r->new, r->from.at);
	if (!err && (r->old->inode->mount_point || (r->new && r->new->inode->mount_point)))
		err = -EBUSY;
	if (!err && folder && r->new && !(r->flags & RENAME_EXCHANGE) &&
	    !folder_empty(r->new->inode))
		err = -ENOTEMPTY;
	return err;
}

/* The events of a move, in Linux's order. */
static void tell_move(const struct nameidata *from, const struct nameidata *to,
		      const struct inode *inode, const struct inode *replaced)
{
	u32 cookie;

	if (likely(!inotify_watches))
		return;
	cookie = inotify_cookie();
	inotify_tell_name(from->at, &from->last, inode, IN_MOVED_FROM, cookie);
	inotify_tell_name(to->at, &to->last, inode, IN_MOVED_TO, cookie);
	if (replaced)
		inotify_tell_self(replaced, IN_ATTRIB);
	inotify_tell_self(inode, IN_MOVE_SELF);
}

/* Everything but the allocation of `as` is checked after it: names may change meanwhile. */
static int check_and_move(struct rename *r, struct dentry *as)
{
	struct inode *replaced = NULL;
	int err = find_names(r);

	if (err)
		return err;
	/* Two names of one inode: there is nothing to do. */
	if (r->new && r->new->inode == r->old->inode)
		return 1;
	err = check_rights(r);
	if (err)
		return err;
	if (r->new && r->flags & RENAME_EXCHANGE) {
		folder_exchange(r->old, r->new);
		tell_move(&r->from, &r->to, r->new->inode, NULL);
		tell_move(&r->to, &r->from, r->old->inode, NULL);
		return 1;
	}
	if (!r->to.at->nlink)
		return -ENOENT;
	if (r->to.at->folder.next_order == INT32_MAX)
		return -ENOSPC;
	if (r->new) {
		replaced = r->new->inode;
		inode_get(replaced);
		folder_remove(r->new);
	}
	folder_move(r->old, r->to.at, as);
	tell_move(&r->from, &r->to, as->inode, replaced);
	if (replaced)
		inode_put(replaced);
	return 0;
}

static int rename_last(struct rename *r)
{
	struct dentry *as;
	int err;

	if (r->from.at->fs != r->to.at->fs)
		return -EXDEV;
	if (r->from.kind != LAST_NAME)
		return -EBUSY;
	if (r->to.kind != LAST_NAME)
		return r->flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	if (r->to.last.length > NAME_MAX)
		return -ENAMETOOLONG;
	as = dentry_alloc(&r->to.last);
	if (!as)
		return -ENOMEM;
	err = check_and_move(r, as);
	if (err)
		dentry_free(as);
	return min(err, 0);
}

int rename_check_flags(u32 flags)
{
	const u32 both = RENAME_NOREPLACE | RENAME_EXCHANGE;

	return flags & ~both || flags == both ? -EINVAL : 0;
}

int path_rename(struct inode *from_base, const char *from, struct inode *to_base, const char *to,
		u32 flags)
{
	struct rename r = { .flags = flags };
	int err = rename_check_flags(flags);

	if (!err)
		err = path_start(from_base, from, &r.from);
	if (err)
		return err;
	err = path_start(to_base, to, &r.to);
	if (!err) {
		err = rename_last(&r);
		path_end(&r.to);
	}
	path_end(&r.from);
	return err;
}
