/* SPDX-License-Identifier: MIT */
/* Inodes: their life, rights, times and size. Numbers cite the invariants of the header. */
#include "fs/inode.h"
#include "fs/events/inotify.h"
#include "fs/namei.h"
#include "fs/process.h"
#include "fs/seals.h"
#include "abi/linux/errno.h"
#include "lib/clock.h"
#include "lib/string.h"
#include "mm/slab/slab.h"
#include "mm/user_space/truncate.h"

#define NSEC_PER_DAY (86400ull * 1000000000)

static struct kmem_cache *inode_cache;
static u32 last_ino;

void inodes_init(void)
{
	inode_cache = kmem_cache_create("inode", sizeof(struct inode), 0, 0, NULL, NULL);
	BUG_ON(!inode_cache);
}

/* Frees an inode without references. Returns its folder, with the reference of its last name. */
static struct inode *inode_free(struct inode *inode)
{
	struct dentry *dentry = inode_dentry(inode);
	struct inode *folder = dentry ? dentry->folder : NULL;
	struct file_system *fs = inode->fs;

	inotify_inode_ends(inode);
	folder_changed(is_kind(inode, S_IFDIR));
	if (inode->operations->release)
		inode->operations->release(inode);
	BUG_ON(dentry && (dentry->same.next != &inode->names || inode->nlink)); /* (3) */
	if (dentry)
		dentry_free(dentry);
	kmem_cache_free(inode_cache, inode);
	if (!--fs->inodes && fs->release)
		fs->release(fs);
	return folder;
}

/* A chain of removed folders ends here, however long: so a loop, and no recursion. */
void inode_release(struct address_space *mapping)
{
	struct inode *folder = inode_free(inode_of(mapping));

	while (folder && mapping_put_last(&folder->mapping))
		folder = inode_free(folder);
}

static const struct address_space_operations plain_operations = { .release = inode_release };

/* (2): without a place in mapping_list. */
static void mapping_init_unlisted(struct address_space *mapping)
{
	*mapping = (struct address_space){ .a_ops = &plain_operations, .count = 1 };
	list_init(&mapping->link);
}

struct inode *inode_alloc(struct file_system *fs, u32 mode)
{
	static const struct inode_operations none;
	struct inode *inode = kmem_cache_alloc(inode_cache, GFP_KERNEL);

	if (!inode)
		return NULL;
	memset(inode, 0, sizeof(*inode));
	if ((mode & S_IFMT) == S_IFREG && fs->writable)
		mapping_init(&inode->mapping, &plain_operations, 0);
	else
		mapping_init_unlisted(&inode->mapping);
	inode->mapping.dev = fs->dev;
	inode->mapping.ino = ++last_ino;
	inode->operations = &none;
	inode->fs = fs;
	inode->mode = mode;
	inode->times = times_all(clock_coarse());
	list_init(&inode->names);
	list_init(&inode->locks);
	list_init(&inode->leases);
	inode->folder.next_order = (mode & S_IFMT) == S_IFDIR ? FIRST_ORDER : 0;
	fs->inodes++;
	return inode;
}

/* As Linux's relatime: if not later than the last change, or a day old. */
void inode_accessed(struct inode *inode)
{
	struct file_times *times = &inode->times;
	u64 now;

	if (inode->fs->readonly)
		return;
	now = clock_coarse();
	if (times->access <= times->modify || times->access <= times->change ||
	    now - times->access >= NSEC_PER_DAY)
		times->access = now;
}

/* A capability allows what the mode does not. */
static bool overrides(const struct inode *inode, u32 may)
{
	bool folder = is_kind(inode, S_IFDIR);

	/* To find a name in a folder, execute permission for it, belongs to reading. */
	if (capable(CAP_DAC_READ_SEARCH) && (may == MAY_READ || (folder && !(may & MAY_WRITE))))
		return true;
	return capable(CAP_DAC_OVERRIDE) && (!(may & MAY_EXEC) || folder || inode->mode & S_IXUGO);
}

/* What a read-only file system has of its own: not what its devices and FIFOs lead to. */
static bool is_readonly(const struct inode *inode)
{
	return inode->fs->readonly &&
	       (is_kind(inode, S_IFREG) || is_kind(inode, S_IFDIR) || is_kind(inode, S_IFLNK));
}

int inode_permission_slow(const struct inode *inode, u32 may)
{
	u32 mode = inode->mode, uid = process_fsuid();

	if (may & MAY_WRITE && is_readonly(inode))
		return -EROFS;
	if (uid == inode->uid)
		mode >>= 6;
	else if (process_in_group(inode->gid))
		mode >>= 3;
	return (mode & may) == may || overrides(inode, may) ? 0 : -EACCES;
}

bool inode_owned(const struct inode *inode)
{
	return process_fsuid() == inode->uid || capable(CAP_FOWNER);
}

