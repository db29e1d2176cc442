/* SPDX-License-Identifier: MIT */
/*
 * Making and removing names. A function allocates first: other tasks may change folders
 * meanwhile. So it looks at the folder afterwards, and changes it without a pause.
 */
#include "fs/names.h"
#include "fs/events/inotify.h"
#include "fs/process.h"
#include "fs/tmpfs/tmpfs.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/slab/slab.h"

/* Walks to a name that must be unused. A slash at its end is for folders only. */
static int start_unused(struct inode *base, const char *path, bool folder, struct nameidata *nd)
{
	struct inode *found;
	int err = path_start(base, path, nd);

	if (err)
		return err;
	err = nd->kind == LAST_NAME ? path_last(nd, &found) : -EEXIST;
	if (err == -ENOENT && (!nd->slash || folder) && nd->at->fs->writable)
		return 0;
	if (!err) {
		inode_put(found);
		err = -EEXIST;
	}
	path_end(nd);
	return err;
}

/* The same, in a folder where the process may make it. */
static int start_new(struct inode *base, const char *path, bool folder, struct nameidata *nd)
{
	int err = start_unused(base, path, folder, nd);

	if (err)
		return err;
	err = inode_permission(nd->at, MAY_WRITE | MAY_EXEC);
	if (err)
		path_end(nd);
	return err;
}

/* Adds the entry, unless things changed meanwhile. Frees it on an error. */
static int enter(struct inode *folder, struct dentry *dentry, struct inode *inode)
{
	const struct name name = { dentry->text, dentry->length, dentry->hash };
	int err = 0;

	if (!folder->nlink)
		err = -ENOENT;
	else if (folder_find(folder, &name))
		err = -EEXIST;
	else if (folder->folder.next_order == INT32_MAX)
		err = -ENOSPC; /* numbers for getdents() are used up */
	if (err) {
		dentry_free(dentry);
		return err;
	}
	folder_add(folder, dentry, inode);
	inotify_tell_name(folder, &name, inode, IN_CREATE, 0);
	return 0;
}

/* Gives an inode the last component as a name. */
static int add_name(const struct nameidata *nd, struct inode *inode)
{
	struct dentry *dentry = dentry_alloc(&nd->last);

	return dentry ? enter(nd->at, dentry, inode) : -ENOMEM;
}

/* Makes a new inode with the last component as its name. With `made`, returns a reference. */
static int make(const struct nameidata *nd, u32 mode, u32 rdev, const char *target,
		struct inode **made)
{
	struct inode *inode;
	int err = tmpfs_inode(nd->at, mode, rdev, target, &inode);

	if (err)
		return err;
	err = add_name(nd, inode);
	if (!err && made)
		*made = inode;
	else
		inode_put(inode);
	return err;
}

int path_create(const struct nameidata *nd, u32 mode, struct inode **made)
{
	int err = inode_permission(nd->at, MAY_WRITE | MAY_EXEC);

	return err ? err : make(nd, S_IFREG | mode, 0, NULL, made);
}

int make_nameless(struct inode *folder, const char *shown, u32 mode, struct inode **made)
{
	const struct name name = name_of(shown);
	struct dentry *dentry = dentry_alloc(&name);
	int err = dentry ? tmpfs_inode(folder, S_IFREG | mode, 0, NULL, made) : -ENOMEM;

	if (!err)
		folder_show(folder, dentry, *made);
	else if (dentry)
		dentry_free(dentry);
	return err;
}

int path_make(struct inode *base, const char *path, u32 mode, u32 rdev)
{
	struct nameidata nd;
	u32 kind = mode & S_IFMT;
	int err = start_new(base, path, kind == S_IFDIR, &nd);

	if (err)
		return err;
	if (kind != S_IFBLK && kind != S_IFCHR)
		rdev = 0;
	/* The character device 0:0 is no device: overlayfs hides a name with it. */
	if ((kind == S_IFBLK || (kind == S_IFCHR && rdev)) && !capable(CAP_MKNOD))
		err = -EPERM;
	else
		err = make(&nd, mode, rdev, NULL, NULL);
	path_end(&nd);
	return err;
}

int path_symlink(const char *target, struct inode *base, const char *path)
{
	struct nameidata nd;
	int err = *target ? start_new(base, path, false, &nd) : -ENOENT;

	if (err)
		return err;
	err = make(&nd, S_IFLNK | 0777, 0, target, NULL);
	path_end(&nd);
	return err;
}

