/* SPDX-License-Identifier: MIT */
/*
 * Descriptors: the table maps the numbers of ring 3 to open files. Tasks may share it.
 *
 *   task --\
 *   task ---> files_struct --> fd[0] --> file
 *                          --> fd[1] --> file      several may refer to one file: dup, fork
 *
 *  (1) fd[n] is a file to which the table holds one reference, or NULL; n < size.
 *  (2) Bit n of `open` is set if n is in use: fd[n] is a file, or fd_alloc() has reserved n and
 *      fd_install() will follow.
 *  (3) Bit n of `close_on_exec` is set only if that of `open` is.
 *  (4) No descriptor from `end` on was ever in use, and fd[] is undefined there.
 *  (5) All descriptors below `lowest` are in use.
 *
 * The arrays are in the structure for the first OPEN_FEW descriptors; a larger number doubles them
 * until it fits. They never shrink. To find the lowest free number takes 1 step for 32 that are
 * in use, from `lowest` on: 1 step for a program that opens and closes.
 *
 * Only growing sleeps. A call that sleeps while it uses a file takes a reference of its own first,
 * because another task of the table may close the descriptor.
 */
#ifndef KERNEL_TASK_FILES_H
#define KERNEL_TASK_FILES_H

#include "fs/file.h"
#include "lib/assert.h"
#include "lib/bitmap.h"

#define OPEN_MAX     1048576u /* Linux's fs.nr_open */
#define OPEN_DEFAULT 1024u    /* RLIMIT_NOFILE of the first process, and its hard limit */
#define OPEN_HARD    4096u
#define OPEN_FEW     64u

struct files_struct {
	u32 count; /* tasks that share it */
	u32 end, size, lowest;
	u32 *open, *close_on_exec;
	struct file **fd;
	u32 few_open[BITMAP_WORDS(OPEN_FEW)], few_close[BITMAP_WORDS(OPEN_FEW)];
	struct file *few[OPEN_FEW];
};

/* Creates the cache of tables. Once, after kmem_cache_init(). */
void files_init(void);

/* Allocates an empty table with one reference, or NULL. */
struct files_struct *files_alloc(void);

/* Copies a table, with the same files and flags and one reference, or NULL. */
struct files_struct *files_copy(const struct files_struct *from);

/* Get and put a reference: the last put closes all. files_put(NULL) does nothing. */
void files_get(struct files_struct *files);
void files_put(struct files_struct *files);

/*
 * The file of a descriptor, or NULL. The table keeps its reference. Of the current task:
 * fd_file(), kernel/task/task.h.
 */
static inline struct file *files_find(const struct files_struct *files, u32 fd)
{
	return likely(fd < files->end) ? files->fd[fd] : NULL;
}

/*
 * Reserves the lowest free descriptor from `least` on, below `limit` (RLIMIT_NOFILE) and OPEN_MAX.
 * Returns it, -EMFILE or -ENOMEM. It appears closed until fd_install(). fd_release() undoes it.
 */
int fd_alloc(struct files_struct *files, u32 least, u32 limit, bool close_on_exec);

/* Undoes fd_alloc(). */
void fd_release(struct files_struct *files, u32 fd);

/* Installs the file at a reserved descriptor, and takes over the caller's reference. */
static inline void fd_install(struct files_struct *files, u32 fd, struct file *file)
{
	BUG_ON(files->fd[fd]);
	files->fd[fd] = file;
}

/*
 * Installs the file at exactly this descriptor, below OPEN_MAX, closes the previous one, and takes
 * over the reference. 0; -EBUSY if it is reserved, or -ENOMEM: then the caller keeps it.
 */
int fd_replace(struct files_struct *files, u32 fd, struct file *file, bool close_on_exec);

/* Closes a descriptor. Returns 0 or -EBADF. */
int fd_close(struct files_struct *files, u32 fd);

/* Read and set the flag of an open descriptor. */
bool fd_close_on_exec(const struct files_struct *files, u32 fd);
void fd_set_close_on_exec(struct files_struct *files, u32 fd, bool close_on_exec);

/* The first descriptor in use from `fd` on; files->end: there is none. */
static inline u32 fd_next(const struct files_struct *files, u32 fd)
{
	return bitmap_next(files->open, fd, files->end);
}

/* Closes the descriptors that have the flag: for execve. */
void files_exec(struct files_struct *files);

#endif
