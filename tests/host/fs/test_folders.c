/* SPDX-License-Identifier: MIT */
/*
 * Folders and the path walk: random names against a plain list, reading while names change, links,
 * and every allocation that fails. After each case folders are valid and no frame is lost.
 */
#include <stdio.h>
#include <string.h>

#include "fs/locks.h"
#include "fs/tmpfs/mount.h"
#include "abi/linux/errno.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/console.h"
#include "tests/host/fs/open_files.h"

#define NAMES 300u

static int make_folder(const char *path)
{
	return path_make(NULL, path, S_IFDIR | 0755, 0);
}

static int make_file(const char *path)
{
	return path_make(NULL, path, S_IFREG | 0644, 0);
}

/* Each name of `there` comes once, in the order of its age; those that are not come never. */
static void expect_listed(struct inode *folder, const bool there[NAMES])
{
	struct folder_entry entry;
	u32 position = FIRST_ORDER, count = 0, number;
	bool seen[NAMES] = { false };

	while (folder_next(folder, &position, &entry)) {
		EXPECT_EQ(sscanf(entry.text, "n%u", &number), 1);
		EXPECT(number < NAMES && there[number] && !seen[number]);
		seen[number] = true;
		count++;
	}
	for (u32 i = 0; i < NAMES; i++)
		count -= there[i];
	EXPECT_EQ(count, 0);
}

/* Names are made, removed and renamed at random. */
static void random_names(void)
{
	bool there[NAMES] = { false };
	struct inode *folder;
	char path[32], other[32];

	start();
	EXPECT_EQ(make_folder("/tmp/r"), 0);
	folder = found("/tmp/r");
	for (u32 step = 0; step < tap_scaled(4000) && !tap_failed(); step++) {
		u32 i = random_below(NAMES), j = random_below(NAMES);

		snprintf(path, sizeof(path), "/tmp/r/n%u", i);
		snprintf(other, sizeof(other), "/tmp/r/n%u", j);
		if (random_one_in(3)) {
			EXPECT_EQ(path_rename(NULL, path, NULL, other, 0), there[i] ? 0 : -ENOENT);
			if (there[i] && i != j) {
				there[i] = false;
				there[j] = true;
			}
		} else if (random_one_in(2)) {
			EXPECT_EQ(path_unlink(NULL, path), there[i] ? 0 : -ENOENT);
			there[i] = false;
		} else {
			EXPECT_EQ(make_file(path), there[i] ? -EEXIST : 0);
			there[i] = true;
		}
		if (step % 50)
			continue;
		EXPECT_VALID(folder_validate(folder));
		expect_listed(folder, there);
	}
	for (u32 i = 0; i < NAMES; i++) {
		snprintf(path, sizeof(path), "/tmp/r/n%u", i);
		EXPECT_EQ(!found(path), !there[i]);
		if (there[i])
			EXPECT_EQ(path_unlink(NULL, path), 0);
	}
	EXPECT_EQ(path_rmdir(NULL, "/tmp/r"), 0);
}

/* Folders that were removed keep each other; a long chain of them ends without recursion. */
static void removed_chain(void)
{
	struct inode *folder, *next;

	start();
	EXPECT_EQ(make_folder("/tmp/c"), 0);
	EXPECT_EQ(path_lookup(NULL, "/tmp/c", 0, &folder), 0);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/c"), 0);
	EXPECT_EQ(path_make(folder, "x", S_IFDIR | 0755, 0), -ENOENT);
	inode_put(folder);
	EXPECT_EQ(make_folder("/tmp/c"), 0);
	EXPECT_EQ(path_lookup(NULL, "/tmp/c", 0, &folder), 0);
	for (u32 i = 0; i < 3000; i++) {
		EXPECT_EQ(path_make(folder, "d", S_IFDIR | 0755, 0), 0);
		EXPECT_EQ(path_lookup(folder, "d", 0, &next), 0);
		inode_put(folder);
		folder = next;
	}
	/* From the innermost outward. */
	for (u32 i = 0; i < 3000; i++) {
		struct inode *parent = folder_parent(folder);

		EXPECT_EQ(path_rmdir(parent, "d"), 0);
		inode_get(parent);
		if (i) /* the innermost one keeps them all */
			inode_put(folder);
		else
			next = folder;
		folder = parent;
	}
	inode_put(folder);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/c"), 0);
	inode_put(next);
}

