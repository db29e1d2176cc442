/* SPDX-License-Identifier: MIT */
/*
 * Segments of a process's own table, modify_ldt(), and the time-stamp counter, which
 * prctl(PR_SET_TSC) can forbid: what the processor refuses is a SIGSEGV. Limits are not tried:
 * QEMU does not check them.
 */
#include "abi/linux/prctl.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"

#define READ	    0
#define WRITE_OLD   1
#define WRITE	    0x11
#define DATA	    (DESC_32BIT | DESC_USEABLE)
#define SELECTOR(n) ((n)*8 + 7)
#define LDT_ENTRIES 8192u
#define EMPTY_FLAGS (DESC_READ_ONLY | DESC_NOT_PRESENT)

static char **arguments;
static u32 words[4] = { 11, 22, 33, 44 };

static long modify_ldt(int function, void *place, u32 bytes)
{
	return system_call(NR_modify_ldt, function, (long)place, (long)bytes, 0, 0, 0);
}

static long set(u32 entry, void *base, u32 limit, u32 flags)
{
	struct user_desc desc = { entry, (u32)base, limit, flags };

	return modify_ldt(WRITE, &desc, sizeof(desc));
}

/* The word at an offset of a segment. */
static u32 read_by(u32 selector, u32 offset)
{
	u32 value, old;

	asm volatile("movl %%fs, %1\n\t"
		     "movl %2, %%fs\n\t"
		     "movl %%fs:(%3), %0\n\t"
		     "movl %1, %%fs"
		     : "=&r"(value), "=&r"(old)
		     : "r"(selector), "r"(offset));
	return value;
}

static void reads(void *argument)
{
	const u32 *of = argument;

	read_by(of[0], of[1]);
}

static void used(void)
{
	u32 none[] = { SELECTOR(0), 0 }, far[] = { SELECTOR(600), 0 }, gone[] = { SELECTOR(1), 0 };

	EXPECT_EQ(set(1, words, 15, DATA), 0);
	EXPECT_EQ(read_by(SELECTOR(1), 0), 11);
	EXPECT_EQ(read_by(SELECTOR(1), 12), 44);
	EXPECT_CHILD(reads, none, KILLED(SIGSEGV));
	EXPECT_CHILD(reads, far, KILLED(SIGSEGV));
	EXPECT_EQ(set(600, words + 1, 0, DATA | DESC_PAGES), 0);
	EXPECT_EQ(read_by(SELECTOR(600), 0), 22);
	EXPECT_EQ(read_by(SELECTOR(1), 4), 22);
	EXPECT_EQ(set(1, words, 15, DATA | DESC_NOT_PRESENT), 0);
	EXPECT_CHILD(reads, gone, KILLED(SIGBUS));
	EXPECT_EQ(set(1, words, 15, DATA), 0);
	EXPECT_EQ(set(1, NULL, 0, EMPTY_FLAGS), 0);
	EXPECT_CHILD(reads, gone, KILLED(SIGSEGV));
}

static void refused(void)
{
	struct user_desc desc = { 2, (u32)words, 15, DATA };
	u64 *table = (u64 *)memory_map(16, PROT_READ | PROT_WRITE);

	EXPECT_EQ(modify_ldt(WRITE, &desc, sizeof(desc) - 1), -EINVAL);
	EXPECT_EQ(modify_ldt(WRITE, (void *)16, sizeof(desc)), -EFAULT);
	EXPECT_EQ(modify_ldt(77, &desc, sizeof(desc)), -ENOSYS);
	EXPECT_EQ(set(LDT_ENTRIES, words, 15, DATA), -EINVAL);
	EXPECT_EQ(set(2, words, 15, DATA | DESC_CONTENTS), -EINVAL);
	EXPECT_EQ(set(2, words, 15, DATA | DESC_CONTENTS | DESC_NOT_PRESENT), 0);
	desc.flags |= DESC_CONTENTS | DESC_NOT_PRESENT;
	EXPECT_EQ(modify_ldt(WRITE_OLD, &desc, sizeof(desc)), -EINVAL);
	desc = (struct user_desc){ 3, 0, 0, DATA };
	EXPECT_EQ(modify_ldt(WRITE_OLD, &desc, sizeof(desc)), 0);
	EXPECT_EQ(set(4, words, 15, DATA), 0);
	EXPECT_EQ(modify_ldt(READ, table, 16 * PAGE_SIZE), 16 * PAGE_SIZE);
	EXPECT(!table[3] && table[4]);
	EXPECT_EQ(table[4] >> 40 & 0xff, 0xf3);
	EXPECT_EQ(table[4] & 0xffff, 15);
	EXPECT_EQ(modify_ldt(READ, table, 8), 8);
	EXPECT_EQ(modify_ldt(READ, (void *)16, 8), -EFAULT);
	memory_unmap(table, 16);
}

