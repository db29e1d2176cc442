/* SPDX-License-Identifier: MIT */
/* Open files: reading, writing, seeking, truncating, closing. */
#include "fs/file.h"
#include "fs/events/epoll.h"
#include "fs/events/inotify.h"
#include "fs/lease.h"
#include "fs/owner.h"
#include "fs/pipe/pipe.h"
#include "fs/pipe/ring.h"
#include "fs/process.h"
#include "fs/seals.h"
#include "fs/tmpfs/rootfs.h"
#include "lib/clock.h"
#include "abi/linux/errno.h"
#include "mm/slab/slab.h"

static struct kmem_cache *file_cache;

void file_init(void)
{
	file_cache = kmem_cache_create("file", sizeof(struct file), 0, 0, NULL, NULL);
	BUG_ON(!file_cache);
	pipe_init();
	rootfs_init();
}

struct file *file_alloc(const struct file_operations *operations)
{
	struct file *file = kmem_cache_alloc(file_cache, GFP_KERNEL);

	if (unlikely(!file))
		return NULL;
	/* One by one: for so few words a string instruction costs more. */
	file->operations = operations;
	file->count = 1;
	file->flags = 0;
	file->position = 0;
	file->inode = NULL;
	file->mapping = NULL;
	file->proc = NULL;
	file->owner = NULL;
	file->watches = NULL;
	file->data = NULL;
	file->pipe = NULL;
	file->writer_opens = 0;
	file->ino = 0;
	return file;
}

/* The end of a file, but for its operations. */
static inline void discard(struct file *file)
{
	struct inode *inode = file->inode;

	if (file->mapping) {
		if (file_writable(file))
			mapping_put_write(file->mapping);
		inode->opens--;
	}
	if (unlikely(file->owner != NULL))
		kfree(file->owner);
	if (likely(inode != NULL))
		inode_put(inode);
	kmem_cache_free(file_cache, file);
}

void file_discard(struct file *file)
{
	discard(file);
}

