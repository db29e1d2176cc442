/* SPDX-License-Identifier: MIT */
/*
 * Inodes: their times, and which users may set them; modes and owners; the last size and the last
 * place of a file, and its path in a buffer of just that size.
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "fs/seals.h"
#include "tests/host/console.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/owner.h"

#define DAY (86400ull * 1000000000)

/* The time of the last access moves after a change, and once a day. */
static void access_time(void)
{
	struct file *file;
	struct file_times *times;

	start();
	console_date = 1000 * DAY;
	file = opened("/tmp/a", O_RDWR | O_CREAT);
	times = &file->inode->times;
	EXPECT(times->access == console_date && times->modify == console_date);
	times->modify = times->change = 5 * DAY;
	times->access = 999 * DAY + 1;
	inode_accessed(file->inode);
	EXPECT_EQ(times->access, 999 * DAY + 1);
	times->access = 999 * DAY;
	inode_accessed(file->inode);
	EXPECT_EQ(times->access, 1000 * DAY);
	times->access = times->modify = 1000 * DAY - 5;
	inode_accessed(file->inode);
	EXPECT_EQ(times->access, 1000 * DAY);
	times->access = times->change = 1000 * DAY - 5;
	times->modify = 0;
	inode_accessed(file->inode);
	EXPECT_EQ(times->access, 1000 * DAY);
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/a"), 0);
}

/* Times that are set, by the owner and by others. */
static void set_times(void)
{
	struct inode *inode;

	start();
	console_date = 77;
	file_put(opened("/tmp/a", O_RDWR | O_CREAT));
	inode = found("/tmp/a");
	console_date = 99;
	EXPECT_EQ(inode_set_times(inode, TIME_OMIT, TIME_OMIT), 0);
	EXPECT_EQ(inode->times.change, 77);
	EXPECT_EQ(inode_set_times(inode, 5, TIME_OMIT), 0);
	EXPECT(inode->times.access == 5 && inode->times.modify == 77 && inode->times.change == 99);
	console_date = 100;
	EXPECT_EQ(inode_set_times(inode, TIME_OMIT, 6), 0);
	EXPECT(inode->times.access == 5 && inode->times.modify == 6 && inode->times.change == 100);
	EXPECT_EQ(inode_set_times(inode, TIME_NOW, 8), 0);
	EXPECT(inode->times.access == 100 && inode->times.modify == 8);
	EXPECT_EQ(inode_set_times(inode, 9, TIME_NOW), 0);
	EXPECT(inode->times.access == 9 && inode->times.modify == 100);
	host_fsuid = 3;
	EXPECT_EQ(inode_set_times(inode, TIME_NOW, TIME_NOW), -EACCES);
	EXPECT_EQ(inode_set_times(inode, TIME_NOW, 5), -EPERM);
	inode->mode |= 0022;
	EXPECT_EQ(inode_set_times(inode, TIME_OMIT, TIME_NOW), -EPERM);
	EXPECT_EQ(inode_set_times(inode, TIME_NOW, TIME_OMIT), -EPERM);
	console_date = 111;
	EXPECT_EQ(inode_set_times(inode, TIME_NOW, TIME_NOW), 0);
	EXPECT(inode->times.access == 111 && inode->times.modify == 111);
	host_fsuid = 0;
	EXPECT_EQ(inode_set_times(found("/proc/meminfo"), 1, 1), -EPERM);
	EXPECT_EQ(path_unlink(NULL, "/tmp/a"), 0);
}

