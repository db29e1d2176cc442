/* SPDX-License-Identifier: MIT */
/*
 * mount() and umount() of tmpfs: what a new file system is like without options, what can be
 * covered, and everything that keeps it in use. test_folders.c has mounts in mounts.
 */
#include "abi/linux/errno.h"
#include "fs/tmpfs/mount.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/page_alloc.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/owner.h"

#define PLACE "/tmp/m"

static int make_folder(const char *path)
{
	return path_make(NULL, path, S_IFDIR | 0755, 0);
}

static int make_file(const char *path)
{
	return path_make(NULL, path, S_IFREG | 0644, 0);
}

static struct inode *mount_with(const struct mount_options *options)
{
	EXPECT_EQ(mount_tmpfs(found(PLACE), options), 0);
	return found(PLACE);
}

/* With the caller's reference, as umount() has one. */
static int unmount(struct inode *root)
{
	int err;

	inode_get(root);
	err = mount_remove(root, false);
	inode_put(root);
	return err;
}

static void begin(void)
{
	start();
	EXPECT_EQ(make_folder(PLACE), 0);
}

static void end(void)
{
	EXPECT_EQ(path_rmdir(NULL, PLACE), 0);
}

static void without_options(void)
{
	const struct mount_options none = { 0 };
	struct inode *root;
	u32 dev;

	begin();
	host_fsuid = 5;
	host_fsgid = 6;
	root = mount_with(&none);
	host_fsuid = host_fsgid = 0;
	dev = root->fs->dev;
	EXPECT(dev >= 64 && dev != found("/tmp")->fs->dev);
	EXPECT_EQ(root->mapping.dev, dev);
	EXPECT_EQ(root->mode, S_IFDIR | 01777);
	EXPECT(root->uid == 5 && root->gid == 6 && root->nlink == 2);
	EXPECT_EQ(root->fs->max_pages, nr_present_pages() / 2);
	EXPECT_EQ(root->fs->max_inodes, nr_present_pages() / 2);
	EXPECT(!root->fs->readonly && root->fs->inodes == 1 && !root->fs->pages);
	EXPECT_EQ(try(PLACE, O_RDONLY | O_DIRECTORY), 0);
	EXPECT_EQ(make_file(PLACE "/f"), 0);
	EXPECT_EQ(root->fs->inodes, 2);
	EXPECT_EQ(unmount(root), 0);
	root = mount_with(&none);
	EXPECT_EQ(root->fs->dev, dev + 1);
	EXPECT_EQ(unmount(root), 0);
	end();
}

static void with_options(void)
{
	const struct mount_options options = { 0750, 3, 4, true };
	struct inode *root;
	struct file *file;

	begin();
	root = mount_with(&options);
	EXPECT_EQ(root->mode, S_IFDIR | 0750);
	EXPECT(root->fs->max_pages == 3 && root->fs->max_inodes == 4);
	EXPECT_EQ(make_file(PLACE "/f"), -EROFS);
	EXPECT_EQ(mount_change(root, false), 0);
	EXPECT_EQ(mount_change(found("/tmp"), false), -EINVAL);
	EXPECT_EQ(make_file(PLACE "/f"), 0);
	EXPECT_EQ(path_make(NULL, PLACE "/p", S_IFIFO | 0666, 0), 0);
	EXPECT_EQ(mount_change(root, true), 0);
	EXPECT_EQ(inode_permission(found(PLACE "/p"), MAY_WRITE), 0); /* it leads elsewhere */
	EXPECT_EQ(inode_permission(found(PLACE "/f"), MAY_WRITE), -EROFS);
	EXPECT_EQ(inode_permission(root, MAY_WRITE), -EROFS);
	EXPECT_EQ(inode_permission(root, MAY_READ), 0);
	EXPECT_EQ(mount_change(root, false), 0);
	EXPECT_EQ(path_unlink(NULL, PLACE "/p"), 0);
	EXPECT_EQ(make_file(PLACE "/g"), 0);
	EXPECT_EQ(make_folder(PLACE "/d"), 0);
	EXPECT_EQ(make_file(PLACE "/h"), -ENOSPC);
	file = opened(PLACE "/f", O_RDWR);
	for (u32 i = 0; i < 4; i++) {
		file->position = (u64)i * PAGE_SIZE;
		EXPECT_EQ(put_text(file, "x"), i < 3 ? 1 : -ENOSPC);
	}
	EXPECT_EQ(root->fs->pages, 3);
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, PLACE "/f"), 0);
	EXPECT_EQ(root->fs->pages, 0);
	EXPECT_EQ(make_file(PLACE "/h"), 0);
	EXPECT_EQ(unmount(root), 0);
	end();
}

