/* SPDX-License-Identifier: MIT */
/* tmpfs. The numbers are the invariants of the header. */
#include "fs/tmpfs.h"
#include "lib/assert.h"
#include "lib/clock.h"
#include "lib/string.h"
#include "mm/slab.h"

#define BUCKETS 64

/* What /proc/PID/maps shows behind the name of a file that has none any more. */
static const char deleted[] = " (deleted)";

struct tmpfs_inode {
	struct inode inode;
	struct list_head link; /* in its bucket while it has a name */
	char *path;	       /* "/tmp/name"; there is room for `deleted` */
};

static struct kmem_cache *inode_cache;
static struct list_head buckets[BUCKETS];
static u32 last_ino;

static struct tmpfs_inode *tmpfs_inode_of(struct address_space *mapping)
{
	return container_of(inode_of(mapping), struct tmpfs_inode, inode);
}

static void tmpfs_release(struct address_space *mapping)
{
	struct tmpfs_inode *file = tmpfs_inode_of(mapping);

	kfree(file->path);
	kmem_cache_free(inode_cache, file);
}

static const struct address_space_operations tmpfs_operations = { .release = tmpfs_release };

void tmpfs_init(void)
{
	inode_cache =
		kmem_cache_create("tmpfs_inode", sizeof(struct tmpfs_inode), 0, 0, NULL, NULL);
	BUG_ON(!inode_cache);
	for (u32 i = 0; i < BUCKETS; i++)
		list_init(&buckets[i]);
}

static struct list_head *bucket_of(const char *path)
{
	return &buckets[name_hash(path) % BUCKETS];
}

struct inode *tmpfs_find(const char *path)
{
	struct tmpfs_inode *file;

	list_for_each_entry (file, bucket_of(path), link)
		if (!strcmp(file->path + 1, path))
			return &file->inode;
	return NULL;
}

const char *tmpfs_any_name(void)
{
	for (u32 i = 0; i < BUCKETS; i++)
		if (!list_empty(&buckets[i]))
			return list_first_entry(&buckets[i], struct tmpfs_inode, link)->path;
	return NULL;
}

struct inode *tmpfs_create(const char *path, u32 mode)
{
	struct tmpfs_inode *file = kmem_cache_alloc(inode_cache, GFP_KERNEL);
	size_t bytes = strlen(path) + 1;

	if (!file)
		return NULL;
	file->path = kmalloc(1 + bytes + sizeof(deleted), GFP_KERNEL);
	if (!file->path) {
		kmem_cache_free(inode_cache, file);
		return NULL;
	}
	file->path[0] = '/';
	memcpy(file->path + 1, path, bytes);
	mapping_init(&file->inode.mapping, &tmpfs_operations, 0);
	file->inode.mapping.dev = TMPFS_DEV;
	file->inode.mapping.ino = ++last_ino;
	file->inode.mapping.name = file->path;
	file->inode.mode = S_IFREG | mode;
	file->inode.nlink = 1;
	file->inode.times = times_all(clock_realtime());
	mapping_get(&file->inode.mapping);
	list_add(&file->link, bucket_of(path));
	return &file->inode;
}

void tmpfs_unlink(struct inode *inode)
{
	struct tmpfs_inode *file = tmpfs_inode_of(&inode->mapping);

	BUG_ON(inode->nlink != 1);
	inode->nlink = 0;
	inode->times.change = clock_realtime();
	list_del(&file->link);
	memcpy(file->path + strlen(file->path), deleted, sizeof(deleted));
	mapping_put(&inode->mapping);
}
