/* SPDX-License-Identifier: MIT */
/*
 * tmpfs: its limits, owners of what is made in a folder with a group, files of the archive at
 * their edges and when memory is wanted back, and what a program left.
 */
#include "abi/linux/errno.h"
#include "fs/tmpfs/rootfs.h"
#include "mm/frames/highmem.h"
#include "mm/frames/shrinker.h"
#include "mm/page_cache/filemap.h"
#include "mm/frames/page_alloc.h"
#include "mm/user_space/overcommit.h"
#include "tests/host/console.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/owner.h"
#include "tests/host/resched.h"

static int make_folder(const char *path)
{
	return path_make(NULL, path, S_IFDIR | 0755, 0);
}

static void limits(void)
{
	struct file *file;
	u32 before;

	start();
	EXPECT_EQ(root_fs.max_pages, nr_present_pages() / 2);
	EXPECT_EQ(root_fs.max_inodes, nr_present_pages() / 2);
	EXPECT_EQ(shm_fs.max_pages, nr_present_pages() / 2);
	EXPECT(!root_fs.pages);
	before = vm_committed;
	file = opened("/tmp/f", O_RDWR | O_CREAT);
	EXPECT_EQ(put_text(file, "text"), 4);
	EXPECT_EQ(root_fs.pages, 1);
	EXPECT_EQ(vm_committed, before + 1);
	file->position = 5 * PAGE_SIZE;
	EXPECT_EQ(put_text(file, "text"), 4);
	EXPECT_EQ(root_fs.pages, 2);
	EXPECT_EQ(put_text(file, "text"), 4);
	EXPECT_EQ(root_fs.pages, 2);
	EXPECT_EQ(vm_committed, before + 2);
	overcommit_mode = OVERCOMMIT_NEVER;
	overcommit_ratio = 0;
	file->position = 9 * PAGE_SIZE;
	EXPECT_EQ(put_text(file, "text"), -ENOSPC);
	EXPECT_EQ(root_fs.pages, 2);
	overcommit_mode = 0;
	overcommit_ratio = 50;
	EXPECT_EQ(file_truncate(file, PAGE_SIZE), 0);
	EXPECT_EQ(root_fs.pages, 1);
	EXPECT_EQ(vm_committed, before + 1);
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
	EXPECT_EQ(root_fs.pages, 0);
	EXPECT_EQ(vm_committed, before);
}

/* In a folder with the set-group-ID bit. */
static void groups(void)
{
	struct inode *folder;

	start();
	EXPECT_EQ(make_folder("/tmp/g"), 0);
	folder = found("/tmp/g");
	folder->gid = 77;
	folder->mode |= S_ISGID | 0777;
	EXPECT_EQ(path_make(NULL, "/tmp/g/r", S_IFREG | 02755, 0), 0);
	EXPECT_EQ(found("/tmp/g/r")->mode, S_IFREG | 02755); /* by the super-user */
	host_fsuid = 5;
	host_fsgid = 6;
	EXPECT_EQ(path_make(NULL, "/tmp/g/x", S_IFREG | 02755, 0), 0);
	EXPECT_EQ(path_make(NULL, "/tmp/g/y", S_IFREG | 02745, 0), 0);
	EXPECT_EQ(make_folder("/tmp/g/d"), 0);
	host_fsgid = 77;
	EXPECT_EQ(path_make(NULL, "/tmp/g/m", S_IFREG | 02755, 0), 0);
	host_fsuid = host_fsgid = 0;
	EXPECT_EQ(found("/tmp/g/x")->mode, S_IFREG | 0755);
	EXPECT(found("/tmp/g/x")->uid == 5 && found("/tmp/g/x")->gid == 77);
	EXPECT_EQ(found("/tmp/g/y")->mode, S_IFREG | 02745);
	EXPECT_EQ(found("/tmp/g/m")->mode, S_IFREG | 02755);
	EXPECT_EQ(found("/tmp/g/d")->mode, S_IFDIR | 02755);
	EXPECT_EQ(path_make(NULL, "/tmp/c", S_IFCHR | 0600, 0x123), 0);
	EXPECT_EQ(found("/tmp/c")->rdev, 0x123);
	EXPECT_EQ(path_unlink(NULL, "/tmp/c"), 0);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/g/d"), 0);
	for (char name[] = "/tmp/g/m"; name[7] <= 'y'; name[7]++)
		path_unlink(NULL, name);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/g"), 0);
}

static char archive[3 * PAGE_SIZE + 100];

static struct file *archived(u32 bytes, u32 flags)
{
	start();
	memset(archive, 'a', sizeof(archive));
	tmpfs_set_archive(rootfs_make("/tmp", "archived", S_IFREG | 0644), archive, bytes);
	return opened("/tmp/archived", flags);
}

static void end(struct file *file)
{
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/archived"), 0);
}

static s32 get(struct file *file, u64 position, u32 bytes)
{
	static char buffer[4 * PAGE_SIZE];
	char *to = buffer;

	return file_read(file, &position, bytes, copy_to_buffer, &to);
}

static u32 fails(void *kernel, u32 bytes, void *context)
{
	(void)kernel;
	return *(bool *)context ? bytes : bytes - min(bytes, 10u);
}

static u32 turns;

static void others(void)
{
	turns++;
}

