/* SPDX-License-Identifier: MIT */
/*
 * The root, working directory and umask of tasks (struct fs_struct, fs/process.h).
 *
 *   task --\
 *   task ---> fs_struct --> root, cwd   threads share one (CLONE_FS), a forked child has a copy
 *   task ---> NULL                      never changed: the root and UMASK_DEFAULT
 */
#ifndef KERNEL_PROCESS_FS_STRUCT_H
#define KERNEL_PROCESS_FS_STRUCT_H

#include "fs/process.h"
#include "kernel/task/task.h"

/* Creates the cache of these structures. Once, after kmem_cache_init(). */
void fs_struct_init(void);

/* The current task's, made if it has none. NULL: no memory. */
struct fs_struct *fs_own(void);

/*
 * Makes a folder the current task's working directory. Takes over the reference, also after an
 * error. 0, -ENOTDIR, -EACCES, -ENOMEM.
 */
int fs_set_cwd(struct inode *folder);

/*
 * chroot(2): the same for its root; -EPERM without CAP_SYS_CHROOT. The working directory stays
 * where it is, also outside.
 */
int fs_set_root(struct inode *folder);

/* Gives a new child its own copy, or shares the parent's. 0, -ENOMEM, -EAGAIN. */
int fs_copy(struct task *child, bool share);

/* Ends the sharing of the current task's with others. 0 or -ENOMEM. */
int fs_unshare(void);

/*
 * Around an execve() that may set IDs. Returns whether another process shares it: then that could
 * move the root or the working directory of the program with more rights, and IDs are not set.
 * Meanwhile none begins to share it: fs_copy() is -EAGAIN. As Linux's check_unsafe_exec().
 */
bool fs_begin_exec(void);
void fs_end_exec(void);

/* Drops a task's reference. */
void fs_leave(struct task *task);

#endif
