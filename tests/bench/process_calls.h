/* SPDX-License-Identifier: MIT */
/* Making a child that ends at once, and waiting for it. No call but these is in between. */
#ifndef BENCH_PROCESS_CALLS_H
#define BENCH_PROCESS_CALLS_H

#include "tests/bench/bench.h"

#define TINY "/bench/tiny" /* a program that only exits */

/* One fork, the child's exit, and the wait. Returns the child's status, which is 0, or -errno. */
static inline long fork_exit_wait_once(void)
{
	int status = 0;
	long pid = call0(NR_fork);

	if (!pid)
		call1(NR_exit, 0);
	if (pid > 0)
		pid = call3(NR_waitpid, pid, (long)&status, 0);
	return pid < 0 ? pid : status;
}

/*
 * The child of vfork runs on its parent's stack, so it has to do its part without one: between
 * the two returns of vfork no C may run.
 */
static inline long vfork_exit_wait_once(void)
{
	long pid = NR_vfork;
	int status = 0;

	asm volatile("int $0x80\n\t"
		     "testl %0, %0\n\t"
		     "jnz 1f\n\t"
		     "movl %1, %0\n\t"
		     "xorl %%ebx, %%ebx\n\t"
		     "int $0x80\n"
		     "1:"
		     : "+a"(pid)
		     : "i"(NR_exit)
		     : "ebx", "cc", "memory");
	if (pid > 0)
		pid = call3(NR_waitpid, pid, (long)&status, 0);
	return pid < 0 ? pid : status;
}

/*
 * Starts a program in a child; one that cannot exits with the errno. Returns its pid, or -errno.
 */
static inline long vfork_exec(const char *path)
{
	static const char *const arguments[] = { TINY, NULL }, *const environment[] = { NULL };
	long pid = NR_vfork;

	asm volatile("int $0x80\n\t"
		     "testl %0, %0\n\t"
		     "jnz 1f\n\t"
		     "movl %1, %0\n\t"
		     "int $0x80\n\t"
		     "negl %0\n\t"
		     "movl %0, %%ebx\n\t"
		     "movl %2, %0\n\t"
		     "int $0x80\n"
		     "1:"
		     : "+a"(pid)
		     : "i"(NR_execve), "i"(NR_exit), "b"(path), "c"(arguments), "d"(environment)
		     : "cc", "memory");
	return pid;
}

static inline long vfork_exec_wait_once(const char *path)
{
	long pid = vfork_exec(path);
	int status = 0;

	if (pid > 0)
		pid = call3(NR_waitpid, pid, (long)&status, 0);
	return pid < 0 ? pid : status;
}

#endif