static void in_child(void *argument)
{
	(void)argument;
	EXPECT_EQ(read_by(SELECTOR(5), 0), 33);
	EXPECT_EQ(set(5, words, 15, DATA), 0);
	EXPECT_EQ(read_by(SELECTOR(5), 0), 11);
}

static void starts_anew(void *argument)
{
	const char *const argv[] = { arguments[0], "image", NULL }, *const envp[] = { NULL };

	(void)argument;
	sys_execve(arguments[0], argv, envp);
}

static struct thread thread;
static volatile u32 seen;

static int in_thread(void *argument)
{
	(void)argument;
	seen = read_by(SELECTOR(5), 0);
	EXPECT_EQ(set(6, words + 3, 15, DATA), 0);
	return 0;
}

/* A child has a copy, a thread the same table, a new program none. */
static void inherited(void)
{
	EXPECT_EQ(set(5, words + 2, 7, DATA), 0);
	EXPECT_CHILD(in_child, NULL, EXITED(0));
	EXPECT_EQ(read_by(SELECTOR(5), 0), 33);
	thread_start(&thread, in_thread, NULL);
	thread_join(&thread);
	EXPECT_EQ(seen, 33);
	EXPECT_EQ(read_by(SELECTOR(6), 0), 44);
	EXPECT_CHILD(starts_anew, NULL, EXITED(0));
}

/* A child that cannot be made leaves nothing behind: no table, no file, no registers. */
static void children_that_fail(void)
{
	EXPECT_EQ(set(5, words + 2, 7, DATA), 0);
	for (u32 i = 0; i < 3; i++)
		EXPECT_EQ(system_call(NR_clone, CLONE_PIDFD | SIGCHLD, 0, 16, 0, 0, 0), -EFAULT);
	EXPECT_EQ(sys_waitpid(-1, NULL, 0), -ECHILD);
	EXPECT_EQ(read_by(SELECTOR(5), 0), 33);
}

/* --- the time-stamp counter --- */

static void read_tsc(void *argument)
{
	(void)argument;
	asm volatile("rdtsc" : : : "eax", "edx");
}

static void forbids(void *argument)
{
	u32 value = 0;

	(void)argument;
	EXPECT_EQ(system_call(NR_prctl, PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_prctl, PR_GET_TSC, (long)&value, 0, 0, 0, 0), 0);
	EXPECT_EQ(value, PR_TSC_SIGSEGV);
	EXPECT_CHILD(read_tsc, NULL, KILLED(SIGSEGV));
	EXPECT_EQ(system_call(NR_prctl, PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0, 0), 0);
	EXPECT_CHILD(read_tsc, NULL, EXITED(0));
	read_tsc(NULL);
	EXPECT_EQ(system_call(NR_prctl, PR_SET_TSC, 3, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_prctl, PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0, 0), 0);
	sys_sched_yield();
	read_tsc(NULL);
}

static void time_stamp_counter(void)
{
	EXPECT_CHILD(forbids, NULL, KILLED(SIGSEGV));
	read_tsc(NULL);
}

static const struct tap_case cases[] = {
	{ "segments that are used", used },
	{ "what is refused, and what is read", refused },
	{ "fork, threads, execve", inherited },
	{ "children that are not made", children_that_fail },
	{ "the time-stamp counter", time_stamp_counter },
};

int main(int argc, char **argv)
{
	arguments = argv;
	if (argc > 1)
		return modify_ldt(READ, words, sizeof(words)) ? 1 : 0;
	return tap_run(cases, ARRAY_SIZE(cases));
}