int inode_chmod(struct inode *inode, u32 mode)
{
	if (inode->fs->readonly)
		return -EROFS;
	if (!inode->fs->writable || !inode_owned(inode))
		return -EPERM;
	if (inode->seals & F_SEAL_EXEC && (inode->mode ^ mode) & S_IXUGO)
		return -EPERM;
	/* Nobody sets the right to become a group that they are not in. */
	if (!process_in_group(inode->gid) && !capable(CAP_FSETID))
		mode &= ~(u32)S_ISGID;
	inode->mode = (inode->mode & S_IFMT) | (mode & 07777);
	folder_changed(is_kind(inode, S_IFDIR));
	inode_changed(inode);
	inotify_tell(inode, IN_ATTRIB);
	return 0;
}

/*
 * Without S_IXGRP the second bit has another meaning, mandatory locks, and members of the group
 * may keep it, as on Linux.
 */
static void clear_set_id(struct inode *inode)
{
	bool keep =
		!(inode->mode & S_IXGRP) && (process_in_group(inode->gid) || capable(CAP_FSETID));

	inode->mode &= ~(u32)(keep ? S_ISUID : S_ISUID | S_ISGID);
}

int inode_chown(struct inode *inode, u32 uid, u32 gid)
{
	u32 caller = process_fsuid(), mode = inode->mode;
	bool any = capable(CAP_CHOWN);

	if (inode->fs->readonly)
		return -EROFS;
	if (!inode->fs->writable)
		return -EPERM;
	if (!any && uid != UINT32_MAX && (caller != inode->uid || uid != caller))
		return -EPERM;
	if (!any && gid != UINT32_MAX &&
	    (caller != inode->uid || (gid != inode->gid && !process_in_group(gid))))
		return -EPERM;
	if (!is_kind(inode, S_IFDIR))
		clear_set_id(inode);
	if (uid != UINT32_MAX)
		inode->uid = uid;
	if (gid != UINT32_MAX)
		inode->gid = gid;
	inode_changed(inode);
	if (uid != UINT32_MAX || gid != UINT32_MAX || inode->mode != mode)
		inotify_tell(inode, IN_ATTRIB);
	return 0;
}

void inode_drop_set_id_slow(struct inode *inode)
{
	if (!capable(CAP_FSETID))
		clear_set_id(inode);
}

int inode_set_times(struct inode *inode, u64 access, u64 modify)
{
	u64 now = clock_coarse();
	int err = 0;

	if (access == TIME_OMIT && modify == TIME_OMIT)
		return 0;
	if (inode->fs->readonly)
		return -EROFS;
	if (!inode->fs->writable)
		return -EPERM;
	if (!inode_owned(inode)) {
		bool both_now = access == TIME_NOW && modify == TIME_NOW;

		err = both_now ? inode_permission(inode, MAY_WRITE) : -EPERM;
	}
	if (err)
		return err;
	if (access != TIME_OMIT)
		inode->times.access = access == TIME_NOW ? now : access;
	if (modify != TIME_OMIT)
		inode->times.modify = modify == TIME_NOW ? now : modify;
	inode->times.change = now;
	inotify_tell(inode, access == TIME_OMIT	  ? IN_MODIFY
			    : modify == TIME_OMIT ? IN_ACCESS
						  : IN_ATTRIB);
	return 0;
}

static int set_size(struct inode *inode, u64 size)
{
	return inode->operations->set_size ? inode->operations->set_size(inode, size)
					   : mapping_truncate(&inode->mapping, size);
}

/* With the lock, so that a seal comes before or after. */
static int resize_locked(struct inode *inode, u64 size)
{
	int err = seals_allow_size(inode, size);

	if (!err && size > inode->mapping.i_size && size > process_file_limit()) {
		process_exceeds_file_limit();
		err = -EFBIG;
	}
	return err ? err : set_size(inode, size);
}

int inode_resize(struct inode *inode, u64 size)
{
	struct address_space *mapping = &inode->mapping;
	int err;

	/* Counted as a writer: no program starts from the file while other tasks run. */
	if (!mapping_get_write(mapping))
		return -ETXTBSY;
	/* They may close and unlink the file. */
	inode_get(inode);
	mutex_lock(&mapping->lock);
	err = resize_locked(inode, size);
	mutex_unlock(&mapping->lock);
	if (!err) {
		inode_drop_set_id(inode);
		inode_modified(inode);
		inotify_tell(inode, IN_MODIFY);
	}
	mapping_put_write(mapping);
	inode_put(inode);
	return err;
}

/* Writes text before `end`; NULL if it does not fit behind `start`. */
static char *put_before(char *start, char *end, const char *text, u32 length)
{
	if (!end || (size_t)(end - start) < length)
		return NULL;
	memcpy(end - length, text, length);
	return end - length;
}

char *inode_path(const struct inode *inode, char *buffer, u32 size)
{
	static const char deleted[] = " (deleted)";
	const struct dentry *dentry = inode_dentry(inode);
	const struct inode *root = path_root();
	char *at = put_before(buffer, buffer + size, "", 1);

	if (!inode->nlink)
		at = put_before(buffer, at, deleted, sizeof(deleted) - 1);
	if (!dentry || inode == root)
		return put_before(buffer, at, "/", 1);
	for (; dentry && inode != root; dentry = inode_dentry(inode)) {
		inode = dentry->folder;
		at = put_before(buffer, at, dentry->text, dentry->length);
		at = put_before(buffer, at, "/", 1);
	}
	return at;
}
