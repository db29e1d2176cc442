/* SPDX-License-Identifier: MIT */
/* Open files, and which file system a path belongs to. */
#include "fs/file.h"
#include "fs/initramfs.h"
#include "fs/proc.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

static struct kmem_cache *file_cache;

void file_init(void)
{
	file_cache = kmem_cache_create("file", sizeof(struct file), 0, 0, NULL, NULL);
	BUG_ON(!file_cache);
}

struct file *file_alloc(const struct file_operations *operations)
{
	struct file *file = kmem_cache_alloc(file_cache, GFP_KERNEL);

	if (file)
		*file = (struct file){ .operations = operations, .count = 1 };
	return file;
}

void file_get(struct file *file)
{
	file->count++;
}

void file_put(struct file *file)
{
	BUG_ON(!file->count);
	if (--file->count)
		return;
	if (file->operations->release)
		file->operations->release(file);
	kmem_cache_free(file_cache, file);
}

int file_open(const char *path, struct mm_struct *mm, struct file **file)
{
	if (!strncmp(path, "/proc/", 6))
		return proc_open(path + 6, mm, file);
	return initramfs_open(path, file);
}
