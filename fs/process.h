/* SPDX-License-Identifier: MIT */
/*
 * The current process, as far as files depend on it. kernel/process/fs_struct.c defines these for
 * the current task, tests/host/ for the host.
 */
#ifndef FS_PROCESS_H
#define FS_PROCESS_H

#include "mm/user_space/limits.h"

struct address_space;
struct inode;

/* The umask of a process that did not set one, as Linux's. */
#define UMASK_DEFAULT 022u

/*
 * Where paths begin, and the rights that new files do not get. clone() with CLONE_FS shares it.
 */
struct fs_struct {
	u32 count; /* tasks that share it */
	u32 execs; /* calls of execve() in progress: no other task may begin to share */
	u32 umask; /* of 0777 */
	struct inode *root, *cwd; /* with references */
};

/* The current process's; NULL: it never changed any, so it has the root and UMASK_DEFAULT. */
const struct fs_struct *process_fs(void);

/*
 * User and group ID for access to files: setfsuid(2). capable() asks for its rights beyond them.
 */
u32 process_fsuid(void);
u32 process_fsgid(void);

/* Its real user ID, to which the pages of its pipes are charged (fs/pipe/pipe_user.h). */
u32 process_uid(void);

/* Its group for files, or one of its supplementary groups, is this one. */
bool process_in_group(u32 gid);

/* RLIMIT_FSIZE, bytes: the largest size that it may give a file. UINT64_MAX: no limit. */
static inline u64 process_file_limit(void)
{
	u32 limit = rlimit(RLIMIT_FSIZE);

	return limit == RLIM_INFINITY ? UINT64_MAX : limit;
}

/* Sends SIGXFSZ: the process tried to exceed that limit. */
void process_exceeds_file_limit(void);

/* Its number, that of its group, and of its session (kernel/process/job.h). */
int process_number(void);
int process_group(void);
int process_session(void);

/* Is the group in its session? 0, -ESRCH (there is no process in it), -EPERM. */
int process_check_group(int group);

/* Sends a signal to all processes of a group. */
void process_signal_group(int group, int signal);

/*
 * It is in the background of its terminal, and gets SIGTTIN or SIGTTOU, with its group. Returns
 * the result of its call: -ERESTARTSYS; -EIO if nothing would continue it, and for a SIGTTIN that
 * it ignores or blocks; 0 for such a SIGTTOU.
 */
int process_in_background(int signal);

/* Has it a signal to take, which a long call should not delay? */
bool process_interrupted(void);

/* Sends it a signal: SIGPIPE. */
void process_signal(int signal);

/* Copy from and to its memory, for ioctl(). 0 or -EFAULT. */
int user_get(void *to, vaddr_t from, u32 bytes);
int user_put(vaddr_t to, const void *from, u32 bytes);

#endif
