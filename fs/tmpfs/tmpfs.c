/* SPDX-License-Identifier: MIT */
/* tmpfs. */
#include "fs/tmpfs/tmpfs.h"
#include "fs/file.h"
#include "fs/namei.h"
#include "fs/process.h"
#include "fs/seals.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/frames/highmem.h"
#include "mm/frames/shrinker.h"
#include "mm/slab/slab.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/truncate.h"

struct file_system root_fs = TMPFS_OF("rootfs", TMPFS_DEV);
struct file_system device_fs = TMPFS_OF("devtmpfs", DEVICES_DEV);
struct file_system shm_fs = TMPFS_OF("tmpfs", SHM_DEV);

/*
 * Counts `pages` for the file, in its file system and as committed memory. 0 or -ENOSPC. The page
 * cache may remove pages without telling: they stay counted until the next call.
 */
static int charge(struct inode *inode, u32 pages)
{
	u32 *charged = &inode->mapping.blocks_committed;
	struct file_system *fs = inode->fs;

	if (pages > *charged) {
		u32 more = pages - *charged;

		if (fs->max_pages &&
		    (fs->pages > fs->max_pages || more > fs->max_pages - fs->pages))
			return -ENOSPC;
		if (vm_enough_memory(NULL, more))
			return -ENOSPC;
	} else if (pages < *charged) {
		vm_unacct_memory(*charged - pages);
	}
	fs->pages += pages - *charged;
	*charged = pages;
	return 0;
}

/* The pages that the file has, in memory or not. */
static u32 pages_of(const struct inode *inode)
{
	return inode->mapping.nrpages + inode->mapping.nrabsent;
}

static void uncharge_all(struct inode *inode)
{
	charge(inode, 0);
}

static int charge_page(struct address_space *mapping, u32 index)
{
	(void)index;
	return charge(inode_of(mapping), pages_of(inode_of(mapping)) + 1);
}

static int tmpfs_readpage(struct address_space *mapping, struct page *page)
{
	(void)mapping;
	clear_highpage(page);
	return 0;
}

/* As Linux's can_do_mincore(). */
static bool hides_residence(const struct address_space *mapping)
{
	const struct inode *inode = container_of(mapping, struct inode, mapping);

	return !inode_owned(inode) && inode_permission(inode, MAY_WRITE);
}

static int check_hole(const struct address_space *mapping)
{
	const struct inode *inode = container_of(mapping, struct inode, mapping);

	if (inode->archive)
		return -EOPNOTSUPP; /* its pages would be filled again */
	return inode->seals & SEALS_OF_WRITES ? -EPERM : 0;
}

static const struct address_space_operations tmpfs_operations = {
	.readpage = tmpfs_readpage,
	.hides_residence = hides_residence,
	.check_hole = check_hole,
	.charge = charge_page,
	.sparse = true,
	.release = inode_release,
};

static int tmpfs_set_size(struct inode *inode, u64 size)
{
	int err = mapping_truncate(&inode->mapping, size);

	if (!err && pages_of(inode) < inode->mapping.blocks_committed)
		charge(inode, pages_of(inode));
	return err;
}

static const struct inode_operations tmpfs_inode_operations = { .set_size = tmpfs_set_size,
								.release = uncharge_all };

static s32 mapped_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
		       void *context)
{
	file_accessed(file);
	return mapping_copy_from(file->mapping, position, bytes, copy, context);
}

static const struct file_operations tmpfs_file_operations = {
	.read = mapped_read,
	.seekable = true,
};

const struct file_operations folder_operations = { .seekable = true };

static void release_target(struct inode *inode)
{
	kfree(inode->target);
}

static const struct inode_operations link_operations = { .release = release_target };

/* Pages that the archive fills are not counted: it has that memory anyway. */
static int charge_beyond_archive(struct address_space *mapping, u32 index)
{
	struct inode *inode = inode_of(mapping);

	if ((u64)index << PAGE_SHIFT < inode->archive_bytes)
		return 0;
	return charge(inode, mapping->blocks_committed + 1);
}