void file_close(struct file *file)
{
	struct inode *inode = file->inode;

	BUG_ON(file->count != 1);
	file->count = 0;
	if (unlikely(inotify_watches) && inode && !file_is_place(file))
		inotify_tell_slow(inode, file_writable(file) ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
	epoll_forget(file);
	if (file->operations->release)
		file->operations->release(file);
	if (likely(inode != NULL)) {
		locks_remove(inode, file);
		lease_remove(file);
	}
	discard(file);
}

struct file_owner *file_owner_make(struct file *file)
{
	struct file_owner *owner = file->owner;

	if (owner)
		return owner;
	owner = kmalloc(sizeof(*owner), GFP_KERNEL);
	if (!owner || file->owner) { /* another thread may have made it meanwhile */
		kfree(owner);
		return file->owner;
	}
	*owner = (struct file_owner){ .file = file };
	list_init(&owner->async);
	file->owner = owner;
	return owner;
}

s32 file_read(struct file *file, u64 *position, u32 bytes, mapping_copy_t copy, void *context)
{
	s32 done;

	if (!file_readable(file))
		return -EBADF;
	if (!file->operations->read)
		return file->inode && is_kind(file->inode, S_IFDIR) ? -EISDIR : -EINVAL;
	file_get(file); /* another thread may close it meanwhile */
	done = file->operations->read(file, *position, bytes, copy, context);
	BUG_ON(done > 0 && (u32)done > bytes);
	if (done > 0 && !file->operations->rdev)
		*position += (u32)done;
	if (done > 0 && file->inode)
		inotify_tell(file->inode, IN_ACCESS);
	file_put(file);
	return done;
}

s32 file_write_limit(const struct file *file, u64 position, u32 bytes)
{
	u64 limit = process_file_limit();

	if (position >= limit) {
		process_exceeds_file_limit();
		return -EFBIG;
	}
	limit = min(limit, file->flags & O_LARGEFILE ? MAPPING_SIZE_MAX : (u64)SMALL_FILE_MAX);
	return position < limit ? (s32)min((u64)bytes, limit - position) : -EFBIG;
}

/* The part of `bytes` (not 0) that the limits and the seals allow. Most writes are far below. */
static inline s32 allowed_bytes(const struct file *file, u64 position, u32 bytes)
{
	bool far = position <= SMALL_FILE_MAX && bytes <= SMALL_FILE_MAX - (u32)position &&
		   rlimit(RLIMIT_FSIZE) == RLIM_INFINITY;
	s32 allowed;

	if (likely(far && !(file->inode->seals & ~(u32)F_SEAL_SEAL)))
		return (s32)bytes;
	allowed = file_write_limit(file, position, bytes);
	return allowed < 0 ? allowed : seals_allow_write(file->inode, position, (u32)allowed);
}

/* Writes to a regular file, under its lock: so O_APPEND finds the true end. */
static inline s32 write_regular(struct file *file, u64 *position, u32 bytes, mapping_copy_t copy,
				void *context)
{
	struct inode *inode = file->inode;
	u64 at;
	s32 done;

	mutex_lock(&inode->mapping.lock);
	at = file->flags & O_APPEND ? inode->mapping.i_size : *position;
	done = allowed_bytes(file, at, bytes);
	if (likely(done > 0)) {
		inode_modified(inode);
		inode_drop_set_id(inode);
		done = mapping_copy_to(&inode->mapping, at, (u32)done, copy, context);
	}
	mutex_unlock(&inode->mapping.lock);
	if (likely(done > 0))
		*position = at;
	return done;
}

static noinline s32 write_other(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
				void *context)
{
	s32 done = file->operations->write(file, position, bytes, copy, context);

	BUG_ON(done > 0 && (u32)done > bytes);
	return done;
}

s32 file_write(struct file *file, u64 *position, u32 bytes, mapping_copy_t copy, void *context)
{
	s32 done = 0;

	if (!file_writable(file))
		return -EBADF;
	if (!file_has_write(file))
		return -EINVAL;
	file_get(file); /* another thread may close it meanwhile */
	if (unlikely(!file->mapping))
		done = write_other(file, *position, bytes, copy, context);
	else if (bytes)
		done = write_regular(file, position, bytes, copy, context);
	if (likely(done > 0)) {
		if (!file->operations->rdev)
			*position += (u32)done;
		if (unlikely(inotify_watches) && file->inode)
			inotify_tell_slow(file->inode, IN_MODIFY);
	}
	file_put(file);
	return done;
}

/* The contents at an index came from somewhere: they are no hole. */
static bool has_data(const struct file *file, u32 index)
{
	u64 archive = file->inode->archive ? file->inode->archive_bytes : 0;

	return (u64)index << PAGE_SHIFT < archive ||
	       radix_tree_lookup(&file->mapping->pages, index);
}

/* SEEK_DATA and SEEK_HOLE: the first byte from `offset` on that is of this kind; -ENXIO. */
static s64 seek_kind(const struct file *file, u64 offset, bool data)
{
	u32 index = (u32)(offset >> PAGE_SHIFT);

	if (!file->mapping) /* a folder of /proc has no bytes */
		return file->inode && is_kind(file->inode, S_IFDIR) ? -ENXIO : -EINVAL;
	if (offset >= file->mapping->i_size)
		return -ENXIO;
	while ((u64)index << PAGE_SHIFT < file->mapping->i_size && has_data(file, index) != data &&
	       !task_killed()) {
		index++;
		if (data && !has_data(file, index) &&
		    !radix_tree_next(&file->mapping->pages, &index))
			return -ENXIO;
		cond_resched();
	}
	offset = max(offset, (u64)index << PAGE_SHIFT);
	if (offset < file->mapping->i_size)
		return (s64)offset;
	return data ? -ENXIO : (s64)file->mapping->i_size;
}

s64 file_seek_nowhere(struct file *file, s64 offset, u32 whence)
{
	(void)file;
	(void)offset;
	(void)whence;
	return 0;
}

s64 file_seek(struct file *file, s64 offset, u32 whence)
{
	u64 size = file->mapping ? file->mapping->i_size : 0;

	if (file->operations->seek)
		return file->operations->seek(file, offset, whence);
	if (file->operations->rdev && file->operations->seekable)
		return 0;
	if (!file->operations->seekable)
		return -ESPIPE;
	/* A folder of tmpfs: its entries have positions, but no last one. */
	if (whence > SEEK_CUR && file->inode && is_kind(file->inode, S_IFDIR) &&
	    file->inode->fs->writable)
		return -EINVAL;
	if (whence == SEEK_DATA || whence == SEEK_HOLE) {
		offset = offset < 0 ? -ENXIO : seek_kind(file, (u64)offset, whence == SEEK_DATA);
		if (offset < 0)
			return offset;
		whence = SEEK_SET;
	}
	if (whence == SEEK_CUR)
		offset = (s64)((u64)offset + file->position);
	else if (whence == SEEK_END)
		offset = (s64)((u64)offset + size);
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0 || (file->mapping && (u64)offset > MAPPING_SIZE_MAX))
		return -EINVAL;
	file->position = (u64)offset;
	return offset;
}

int file_truncate(struct file *file, u64 size)
{
	if (!file_writable(file) || !file->mapping)
		return -EINVAL;
	if (size > SMALL_FILE_MAX && !(file->flags & O_LARGEFILE))
		return -EINVAL;
	return inode_resize(file->inode, size);
}

void file_stat(const struct file *file, struct file_stat *stat)
{
	if (file->inode)
		inode_stat(file->inode, stat);
	else
		*stat = (struct file_stat){ .dev = file->operations->dev,
					    .ino = file->ino ? file->ino
							     : 1 + file->operations->rdev,
					    .mode = file->operations->mode,
					    .nlink = 1,
					    .uid = file->pipe ? file->pipe->uid : 0,
					    .gid = file->pipe ? file->pipe->gid : 0,
					    .rdev = file->operations->rdev,
					    .times = times_all(clock_coarse()) };
}
