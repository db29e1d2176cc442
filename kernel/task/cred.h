/* SPDX-License-Identifier: MIT */
/*
 * User and group IDs, credentials(7), and resource limits, getrlimit(2). Inherited by fork, kept
 * by execve. kernel/syscall/process/sys_ids.c and sys_limits.c have the system calls.
 *
 * mm/ enforces the limits of memory (mm/user_space/limits.h). The system calls that allocate a
 * descriptor enforce their number, fs/file.c the size of files, kernel/time/process_timers.c
 * the processor time, and sigqueue.c the queued signals. The others are only stored: their
 * resource does not exist here.
 */
#ifndef KERNEL_TASK_CRED_H
#define KERNEL_TASK_CRED_H

#include "mm/user_space/limits.h"

/* At most 32 supplementary groups, as Linux up to 2.6.3 (now 65536); more are -EINVAL. */
#define GROUPS_MAX 32u

/* 0 is the super-user, or root's group. */
struct id_set {
	u32 real, effective, saved;
	u32 file; /* for file access: the effective ID, until setfsuid() or setfsgid() */
};

/* What counts for access to files in place of the process's rights: on the stack of access(). */
struct file_ids {
	u32 user, group;
	u64 capabilities;
};

struct group_ids {
	struct id_set ids;
	u32 count, list[GROUPS_MAX]; /* supplementary groups, sorted */
};

/* The IDs that a program starts with. */
struct exec_ids {
	struct id_set user, group;
	bool secure;  /* the file gives rights that its user has not: AT_SECURE */
	bool limited; /* no capabilities that the process has not yet */
	u32 personality;
};

struct inode;
struct task;

/*
 * The IDs of the current process after execve() of this file, which may set IDs. `shared`: another
 * process shares its folders; then only one that may set any ID gets those of the file.
 */
struct exec_ids exec_ids(const struct inode *file, bool shared);

/* The current process takes these IDs over, and the capabilities that go with them. */
void exec_set_ids(const struct exec_ids *ids);

/* Sets the limits of the first process. */
void limits_init(struct rlimit rlim[RLIM_NLIMITS]);

/* Is it the current process, or are all user and group IDs of the task the caller's real ones? */
bool same_user(const struct task *task);

/*
 * May the current process inspect that one? Yes for the super-user, and if same_user() and it has
 * not forbidden it by prctl(); always for itself.
 */
bool may_inspect(const struct task *task);

/*
 * May the current process send that one a signal? Yes for itself, for the super-user, and if its
 * real or effective user ID is the task's real or saved one.
 */
bool may_signal(const struct task *task);

#endif
