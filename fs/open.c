/* SPDX-License-Identifier: MIT */
/* open(2): finds or makes the inode, checks, and makes the open file. */
#include "fs/file.h"
#include "fs/device.h"
#include "fs/events/inotify.h"
#include "fs/lease.h"
#include "fs/pipe/pipe.h"
#include "fs/names.h"
#include "fs/process.h"
#include "abi/linux/errno.h"
#include "lib/printf.h"

/* Flags used only while a file is opened. */
#define OPEN_ONLY (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)

#define O_TMPFILE_BIT ((u32)O_TMPFILE & ~(u32)O_DIRECTORY)

/* The flags that mean something together with O_PATH. */
#define PLACE_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* The rights that the access mode asks for. Mode 3 asks for both, and gives neither. */
static u32 wanted_rights(u32 flags)
{
	static const u32 rights[] = { MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE,
				      MAY_READ | MAY_WRITE };

	return rights[flags & O_ACCMODE] | (flags & O_TRUNC ? MAY_WRITE : 0);
}

/* Follows the last component where the flags say so. With O_CREAT it may be absent (NULL). */
static int find(struct nameidata *nd, u32 flags, struct inode **found)
{
	bool exclusive = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
	int err;

	for (;;) {
		struct inode *target;

		if (flags & O_CREAT && nd->kind != LAST_NAME) {
			err = path_last(nd, found);
			if (!err)
				inode_put(*found);
			return err ? err : exclusive ? -EEXIST : -EISDIR;
		}
		if (flags & O_CREAT && nd->slash)
			return -EISDIR;
		err = path_last(nd, found);
		if (err == -ENOENT && flags & O_CREAT && nd->at->fs->writable) {
			*found = NULL;
			return 0;
		}
		if (err || !is_kind(*found, S_IFLNK) || exclusive ||
		    (flags & O_NOFOLLOW && !nd->slash))
			break;
		err = path_follow(nd, *found, &target);
		if (err || target) {
			*found = target;
			break;
		}
	}
	if (!err && nd->slash && !is_kind(*found, S_IFDIR)) {
		inode_put(*found);
		err = -ENOTDIR;
	}
	return err;
}

/* The flags about the kind of what the path leads to. */
static int check_kind(const struct inode *inode, u32 flags)
{
	bool folder = is_kind(inode, S_IFDIR);

	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	if (flags & O_CREAT && folder)
		return -EISDIR;
	return flags & O_DIRECTORY && !folder ? -ENOTDIR : 0;
}

/* May this inode, which was there before, be opened so? */
static inline int check_found(const struct inode *inode, u32 flags)
{
	u32 rights = wanted_rights(flags);
	int err = flags & (O_CREAT | O_DIRECTORY) ? check_kind(inode, flags) : 0;

	if (unlikely(err || flags & O_PATH))
		return err;
	if (unlikely(is_kind(inode, S_IFLNK)))
		return -ELOOP;
	if (rights & MAY_WRITE && is_kind(inode, S_IFDIR))
		return -EISDIR;
	err = inode_permission(inode, rights);
	if (unlikely(flags & O_NOATIME) && !err && !inode_owned(inode))
		err = -EPERM;
	return err;
}

static inline const struct file_operations *operations_of(const struct inode *inode)
{
	switch (inode->mode & S_IFMT) {
	case S_IFCHR:
	case S_IFBLK:
		return device_find(inode->mode, inode->rdev);
	case S_IFIFO:
		return &fifo_operations;
	}
	return inode->file_operations;
}

/*
 * Opens a regular file; file_discard() undoes that. It counts as open before it waits for leases:
 * their holders cannot take them again meanwhile. O_TRUNC alone does not end a lease to read, as
 * on Linux.
 */
static int enter_regular(struct file *file, struct inode *inode, u32 flags)
{
	int err;

	if (file_writable(file) && !mapping_get_write(&inode->mapping))
		return -ETXTBSY;
	file->mapping = &inode->mapping;
	inode->opens++;
	err = leases_break(inode, flags & O_ACCMODE, flags & O_NONBLOCK);
	if (!err && inode->mapping.i_size > SMALL_FILE_MAX && !(flags & O_LARGEFILE))
		err = -EOVERFLOW;
	return err;
}

/* Files without contents of their own have no use for O_DIRECT; a FIFO may get it later. */
static noinline int refuse_direct(struct file *file)
{
	if (file->operations->release)
		file->operations->release(file);
	return -EINVAL;
}

/* Completes an open file. It takes over the reference to the inode, also after an error. */
static inline int complete(struct file *file, struct inode *inode, u32 flags)
{
	int err;

	file->flags = flags & ~(u32)OPEN_ONLY;
	file->inode = inode;
	if (flags & O_PATH)
		return 0;
	file->operations = operations_of(inode);
	if (!file->operations)
		return -ENXIO;
	if (is_kind(inode, S_IFREG) && inode->fs->writable) {
		err = enter_regular(file, inode, flags);
		if (err)
			return err;
	}
	err = file->operations->open ? file->operations->open(inode, file) : 0;
	if (unlikely(flags & O_DIRECT) && !err && !file->mapping)
		return refuse_direct(file);
	return err;
}

/* The same, for the opens that are rare. */
static noinline int complete_rare(struct file *file, struct inode *inode, u32 flags)
{
	return complete(file, inode, flags);
}

/* The inode that the path leads to; made if need be. */
static int find_or_make(struct nameidata *nd, u32 *flags, u32 mode, struct inode **inode)
{
	int err = find(nd, *flags, inode);

	if (err)
		return err;
	if (!*inode) {
		*flags &= ~(u32)O_TRUNC;
		return path_create(nd, mode, inode);
	}
	err = check_found(*inode, *flags);
	if (err)
		inode_put(*inode);
	return err;
}

