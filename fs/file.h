/* SPDX-License-Identifier: MIT */
/*
 * Open files (open(2), "open file description"). Descriptors copied by fork and dup share one,
 * and with it flags and position.
 *
 *   descriptor --\
 *   descriptor ---> file: flags, position ---> inode --> mapping, of a regular file
 *
 * The caller passes the function that copies the data (mapping_copy_t). So a program's read
 * copies once, from the page cache to its memory, and fs/ need not know of user memory.
 */
#ifndef FS_FILE_H
#define FS_FILE_H

#include "fs/namei.h"

struct epoll_item;
struct file_owner;
struct mm_struct;
struct pipe;
struct poll_table;

struct file_operations {
	/*
	 * Reads up to `bytes` from `position` by copy(). Returns the bytes copied, 0 at the end
	 * of the file, or -errno; -EFAULT if copy() copied none. NULL: not readable, as a
	 * directory.
	 */
	s32 (*read)(struct file *file, u64 position, u32 bytes, mapping_copy_t copy, void *context);
	/*
	 * The same in the other direction. NULL: not writable. A file with a mapping needs none:
	 * file_write() writes to the page cache.
	 */
	s32 (*write)(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
		     void *context);
	/*
	 * Completes an open(): file->inode and flags are set. Returns 0, or -errno: then
	 * release() is not called. May be NULL.
	 */
	int (*open)(struct inode *inode, struct file *file);
	/* Frees what opening the file allocated. May be NULL. */
	void (*release)(struct file *file);
	/* What is ready (fs/poll.h). NULL: always all. */
	u32 (*poll)(struct file *file, struct poll_table *table);
	/* lseek(). Returns the position or -errno. NULL: as `seekable` says. */
	s64 (*seek)(struct file *file, s64 offset, u32 whence);
	/*
	 * Begins or ends to tell file->owner, which exists, what is ready: O_ASYNC. NULL: never.
	 */
	void (*async)(struct file *file, bool on);
	/* ioctl() with a user-mode argument. Returns a result or -errno. NULL: -ENOTTY. */
	s32 (*ioctl)(struct file *file, u32 command, vaddr_t argument);
	const char *name; /* of a file without an inode, in /proc/PID/fd */
	u32 mode;	  /* st_mode of a file without an inode */
	u32 dev;	  /* st_dev of such a file */
	u32 rdev;	  /* st_rdev, major << 8 | minor; its position is always 0. No device: 0 */
	bool seekable;	  /* devices with a number are too */
	bool maps_zeros;  /* a mapping is anonymous memory */
	bool no_splice_read, no_splice_write; /* splice() and sendfile() refuse it, as on Linux */
	bool read_each_part, write_each_part; /* a call for each part of a vector, as on Linux */
};

struct file {
	const struct file_operations *operations;
	u32 count; /* descriptors */
	u32 flags; /* O_ACCMODE, O_APPEND, ..., as F_GETFL returns them */
	u64 position;
	struct inode *inode;	       /* with a reference; NULL: it was never in a folder */
	struct address_space *mapping; /* the inode's, of a regular file; NULL: not mappable */
	struct proc_reader *proc;      /* /proc: the reader's state */
	struct file_owner *owner;      /* fs/owner.h; NULL: none was set */
	struct epoll_item *watches;    /* fs/events/epoll.h */
	void *data;		       /* of the operations */
	struct pipe *pipe;	       /* an end of a pipe (fs/pipe/pipe.h) */
	u32 writer_opens;	       /* of a FIFO: pipe_poll() */
	u32 ino;		       /* st_ino without an inode; 0: by its device */
};

/*
 * A file opened with O_PATH is only a place: no call reads, writes or changes through it
 * (fd_file()).
 */
static inline bool file_is_place(const struct file *file)
{
	return file->flags & O_PATH;
}

/* The largest position in a file opened without O_LARGEFILE (Linux's MAX_NON_LFS). */
#define SMALL_FILE_MAX ((1u << 31) - 1)

/* O_RDONLY is 0, O_WRONLY 1, O_RDWR 2. With 3 a file is neither readable nor writable (Linux). */
static inline bool file_readable(const struct file *file)
{
	return (file->flags + 1) & 1;
}

static inline bool file_writable(const struct file *file)
{
	return (file->flags + 1) & 2;
}

/* Its kind can be written, whatever the file was opened for. */
static inline bool file_has_write(const struct file *file)
{
	return file->mapping || file->operations->write;
}