/* Reads from the archive: whole ones, none, at the end and behind it, and what moves. */
static void read_in_place(void)
{
	struct file *file = archived(2 * PAGE_SIZE + 5, O_RDONLY);
	bool all = false;
	u64 position = 0;

	file->inode->times.access = 0;
	console_date = 5;
	host_others = others;
	EXPECT_EQ(get(file, 0, 3 * PAGE_SIZE), 2 * PAGE_SIZE + 5);
	host_others = NULL;
	EXPECT_EQ(turns, 3); /* other tasks run after each page */
	EXPECT_EQ(file->inode->times.access, 5);
	EXPECT_EQ(get(file, 1, PAGE_SIZE + 7), PAGE_SIZE + 7);
	EXPECT_EQ(get(file, 5, 0), 0);
	EXPECT_EQ(get(file, 2 * PAGE_SIZE + 4, 9), 1);
	EXPECT_EQ(get(file, 2 * PAGE_SIZE + 5, 9), 0);
	EXPECT_EQ(get(file, 2 * PAGE_SIZE + 6, 9), 0);
	EXPECT_EQ(file_read(file, &position, 100, fails, &all), 10);
	all = true;
	EXPECT_EQ(file_read(file, &position, 100, fails, &all), -EFAULT);
	host_killed = true;
	EXPECT_EQ(get(file, 0, 2 * PAGE_SIZE), PAGE_SIZE);
	host_killed = false;
	EXPECT(!file->mapping->nrpages);
	end(file);
}

/* What grows behind the archive is charged, the archive's pages are not. */
static void grows(void)
{
	struct file *file = archived(2 * PAGE_SIZE, O_RDWR);
	struct page *page;
	char *data;

	EXPECT_EQ(file_truncate(file, 4 * PAGE_SIZE), 0);
	EXPECT_EQ(file_seek(file, 0, SEEK_HOLE), 2 * PAGE_SIZE);
	EXPECT_EQ(file_seek(file, 5, SEEK_DATA), 5);
	EXPECT_EQ(file_seek(file, 2 * PAGE_SIZE, SEEK_DATA), -ENXIO);
	EXPECT_EQ(file_truncate(file, 2 * PAGE_SIZE), 0);
	for (u32 i = 0; i < 3; i++) {
		file->position = i * PAGE_SIZE;
		EXPECT_EQ(put_text(file, "text"), 4);
		EXPECT_EQ(root_fs.pages, i < 2 ? 0 : 1);
	}
	EXPECT_EQ(file_truncate(file, PAGE_SIZE + 3), 0);
	EXPECT_EQ(root_fs.pages, 1); /* it is a page of the file, whichever */
	EXPECT_EQ(file_truncate(file, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(get_cache_page(file->mapping, 1, &page), 0);
	data = kmap_atomic(page);
	EXPECT(data[2] == 'x' && !data[3] && !data[PAGE_SIZE - 1]);
	kunmap_atomic(page);
	end(file);
	EXPECT_EQ(root_fs.pages, 0);
}

/* What shrink_caches() freed: some slabs may be empty then too. */
static u32 dropped_pages(void)
{
	u32 frames = shrink_caches();

	return frames > 3 && frames < 6 ? 3 : frames;
}

static u32 dropped_with(struct file *file, struct page *busy)
{
	u32 dropped;

	mapping_read_ahead(file->mapping, 0, 3);
	EXPECT_EQ(file->mapping->nrpages, 3);
	if (busy)
		busy->count++;
	dropped = dropped_pages();
	if (busy)
		busy->count--;
	return dropped + 10 * file->mapping->nrpages;
}

/* Pages of the archive are dropped when memory is wanted, but none that is in use. */
static void dropped(void)
{
	struct file *file = archived(2 * PAGE_SIZE + 5, O_RDONLY),
		    *other = opened("/tmp/f", O_RDWR | O_CREAT);

	EXPECT_EQ(put_text(other, "only here"), 9);
	shrink_caches();
	EXPECT_EQ(dropped_with(file, NULL), 3);
	mapping_read_ahead(file->mapping, 0, 3);
	EXPECT_EQ(dropped_with(file, radix_tree_lookup(&file->mapping->pages, 1)), 2 + 10);
	file->mapping->lock.locked = true;
	EXPECT_EQ(shrink_caches() + 10 * file->mapping->nrpages, 10);
	file->mapping->lock.locked = false;
	file->mapping->entering = true;
	EXPECT_EQ(shrink_caches() + 10 * file->mapping->nrpages, 10);
	file->mapping->entering = false;
	EXPECT(shrink_caches() >= 1 && !file->mapping->nrpages);
	EXPECT_EQ(other->mapping->nrpages, 1);
	file_put(other);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
	end(file);
}

/* What is left is found from the inside out, wherever it is. */
static void leftovers(void)
{
	static const char *const paths[] = { "/tmp/a", "/dev/x", "/dev/shm/y", "/z" };
	struct dentry *dentry;

	start();
	EXPECT(!tmpfs_leftover());
	for (u32 i = 0; i < ARRAY_SIZE(paths); i++) {
		EXPECT_EQ(make_folder(paths[i]), 0);
		dentry = tmpfs_leftover();
		EXPECT(dentry && dentry->inode == found(paths[i]));
		EXPECT_EQ(path_rmdir(NULL, paths[i]), 0);
		EXPECT(!tmpfs_leftover());
	}
	EXPECT_EQ(make_folder("/tmp/a"), 0);
	EXPECT_EQ(make_folder("/tmp/a/b"), 0);
	EXPECT_EQ(make_folder("/tmp/a/b/c"), 0);
	EXPECT(tmpfs_leftover()->inode == found("/tmp/a/b/c"));
	EXPECT_EQ(path_rmdir(NULL, "/tmp/a/b/c"), 0);
	EXPECT(tmpfs_leftover()->inode == found("/tmp/a/b"));
	EXPECT_EQ(path_rmdir(NULL, "/tmp/a/b"), 0);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/a"), 0);
}

TAP_MAIN({ "limits", limits }, { "groups", groups }, { "read in place", read_in_place },
	 { "grows behind the archive", grows }, { "dropped", dropped }, { "leftovers", leftovers })