static void links(void)
{
	struct inode *inode;
	char path[32], target[32];

	start();
	EXPECT_EQ(make_folder("/tmp/a"), 0);
	EXPECT_EQ(make_file("/tmp/a/f"), 0);
	EXPECT_EQ(path_symlink("a", NULL, "/tmp/l0"), 0);
	for (u32 i = 1; i < LINKS_MAX + 1; i++) {
		snprintf(path, sizeof(path), "/tmp/l%u", i);
		snprintf(target, sizeof(target), i % 2 ? "/tmp/l%u" : "l%u/.", i - 1);
		EXPECT_EQ(path_symlink(target, NULL, path), 0);
	}
	EXPECT_EQ(path_lookup(NULL, "/tmp/l39/f", 0, &inode), 0);
	EXPECT(inode == found("/tmp/a/f"));
	inode_put(inode);
	EXPECT_EQ(path_lookup(NULL, "/tmp/l39/f/", 0, &inode), -ENOTDIR);
	EXPECT_EQ(path_lookup(NULL, "/tmp/l39/", 0, &inode), 0);
	inode_put(inode);
	EXPECT_EQ(path_lookup(NULL, "/tmp/l40/f", 0, &inode), -ELOOP);
	EXPECT_EQ(path_lookup(NULL, "/tmp/l40", LOOKUP_FOLLOW, &inode), -ELOOP);
	EXPECT_EQ(path_lookup(NULL, "/tmp/l40", 0, &inode), 0);
	EXPECT(is_kind(inode, S_IFLNK));
	inode_put(inode);
	for (u32 i = 0; i < LINKS_MAX + 1; i++) {
		snprintf(path, sizeof(path), "/tmp/l%u", i);
		EXPECT_EQ(path_unlink(NULL, path), 0);
	}
	EXPECT_EQ(path_unlink(NULL, "/tmp/a/f"), 0);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/a"), 0);
}

/* The calls that make something. Each undoes what it did if it fails. */
static int make_things(void)
{
	int err = make_folder("/tmp/m");

	if (!err)
		err = make_file("/tmp/m/f");
	if (!err)
		err = path_symlink("f", NULL, "/tmp/m/l");
	if (!err)
		err = inode_link(found("/tmp/m/f"), NULL, "/tmp/m/g");
	if (!err)
		err = path_rename(NULL, "/tmp/m/f", NULL, "/tmp/m/h", 0);
	return err;
}

static void remove_things(void)
{
	static const char *const names[] = { "/tmp/m/f", "/tmp/m/g", "/tmp/m/h", "/tmp/m/l" };

	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		path_unlink(NULL, names[i]);
	path_rmdir(NULL, "/tmp/m");
	EXPECT(!found("/tmp/m"));
}

static void no_memory(void)
{
	struct fail_spec spec = { .kinds = FAIL_ANY, .mode = FAIL_ONCE };
	int err = -ENOMEM;

	start();
	for (spec.nth = 1; err && spec.nth < 30; spec.nth++) {
		fail_alloc_set(&spec);
		err = make_things();
		fail_alloc_set(NULL);
		EXPECT(!err || err == -ENOMEM);
		EXPECT_VALID(folder_validate(found("/tmp")));
		remove_things();
		machine_check();
	}
	EXPECT(!err && spec.nth > 8);
}

/* A file system that is full. Holes take nothing. */
static int link_file(const char *from, const char *to)
{
	return inode_link(found(from), NULL, to);
}

static void full(void)
{
	const char text[] = "text", *from = text;
	struct file *file;
	u64 position = 0;
	u32 limit;

	start();
	EXPECT_EQ(file_open("/tmp/f", O_RDWR | O_CREAT, 0644, &file), 0);
	limit = root_fs.max_pages;
	root_fs.max_pages = root_fs.pages + 3;
	EXPECT_EQ(file_truncate(file, MiB(1)), 0);
	for (u32 i = 0; i < 5; i++) {
		from = text;
		position = (u64)i * 2 * PAGE_SIZE;
		EXPECT_EQ(file_write(file, &position, 4, copy_from_buffer, &from),
			  i < 3 ? 4 : -ENOSPC);
	}
	EXPECT_EQ(file->mapping->nrpages, 3);
	EXPECT_EQ(file->mapping->blocks_committed, 3);
	EXPECT_EQ(file_truncate(file, PAGE_SIZE), 0);
	EXPECT_EQ(file->mapping->blocks_committed, 1);
	from = text;
	position = 5 * PAGE_SIZE;
	EXPECT_EQ(file_write(file, &position, 4, copy_from_buffer, &from), 4);
	root_fs.max_pages = limit;
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
	EXPECT_EQ(root_fs.pages, 0);
	limit = root_fs.max_inodes;
	root_fs.max_inodes = root_fs.inodes;
	EXPECT_EQ(make_file("/tmp/f"), -ENOSPC);
	/* More names of a file are counted too. */
	root_fs.max_inodes++;
	EXPECT_EQ(make_file("/tmp/f"), 0);
	EXPECT_EQ(link_file("/tmp/f", "/tmp/g"), -ENOSPC);
	root_fs.max_inodes++;
	EXPECT_EQ(link_file("/tmp/f", "/tmp/g"), 0);
	EXPECT_EQ(link_file("/tmp/f", "/tmp/h"), -ENOSPC);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
	EXPECT_EQ(link_file("/tmp/g", "/tmp/h"), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/g"), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/h"), 0);
	EXPECT_EQ(root_fs.inodes, root_fs.max_inodes - 2);
	root_fs.max_inodes = limit;
}

