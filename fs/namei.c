/* SPDX-License-Identifier: MIT */
/* Path lookup, and the calls that take a path. */
#include "fs/namei.h"
#include "fs/device.h"
#include "fs/process.h"
#include "fs/proc.h"
#include "fs/tmpfs.h"
#include "lib/clock.h"
#include "abi/linux/errno.h"
#include "lib/string.h"

/* Directories that exist even if the initramfs lacks them. */
static const char *const directories[] = { "tmp",	  "proc", "proc/self", "proc/sys",
					   "proc/sys/vm", "dev",  "dev/shm" };

bool path_in_proc(const struct path *at)
{
	return !strncmp(at->name, "proc/", 5);
}

/* Follows /proc/self/exe. It leads to the object, not to a name: also to an unlinked program. */
static void follow_exe(struct path *at)
{
	struct address_space *exe = process_exe();

	at->kind = PATH_ABSENT;
	if (!exe)
		return;
	at->link = true;
	at->inode = inode_of(exe);
	at->kind = exe->dev == TMPFS_DEV ? PATH_TMPFS : PATH_INITRAMFS;
	if (at->kind == PATH_INITRAMFS)
		initramfs_find(exe->name, &at->entry);
}

/* Sets at->kind from at->name. */
static void classify(struct path *at)
{
	at->kind = PATH_DIRECTORY;
	if (!*at->name)
		return;
	for (u32 i = 0; i < ARRAY_SIZE(directories); i++)
		if (!strcmp(at->name, directories[i]))
			return;
	if (!strcmp(at->name, "proc/self/exe")) {
		follow_exe(at);
		return;
	}
	if (path_in_proc(at)) {
		at->kind = proc_find(at->name + 5) ? PATH_PROC : PATH_ABSENT;
		return;
	}
	if (device_find(at->name)) {
		at->kind = PATH_DEVICE;
		return;
	}
	at->inode = tmpfs_find(at->name);
	if (at->inode) {
		at->kind = PATH_TMPFS;
		return;
	}
	if (initramfs_find(at->name, &at->entry) == -ENOENT)
		at->kind = PATH_ABSENT;
	else if ((at->entry.mode & S_IFMT) != S_IFDIR)
		at->kind = PATH_INITRAMFS;
}

/* Removes the last component: "..". */
static void go_up(struct path *at)
{
	u32 length = (u32)strlen(at->name);

	while (length && at->name[length - 1] != '/')
		length--;
	at->name[length ? length - 1 : 0] = '\0';
	at->kind = PATH_DIRECTORY;
}

/* Appends a component to a directory's name. */
static int go_down(struct path *at, const char *component, u32 length)
{
	u32 end = (u32)strlen(at->name);

	if (end + 1 + length >= PATH_MAX)
		return -ENAMETOOLONG;
	if (end)
		at->name[end++] = '/';
	memcpy(at->name + end, component, length);
	at->name[end + length] = '\0';
	classify(at);
	return 0;
}

int path_lookup(const char *path, struct path *at)
{
	if (!*path)
		return -ENOENT;
	at->kind = PATH_DIRECTORY;
	at->link = false;
	at->name[0] = '\0';
	for (;;) {
		u32 length = 0;
		int err = 0;

		at->slash = *path == '/';
		while (*path == '/')
			path++;
		if (at->kind != PATH_DIRECTORY && at->kind != PATH_ABSENT && (at->slash || *path))
			return -ENOTDIR;
		if (!*path)
			return 0;
		if (at->kind == PATH_ABSENT && !initramfs_has_below(at->name))
			return -ENOENT;
		while (path[length] && path[length] != '/')
			length++;
		if (length == 2 && path[0] == '.' && path[1] == '.')
			go_up(at);
		else if (length != 1 || path[0] != '.')
			err = go_down(at, path, length);
		if (err)
			return err;
		path += length;
	}
}

/* Names without an inode have no stored times: the current time is shown, as in Linux's /proc. */
static struct file_stat stat_without_inode(const struct path *at, u32 dev, u32 mode, u32 nlink)
{
	return (struct file_stat){ .dev = dev,
				   .ino = name_hash(at->name),
				   .mode = mode,
				   .nlink = nlink,
				   .times = times_all(clock_realtime()) };
}

