/* SPDX-License-Identifier: MIT */
/* tmpfs. Numbers cite the invariants of the header. */
#include "fs/tmpfs.h"
#include "lib/assert.h"
#include "lib/clock.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/slab/slab.h"

#define BUCKETS 64

/* /proc/PID/maps shows this after the last name of an unlinked file. */
static const char deleted[] = " (deleted)";

struct tmpfs_inode {
	struct inode inode;
	struct list_head names; /* the last one is kept until the inode is freed */
};

struct tmpfs_name {
	struct list_head link; /* in its bucket, unless deleted */
	struct list_head same; /* in the inode's list */
	struct tmpfs_inode *file;
	char path[]; /* "/tmp/name"; there is room for `deleted` */
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

	BUG_ON(file->inode.nlink);
	kfree(list_first_entry(&file->names, struct tmpfs_name, same));
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

static struct tmpfs_name *find_name(const char *path)
{
	struct tmpfs_name *name;

	list_for_each_entry (name, bucket_of(path), link)
		if (!strcmp(name->path + 1, path))
			return name;
	return NULL;
}

struct inode *tmpfs_find(const char *path)
{
	const struct tmpfs_name *name = find_name(path);

	return name ? &name->file->inode : NULL;
}

const char *tmpfs_any_name(void)
{
	for (u32 i = 0; i < BUCKETS; i++)
		if (!list_empty(&buckets[i]))
			return list_first_entry(&buckets[i], struct tmpfs_name, link)->path;
	return NULL;
}

/* Allocates a name that is in no list yet. */
static struct tmpfs_name *new_name(const char *path)
{
	size_t bytes = strlen(path) + 1;
	struct tmpfs_name *name = kmalloc(sizeof(*name) + 1 + bytes + sizeof(deleted), GFP_KERNEL);

	if (!name)
		return NULL;
	name->path[0] = '/';
	memcpy(name->path + 1, path, bytes);
	return name;
}

static void enter_name(struct tmpfs_inode *file, struct tmpfs_name *name)
{
	BUG_ON(find_name(name->path + 1));
	name->file = file;
	list_add(&name->link, bucket_of(name->path + 1));
	list_add_tail(&name->same, &file->names);
	file->inode.nlink++;
	mapping_get(&file->inode.mapping);
}

struct inode *tmpfs_create(const char *path, u32 mode)
{
	struct tmpfs_inode *file = kmem_cache_alloc(inode_cache, GFP_KERNEL);
	struct tmpfs_name *name = file ? new_name(path) : NULL;

	if (!name) {
		if (file)
			kmem_cache_free(inode_cache, file);
		return NULL;
	}
	mapping_init(&file->inode.mapping, &tmpfs_operations, 0);
	list_init(&file->names);
	file->inode.mapping.dev = TMPFS_DEV;
	file->inode.mapping.ino = ++last_ino;
	file->inode.mapping.name = name->path;
	file->inode.mode = S_IFREG | mode;
	file->inode.nlink = 0;
	file->inode.times = times_all(clock_realtime());
	enter_name(file, name);
	return &file->inode;
}

int tmpfs_link(struct inode *inode, const char *path)
{
	struct tmpfs_name *name;

	if (!inode->nlink)
		return -ENOENT;
	name = new_name(path);
	if (!name)
		return -ENOMEM;
	enter_name(tmpfs_inode_of(&inode->mapping), name);
	inode->times.change = clock_realtime();
	return 0;
}

void tmpfs_unlink(const char *path)
{
	struct tmpfs_name *name = find_name(path);
	struct tmpfs_inode *file;

	BUG_ON(!name);
	file = name->file;
	BUG_ON(!file->inode.nlink || list_empty(&file->names));
	list_del(&name->link);
	if (--file->inode.nlink) {
		list_del(&name->same);
		kfree(name);
		name = list_first_entry(&file->names, struct tmpfs_name, same);
		file->inode.mapping.name = name->path;
	} else {
		memcpy(name->path + strlen(name->path), deleted, sizeof(deleted));
	}
	file->inode.times.change = clock_realtime();
	mapping_put(&file->inode.mapping);
}