static void cannot_be_covered(void)
{
	const struct mount_options none = { 0 };
	struct inode *folder;

	begin();
	EXPECT_EQ(mount_tmpfs(root_inode, &none), -EBUSY);
	EXPECT_EQ(mount_tmpfs(found("/proc/sys"), &none), -EBUSY);
	EXPECT_EQ(make_folder("/tmp/gone"), 0);
	EXPECT_EQ(path_lookup(NULL, "/tmp/gone", 0, &folder), 0);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/gone"), 0);
	EXPECT_EQ(mount_tmpfs(folder, &none), -ENOENT);
	inode_put(folder);
	EXPECT(list_empty(&tmpfs_mounts));
	EXPECT_EQ(mount_remove(found(PLACE), false), -EINVAL);
	EXPECT_EQ(mount_remove(found(PLACE), true), -EINVAL);
	end();
}

static void expect_busy(struct inode *root, const char *used)
{
	struct inode *inode;

	EXPECT_EQ(path_lookup(NULL, used, 0, &inode), 0);
	EXPECT_EQ(mount_remove(root, false), -EBUSY);
	EXPECT(!list_empty(&tmpfs_mounts));
	inode_put(inode);
}

/* A reference to anything in it, open or a working directory, keeps it in its place. */
static void in_use(void)
{
	static const char *const names[] = { "/f", "/d/e/f", "/d/e", "/d", "/d/e/l", "/z" };
	const struct mount_options none = { 0 };
	struct inode *root, *unnamed;
	char path[64];

	begin();
	root = mount_with(&none);
	EXPECT_EQ(make_file(PLACE "/f"), 0);
	EXPECT_EQ(make_folder(PLACE "/d"), 0);
	EXPECT_EQ(make_folder(PLACE "/d/e"), 0);
	EXPECT_EQ(make_file(PLACE "/d/e/f"), 0);
	EXPECT_EQ(path_symlink("f", NULL, PLACE "/d/e/l"), 0);
	EXPECT_EQ(inode_link(found(PLACE "/f"), NULL, PLACE "/d/g"), 0);
	EXPECT_EQ(make_folder(PLACE "/z"), 0);
	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		strcpy(path, PLACE);
		expect_busy(root, strcat(path, names[i]));
	}
	/* One reference to the root is the caller's, a second one is not. */
	inode_get(root);
	inode_get(root);
	EXPECT_EQ(mount_remove(root, false), -EBUSY);
	inode_put(root);
	EXPECT_EQ(path_lookup(NULL, PLACE "/z", 0, &unnamed), 0);
	EXPECT_EQ(path_rmdir(NULL, PLACE "/z"), 0);
	EXPECT_EQ(mount_remove(root, false), -EBUSY); /* a folder without a name */
	inode_put(unnamed);
	EXPECT_EQ(mount_remove(root, false), 0);
	EXPECT(!root->mount_point && !root->nlink && list_empty(&tmpfs_mounts));
	inode_put(root);
	end();
}

static void without_memory(void)
{
	struct fail_spec spec = { .kinds = FAIL_ANY, .mode = FAIL_ONCE };
	const struct mount_options none = { 0 };
	int err = -ENOMEM;

	begin();
	for (spec.nth = 1; err && spec.nth < 9; spec.nth++) {
		fail_alloc_set(&spec);
		err = mount_tmpfs(found(PLACE), &none);
		fail_alloc_set(NULL);
		EXPECT(!err || err == -ENOMEM);
	}
	EXPECT(!err && spec.nth > 2);
	EXPECT_EQ(mount_remove(found(PLACE), true), 0);
	end();
}

TAP_MAIN({ "without options", without_options }, { "with options", with_options },
	 { "what cannot be covered", cannot_be_covered }, { "in use", in_use },
	 { "without memory", without_memory })
