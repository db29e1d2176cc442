/* SPDX-License-Identifier: MIT */
/*
 * Files of the initramfs as objects.
 *
 *   archive (read in place) --readpage--> page cache of an inode --> mappings
 *              \--read()
 *
 * The archive never changes, so read() copies from it and makes no pages. An inode exists while
 * its file is open or mapped. The list of inodes contains each of them once.
 */
#include "fs/file.h"
#include "fs/initramfs.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/frames/highmem.h"
#include "mm/slab/slab.h"

struct initramfs_inode {
	struct inode inode;
	struct list_head link; /* in `inodes` */
	const char *data;      /* in the archive */
	char *path;
};

static struct kmem_cache *inode_cache;
static LIST_HEAD(inodes);

void initramfs_files_init(void)
{
	inode_cache = kmem_cache_create("initramfs_inode", sizeof(struct initramfs_inode), 0, 0,
					NULL, NULL);
	BUG_ON(!inode_cache);
	list_init(&inodes);
}

static struct initramfs_inode *initramfs_inode_of(struct address_space *mapping)
{
	return container_of(inode_of(mapping), struct initramfs_inode, inode);
}

static int initramfs_readpage(struct address_space *mapping, struct page *page)
{
	u64 position = (u64)page->index << PAGE_SHIFT;
	u32 bytes = (u32)min(mapping->i_size - position, (u64)PAGE_SIZE);
	char *to = kmap_atomic(page);

	BUG_ON(position >= mapping->i_size || page->mapping != mapping);
	memcpy(to, initramfs_inode_of(mapping)->data + (size_t)position, bytes);
	memset(to + bytes, 0, PAGE_SIZE - bytes);
	kunmap_atomic(page);
	return 0;
}

static void initramfs_release(struct address_space *mapping)
{
	struct initramfs_inode *file = initramfs_inode_of(mapping);

	list_del(&file->link);
	kfree(file->path);
	kmem_cache_free(inode_cache, file);
}

static const struct address_space_operations initramfs_mapping_operations = {
	.readpage = initramfs_readpage,
	.release = initramfs_release,
};

/* The archive has only one time for each file. */
static struct file_times entry_times(const struct initramfs_entry *entry)
{
	return times_all(entry->mtime * 1000000000ull);
}

static struct inode *new_inode(const struct initramfs_entry *entry)
{
	struct initramfs_inode *file = kmem_cache_alloc(inode_cache, GFP_KERNEL);
	size_t bytes = strlen(entry->name) + 1;

	if (!file)
		return NULL;
	file->path = kmalloc(1 + bytes, GFP_KERNEL);
	if (!file->path) {
		kmem_cache_free(inode_cache, file);
		return NULL;
	}
	file->path[0] = '/';
	memcpy(file->path + 1, entry->name, bytes);
	file->data = entry->data;
	mapping_init(&file->inode.mapping, &initramfs_mapping_operations, entry->size);
	file->inode.mapping.dev = INITRAMFS_DEV;
	file->inode.mapping.ino = entry->ino;
	file->inode.mapping.name = file->path;
	file->inode.mode = entry->mode;
	file->inode.nlink = 1;
	file->inode.times = entry_times(entry);
	list_add(&file->link, &inodes);
	return &file->inode;
}

struct inode *initramfs_inode(const struct initramfs_entry *entry)
{
	struct initramfs_inode *file;

	list_for_each_entry (file, &inodes, link) {
		/* An object with count 0 is being freed (mapping_put()). */
		if (file->inode.mapping.ino == entry->ino && file->inode.mapping.count) {
			mapping_get(&file->inode.mapping);
			return &file->inode;
		}
	}
	return new_inode(entry);
}

static s32 initramfs_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			  void *context)
{
	u64 size = file->mapping->i_size;
	const char *data = initramfs_inode_of(file->mapping)->data;
	u32 done = 0, left = 0;

	if (position >= size || !bytes)
		return 0;
	bytes = (u32)min((u64)bytes, size - position);
	while (done < bytes && !left && !(done && task_killed())) {
		u32 part = min(bytes - done, PAGE_SIZE);

		left = copy((char *)data + (size_t)position + done, part, context);
		done += part - left;
		cond_resched();
	}
	return done ? (s32)done : -EFAULT;
}

static const struct file_operations initramfs_operations = {
	.read = initramfs_read,
	.seekable = true,
};

int initramfs_open(const struct initramfs_entry *entry, struct file **file)
{
	struct inode *inode;

	if ((entry->mode & S_IFMT) != S_IFREG)
		return -ELOOP;
	inode = initramfs_inode(entry);
	if (!inode)
		return -ENOMEM;
	*file = file_alloc(&initramfs_operations);
	if (!*file) {
		mapping_put(&inode->mapping);
		return -ENOMEM;
	}
	(*file)->mapping = &inode->mapping;
	return 0;
}

void initramfs_stat(const struct initramfs_entry *entry, struct file_stat *stat)
{
	*stat = (struct file_stat){
		.dev = INITRAMFS_DEV,
		.ino = entry->ino,
		.mode = entry->mode,
		.nlink = 1,
		.size = entry->size,
		.blocks = DIV_ROUND_UP((u64)entry->size, 512),
		.times = entry_times(entry),
	};
}
