/* SPDX-License-Identifier: MIT */
/* Opening, writing and reading files by path, for the tests of files. */
#ifndef TESTS_HOST_FS_OPEN_FILES_H
#define TESTS_HOST_FS_OPEN_FILES_H

#include <string.h>

#include "fs/file.h"
#include "fs/namei.h"
#include "fs/names.h"
#include "fs/tmpfs/initramfs.h"
#include "fs/tmpfs/tmpfs.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"
#include "mm/page_cache/filemap.h"

static inline void start_files(void)
{
	file_init();
	EXPECT_EQ(initramfs_init("", 0), 0);
	machine_settle();
}

static inline void start(void)
{
	machine_boot_highmem(MiB(16));
	start_files();
}

static inline int open_flags(const char *path, u32 flags, struct file **file)
{
	*file = NULL;
	return file_open(path, flags, 0644, file);
}

/* Opens and closes. */
static inline int try(const char *path, u32 flags)
{
	struct file *file;
	int err = open_flags(path, flags, &file);

	if (!err)
		file_put(file);
	return err;
}

static inline struct file *opened(const char *path, u32 flags)
{
	struct file *file;

	EXPECT_EQ(open_flags(path, flags, &file), 0);
	return file;
}

static inline s32 put_text(struct file *file, const char *text)
{
	return file_write(file, &file->position, (u32)strlen(text), copy_from_buffer, &text);
}

/* The inode of a path, without a reference, or NULL. */
static inline struct inode *found(const char *path)
{
	struct inode *inode;

	if (path_lookup(NULL, path, 0, &inode))
		return NULL;
	inode_put(inode);
	return inode;
}

/* Expects these contents from the start. */
static inline void expect_text(struct file *file, const char *text)
{
	char buffer[64] = "", *to = buffer;
	u64 position = 0;

	EXPECT_EQ(file_read(file, &position, sizeof(buffer) - 1, copy_to_buffer, &to),
		  strlen(text));
	EXPECT_EQ(position, strlen(text));
	EXPECT_TEXT(buffer, text);
}

#endif
