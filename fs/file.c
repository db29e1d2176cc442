/* SPDX-License-Identifier: MIT */
/* Open files: opening, reading, writing, seeking, truncating. */
#include "fs/file.h"
#include "fs/device.h"
#include "fs/initramfs.h"
#include "fs/namei.h"
#include "fs/pipe.h"
#include "fs/process.h"
#include "fs/proc.h"
#include "fs/tmpfs.h"
#include "lib/assert.h"
#include "lib/clock.h"
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "mm/slab/slab.h"
#include "mm/user_space/truncate.h"

/* Flags used only while a file is opened. */
#define OPEN_ONLY (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)

static struct kmem_cache *file_cache;

void file_init(void)
{
	file_cache = kmem_cache_create("file", sizeof(struct file), 0, 0, NULL, NULL);
	BUG_ON(!file_cache);
	pipe_init();
	initramfs_files_init();
	tmpfs_init();
}

struct file *file_alloc(const struct file_operations *operations)
{
	struct file *file = kmem_cache_alloc(file_cache, GFP_KERNEL);

	BUG_ON(!operations);
	if (file)
		*file = (struct file){ .operations = operations, .count = 1 };
	return file;
}

void file_put(struct file *file)
{
	BUG_ON(!file->count);
	if (--file->count)
		return;
	if (file->operations->release)
		file->operations->release(file);
	if (file->mapping && file_writable(file))
		mapping_put_write(file->mapping);
	if (file->mapping)
		mapping_put(file->mapping);
	kmem_cache_free(file_cache, file);
}

static s32 mapped_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
		       void *context)
{
	file_accessed(file);
	return mapping_copy_from(file->mapping, position, bytes, copy, context);
}

/* Updates the times after a change of the contents. */
static void inode_modified(struct inode *inode)
{
	inode->times.modify = inode->times.change = clock_realtime();
}

static s32 mapped_write(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			void *context)
{
	if (bytes)
		inode_modified(inode_of(file->mapping));
	return mapping_copy_to(file->mapping, position, bytes, copy, context);
}

static const struct file_operations tmpfs_file_operations = {
	.read = mapped_read,
	.write = mapped_write,
	.seekable = true,
};

static const struct file_operations directory_operations = {
	.mode = S_IFDIR | 0755,
	.dev = TMPFS_DEV,
	.seekable = true,
};

static bool wants_to_write(u32 flags)
{
	return (flags & O_ACCMODE) != O_RDONLY || flags & O_TRUNC;
}

/* Takes a reference, and counts a writer if the flags say so. 0, -EOVERFLOW or -ETXTBSY. */
static int enter_inode(struct inode *inode, u32 flags)
{
	if (inode->mapping.i_size > SMALL_FILE_MAX && !(flags & O_LARGEFILE))
		return -EOVERFLOW;
	if (flags & O_TRUNC && inode->mapping.writers < 0)
		return -ETXTBSY;
	if ((flags + 1) & 2 && !mapping_get_write(&inode->mapping))
		return -ETXTBSY;
	mapping_get(&inode->mapping);
	return 0;
}

/* Opens a file of tmpfs; makes it if `inode` is NULL. An error changes nothing. */
static int open_tmpfs(const char *name, struct inode *inode, u32 flags, u32 mode,
		      struct file **file)
{
	struct file *opened = file_alloc(&tmpfs_file_operations);
	bool created = !inode;
	int err = -ENOMEM;

	if (!opened)
		return err;
	if (created)
		inode = tmpfs_create(name, mode);
	if (inode)
		err = enter_inode(inode, flags);
	if (err) {
		file_put(opened);
		return err;
	}
	/* Drop the reference of tmpfs_create(): enter_inode() took one for the file. */
	if (created) {
		mapping_put(&inode->mapping);
	} else if (flags & O_TRUNC) {
		BUG_ON(inode_resize(inode, 0)); /* enter_inode() has asked */
	}
	opened->mapping = &inode->mapping;
	*file = opened;
	return 0;
}

static int open_directory(u32 flags, struct file **file)
{
	if (flags & O_CREAT || wants_to_write(flags))
		return -EISDIR;
	*file = file_alloc(&directory_operations);
	return *file ? 0 : -ENOMEM;
}

static int open_absent(const struct path *at, u32 flags, u32 mode, struct file **file)
{
	if (!(flags & O_CREAT) || path_in_proc(at))
		return -ENOENT;
	if (at->slash)
		return -EISDIR;
	return open_tmpfs(at->name, NULL, flags, mode, file);
}

static int open_path(const struct path *at, u32 flags, u32 mode, struct mm_struct *mm,
		     struct file **file)
{
	if (at->kind == PATH_ABSENT)
		return open_absent(at, flags, mode, file);
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	if (at->kind == PATH_DIRECTORY)
		return open_directory(flags, file);
	if (flags & O_DIRECTORY)
		return -ENOTDIR;
	if (at->link && flags & O_NOFOLLOW)
		return -ELOOP;
	if (at->kind == PATH_TMPFS)
		return open_tmpfs(at->name, at->inode, flags, mode, file);
	if (at->kind == PATH_PROC)
		return proc_open(at->name + 5, wants_to_write(flags), mm, file);
	if (at->kind == PATH_DEVICE) {
		*file = file_alloc(device_find(at->name));
		return *file ? 0 : -ENOMEM;
	}
	return wants_to_write(flags) ? -EROFS : initramfs_open(&at->entry, file);
}

