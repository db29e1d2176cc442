/* SPDX-License-Identifier: MIT */
/*
 * Operations beside many tasks that sleep and have no part in them. What grows with their number
 * is a walk over all of them.
 *
 *     children   processes in this one's address space, so that thousands fit into memory
 *     threads    of this process
 *
 * A thread waits for a word of its own, which stays 0; a child pauses. They run without a stack:
 * between clone and the first call, and ever after, no C runs in them. This process has no more
 * memory than those of the other operations, so that a fork costs the same: children are known by
 * the first number and the last one.
 */
#include "tests/bench/bench.h"
#include "abi/linux/futex.h"
#include "abi/linux/time.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

#define THREAD_FLAGS \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

static const struct timespec long_time = { 4000, 0 };

/* A thread that waits for *word for ever, if `limit` is not NULL by waits of this length. */
static long clone_sleeper(u32 *word, const struct timespec *limit)
{
	long pid = NR_clone;

	asm volatile("int $0x80\n\t"
		     "testl %0, %0\n\t"
		     "jnz 1f\n"
		     "0:\n\t"
		     "movl %[futex], %0\n\t"
		     "movl %%edi, %%ebx\n\t"
		     "movl %[wait], %%ecx\n\t"
		     "xorl %%edx, %%edx\n\t"
		     "int $0x80\n\t"
		     "jmp 0b\n"
		     "1:"
		     : "+a"(pid)
		     : "b"(THREAD_FLAGS), "c"(0), "d"(0), "S"(limit),
		       "D"(word), [futex] "i"(NR_futex), [wait] "i"(FUTEX_WAIT | FUTEX_PRIVATE_FLAG)
		     : "cc", "memory");
	return pid;
}

/* Long enough that the new tasks run until they sleep. */
static void let_them_sleep(void)
{
	const struct timespec pause = { 0, 100000000 };

	sys_nanosleep(&pause, NULL);
}

/* Makes so many threads; with a limit, their waits have one. 0 or -errno. */
static int make_threads(u32 count, const struct timespec *limit)
{
	u32 *words = (u32 *)map_pages(DIV_ROUND_UP(count * sizeof(*words), PAGE_SIZE));

	if (is_error((u32)words))
		return (int)(u32)words;
	for (u32 i = 0; i < count; i++) {
		long pid = clone_sleeper(&words[i], limit);

		if (pid < 0)
			return (int)pid;
	}
	let_them_sleep();
	return 0;
}

/* ---- Beside children ---- */

static int first, last;

/* A process that pauses for ever. */
static long clone_child(void)
{
	long pid = NR_clone;

	asm volatile("int $0x80\n\t"
		     "testl %0, %0\n\t"
		     "jnz 1f\n"
		     "0:\n\t"
		     "movl %[pause], %0\n\t"
		     "int $0x80\n\t"
		     "jmp 0b\n"
		     "1:"
		     : "+a"(pid)
		     : "b"(CLONE_VM | SIGCHLD), "c"(0), "d"(0), "S"(0),
		       "D"(0), [pause] "i"(NR_pause)
		     : "cc", "memory");
	return pid;
}

static int make_children(u32 count)
{
	first = last = 0;
	for (u32 i = 0; i < count; i++) {
		long pid = clone_child();

		if (pid < 0)
			return (int)pid;
		first = first ? first : (int)pid;
		last = (int)pid;
	}
	let_them_sleep();
	return 0;
}

static void end_children(void)
{
	for (int pid = first; pid <= last; pid++)
		sys_kill(pid, SIGKILL);
	while (sys_waitpid(-1, NULL, 0) > 0)
		;
}

static int forks_beside(u32 count)
{
	int err = make_children(count);

	while (!err && samples_wanted())
		samples_add(SAMPLE({
			int status;
			long pid = call0(NR_fork);

			if (!pid)
				call1(NR_exit, 0);
			err = (int)min(call3(NR_waitpid, pid, (long)&status, 0), 0l);
		}));
	end_children();
	return err;
}

/* The youngest: in a list of children it is the last. */
static int waitpid_beside(u32 count)
{
	int err = make_children(count), status;

	while (!err && samples_wanted())
		samples_add(SAMPLE(err = (int)call3(NR_waitpid, last, (long)&status, WNOHANG)));
	end_children();
	return err;
}

static int kill_beside(u32 count)
{
	int err = make_children(count);

	while (!err && samples_wanted())
		samples_add(SAMPLE(err = (int)call2(NR_kill, last, 0)));
	end_children();
	return err;
}

/* futex() with its fourth argument. */
static inline long call_futex(u32 *word, u32 operation, u32 value, const struct timespec *limit)
{
	long number = NR_futex;

	asm volatile("int $0x80"
		     : "+a"(number)
		     : "b"(word), "c"(operation), "d"(value), "S"(limit)
		     : "memory");
	return number;
}

/* ---- Beside sleepers: ping and pong with another thread ---- */

static u32 ping_pong[2];

