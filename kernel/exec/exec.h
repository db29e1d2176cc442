/* SPDX-License-Identifier: MIT */
/*
 * execve: another program in the same process.
 *
 * The new address space is made whole beside the old one: segments, stack, arguments. The old one goes when nothing can fail any
 * more, so that a failed call leaves the process as it was.
 *
 *   top of the user half
 *     0 | file name | argument and environment strings | "i686" | 16 random bytes
 *     auxv, envp[], argv[], argc   <- esp, aligned to 16
 */
#ifndef KERNEL_EXEC_EXEC_H
#define KERNEL_EXEC_EXEC_H

#include "kernel/process/task.h"

/*
 * As on Linux (execve(2)): one string with its NUL; and all of them with their pointers, a quarter of RLIMIT_STACK between these two. Bytes;
 * beyond that -E2BIG.
 */
#define ARG_STRING_MAX 131072u
#define ARG_MAX_LEAST  131072u
#define ARG_MAX_MOST   MiB(6)

/* Where the strings are: in ring 3 of the current process (vaddr_t of an array of vaddr_t), or the kernel's own. */
struct exec_strings {
	bool kernel;
	vaddr_t user;
	const char *const *array; /* kernel */
};

/* The time-stamp counter when the first program was ready to run; 0 before. */
extern u64 first_program_tsc;

/*
 * Replaces the current task's program by the file `path` (the kernel's pointer). *regs becomes the frame to start it with. Returns 0 or
 * -errno: as open(), -EACCES (no regular file, or nobody may execute it), -ENOEXEC (not one that can be run; the log says why), -ETXTBSY (open
 * for writing), -E2BIG, -EFAULT, -ENOMEM.
 */
int do_execve(const char *path, const struct exec_strings *argv, const struct exec_strings *envp,
	      struct pt_regs *regs);

#endif
