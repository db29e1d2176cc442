/* SPDX-License-Identifier: MIT */
/*
 * Making and ending processes. A sample reaches from the call that makes the child to the return
 * of the wait for it, so it has all that both of them do.
 */
#include "tests/bench/bench.h"
#include "tests/ring3/runtime/task_calls.h"

#define FURTHER_PAGES 1024u /* of fork_per_page */
#define TINY	      "/bench/tiny"

static const char *const tiny_arguments[] = { TINY, NULL };
static const char *const no_environment[] = { NULL };

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

static int sample_forks(void)
{
	while (samples_wanted()) {
		long status;

		samples_add(SAMPLE(status = fork_exit_wait_once()));
		if (status)
			return (int)status;
	}
	return 0;
}

/* The difference that FURTHER_PAGES resident pages make, by the page. */
static int fork_per_page(void)
{
	struct figures before, after, difference;
	u32 area;
	int err = sample_forks();

	if (err)
		return err;
	before = samples_figures();
	area = map_pages(FURTHER_PAGES);
	if (is_error(area))
		return (int)area;
	for (u32 i = 0; i < FURTHER_PAGES; i++)
		touch((u8 *)area + i * PAGE_SIZE);
	samples_restart();
	err = sample_forks();
	if (err)
		return err;
	after = samples_figures();
	difference.min = DIV_ROUND_UP(after.min - before.min, FURTHER_PAGES);
	difference.median = DIV_ROUND_UP(after.median - before.median, FURTHER_PAGES);
	difference.worst = DIV_ROUND_UP(after.worst - before.min, FURTHER_PAGES);
	samples_replace(&difference);
	return 0;
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

static int vfork_exit_wait(void)
{
	while (samples_wanted()) {
		long status;

		samples_add(SAMPLE(status = vfork_exit_wait_once()));
		if (status)
			return (int)status;
	}
	return 0;
}

/* A child that cannot turn itself into the tiny program exits with the errno. */
static inline long vfork_exec_wait_once(void)
{
	long pid = NR_vfork;
	int status = 0;

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
		     : "i"(NR_execve), "i"(NR_exit), "b"(TINY), "c"(tiny_arguments),
		       "d"(no_environment)
		     : "cc", "memory");
	if (pid > 0)
		pid = call3(NR_waitpid, pid, (long)&status, 0);
	return pid < 0 ? pid : status;
}

static int vfork_exec_wait(void)
{
	while (samples_wanted()) {
		long status;

		samples_add(SAMPLE(status = vfork_exec_wait_once()));
		if (status)
			return (int)(status < 0 || status & 0x7f ? status : -(status >> 8));
	}
	return 0;
}

const struct operation process_operations[] = {
	{ "fork_exit_wait", sample_forks, 100, 1 },
	{ "fork_per_page", fork_per_page, 50, 1 },
	{ "vfork_exit_wait", vfork_exit_wait, 100, 1 },
	{ "vfork_exec_wait", vfork_exec_wait, 100, 1 },
	{},
};
