/* SPDX-License-Identifier: MIT */
/*
 * Descriptors: the table maps the numbers of ring 3 to open files. Tasks may share it.
 *
 *   task --\
 *   task ---> files_struct --> fd[0] --> file
 *                          --> fd[1] --> file      several may refer to one file: dup, fork
 *
 *  (1) fd[n] is a file to which the table holds one reference, or NULL; n < OPEN_MAX.
 *  (2) Bit n of `open` is set if n is in use: fd[n] is a file, or fd_alloc() has reserved n and
 *      fd_install() will follow.
 *  (3) Bit n of `close_on_exec` is set only if that of `open` is.
 *  (4) No descriptor from `end` on is in use, and fd[] is undefined there.
 *
 * Nothing here sleeps. A call that sleeps while it uses a file takes a reference of its own first,
 * because another task of the table may close the descriptor.
 */
#ifndef KERNEL_TASK_FILES_H
#define KERNEL_TASK_FILES_H

#include "fs/file.h"
#include "lib/bitmap.h"

#define OPEN_MAX 256u

struct files_struct {
	u32 count; /* tasks that share it */
	u32 end;
	u32 open[BITMAP_WORDS(OPEN_MAX)];
	u32 close_on_exec[BITMAP_WORDS(OPEN_MAX)];
	struct file *fd[OPEN_MAX];
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

/* The file of a descriptor of a table, or of the current task; or NULL. It keeps its reference. */
struct file *files_find(const struct files_struct *files, u32 fd);
struct file *fd_file(u32 fd);

/*
 * Reserves the lowest free descriptor from `least` on, below `limit` (RLIMIT_NOFILE) and OPEN_MAX.
 * Returns it, or -EMFILE. It appears closed until fd_install(). fd_release() undoes it.
 */
int fd_alloc(struct files_struct *files, u32 least, u32 limit, bool close_on_exec);

/* Installs the file at a reserved descriptor, and takes over the caller's reference. */
void fd_install(struct files_struct *files, u32 fd, struct file *file);
void fd_release(struct files_struct *files, u32 fd);

/*
 * Installs the file at exactly this descriptor, closes the previous one, and takes over the
 * reference. fd < OPEN_MAX, and not reserved.
 */
void fd_replace(struct files_struct *files, u32 fd, struct file *file, bool close_on_exec);

/* Closes a descriptor. Returns 0 or -EBADF. */
int fd_close(struct files_struct *files, u32 fd);

/* Read and set the flag of an open descriptor. */
bool fd_close_on_exec(const struct files_struct *files, u32 fd);
void fd_set_close_on_exec(struct files_struct *files, u32 fd, bool close_on_exec);

/* Closes the descriptors that have the flag: for execve. */
void files_exec(struct files_struct *files);

#endif
