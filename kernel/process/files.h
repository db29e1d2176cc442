/* SPDX-License-Identifier: MIT */
/*
 * Descriptors: the table that turns the small numbers of ring 3 into open files. Tasks may share one (CLONE_FILES).
 *
 *   task --\
 *   task ---> files_struct --> fd[0] --> file
 *                          --> fd[1] --> file      the same file as often as dup, fork and open say
 *
 *   (1) fd[n] is a file for which the table holds one reference, or NULL; n < OPEN_MAX.
 *   (2) bit n of `open` is set where n is in use: fd[n] is a file, or fd_alloc() has reserved n and fd_install() will follow.
 *   (3) bit n of `close_on_exec` is set only where that of `open` is.
 *   (4) no number from `end` on is in use, and what fd[] holds there means nothing.
 *
 * Nothing here sleeps. A call that sleeps while it works on a file takes a reference of its own first: another task of the table may
 * close the number meanwhile.
 */
#ifndef KERNEL_PROCESS_FILES_H
#define KERNEL_PROCESS_FILES_H

#include "fs/file.h"
#include "lib/bitmap.h"

#define OPEN_MAX 256u

struct files_struct {
	u32 count; /* tasks that use it */
	u32 end;
	u32 open[BITMAP_WORDS(OPEN_MAX)];
	u32 close_on_exec[BITMAP_WORDS(OPEN_MAX)];
	struct file *fd[OPEN_MAX];
};

/* Makes the cache of tables. Once, after kmem_cache_init(). */
void files_init(void);

/* An empty table with one user, or NULL. */
struct files_struct *files_alloc(void);

/* A table with the same files and flags and one user, or NULL. */
struct files_struct *files_copy(const struct files_struct *from);

/* One user more, and one less: the last one closes all. NULL is fine for the second. */
void files_get(struct files_struct *files);
void files_put(struct files_struct *files);

/* The current task's file of this number, or NULL. The table keeps the reference. */
struct file *fd_file(u32 fd);

/*
 * Reserves the lowest free number from `least` on, below `limit` (RLIMIT_NOFILE) and OPEN_MAX. Returns it or -EMFILE. Until
 * fd_install() the number reads as closed; fd_release() gives it back.
 */
int fd_alloc(struct files_struct *files, u32 least, u32 limit, bool close_on_exec);

/* Takes over the caller's reference to the file. The number was reserved. */
void fd_install(struct files_struct *files, u32 fd, struct file *file);
void fd_release(struct files_struct *files, u32 fd);

/* Puts the file at this very number, closing what was there, and takes over the reference. fd < OPEN_MAX, and not reserved. */
void fd_replace(struct files_struct *files, u32 fd, struct file *file, bool close_on_exec);

/* Closes a number. Returns 0 or -EBADF. */
int fd_close(struct files_struct *files, u32 fd);

/* The flag of an open number, read and set. */
bool fd_close_on_exec(const struct files_struct *files, u32 fd);
void fd_set_close_on_exec(struct files_struct *files, u32 fd, bool close_on_exec);

/* Closes the numbers that have the flag: execve has succeeded. */
void files_exec(struct files_struct *files);

#endif