/* The last sizes and places. */
static void last_places(void)
{
	struct file *file, *large;

	start();
	file = opened("/tmp/a", O_RDWR | O_CREAT);
	large = opened("/tmp/a", O_RDWR | O_LARGEFILE);
	EXPECT_EQ(file_seek(file, MAPPING_SIZE_MAX, SEEK_SET), MAPPING_SIZE_MAX);
	EXPECT_EQ(file_seek(file, MAPPING_SIZE_MAX + 1, SEEK_SET), -EINVAL);
	EXPECT_EQ(file->position, MAPPING_SIZE_MAX);
	EXPECT_EQ(file_seek(file, -1, SEEK_CUR), MAPPING_SIZE_MAX - 1);
	EXPECT_EQ(file_seek(file, 0, SEEK_SET), 0);
	EXPECT_EQ(file_truncate(file, SMALL_FILE_MAX), 0);
	EXPECT_EQ(file_truncate(file, SMALL_FILE_MAX + 1ull), -EINVAL);
	EXPECT_EQ(try("/tmp/a", O_RDONLY), 0);
	EXPECT_EQ(file_truncate(large, SMALL_FILE_MAX + 1ull), 0);
	EXPECT_EQ(try("/tmp/a", O_RDONLY), -EOVERFLOW);
	EXPECT_EQ(try("/tmp/a", O_RDONLY | O_LARGEFILE), 0);
	file->position = SMALL_FILE_MAX - 2;
	EXPECT_EQ(put_text(file, "text"), 2);
	EXPECT_EQ(file->position, SMALL_FILE_MAX);
	EXPECT_EQ(put_text(file, "text"), -EFBIG);
	/* Also for no bytes, as copy_file_range() asks. */
	EXPECT_EQ(file_write_limit(file, SMALL_FILE_MAX, 0), -EFBIG);
	EXPECT_EQ(file_write_limit(large, MAPPING_SIZE_MAX - 1, 5), 1);
	EXPECT_EQ(file_write_limit(large, MAPPING_SIZE_MAX, 0), -EFBIG);
	EXPECT_EQ(console_file_limit_exceeded, 0);
	file_put(file);
	file_put(large);
	EXPECT_EQ(path_unlink(NULL, "/tmp/a"), 0);
}

/* The right to become a group is for its members; a program that is sealed keeps its rights. */
static void modes(void)
{
	struct inode *inode;
	struct file *file;

	start();
	file = opened("/tmp/a", O_RDWR | O_CREAT);
	inode = file->inode;
	EXPECT_EQ(inode_chown(inode, 5, 9), 0);
	host_fsuid = 5;
	host_fsgid = 6;
	EXPECT_EQ(inode_chmod(inode, 06755), 0);
	EXPECT_EQ(inode->mode, S_IFREG | 04755);
	host_fsgid = 9;
	EXPECT_EQ(inode_chmod(inode, 02745), 0);
	EXPECT_EQ(inode->mode, S_IFREG | 02745);
	EXPECT_EQ(inode_chown(inode, 5, UINT32_MAX), 0);
	EXPECT_EQ(inode->mode, S_IFREG | 02745); /* a member keeps it, without the group's x */
	EXPECT_EQ(inode_chown(inode, 6, UINT32_MAX), -EPERM);
	EXPECT_EQ(inode_chown(inode, UINT32_MAX, 6), -EPERM);
	EXPECT_EQ(inode_chown(inode, UINT32_MAX, 9), 0);
	host_fsgid = 6;
	EXPECT_EQ(inode_chown(inode, UINT32_MAX, UINT32_MAX), 0);
	EXPECT_EQ(inode->mode, S_IFREG | 0745);
	host_fsuid = 8;
	EXPECT_EQ(inode_chown(inode, UINT32_MAX, 6), -EPERM);
	EXPECT_EQ(inode_chmod(inode, 0600), -EPERM);
	host_fsuid = host_fsgid = 0;
	EXPECT_EQ(inode_chmod(inode, 02755), 0);
	EXPECT_EQ(inode->mode, S_IFREG | 02755);
	inode->seals = 0;
	EXPECT_EQ(seals_add(file, F_SEAL_EXEC), 0);
	EXPECT_EQ(seals_get(file),
		  F_SEAL_EXEC | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
	EXPECT_EQ(inode_chmod(inode, 02655), -EPERM);
	EXPECT_EQ(inode_chmod(inode, 02355), 0);
	inode->seals = 0;
	EXPECT_EQ(inode_chmod(inode, 0644), 0);
	EXPECT_EQ(seals_add(file, F_SEAL_EXEC), 0);
	EXPECT_EQ(seals_get(file), F_SEAL_EXEC);
	EXPECT_EQ(inode_chmod(inode, 0645), -EPERM);
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/a"), 0);
}

/* Both ends of a path's buffer. */
static void paths(void)
{
	char buffer[40];

	start();
	file_put(opened("/tmp/abc", O_RDWR | O_CREAT));
	memset(buffer, '#', sizeof(buffer));
	EXPECT_TEXT(inode_path(found("/tmp/abc"), buffer + 1, 9), "/tmp/abc");
	EXPECT(buffer[0] == '#' && buffer[10] == '#');
	EXPECT(!inode_path(found("/tmp/abc"), buffer, 8));
	EXPECT_TEXT(inode_path(root_inode, buffer, 2), "/");
	EXPECT(!inode_path(root_inode, buffer, 1));
	EXPECT_EQ(path_unlink(NULL, "/tmp/abc"), 0);
}

TAP_MAIN({ "access time", access_time }, { "set times", set_times }, { "paths", paths },
	 { "last places", last_places }, { "modes", modes })