/* Pages that lie in the archive as a whole, if the file begins at a frame there. */
static struct page *archive_in_place(const struct address_space *mapping, u32 *first, u32 *end)
{
	const struct inode *inode = container_of(mapping, struct inode, mapping);

	*end = min(*end, (u32)(inode->archive_bytes >> PAGE_SHIFT));
	if (*first >= *end)
		return NULL;
	return reserved_page_at(inode->archive + ((size_t)*first << PAGE_SHIFT));
}

static int archive_readpage(struct address_space *mapping, struct page *page)
{
	struct inode *inode = inode_of(mapping);
	u64 position = (u64)page->index << PAGE_SHIFT;
	u32 bytes = 0;
	char *to;

	BUG_ON(page->mapping != mapping);
	to = kmap_atomic(page);
	if (position < inode->archive_bytes)
		bytes = (u32)min(inode->archive_bytes - position, (u64)PAGE_SIZE);
	if (bytes)
		memcpy(to, inode->archive + (size_t)position, bytes);
	memset(to + bytes, 0, PAGE_SIZE - bytes);
	kunmap_atomic(page);
	return 0;
}

static const struct address_space_operations archive_operations = {
	.readpage = archive_readpage,
	.hides_residence = hides_residence,
	.check_hole = check_hole,
	.charge = charge_beyond_archive,
	.in_place = archive_in_place,
	.release = inode_release,
};

/* What truncation cut off does not come back. */
static int archive_set_size(struct inode *inode, u64 size)
{
	int err = tmpfs_set_size(inode, size);

	if (!err)
		inode->archive_bytes = min(inode->archive_bytes, size);
	return err;
}

static const struct inode_operations archive_inode_operations = { .set_size = archive_set_size,
								  .release = uncharge_all };

/* Reads from the archive without making pages, while it is what the file contains. */
static s32 archive_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			void *context)
{
	u64 size = file->mapping->i_size;
	const char *data = file->inode->archive;
	u32 done = 0, left = 0;

	if (file->mapping->written)
		return mapped_read(file, position, bytes, copy, context);
	file_accessed(file);
	if (position >= size || !bytes)
		return 0;
	bytes = (u32)min((u64)bytes, size - position);
	while (done < bytes && !left && !(done && task_killed())) {
		u32 part = min(bytes - done, PAGE_SIZE);

		left = copy((char *)data + (size_t)position + done, part, context);
		done += part - left;
		cond_resched();
	}
	return done ? (s32)done : -EFAULT;
}

static const struct file_operations archive_file_operations = {
	.read = archive_read,
	.seekable = true,
};

void tmpfs_set_archive(struct inode *inode, const char *archive, u32 bytes)
{
	BUG_ON(!is_kind(inode, S_IFREG) || inode->mapping.nrpages);
	inode->mapping.a_ops = &archive_operations;
	inode->mapping.i_size = inode->archive_bytes = bytes;
	inode->archive = archive;
	inode->operations = &archive_inode_operations;
	inode->file_operations = &archive_file_operations;
}

static int set_target(struct inode *inode, const char *target)
{
	size_t length = strlen(target);

	inode->target = kmalloc(length + 1, GFP_KERNEL);
	if (!inode->target)
		return -ENOMEM;
	memcpy(inode->target, target, length + 1);
	inode->mapping.i_size = length;
	inode->operations = &link_operations;
	return 0;
}

static void set_regular(struct inode *inode)
{
	inode->file_operations = &tmpfs_file_operations;
	if (!inode->fs->writable)
		return;
	inode->seals_allowed = true;
	inode->seals = F_SEAL_SEAL;
	inode->mapping.a_ops = &tmpfs_operations;
	inode->operations = &tmpfs_inode_operations;
}

