/* SPDX-License-Identifier: MIT */
/*
 * What files ask of the process that uses them. kernel/syscall/sys_fs.c defines these for the current task, tests/host/ for the host.
 */
#ifndef FS_PROCESS_H
#define FS_PROCESS_H

#include "lib/types.h"

struct address_space;

/* The program that it runs, what /proc/self/exe leads to; NULL: none. No reference is taken. */
struct address_space *process_exe(void);

/* RLIMIT_FSIZE, bytes: how long the process may make a file. UINT64_MAX: no limit. */
u64 process_file_limit(void);

/* The process wanted more: SIGXFSZ. */
void process_exceeds_file_limit(void);

#endif