/* Has lseek() a position of it? Of some files it stays 0. */
static inline bool file_has_position(const struct file *file)
{
	return file->operations->seekable || file->operations->seek;
}

/* Can splice() and sendfile() read from it? */
static inline bool file_can_splice(const struct file *file)
{
	return file->operations->read && !file->operations->no_splice_read && !file->pipe;
}

/*
 * Sets up the slab caches of open files and of inodes, and the root with the folders and devices
 * that always exist (fs/tmpfs/rootfs.c).
 */
void file_init(void);

/* Allocates a file for reading, with one reference and these operations. NULL: no memory. */
struct file *file_alloc(const struct file_operations *operations);

static inline void file_get(struct file *file)
{
	file->count++;
}

/* Closes a file: file_put() of the last reference. */
void file_close(struct file *file);

/* Drops a reference; the last one closes the file. */
static inline void file_put(struct file *file)
{
	if (likely(file->count > 1))
		file->count--;
	else
		file_close(file);
}

/* Frees a file that was not completely opened: the same without its release(). */
void file_discard(struct file *file);

/*
 * open(2). `base` is where a relative path begins; NULL: the cwd. `mode` is for a file that
 * O_CREAT makes. Returns 0, or an error of the
 * path walk, or -EEXIST, -EISDIR, -EROFS, -EACCES, -EPERM, -EINVAL, -ENXIO, -EOVERFLOW (too large
 * without O_LARGEFILE), -ETXTBSY, -ENOSPC or -ENOMEM; an error changes nothing.
 */
int file_open_at(struct inode *base, const char *path, u32 flags, u32 mode, struct file **file);

/*
 * The same for an inode that path_quick() found; takes over the reference, also after an error.
 * Not for O_TMPFILE, nor for O_CREAT together with O_DIRECTORY.
 */
int file_open_inode(struct inode *inode, u32 flags, struct file **file);

/* The same with RESOLVE_* of openat2(2). */
int file_open_resolved(struct inode *base, const char *path, u32 flags, u32 mode, u32 resolve,
		       struct file **file);

/*
 * Opens a new regular file without a name (make_nameless()): memfd_create(2). Takes over no
 * reference. 0, -ENOSPC, -ENOMEM.
 */
int file_open_nameless(struct inode *folder, const char *shown, u32 flags, u32 mode,
		       struct file **file);

static inline int file_open(const char *path, u32 flags, u32 mode, struct file **file)
{
	return file_open_at(NULL, path, flags, mode, file);
}

/*
 * read(2) and write(2): copy bytes at *position and advance it. With O_APPEND a write begins at
 * the end. A write stops at RLIMIT_FSIZE, and at SMALL_FILE_MAX without O_LARGEFILE, or
 * MAPPING_SIZE_MAX with it. Return as the operations, or -EBADF if the file is not open for that,
 * -EINVAL if it has no such operation, -EFBIG for a write that begins at a limit.
 */
s32 file_read(struct file *file, u64 *position, u32 bytes, mapping_copy_t copy, void *context);
s32 file_write(struct file *file, u64 *position, u32 bytes, mapping_copy_t copy, void *context);

/*
 * The part of `bytes` that these limits let a write at `position` have; -EFBIG, and SIGXFSZ for
 * RLIMIT_FSIZE, if it begins at one (Linux: generic_write_check_limits()).
 */
s32 file_write_limit(const struct file *file, u64 position, u32 bytes);

/* lseek(2): sets the position and returns it; -ESPIPE, -EINVAL. */
s64 file_seek(struct file *file, s64 offset, u32 whence);

/* A seek() operation of files that have a position which stays 0. */
s64 file_seek_nowhere(struct file *file, s64 offset, u32 whence);

/* ftruncate(2). 0; -EINVAL, also for too large a size without O_LARGEFILE; -EFBIG. */
int file_truncate(struct file *file, u64 size);

void file_stat(const struct file *file, struct file_stat *stat);

/* Updates the access time after a read or mmap. */
static inline void file_accessed(const struct file *file)
{
	if (file->inode && file->inode->fs->writable && !(file->flags & O_NOATIME))
		inode_accessed(file->inode);
}

/* truncate(2). 0 or -errno as Linux. */
int path_truncate(struct inode *base, const char *path, u64 size);

/* May the process execute this file? Waits for leases. 0, -EACCES, -ELOOP for a link. */
int inode_program(struct inode *inode);

/*
 * The object of an executable file, with a reference for the caller. 0, -EACCES (not a regular
 * file, or not executable), or an error of the path walk.
 */
int path_program(struct inode *base, const char *path, struct address_space **object);

#endif