/* A file that was made without a name gets its first one, and then more like any other. */
static void nameless_file(void)
{
	struct file *file;
	u32 inodes;

	start();
	inodes = root_fs.inodes;
	EXPECT_EQ(file_open("/tmp", O_RDWR | O_TMPFILE | O_DIRECTORY, 0644, &file), 0);
	EXPECT(file->inode->linkable && !file->inode->nlink);
	EXPECT_EQ(inode_link(file->inode, NULL, "/tmp/f"), 0);
	EXPECT(!file->inode->linkable);
	EXPECT_EQ(inode_link(file->inode, NULL, "/tmp/g"), 0);
	EXPECT_EQ(file->inode->nlink, 2);
	EXPECT_EQ(root_fs.inodes, inodes + 2);
	EXPECT(found("/tmp/f") == file->inode && found("/tmp/g") == file->inode);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/g"), 0);
	EXPECT_EQ(inode_link(file->inode, NULL, "/tmp/f"), -ENOENT); /* it had names */
	file_put(file);
	EXPECT_EQ(file_open("/tmp", O_RDWR | O_TMPFILE | O_DIRECTORY | O_EXCL, 0644, &file), 0);
	EXPECT_EQ(inode_link(file->inode, NULL, "/tmp/f"), -ENOENT);
	file_put(file);
	EXPECT_EQ(root_fs.inodes, inodes);
}

/* Random locks of three owners, against one word for each byte and owner. */
static void random_locks(void)
{
	enum { BYTES = 40, OWNERS = 3 };
	u8 model[OWNERS][BYTES] = { { 0 } }; /* 0: none, else 1 + type */
	struct inode *inode;

	start();
	EXPECT_EQ(make_file("/tmp/f"), 0);
	inode = found("/tmp/f");
	for (u32 step = 0; step < tap_scaled(4000) && !tap_failed(); step++) {
		u32 who = random_below(OWNERS), first = random_below(BYTES);
		u32 last = first + random_below(BYTES - first);
		struct file_lock lock = { .owner = model[who],
					  .type = (enum lock_type)random_below(3),
					  .first = first,
					  .last = last };
		bool blocked = false;

		for (u32 other = 0; other < OWNERS; other++)
			for (u32 i = first; i <= last && other != who; i++)
				blocked |= lock.type != LOCK_NONE && model[other][i] &&
					   (model[other][i] == 1 + LOCK_WRITE ||
					    lock.type == LOCK_WRITE);
		EXPECT_EQ(lock_set(inode, &lock, false), blocked ? -EAGAIN : 0);
		EXPECT_VALID(locks_validate(inode));
		for (u32 i = first; i <= last && !blocked; i++)
			model[who][i] = lock.type == LOCK_NONE ? 0 : (u8)(1 + lock.type);
	}
	for (u32 who = 0; who < OWNERS; who++)
		locks_remove(inode, model[who]);
	EXPECT(list_empty(&inode->locks));
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

static void expect_readonly(void)
{
	struct file *file;

	EXPECT_EQ(make_file("/tmp/m/n"), -EROFS);
	EXPECT_EQ(file_open("/tmp/m/d/f", O_WRONLY, 0, &file), -EROFS);
	EXPECT_EQ(path_unlink(NULL, "/tmp/m/d/f"), -EROFS);
	EXPECT_EQ(path_rename(NULL, "/tmp/m/g", NULL, "/tmp/m/h", 0), -EROFS);
	EXPECT_EQ(inode_link(found("/tmp/m/g"), NULL, "/tmp/m/h"), -EROFS);
	EXPECT_EQ(inode_chmod(found("/tmp/m/g"), 0600), -EROFS);
	EXPECT_EQ(inode_chown(found("/tmp/m/g"), 1, 1), -EROFS);
	EXPECT_EQ(inode_set_times(found("/tmp/m/g"), 1, 1), -EROFS);
	EXPECT_EQ(path_truncate(NULL, "/tmp/m/g", 0), -EROFS);
}

static struct inode *mount_over(const char *path)
{
	const struct mount_options options = { .mode = 0755, .max_inodes = 6 };
	struct inode *root;

	EXPECT_EQ(mount_tmpfs(found(path), &options), 0);
	root = found(path);
	inode_get(root);
	return root;
}

static void mounted(void)
{
	struct inode *root;
	struct file *file;

	start();
	EXPECT_EQ(make_folder("/tmp/m"), 0);
	EXPECT_EQ(make_file("/tmp/m/covered"), 0);
	EXPECT(found("/tmp/m/covered"));
	root = mount_over("/tmp/m");
	EXPECT(!found("/tmp/m/covered"));
	EXPECT(found("/tmp/m/..") == found("/tmp"));
	EXPECT_EQ(make_folder("/tmp/m/d"), 0);
	EXPECT_EQ(make_file("/tmp/m/d/f"), 0);
	EXPECT_EQ(inode_link(found("/tmp/m/d/f"), NULL, "/tmp/m/g"), 0);
	EXPECT_EQ(inode_link(found("/tmp/m/d/f"), NULL, "/tmp/g"), -EXDEV);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/m"), -EBUSY);
	EXPECT_EQ(file_open("/tmp/m/g", O_RDWR, 0, &file), 0);
	EXPECT_EQ(mount_remove(root, false), -EBUSY);
	EXPECT_EQ(mount_change(root, true), 0);
	expect_readonly();
	EXPECT_EQ(mount_change(root, false), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/m/g"), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/m/d/f"), 0);
	EXPECT_EQ(mount_remove(root, false), -EBUSY); /* it is open without a name */
	file_put(file);
	EXPECT_EQ(make_file("/tmp/m/g"), 0);
	EXPECT_EQ(mount_remove(root, false), 0);
	EXPECT_EQ(mount_remove(root, false), -EINVAL);
	inode_put(root);
	EXPECT(found("/tmp/m/covered") != NULL);
	root = mount_over("/tmp/m");
	EXPECT_EQ(make_folder("/tmp/m/d"), 0);
	EXPECT_EQ(file_open("/tmp/m/f", O_RDWR | O_CREAT, 0600, &file), 0);
	inode_put(mount_over("/tmp/m/d"));
	EXPECT_EQ(make_file("/tmp/m/d/f"), 0);
	EXPECT_EQ(mount_remove(root, false), -EBUSY);
	EXPECT_EQ(mount_remove(root, true), 0);
	inode_put(root);
	EXPECT_EQ(file_truncate(file, 10), 0);
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/m/covered"), 0);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/m"), 0);
}