/* A folder with the set-group-ID bit gives its group to all in it, and folders the bit too. */
static void set_owner(struct inode *inode, const struct inode *folder)
{
	inode->uid = process_fsuid();
	inode->gid = process_fsgid();
	if (!(folder->mode & S_ISGID))
		return;
	inode->gid = folder->gid;
	if (is_kind(inode, S_IFDIR))
		inode->mode |= S_ISGID;
	else if ((inode->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
		 !process_in_group(inode->gid) && !capable(CAP_FSETID))
		inode->mode &= ~(u32)S_ISGID;
}

int tmpfs_inode(const struct inode *folder, u32 mode, u32 rdev, const char *target,
		struct inode **made)
{
	struct file_system *fs = folder->fs;
	struct inode *inode;
	int err = 0;

	if (fs->max_inodes && fs->inodes >= fs->max_inodes)
		return -ENOSPC;
	inode = inode_alloc(fs, mode);
	if (!inode)
		return -ENOMEM;
	set_owner(inode, folder);
	inode->rdev = rdev;
	if (is_kind(inode, S_IFREG))
		set_regular(inode);
	else if (is_kind(inode, S_IFDIR))
		inode->file_operations = &folder_operations;
	else if (target)
		err = set_target(inode, target);
	if (err)
		inode_put(inode);
	else
		*made = inode;
	return err;
}

/* The first entry of a folder that is not permanent, or whose folder contains one. */
static struct dentry *first_leftover(const struct inode *folder)
{
	struct dentry *dentry = folder_entry_from(folder, 0);

	while (dentry && dentry->permanent)
		dentry = folder_entry_from(folder, dentry->order + 1);
	return dentry;
}

/* The next folder made at boot, in depth first order; NULL after the last one. */
static struct inode *next_folder(struct inode *folder)
{
	u32 order = 0;

	for (;;) {
		struct dentry *dentry = folder_entry_from(folder, order);

		if (!dentry) {
			dentry = inode_dentry(folder);
			if (!dentry)
				return NULL;
			folder = dentry->folder;
		} else if (is_kind(dentry->inode, S_IFDIR) && dentry->inode->fs->writable) {
			return dentry->inode;
		}
		order = dentry->order + 1;
	}
}

struct dentry *tmpfs_leftover(void)
{
	struct inode *folder;

	for (folder = root_inode; folder; folder = next_folder(folder)) {
		struct dentry *dentry = first_leftover(folder);

		while (dentry && is_kind(dentry->inode, S_IFDIR) && !folder_empty(dentry->inode))
			dentry = folder_entry_from(dentry->inode, 0);
		if (dentry)
			return dentry;
	}
	return NULL;
}

/* Nothing maps a page of an object without areas, unless it is in use by a call. */
static bool is_unused(const struct page *page)
{
	return page->count == 1 || page->flags & PG_reserved;
}

/* Frees the pages of a file, if nothing uses them and they can be filled again. */
static u32 drop_pages(struct address_space *mapping)
{
	u32 index = 0, dropped = 0;
	void *item;

	if (mapping->a_ops != &archive_operations || !mapping_refills(mapping) ||
	    mapping->i_mmap.root || mapping->lock.locked || mapping->entering)
		return 0;
	for (; (item = radix_tree_next(&mapping->pages, &index)); index++) {
		if (item_is_absent(item)) {
			mapping_remove_absent(mapping, index, item);
		} else if (is_unused(item)) {
			delete_from_page_cache(item);
			dropped++;
		}
	}
	return dropped;
}

static u32 drop_all(void)
{
	struct address_space *mapping;
	u32 dropped = 0;

	list_for_each_entry (mapping, &mapping_list, link)
		dropped += drop_pages(mapping);
	return dropped;
}

void tmpfs_init(void)
{
	static struct shrinker shrinker = { .name = "files",
					    .shrink = drop_all,
					    .saves_work = true };

	struct file_system *all[] = { &root_fs, &device_fs, &shm_fs };

	for (u32 i = 0; i < ARRAY_SIZE(all); i++) {
		all[i]->pages = all[i]->inodes = 0;
		all[i]->max_pages = all[i]->max_inodes = nr_present_pages() / 2;
	}
	register_shrinker(&shrinker);
}