static const struct file_operations no_operations;

int file_open_nameless(struct inode *folder, const char *shown, u32 flags, u32 mode,
		       struct file **opened)
{
	struct file *file = file_alloc(&no_operations);
	struct inode *inode;
	int err = file ? make_nameless(folder, shown, mode, &inode) : -ENOMEM;

	if (!err)
		err = complete_rare(file, inode, flags);
	if (!err)
		*opened = file;
	else if (file)
		file_discard(file);
	return err;
}

/* O_TMPFILE: the path names a folder of the file system that will have the file. */
static int open_unnamed(struct inode *base, const char *path, u32 flags, u32 mode, u32 resolve,
			struct file **opened)
{
	static u32 number;
	struct inode *folder;
	char shown[16];
	int err;

	if (flags & O_CREAT || !(flags & O_DIRECTORY) || !((flags + 1) & 2))
		return -EINVAL;
	err = path_resolve_in(base, path, LOOKUP_FOLDER | (flags & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW),
			      resolve, &folder);
	if (err)
		return err;
	err = inode_permission(folder, MAY_WRITE | MAY_EXEC);
	if (!err && !folder->fs->writable)
		err = -EOPNOTSUPP;
	if (!err) {
		scnprintf(shown, sizeof(shown), "#%u", ++number);
		err = file_open_nameless(folder, shown, flags, mode, opened);
	}
	if (!err)
		(*opened)->inode->linkable = !(flags & O_EXCL);
	inode_put(folder);
	return err;
}

int file_open_at(struct inode *base, const char *path, u32 flags, u32 mode, struct file **opened)
{
	return file_open_resolved(base, path, flags, mode, 0, opened);
}

/* The end of an open(): 0, or the error, which also ends the file. */
static inline int finish(struct file *file, u32 flags, int err, struct file **opened)
{
	if (unlikely(err)) {
		file_discard(file);
		return err;
	}
	if (!(flags & O_PATH))
		inotify_tell(file->inode, IN_OPEN);
	if (flags & O_TRUNC && file->mapping)
		err = inode_resize(file->inode, 0);
	if (unlikely(err))
		file_put(file); /* it was open, also for those who watch it */
	else
		*opened = file;
	return err;
}

int file_open_inode(struct inode *inode, u32 flags, struct file **opened)
{
	struct file *file;
	int err;

	if (unlikely(flags & O_PATH))
		flags &= PLACE_FLAGS;
	err = check_found(inode, flags);
	file = err ? NULL : file_alloc(&no_operations);
	if (unlikely(!file)) {
		inode_put(inode);
		return err ? err : -ENOMEM;
	}
	return finish(file, flags, complete(file, inode, flags), opened);
}

int file_open_resolved(struct inode *base, const char *path, u32 flags, u32 mode, u32 resolve,
		       struct file **opened)
{
	struct nameidata nd;
	struct inode *inode;
	struct file *file;
	int err;

	if (flags & O_PATH)
		flags &= PLACE_FLAGS;
	if (flags & O_TMPFILE_BIT)
		return open_unnamed(base, path, flags, mode, resolve, opened);
	if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return -EINVAL;
	file = file_alloc(&no_operations);
	if (!file)
		return -ENOMEM;
	err = path_start_resolved(base, path, resolve, &nd);
	if (!err) {
		err = find_or_make(&nd, &flags, mode, &inode);
		if (!err)
			err = complete_rare(file, inode, flags);
		path_end(&nd);
	}
	return finish(file, flags, err, opened);
}

/* Ends the leases that exclude a call without an open file; it counts as one meanwhile. */
static int break_leases(struct inode *inode, bool writes)
{
	int err;

	inode->opens++;
	err = leases_break(inode, writes, false);
	inode->opens--;
	return err;
}

/* For truncate(): counts as a writer while it waits for leases too. */
static int resize(struct inode *inode, u64 size)
{
	int err;

	if (!mapping_get_write(&inode->mapping))
		return -ETXTBSY;
	err = break_leases(inode, true);
	if (!err)
		err = inode_resize(inode, size);
	mapping_put_write(&inode->mapping);
	return err;
}

int path_truncate(struct inode *base, const char *path, u64 size)
{
	struct inode *inode;
	int err = path_lookup(base, path, LOOKUP_FOLLOW, &inode);

	if (err)
		return err;
	if (is_kind(inode, S_IFDIR))
		err = -EISDIR;
	else if (!is_kind(inode, S_IFREG))
		err = -EINVAL;
	if (!err)
		err = inode_permission(inode, MAY_WRITE);
	/* The size of a file of /proc is not its own: nothing to do. */
	if (!err && inode->fs->writable)
		err = resize(inode, size);
	inode_put(inode);
	return err;
}

int inode_program(struct inode *inode)
{
	int err;

	if (is_kind(inode, S_IFLNK))
		return -ELOOP;
	if (!is_kind(inode, S_IFREG) || !inode->fs->writable)
		return -EACCES;
	err = inode_permission(inode, MAY_EXEC);
	return err ? err : break_leases(inode, false);
}

int path_program(struct inode *base, const char *path, struct address_space **object)
{
	struct inode *inode;
	int err = path_lookup(base, path, LOOKUP_FOLLOW, &inode);

	if (err)
		return err;
	err = inode_program(inode);
	if (err)
		inode_put(inode);
	else
		*object = &inode->mapping;
	return err;
}