/* A thread that waits until the first word is not 0, clears it, sets the second, and wakes. */
static long clone_partner(const struct timespec *limit)
{
	long pid = NR_clone;

	asm volatile("int $0x80\n\t"
		     "testl %0, %0\n\t"
		     "jnz 2f\n"
		     "0:\n\t"
		     "cmpl $0, (%%edi)\n\t"
		     "jne 1f\n\t"
		     "movl %[futex], %0\n\t"
		     "movl %%edi, %%ebx\n\t"
		     "movl %[wait], %%ecx\n\t"
		     "xorl %%edx, %%edx\n\t"
		     "int $0x80\n\t"
		     "jmp 0b\n"
		     "1:\n\t"
		     "movl $0, (%%edi)\n\t"
		     "movl $1, 4(%%edi)\n\t"
		     "movl %[futex], %0\n\t"
		     "leal 4(%%edi), %%ebx\n\t"
		     "movl %[wake], %%ecx\n\t"
		     "movl $1, %%edx\n\t"
		     "int $0x80\n\t"
		     "jmp 0b\n"
		     "2:"
		     : "+a"(pid)
		     : "b"(THREAD_FLAGS), "c"(0), "d"(0), "S"(limit), "D"(ping_pong),
		       [futex] "i"(NR_futex), [wait] "i"(FUTEX_WAIT | FUTEX_PRIVATE_FLAG),
		       [wake] "i"(FUTEX_WAKE | FUTEX_PRIVATE_FLAG)
		     : "cc", "memory");
	return pid;
}

static inline void round_trip(const struct timespec *limit)
{
	volatile u32 *pong = &ping_pong[1];

	ping_pong[0] = 1;
	call_futex(&ping_pong[0], FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL);
	while (!*pong)
		call_futex(&ping_pong[1], FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, limit);
	*pong = 0;
}

static int futex_beside(u32 count, const struct timespec *limit)
{
	int err = make_threads(count, limit);

	if (!err)
		err = (int)min(clone_partner(limit), 0l);
	while (!err && samples_wanted())
		samples_add(SAMPLE(round_trip(limit)));
	return err;
}

/* ---- Beside threads ---- */

/* As pthread_create() and pthread_join(): the kernel clears the word, and wakes. */
static inline int clone_and_join(u32 *tid)
{
	long pid = NR_clone;

	asm volatile("int $0x80\n\t"
		     "testl %0, %0\n\t"
		     "jnz 0f\n\t"
		     "movl %[exit], %0\n\t"
		     "xorl %%ebx, %%ebx\n\t"
		     "int $0x80\n"
		     "0:"
		     : "+a"(pid)
		     : "b"(THREAD_FLAGS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID), "c"(0),
		       "d"(tid), "S"(0), "D"(tid), [exit] "i"(NR_exit)
		     : "cc", "memory");
	if (pid < 0)
		return (int)pid;
	while (*(volatile u32 *)tid)
		call_futex(tid, FUTEX_WAIT, (u32)pid, NULL);
	return 0;
}

static int clone_beside(u32 count)
{
	static u32 tid;
	int err = make_threads(count, NULL);

	while (!err && samples_wanted())
		samples_add(SAMPLE(err = clone_and_join(&tid)));
	return err;
}

/* In a child, which notes the counter before it ends. The parent has waited for it after. */
static int exit_group_of(u32 count)
{
	u32 *noted = (u32 *)map_anonymous(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED);

	if (is_error((u32)noted))
		return (int)(u32)noted;
	while (samples_wanted()) {
		int status;
		long pid = call0(NR_fork);

		if (!pid) {
			int err = make_threads(count, NULL);

			*noted = counter();
			sys_exit_group(-err);
		}
		if (sys_waitpid((int)pid, &status, 0) != pid || status)
			return pid < 0 ? (int)pid : -(status >> 8);
		samples_add(counter() - *noted);
	}
	return 0;
}

/* ---- By number ---- */

#define BESIDE(name, count)                  \
	static int name##_##count(void)      \
	{                                    \
		return name##_beside(count); \
	}
BESIDE(forks, 100)
BESIDE(forks, 4000)
BESIDE(waitpid, 100)
BESIDE(waitpid, 4000)
BESIDE(kill, 100)
BESIDE(kill, 4000)
BESIDE(clone, 10)
BESIDE(clone, 1000)

static int futex_100(void)
{
	return futex_beside(100, NULL);
}

static int futex_4000(void)
{
	return futex_beside(4000, NULL);
}

static int futex_timed_100(void)
{
	return futex_beside(100, &long_time);
}

static int futex_timed_4000(void)
{
	return futex_beside(4000, &long_time);
}

static int exit_group_10(void)
{
	return exit_group_of(10);
}

static int exit_group_1000(void)
{
	return exit_group_of(1000);
}

const struct operation beside_operations[] = {
	{ "fork_beside_100", forks_100, 50, 1 },
	{ "fork_beside_4000", forks_4000, 50, 1 },
	{ "waitpid_beside_100", waitpid_100, 100, 1 },
	{ "waitpid_beside_4000", waitpid_4000, 100, 1 },
	{ "kill_beside_100", kill_100, 100, 1 },
	{ "kill_beside_4000", kill_4000, 100, 1 },
	{ "futex_beside_100", futex_100, 100, 1 },
	{ "futex_beside_4000", futex_4000, 100, 1 },
	{ "futex_timed_beside_100", futex_timed_100, 100, 1 },
	{ "futex_timed_beside_4000", futex_timed_4000, 100, 1 },
	{ "clone_exit_beside_10", clone_10, 100, 1 },
	{ "clone_exit_beside_1000", clone_1000, 100, 1 },
	{ "exit_group_of_10", exit_group_10, 8, 10 },
	{ "exit_group_of_1000", exit_group_1000, 4, 1000 },
	{},
};
