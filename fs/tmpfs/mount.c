/* SPDX-License-Identifier: MIT */
/* mount and umount of tmpfs. Numbers cite the invariants of the header. */
#include "fs/tmpfs/mount.h"
#include "abi/linux/errno.h"
#include "fs/namei.h"
#include "fs/process.h"
#include "fs/tmpfs/tmpfs.h"
#include "lib/assert.h"
#include "lib/list.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"

#define FIRST_DEV 64u /* unnamed devices, behind those of boot */

LIST_HEAD(tmpfs_mounts);
static u32 last_dev = FIRST_DEV;

/* (3) */
static void free_mount(struct file_system *fs)
{
	kfree(container_of(fs, struct mount, fs));
}

static struct mount *mount_alloc(const struct mount_options *options)
{
	struct mount *mount = kmalloc(sizeof(*mount), GFP_KERNEL);
	u32 half = nr_present_pages() / 2;

	if (!mount)
		return NULL;
	*mount = (struct mount){ .fs = TMPFS_OF("tmpfs", last_dev++) };
	mount->fs.max_pages = options->max_pages ? options->max_pages : half;
	mount->fs.max_inodes = options->max_inodes ? options->max_inodes : half;
	mount->fs.readonly = options->readonly;
	mount->root = inode_alloc(&mount->fs, S_IFDIR | (options->mode ? options->mode : 01777));
	if (!mount->root) {
		kfree(mount);
		return NULL;
	}
	mount->fs.release = free_mount;
	mount->root->file_operations = &folder_operations;
	mount->root->nlink = 2;
	mount->root->mount_point = true;
	mount->root->uid = process_fsuid();
	mount->root->gid = process_fsgid();
	return mount;
}

/* Lets the entry lead to another folder. The reference of the entry goes with it. */
static void redirect(struct dentry *dentry, struct inode *folder)
{
	folder_changed(true);
	list_del(&dentry->same);
	dentry->inode = folder;
	list_add(&dentry->same, &folder->names);
}

int mount_tmpfs(struct inode *folder, const struct mount_options *options)
{
	struct mount *mount;
	struct dentry *dentry;

	mount = mount_alloc(options);
	if (!mount)
		return -ENOMEM;
	dentry = inode_dentry(folder);
	if (!dentry || !folder->nlink || !folder->fs->writable) {
		inode_put(mount->root);
		return !dentry || folder->nlink ? -EBUSY : -ENOENT;
	}
	mount->covered = folder;
	redirect(dentry, mount->root);
	list_add_tail(&mount->link, &tmpfs_mounts);
	return 0;
}

static struct mount *mount_of(const struct inode *root)
{
	struct mount *mount;

	list_for_each_entry (mount, &tmpfs_mounts, link)
		if (mount->root == root)
			return mount;
	return NULL;
}

int mount_change(const struct inode *root, bool readonly)
{
	struct mount *mount = mount_of(root);

	if (!mount)
		return -EINVAL;
	mount->fs.readonly = readonly;
	return 0;
}

/* The folder after this one in depth first order, within the file system. */
static struct inode *next_folder(struct inode *folder, const struct inode *root)
{
	u32 order = 0;

	for (;;) {
		struct dentry *dentry = folder_entry_from(folder, order);

		if (!dentry && folder == root)
			return NULL;
		if (!dentry) {
			dentry = inode_dentry(folder);
			BUG_ON(!dentry);
			folder = dentry->folder;
		} else if (is_kind(dentry->inode, S_IFDIR)) {
			return dentry->inode;
		}
		order = dentry->order + 1;
	}
}

/* Counts the entries of a folder. Is each used by its names alone, and in this file system? */
static bool is_quiet(struct inode *folder, u32 *entries)
{
	struct dentry *dentry = folder_entry_from(folder, 0);

	for (; dentry; dentry = folder_entry_from(folder, dentry->order + 1)) {
		if (dentry->inode->fs != folder->fs)
			return false;
		if (!is_kind(dentry->inode, S_IFDIR) &&
		    dentry->inode->mapping.count != dentry->inode->nlink)
			return false;
		++*entries;
	}
	return true;
}

/* `references`: those to the root that do not count. */
static bool in_use(struct inode *root, u32 references)
{
	const struct file_system *fs = root->fs;
	u32 names = 1;

	for (struct inode *folder = root; folder; folder = next_folder(folder, root)) {
		u32 entries = 0;

		if (!is_quiet(folder, &entries))
			return true;
		/* Its own name, and each entry in it, hold a reference. */
		if (folder->mapping.count != 1 + entries + (folder == root ? references : 0))
			return true;
		names += entries;
	}
	return fs->inodes != names; /* others were removed, and are open */
}

/* The entry leads to the covered folder again. */
static void uncover(struct dentry *dentry, struct mount *mount)
{
	list_del(&mount->link);
	redirect(dentry, mount->covered);
	mount->root->mount_point = false;
}

/* The root has neither a place nor names: the entry's reference ends. */
static void release_root(struct inode *root)
{
	root->nlink = 0;
	inode_put(root);
}

/*
 * Removes all names, and what is mounted below. Mounts may lie in each other without limit: so a
 * loop, and no recursion.
 */
static void empty(struct inode *root)
{
	struct inode *folder = root;

	for (;;) {
		struct dentry *dentry = folder_entry_from(folder, 0);

		if (!dentry && folder == root)
			return;
		if (!dentry) {
			struct inode *ended = folder;

			dentry = inode_dentry(folder);
			BUG_ON(!dentry);
			folder = dentry->folder;
			if (ended->mount_point) {
				uncover(dentry, mount_of(ended));
				release_root(ended);
			} else {
				folder_remove(dentry);
			}
		} else if (is_kind(dentry->inode, S_IFDIR)) {
			folder = dentry->inode;
		} else {
			folder_remove(dentry);
		}
	}
}

int mount_remove(struct inode *root, bool detach)
{
	struct mount *mount = mount_of(root);
	struct dentry *dentry = inode_dentry(root);

	if (!mount)
		return -EINVAL;
	/* Another one is mounted over it; a process that was in it before may still name it. */
	if (!dentry)
		return -EBUSY;
	if (!detach && in_use(root, 1))
		return -EBUSY;
	uncover(dentry, mount);
	empty(root);
	release_root(root);
	return 0;
}
