/* SPDX-License-Identifier: MIT */
/*
 * The current process, as far as files depend on it. kernel/syscall/sys_fs.c defines these for the
 * current task, tests/host/ for the host.
 */
#ifndef FS_PROCESS_H
#define FS_PROCESS_H

#include "mm/user_space/limits.h"

struct address_space;

/* The program that it runs, the target of /proc/self/exe, or NULL. Takes no reference. */
struct address_space *process_exe(void);

/* RLIMIT_FSIZE, bytes: the largest size that it may give a file. UINT64_MAX: no limit. */
static inline u64 process_file_limit(void)
{
	u32 limit = rlimit(RLIMIT_FSIZE);

	return limit == RLIM_INFINITY ? UINT64_MAX : limit;
}

/* Sends SIGXFSZ: the process tried to exceed that limit. */
void process_exceeds_file_limit(void);

/* Sends it a signal: SIGPIPE. */
void process_signal(int signal);

/* Copy from and to its memory, for ioctl(). 0 or -EFAULT. */
int user_get(void *to, vaddr_t from, u32 bytes);
int user_put(vaddr_t to, const void *from, u32 bytes);

#endif
