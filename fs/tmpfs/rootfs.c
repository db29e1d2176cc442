/* SPDX-License-Identifier: MIT */
/* The root at boot. */
#include "fs/tmpfs/rootfs.h"
#include "fs/device.h"
#include "fs/tmpfs/initramfs.h"
#include "fs/namei.h"
#include "fs/proc/proc.h"
#include "fs/tmpfs/tmpfs.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/slab/slab.h"

#define STICKY_FOLDER (S_IFDIR | S_ISVTX | 0777)

/* Users and groups that programs look up, with Debian's numbers. There are no passwords. */
static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "daemon:x:1:1:daemon:/:/bin/false\n"
			     "bin:x:2:2:bin:/:/bin/false\n"
			     "nobody:x:65534:65534:nobody:/:/bin/false\n";
static const char group[] = "root:x:0:\n"
			    "daemon:x:1:\n"
			    "bin:x:2:\n"
			    "users:x:100:\n"
			    "nogroup:x:65534:\n";

/* Adds a new inode under this name. Returns it without a reference, or NULL. */
static struct inode *add(struct inode *folder, const struct name *name, u32 mode,
			 const char *target)
{
	struct dentry *dentry = dentry_alloc(name);
	struct inode *inode;

	if (!dentry)
		return NULL;
	if (tmpfs_inode(folder, mode, 0, target, &inode)) {
		dentry_free(dentry);
		return NULL;
	}
	dentry->permanent = true;
	folder_add(folder, dentry, inode);
	inode_put(inode);
	return inode;
}

/* The next component of *path but "."; false: there is none. */
static bool next_name(const char **path, struct name *name)
{
	const char *from = *path;

	while (*from == '/' || (*from == '.' && (!from[1] || from[1] == '/')))
		from++;
	*name = name_at(from);
	*path = from + name->length;
	return name->length;
}

/* Walks to the folder of the last component, makes missing ones, and sets *last. */
static struct inode *walk(struct inode *folder, const char *path, struct name *last)
{
	struct name name;

	last->length = 0;
	while (folder && next_name(&path, &name)) {
		const struct dentry *dentry;

		if (name.length > NAME_MAX || !strncmp(name.text, "..", name.length))
			return NULL;
		if (last->length) {
			dentry = folder_find(folder, last);
			folder = dentry ? dentry->inode
					: add(folder, last,
					      S_IFDIR | (folder->fs->writable ? 0755 : 0555), NULL);
		}
		if (folder && !is_kind(folder, S_IFDIR))
			return NULL;
		*last = name;
	}
	return last->length ? folder : NULL;
}

static struct inode *make(struct inode *folder, const char *path, u32 mode, const char *target)
{
	const struct dentry *dentry;
	struct name last;

	folder = walk(folder, path, &last);
	if (!folder)
		return NULL;
	dentry = folder_find(folder, &last);
	if (!dentry)
		return add(folder, &last, mode, target);
	return (dentry->inode->mode ^ mode) & S_IFMT ? NULL : dentry->inode;
}

struct inode *rootfs_make(const char *folder, const char *path, u32 mode)
{
	struct inode *inode;

	if (path_lookup(root_inode, folder, LOOKUP_FOLLOW | LOOKUP_FOLDER, &inode))
		return NULL;
	inode_put(inode); /* its name keeps it */
	return make(inode, path, mode, NULL);
}

struct inode *rootfs_make_in(struct inode *folder, const char *path, u32 mode)
{
	return make(folder, path, mode, NULL);
}

struct inode *rootfs_mount(const char *path, u32 mode, struct file_system *fs)
{
	struct inode *inode = rootfs_make("/", path, mode);

	BUG_ON(!inode); /* at boot there is memory for it */
	inode->mode = mode;
	inode->fs->inodes--;
	inode->fs = fs;
	fs->inodes = 1;
	inode->mapping.dev = fs->dev;
	inode->mount_point = true;
	return inode;
}

/* Names of a process's own descriptors, as udev(7) makes them on Linux. */
static void make_descriptor_links(void)
{
	static const struct {
		const char *name, *target;
	} links[] = {
		{ "dev/fd", "/proc/self/fd" },
		{ "dev/stdin", "/proc/self/fd/0" },
		{ "dev/stdout", "/proc/self/fd/1" },
		{ "dev/stderr", "/proc/self/fd/2" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(links); i++)
		BUG_ON(!make(root_inode, links[i].name, S_IFLNK | 0777, links[i].target));
}

void rootfs_init(void)
{
	folders_init();
	inodes_init();
	tmpfs_init();
	root_inode = inode_alloc(&root_fs, S_IFDIR | 0755);
	BUG_ON(!root_inode);
	root_inode->file_operations = &folder_operations;
	root_inode->nlink = 2;
	root_inode->mount_point = true;
	rootfs_mount("/dev", S_IFDIR | 0755, &device_fs);
	rootfs_mount("/dev/shm", STICKY_FOLDER, &shm_fs);
	devices_init();
	rootfs_make("/", "tmp", STICKY_FOLDER);
	proc_init();
	make_descriptor_links();
}

static u64 seconds(u32 time)
{
	return time * 1000000000ull;
}

/* A link's text is not followed by a NUL in the archive. */
static char *copy_target(const struct initramfs_entry *entry)
{
	char *target = kmalloc(entry->size + 1, GFP_KERNEL);

	if (target) {
		memcpy(target, entry->data, entry->size);
		target[entry->size] = '\0';
	}
	return target;
}

/*
 * 0 or -ENOMEM. Of two entries with one name the first counts; a folder may come again. A link
 * with a text that no link can have is left out, as on Linux.
 */
static int unpack(const struct initramfs_entry *entry)
{
	char *target = NULL;
	struct inode *inode;
	struct name last;
	struct inode *folder = walk(root_inode, entry->name, &last);

	if (!folder || folder_find(folder, &last))
		return 0;
	if ((entry->mode & S_IFMT) == S_IFLNK) {
		if (!entry->size || entry->size >= PATH_MAX)
			return 0;
		target = copy_target(entry);
		if (!target)
			return -ENOMEM;
	}
	inode = add(folder, &last, entry->mode, target);
	if (target)
		kfree(target);
	if (!inode)
		return -ENOMEM;
	inode->times = times_all(seconds(entry->mtime));
	if (is_kind(inode, S_IFREG))
		tmpfs_set_archive(inode, entry->data, entry->size);
	return 0;
}

/* A file of the kernel's own, unless the initramfs has it. */
static int make_text(const char *name, const char *text, u32 bytes)
{
	struct inode *inode = rootfs_make("/etc", name, S_IFREG | 0644);

	if (!inode)
		return -ENOMEM;
	if (!inode->mapping.i_size)
		tmpfs_set_archive(inode, text, bytes);
	return 0;
}

int rootfs_unpack(void)
{
	struct initramfs_entry entry;
	size_t cursor = 0;
	int err = 0;

	while (!err && initramfs_next(&cursor, &entry))
		err = unpack(&entry);
	if (!err && !rootfs_make("/", "etc", S_IFDIR | 0755))
		err = -ENOMEM;
	if (!err)
		err = make_text("passwd", passwd, sizeof(passwd) - 1);
	return err ? err : make_text("group", group, sizeof(group) - 1);
}
