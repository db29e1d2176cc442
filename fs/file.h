/* SPDX-License-Identifier: MIT */
/*
 * Open files: what a descriptor of a process stands for, shared by descriptors that fork and dup copied.
 *
 *   descriptor --\
 *   descriptor ---> file: flags, position ---> mapping (mm/page_cache/filemap.h) of an inode: tmpfs, initramfs
 *                                        \---> operations alone: the console, /proc, directories
 *
 * Data is moved by a function that the caller hands in (mapping_copy_t), so that what a program reads goes from the page cache to its memory in one
 * step. fs/ knows nothing of ring 3.
 */
#ifndef FS_FILE_H
#define FS_FILE_H

#include "fs/inode.h"

/* The longest path with its NUL, bytes. */
#define PATH_MAX 256

struct file;
struct mm_struct;

struct file_operations {
	/*
	 * Moves up to `bytes` from `position` by copy(). Returns how many were moved, 0 at the end, or -errno if none; -EFAULT if copy() moved none. NULL:
	 * can't be read.
	 */
	s32 (*read)(struct file *file, u64 position, u32 bytes, mapping_copy_t copy, void *context);
	/* The same in the other direction. NULL: can't be written. */
	s32 (*write)(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
		     void *context);
	/* Frees what open() made; NULL: nothing. */
	void (*release)(struct file *file);
	/* A command of ioctl() with its argument from ring 3: a result or -errno. NULL: it takes none (-ENOTTY). */
	s32 (*ioctl)(struct file *file, u32 command, vaddr_t argument);
	u32 mode; /* st_mode of a file without a mapping */
	u32 dev;  /* st_dev of one */
	u32 rdev; /* st_rdev: major << 8 | minor of a device, which is at position 0 always; else 0 */
	bool seekable;	 /* devices with a number are too */
	bool maps_zeros; /* a mapping is anonymous memory */
};

struct file {
	const struct file_operations *operations;
	u32 count; /* descriptors */
	u32 flags; /* O_ACCMODE, O_APPEND, ...: those that F_GETFL shows */
	u64 position;
	struct address_space *mapping; /* an inode's, with a reference; NULL: can't be mapped */
	struct mm_struct *mm;	       /* /proc/self: whose, grabbed */
	const struct proc_file *proc;  /* which file of /proc */
	struct proc_maps *maps;	       /* of /proc/self/maps: where its reader is */
};

/* The largest position of a file that was opened without O_LARGEFILE (Linux's MAX_NON_LFS). */
#define SMALL_FILE_MAX ((1u << 31) - 1)

/* O_RDONLY is 0, O_WRONLY 1, O_RDWR 2; with 3 a file can be neither read nor written, as in Linux. */
static inline bool file_readable(const struct file *file)
{
	return (file->flags + 1) & 1;
}

static inline bool file_writable(const struct file *file)
{
	return (file->flags + 1) & 2;
}

/* Sets up the caches of open files and of inodes, and an empty tmpfs. */
void file_init(void);

/* A file with one reference and these operations, for reading, all else zero; or NULL. */
struct file *file_alloc(const struct file_operations *operations);

static inline void file_get(struct file *file)
{
	file->count++;
}

/* One reference less; the last one closes. */
void file_put(struct file *file);

/*
 * open(): the file of a path, with Linux's flags; `mode` are the permissions of a file that O_CREAT makes; `mm` is the address space of who opens, for
 * /proc/self. Returns 0, or -ENOENT, -EEXIST, -EISDIR, -ENOTDIR, -EROFS, -EACCES, -EINVAL, -ENAMETOOLONG, -EOPNOTSUPP, -EOVERFLOW (too large without O_LARGEFILE), -ENOMEM; then nothing has changed.
 * Relative paths begin at the root.
 */
int file_open(const char *path, u32 flags, u32 mode, struct mm_struct *mm, struct file **file);

/*
 * Move bytes at *position, and *position behind them. As the operations, and -EBADF where the file was not opened for that, -EINVAL where it can't
 * be done at all. With O_APPEND what is written goes to the end. A write ends at the limit of the process or of a file without O_LARGEFILE; what
 * begins there is -EFBIG.
 */
s32 file_read(struct file *file, u64 *position, u32 bytes, mapping_copy_t copy, void *context);
s32 file_write(struct file *file, u64 *position, u32 bytes, mapping_copy_t copy, void *context);

/* lseek(): moves the position and returns it; -ESPIPE, -EINVAL. */
s64 file_seek(struct file *file, s64 offset, u32 whence);

/* Sets the size of a file that is open for writing: 0, -EINVAL (also for too large a size without O_LARGEFILE), -EFBIG. */
int file_truncate(struct file *file, u64 size);

/* Sets the size of an inode, within the limit of the process: 0 or -EFBIG. */
int inode_resize(struct inode *inode, u64 size);

void file_stat(const struct file *file, struct file_stat *stat);

/* The file was read or mapped: its time of access. */
void file_accessed(const struct file *file);

/* Of names (fs/namei.c). 0 or -errno as Linux. */
int path_stat(const char *path, bool follow, struct file_stat *stat);
int path_unlink(const char *path);
int path_link(const char *from, const char *to);
int path_truncate(const char *path, u64 size);

/* The text of a symbolic link, good until the process runs another program: 0, -EINVAL for what is no link. */
int path_link_target(const char *path, const char **target);

/* The object of a file that may be executed, with a reference for the caller. 0, -EACCES (no regular file, no right), -ENOMEM, or as open(). */
int path_program(const char *path, struct address_space **object);

/* The file system of a path can't be written to. */
bool path_read_only(const char *path);

#endif
