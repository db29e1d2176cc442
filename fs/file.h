/* SPDX-License-Identifier: MIT */
/*
 * Open files: what a descriptor of a process stands for, shared by descriptors that fork copied.
 *
 * A file is read and written by operations that work on kernel memory; kernel/ copies to and from ring 3.
 */
#ifndef FS_FILE_H
#define FS_FILE_H

#include "lib/types.h"

struct file;
struct mm_struct;

struct file_operations {
	/*
	 * Fills up to `bytes` of the buffer from `position`. Returns how many, 0 at the end, or -errno. NULL: can't be read.
	 */
	s32 (*read)(struct file *file, void *buffer, u32 bytes, u64 position);
	/* Takes up to `bytes`. Returns how many, or -errno. NULL: can't be written. */
	s32 (*write)(struct file *file, const void *buffer, u32 bytes);
	/* Frees what open() made; NULL: nothing. */
	void (*release)(struct file *file);
	bool seekable;
};

struct file {
	const struct file_operations *operations;
	u32 count; /* descriptors */
	u64 position;
	const void *data;					    /* initramfs: the contents */
	u32 size;						    /* of them, bytes */
	struct mm_struct *mm;					    /* /proc/self: whose, grabbed */
	u32 (*print)(struct mm_struct *mm, char *buffer, u32 size); /* /proc text */
};

/* Sets up the cache of open files. */
void file_init(void);

/* A file with one reference and these operations, all else zero, or NULL. */
struct file *file_alloc(const struct file_operations *operations);

void file_get(struct file *file);

/* One reference less; the last one closes. */
void file_put(struct file *file);

/*
 * Opens a path for reading on behalf of a process that lives in `mm`: a file of the initramfs or of /proc. Returns 0, or
 * -ENOENT, -EISDIR, -ENOMEM.
 */
int file_open(const char *path, struct mm_struct *mm, struct file **file);

#endif