/* May the inode get a name in this folder? In Linux's order. */
static int may_link(const struct inode *inode, const struct inode *folder)
{
	int err;

	if (inode->fs != folder->fs)
		return -EXDEV;
	err = inode_permission(folder, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	if (is_kind(inode, S_IFDIR))
		return -EPERM;
	if (!inode->nlink && inode_dentry(inode) && !inode->linkable)
		return -ENOENT;
	if (inode->fs->max_inodes && inode->fs->inodes >= inode->fs->max_inodes)
		return -ENOSPC;
	return 0;
}

int inode_link(struct inode *inode, struct inode *base, const char *path)
{
	struct nameidata nd;
	int err = start_unused(base, path, false, &nd);

	if (err)
		return err;
	err = may_link(inode, nd.at);
	if (!err)
		err = add_name(&nd, inode);
	if (!err)
		inotify_tell_self(inode, IN_ATTRIB);
	if (!err && inode->linkable)
		folder_forget(inode); /* its first name */
	else if (!err)
		inode->fs->inodes++; /* a name takes memory too, as on Linux */
	path_end(&nd);
	return err;
}

int may_remove(const struct inode *folder, const struct inode *victim)
{
	u32 uid = process_fsuid();
	int err = inode_permission(folder, MAY_WRITE | MAY_EXEC);

	if (!err && folder->mode & S_ISVTX && uid != victim->uid && uid != folder->uid &&
	    !capable(CAP_FOWNER))
		err = -EPERM;
	return err;
}

int name_entry(struct nameidata *nd, struct dentry **dentry)
{
	struct inode *found;
	int err = path_last(nd, &found);

	*dentry = NULL;
	if (err)
		return err;
	inode_put(found);
	if (nd->at->operations->lookup)
		return -EPERM;
	*dentry = folder_find(nd->at, &nd->last);
	return *dentry ? 0 : -EPERM;
}

/* Removes the last component. Its events come in Linux's order: the inode's own are the first. */
static void remove_name(const struct nameidata *nd, struct dentry *dentry)
{
	u32 mask = IN_DELETE | (is_kind(dentry->inode, S_IFDIR) ? IN_ISDIR : 0);

	if (!(mask & IN_ISDIR))
		inotify_tell_self(dentry->inode, IN_ATTRIB);
	folder_remove(dentry);
	if (unlikely(inotify_watches))
		inotify_tell_name_slow(nd->at, &nd->last, mask, 0);
}

int path_unlink(struct inode *base, const char *path)
{
	struct nameidata nd;
	struct dentry *dentry;
	int err = path_start(base, path, &nd);

	if (err)
		return err;
	err = nd.kind == LAST_NAME ? name_entry(&nd, &dentry) : -EISDIR;
	if (!err && nd.slash)
		err = is_kind(dentry->inode, S_IFDIR) ? -EISDIR : -ENOTDIR;
	if (!err)
		err = may_remove(nd.at, dentry->inode);
	if (!err && is_kind(dentry->inode, S_IFDIR))
		err = -EISDIR;
	if (!err && !nd.at->fs->writable)
		err = -EPERM;
	if (!err)
		remove_name(&nd, dentry);
	path_end(&nd);
	return err;
}

static int remove_folder(struct nameidata *nd)
{
	struct dentry *dentry;
	int err = name_entry(nd, &dentry);

	if (!err)
		err = may_remove(nd->at, dentry->inode);
	if (err)
		return err;
	if (!is_kind(dentry->inode, S_IFDIR))
		return -ENOTDIR;
	if (!nd->at->fs->writable)
		return -EPERM;
	if (dentry->inode->mount_point)
		return -EBUSY;
	if (!folder_empty(dentry->inode))
		return -ENOTEMPTY;
	remove_name(nd, dentry);
	return 0;
}

int path_rmdir(struct inode *base, const char *path)
{
	static const int errors[] = {
		[LAST_ROOT] = -EBUSY, [LAST_DOT] = -EINVAL, [LAST_DOTDOT] = -ENOTEMPTY
	};
	struct nameidata nd;
	int err = path_start(base, path, &nd);

	if (err)
		return err;
	err = nd.kind == LAST_NAME ? remove_folder(&nd) : errors[nd.kind];
	path_end(&nd);
	return err;
}