int file_open(const char *path, u32 flags, u32 mode, struct mm_struct *mm, struct file **file)
{
	struct path at;
	int err;

	if (flags & O_TMPFILE)
		return -EOPNOTSUPP;
	if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return -EINVAL;
	err = path_lookup(path, &at);
	if (!err)
		err = open_path(&at, flags, mode, mm, file);
	if (!err)
		(*file)->flags = flags & ~(u32)OPEN_ONLY;
	return err;
}

s32 file_read(struct file *file, u64 *position, u32 bytes, mapping_copy_t copy, void *context)
{
	s32 done;

	if (!file_readable(file))
		return -EBADF;
	if (!file->operations->read)
		return (file->operations->mode & S_IFMT) == S_IFDIR ? -EISDIR : -EINVAL;
	file_get(file); /* another thread may close it meanwhile */
	done = file->operations->read(file, *position, bytes, copy, context);
	BUG_ON(done > 0 && (u32)done > bytes);
	if (done > 0 && !file->operations->rdev)
		*position += (u32)done;
	file_put(file);
	return done;
}

/* The part of `bytes` (not 0) that may be written, or -EFBIG (Linux: generic_write_checks()). */
static s32 allowed_bytes(const struct file *file, u64 position, u32 bytes)
{
	u64 limit = process_file_limit();

	if (position >= limit) {
		process_exceeds_file_limit();
		return -EFBIG;
	}
	if (!(file->flags & O_LARGEFILE))
		limit = min(limit, (u64)SMALL_FILE_MAX);
	return position < limit ? (s32)min((u64)bytes, limit - position) : -EFBIG;
}

/* Writes under the lock of the object, so that O_APPEND finds the true end. */
static s32 write_alone(struct file *file, u64 *position, u32 bytes, mapping_copy_t copy,
		       void *context)
{
	s32 done;

	if (file->mapping && bytes) {
		if (file->flags & O_APPEND)
			*position = file->mapping->i_size;
		done = allowed_bytes(file, *position, bytes);
		if (done < 0)
			return done;
		bytes = (u32)done;
	}
	done = file->operations->write(file, *position, bytes, copy, context);
	BUG_ON(done > 0 && (u32)done > bytes);
	if (done > 0 && !file->operations->rdev)
		*position += (u32)done;
	return done;
}

s32 file_write(struct file *file, u64 *position, u32 bytes, mapping_copy_t copy, void *context)
{
	s32 done;

	if (!file_writable(file))
		return -EBADF;
	if (!file->operations->write)
		return -EINVAL;
	file_get(file);
	if (file->mapping)
		mutex_lock(&file->mapping->lock);
	done = write_alone(file, position, bytes, copy, context);
	if (file->mapping)
		mutex_unlock(&file->mapping->lock);
	file_put(file);
	return done;
}

s64 file_seek(struct file *file, s64 offset, u32 whence)
{
	u64 size = file->mapping ? file->mapping->i_size : 0;

	if (file->operations->rdev && file->operations->seekable)
		return 0;
	if (!file->operations->seekable)
		return -ESPIPE;
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

int inode_resize(struct inode *inode, u64 size)
{
	int err;

	/* Counted as a writer: no program starts from the file while other tasks run. */
	if (!mapping_get_write(&inode->mapping))
		return -ETXTBSY;
	if (size > inode->mapping.i_size && size > process_file_limit()) {
		mapping_put_write(&inode->mapping);
		process_exceeds_file_limit();
		return -EFBIG;
	}
	/* Other tasks run meanwhile, and may close and unlink the file. */
	mapping_get(&inode->mapping);
	err = mapping_truncate(&inode->mapping, size);
	if (!err)
		inode_modified(inode);
	mapping_put_write(&inode->mapping);
	mapping_put(&inode->mapping);
	return err;
}

int file_truncate(struct file *file, u64 size)
{
	if (!file_writable(file) || !file->mapping)
		return -EINVAL;
	if (size > SMALL_FILE_MAX && !(file->flags & O_LARGEFILE))
		return -EINVAL;
	return inode_resize(inode_of(file->mapping), size);
}

#define NSEC_PER_DAY (86400ull * 1000000000)

/* Updates the access time as Linux's relatime: if not later than the last change, or a day old. */
static void inode_accessed(struct inode *inode)
{
	struct file_times *times = &inode->times;
	u64 now = clock_realtime();

	if (times->access <= times->modify || times->access <= times->change ||
	    now - times->access >= NSEC_PER_DAY)
		times->access = now;
}

void file_accessed(const struct file *file)
{
	if (file->mapping && file->mapping->dev == TMPFS_DEV && !(file->flags & O_NOATIME))
		inode_accessed(inode_of(file->mapping));
}

void inode_stat(const struct inode *inode, struct file_stat *stat)
{
	const struct address_space *mapping = &inode->mapping;

	*stat = (struct file_stat){
		.dev = mapping->dev,
		.ino = mapping->ino,
		.mode = inode->mode,
		.nlink = inode->nlink,
		.size = mapping->i_size,
		.blocks = (u64)mapping->nrpages * (PAGE_SIZE / 512),
		.times = inode->times,
	};
}

void file_stat(const struct file *file, struct file_stat *stat)
{
	if (file->mapping)
		inode_stat(inode_of(file->mapping), stat);
	else
		*stat = (struct file_stat){ .dev = file->operations->dev,
					    .ino = file->ino ? file->ino
							     : 1 + file->operations->rdev,
					    .mode = file->operations->mode,
					    .nlink = 1,
					    .rdev = file->operations->rdev,
					    .times = times_all(clock_realtime()) };
}