int path_stat(const char *path, bool follow, struct file_stat *stat)
{
	struct path at;
	int err = path_lookup(path, &at);

	if (err)
		return err;
	if (at.link && !follow) {
		*stat = stat_without_inode(&at, PROC_DEV, S_IFLNK | 0777, 1);
		return 0;
	}
	switch (at.kind) {
	case PATH_TMPFS:
		inode_stat(at.inode, stat);
		return 0;
	case PATH_INITRAMFS:
		initramfs_stat(&at.entry, stat);
		return 0;
	case PATH_DEVICE:
		*stat = stat_without_inode(&at, DEVICES_DEV, device_find(at.name)->mode, 1);
		stat->rdev = device_find(at.name)->rdev;
		return 0;
	case PATH_PROC:
		*stat = stat_without_inode(&at, PROC_DEV, proc_find(at.name + 5)->mode, 1);
		return 0;
	case PATH_DIRECTORY:
		*stat = stat_without_inode(&at, path_in_proc(&at) ? PROC_DEV : TMPFS_DEV,
					   S_IFDIR | 0755, 2);
		return 0;
	default:
		return -ENOENT;
	}
}

/* The errors of unlink() and truncate() for what is no file of tmpfs. */
static const struct {
	int unlink, truncate;
} errors[] = {
	[PATH_ABSENT] = { -ENOENT, -ENOENT },  [PATH_DIRECTORY] = { -EISDIR, -EISDIR },
	[PATH_INITRAMFS] = { -EROFS, -EROFS }, [PATH_PROC] = { -EPERM, -EACCES },
	[PATH_DEVICE] = { -EPERM, -EINVAL },
};

int path_unlink(const char *path)
{
	struct path at;
	int err = path_lookup(path, &at);

	if (!err && at.link)
		err = -EPERM;
	if (!err && at.kind != PATH_TMPFS)
		err = errors[at.kind].unlink;
	if (!err)
		tmpfs_unlink(at.name);
	return err;
}

/* Linux's order of checks: the new name, which cannot be in /proc; then the same file system. */
int path_link(const char *from, const char *to)
{
	struct path old, new;
	int err = path_lookup(from, &old);

	if (!err && old.kind == PATH_ABSENT)
		err = -ENOENT;
	if (!err)
		err = path_lookup(to, &new);
	if (err)
		return err;
	if (new.kind != PATH_ABSENT)
		return -EEXIST;
	if (new.slash || path_in_proc(&new))
		return -ENOENT;
	if (old.kind == PATH_DIRECTORY)
		return -EPERM;
	if (old.kind != PATH_TMPFS || old.link)
		return -EXDEV;
	return tmpfs_link(old.inode, new.name);
}

int path_truncate(const char *path, u64 size)
{
	struct path at;
	int err = path_lookup(path, &at);

	if (!err && at.kind != PATH_TMPFS)
		err = errors[at.kind].truncate;
	return err ? err : inode_resize(at.inode, size);
}

bool path_read_only(const char *path)
{
	struct path at;

	return !path_lookup(path, &at) && at.kind == PATH_INITRAMFS;
}

int path_link_target(const char *path, const char **target)
{
	struct path at;
	int err = path_lookup(path, &at);

	if (err)
		return err;
	if (at.kind == PATH_ABSENT)
		return -ENOENT;
	if (!at.link)
		return -EINVAL;
	*target = process_exe()->name;
	return 0;
}

int path_program(const char *path, struct address_space **object)
{
	struct inode *inode;
	struct path at;
	int err = path_lookup(path, &at);

	if (err)
		return err;
	switch (at.kind) {
	case PATH_ABSENT:
		return -ENOENT;
	case PATH_TMPFS:
		inode = at.inode;
		mapping_get(&inode->mapping);
		break;
	case PATH_INITRAMFS:
		if ((at.entry.mode & S_IFMT) != S_IFREG)
			return -ELOOP;
		inode = initramfs_inode(&at.entry);
		if (!inode)
			return -ENOMEM;
		break;
	default:
		return -EACCES;
	}
	if (!(inode->mode & S_IXUGO)) {
		mapping_put(&inode->mapping);
		return -EACCES;
	}
	*object = &inode->mapping;
	return 0;
}