/* Mounts over each other, and in each other: more than a stack could follow. */
static void mounted_often(void)
{
	struct inode *first, *second;
	char path[512] = "/tmp/m";

	start();
	EXPECT_EQ(make_folder("/tmp/m"), 0);
	first = mount_over("/tmp/m");
	second = mount_over("/tmp/m");
	EXPECT_EQ(mount_remove(first, false), -EBUSY); /* it has no name now */
	EXPECT_EQ(mount_remove(first, true), -EBUSY);
	EXPECT_EQ(mount_remove(second, false), 0);
	EXPECT(found("/tmp/m") == first);
	for (u32 i = 0; i < 200; i++) {
		strcat(path, "/d");
		EXPECT_EQ(make_folder(path), 0);
		inode_put(mount_over(path));
	}
	inode_put(mount_over(path));
	EXPECT_EQ(mount_remove(first, true), 0);
	EXPECT(list_empty(&tmpfs_mounts));
	inode_put(first);
	inode_put(second);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/m"), 0);
}

/* Last: the count stays at its end. */
static void last_change(void)
{
	start();
	EXPECT_EQ(make_folder("/tmp/a"), 0);
	EXPECT_EQ(make_file("/tmp/a/f"), 0);
	folder_changes = FOLDER_CHANGES_END - 1;
	EXPECT(found("/tmp/a/f"));
	for (char to[] = "/tmp/b", from[] = "/tmp/a"; to[5] < 'e'; to[5]++, from[5]++) {
		char there[] = "/tmp/b/f", gone[] = "/tmp/a/f";

		there[5] = to[5];
		gone[5] = from[5];
		EXPECT_EQ(path_rename(NULL, from, NULL, to, 0), 0);
		EXPECT(found(there) && !found(gone));
	}
	EXPECT_EQ(path_unlink(NULL, "/tmp/d/f"), 0);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/d"), 0);
}

TAP_MAIN({ "random names", random_names }, { "a chain of removed folders", removed_chain },
	 { "links", links }, { "every allocation fails", no_memory },
	 { "a full file system", full }, { "mounted", mounted }, { "mounted often", mounted_often },
	 { "a file without a name", nameless_file }, { "random locks", random_locks },
	 { "the last change of folders", last_change })
