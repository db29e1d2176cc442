/* SPDX-License-Identifier: MIT */
/*
 * Resource usage of a process, its threads and its children: page faults, processor time, peak
 * memory; and the machine's figures. For times only bounds are checked that a busy machine
 * keeps.
 */
#include "abi/linux/rusage.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

#define BAD	((void *)16)
#define MSEC	1000u
#define TOUCHES 64u
#define LARGE	3584u /* KiB: a MiB times 4, but for what Linux has not yet counted */

static const char *program_path;

static long getrusage(int who, void *usage)
{
	return system_call(NR_getrusage, who, (long)usage, 0, 0, 0, 0);
}

static struct rusage usage_of(int who)
{
	struct rusage usage;

	memset(&usage, 0x5a, sizeof(usage));
	EXPECT_EQ(getrusage(who, &usage), 0);
	return usage;
}

static u32 microseconds(const struct rusage *usage)
{
	return (u32)(usage->user.seconds + usage->system.seconds) * 1000000u +
	       usage->user.microseconds + usage->system.microseconds;
}

/* Microseconds of a clock. */
static u32 clock_now(int clock)
{
	struct timespec time = { 0, 0 };

	EXPECT_EQ(sys_clock_gettime(clock, &time), 0);
	return (u32)time.seconds * 1000000u + (u32)time.nanoseconds / 1000;
}

static void compute(u32 milliseconds)
{
	u32 start = clock_now(CLOCK_THREAD_CPUTIME_ID);

	while (clock_now(CLOCK_THREAD_CPUTIME_ID) - start < milliseconds * MSEC)
		;
}

static void touch(void)
{
	u8 *start = memory_map(TOUCHES, PROT_READ | PROT_WRITE);

	memory_fill(start, TOUCHES, 1);
	memory_unmap(start, TOUCHES);
}

static bool faults_fit(u32 faults)
{
	return faults >= TOUCHES && faults < TOUCHES + 20;
}

static void faults(void)
{
	u8 *start = memory_map(TOUCHES, PROT_READ | PROT_WRITE);
	struct rusage before = usage_of(RUSAGE_SELF), thread = usage_of(RUSAGE_THREAD), after;

	for (u32 i = 0; i < TOUCHES; i++)
		start[i * PAGE_SIZE] = 1;
	after = usage_of(RUSAGE_SELF);
	EXPECT(faults_fit(after.minor_faults - before.minor_faults));
	EXPECT_EQ(after.major_faults, before.major_faults);
	after = usage_of(RUSAGE_THREAD);
	EXPECT(faults_fit(after.minor_faults - thread.minor_faults));
	/* A page that the kernel touches for the program counts too; a second touch does not. */
	memory_unmap(start, TOUCHES);
	start = memory_map(TOUCHES, PROT_READ | PROT_WRITE);
	before = usage_of(RUSAGE_SELF);
	for (u32 i = 0; i < TOUCHES; i++)
		sys_clock_gettime(CLOCK_MONOTONIC, (struct timespec *)(start + i * PAGE_SIZE));
	memory_fill(start, TOUCHES, 1);
	after = usage_of(RUSAGE_SELF);
	EXPECT(faults_fit(after.minor_faults - before.minor_faults));
	memory_unmap(start, TOUCHES);
}

/* Two clocks, getrusage and times() agree, and a sleep is not computing. */
static void time_used(void)
{
	const struct timespec nap = { 0, 100000000 };
	u32 start = clock_now(CLOCK_PROCESS_CPUTIME_ID), used;
	struct rusage before = usage_of(RUSAGE_SELF), after;

	compute(50);
	after = usage_of(RUSAGE_SELF);
	used = microseconds(&after) - microseconds(&before);
	EXPECT(used >= 45 * MSEC);
	EXPECT(clock_now(CLOCK_PROCESS_CPUTIME_ID) - start >= used);
	EXPECT(after.user.microseconds < 1000000);
	EXPECT(after.system.microseconds < 1000000);
	start = clock_now(CLOCK_PROCESS_CPUTIME_ID);
	EXPECT_EQ(sys_nanosleep(&nap, NULL), 0);
	EXPECT(clock_now(CLOCK_PROCESS_CPUTIME_ID) - start < 60 * MSEC);
	before = usage_of(RUSAGE_SELF);
	EXPECT(before.voluntary > after.voluntary);
}

static void times_call(void)
{
	u32 told[4] = { 0 }, again[4] = { 0 };
	u32 start = (u32)system_call(NR_times, (long)told, 0, 0, 0, 0, 0), end;

	compute(100);
	end = (u32)system_call(NR_times, (long)again, 0, 0, 0, 0, 0);
	EXPECT(end - start >= 9);
	EXPECT(again[0] + again[1] - told[0] - told[1] >= 8);
	EXPECT(again[2] >= told[2] && again[3] >= told[3]);
	EXPECT_EQ(system_call(NR_times, (long)BAD, 0, 0, 0, 0, 0), -EFAULT);
	EXPECT(!is_error((u32)system_call(NR_times, 0, 0, 0, 0, 0, 0)));
}

/* Neither share goes back, whatever the ticks see. */
static void never_back(void)
{
	struct rusage last = usage_of(RUSAGE_SELF);
	u32 start = clock_now(CLOCK_MONOTONIC);

	while (clock_now(CLOCK_MONOTONIC) - start < 100 * MSEC) {
		struct rusage usage = usage_of(RUSAGE_SELF);

		EXPECT(usage.user.seconds * 1000000ll + usage.user.microseconds >=
		       last.user.seconds * 1000000ll + last.user.microseconds);
		EXPECT(usage.system.seconds * 1000000ll + usage.system.microseconds >=
		       last.system.seconds * 1000000ll + last.system.microseconds);
		last = usage;
	}
}

static void works(void *argument)
{
	(void)argument;
	touch();
	compute(40);
}

static void works_by_a_child(void *argument)
{
	EXPECT_CHILD(works, argument, EXITED(0));
}

/* A child counts when it has been waited for, with its own children. wait4() tells of this one. */
static void children(void)
{
	struct rusage before = usage_of(RUSAGE_CHILDREN), after, one;
	int child = process_start(works_by_a_child, NULL);

	memset(&one, 0, sizeof(one));
	EXPECT_EQ(sys_wait4(child, NULL, 0, &one), child);
	after = usage_of(RUSAGE_CHILDREN);
	EXPECT(after.minor_faults - before.minor_faults >= TOUCHES);
	EXPECT(microseconds(&after) - microseconds(&before) >= 38 * MSEC);
	EXPECT(one.minor_faults >= TOUCHES && microseconds(&one) >= 38 * MSEC);
	EXPECT(one.max_rss > 0 && after.max_rss >= one.max_rss);
	child = process_start(works, NULL);
	EXPECT_EQ(sys_wait4(child, NULL, 0, BAD), -EFAULT);
	EXPECT_EQ(sys_waitpid(child, NULL, 0), -ECHILD);
}

static int works_as_a_thread(void *argument)
{
	works(argument);
	return 0;
}

/* An ended thread's usage stays with the process; it does not count for another thread. */
static void threads(void)
{
	static struct thread thread;
	struct rusage process = usage_of(RUSAGE_SELF), own = usage_of(RUSAGE_THREAD), after;
	u32 start = clock_now(CLOCK_PROCESS_CPUTIME_ID);

	thread_start(&thread, works_as_a_thread, NULL);
	thread_join(&thread);
	after = usage_of(RUSAGE_SELF);
	EXPECT(after.minor_faults - process.minor_faults >= TOUCHES);
	EXPECT(microseconds(&after) - microseconds(&process) >= 38 * MSEC);
	EXPECT(clock_now(CLOCK_PROCESS_CPUTIME_ID) - start >= 38 * MSEC);
	after = usage_of(RUSAGE_THREAD);
	EXPECT(after.minor_faults - own.minor_faults < TOUCHES);
	EXPECT(microseconds(&after) - microseconds(&own) < 38 * MSEC);
}

/* The most memory is remembered: through munmap, and through execve. */
static void had_much(void *argument)
{
	static const char *const empty[] = { NULL };
	const char *const argv[] = { program_path, "image", NULL };
	u8 *start = memory_map(1024, PROT_READ | PROT_WRITE);

	(void)argument;
	memory_fill(start, 1024, 1);
	memory_unmap(start, 1024);
	EXPECT(usage_of(RUSAGE_SELF).max_rss >= LARGE);
	EXPECT(usage_of(RUSAGE_THREAD).max_rss >= LARGE);
	sys_execve(program_path, argv, empty);
}

static void most_memory(void)
{
	struct rusage one;
	int child = process_start(had_much, NULL);

	EXPECT_EQ(sys_wait4(child, NULL, 0, &one), child);
	EXPECT(one.max_rss >= LARGE && one.max_rss < 16384);
	EXPECT(usage_of(RUSAGE_CHILDREN).max_rss >= LARGE);
}

/*
 * The number of a clock as C libraries make it. Kind 0: all, 1: in ring 3, 2: all; 4 more for a
 * thread.
 */
static int cpu_clock(int pid, u32 kind)
{
	return (int)(~(u32)pid << 3 | kind);
}

static void clocks_of_others(void)
{
	struct timespec time;

	EXPECT_EQ(sys_clock_gettime(cpu_clock(sys_getpid(), 2), &time), 0);
	EXPECT_EQ(sys_clock_gettime(cpu_clock(sys_gettid(), 6), &time), 0);
	EXPECT_EQ(sys_clock_gettime(cpu_clock(0, 0), &time), 0);
	EXPECT_EQ(sys_clock_gettime(cpu_clock(0, 1), &time), 0);
	EXPECT_EQ(sys_clock_gettime(cpu_clock(0, 3), &time), -EINVAL);
	EXPECT_EQ(sys_clock_gettime(cpu_clock(0x3fffff0, 2), &time), -EINVAL);
	EXPECT_EQ(sys_clock_gettime(cpu_clock(sys_getppid(), 6), &time), -EINVAL);
}

static void refused(void)
{
	struct rusage usage;

	EXPECT_EQ(getrusage(2, &usage), -EINVAL);
	EXPECT_EQ(getrusage(-2, &usage), -EINVAL);
	EXPECT_EQ(getrusage(RUSAGE_SELF, BAD), -EFAULT);
}

static void machine(void)
{
	struct {
		s32 uptime;
		u32 loads[3], ram, free, shared, buffers, swap, free_swap;
		u16 processes, padding;
		u32 high, free_high, unit, unused[2];
	} info;
	s32 up;

	memset(&info, 0, sizeof(info));
	EXPECT_EQ(system_call(NR_sysinfo, (long)&info, 0, 0, 0, 0, 0), 0);
	EXPECT(info.unit && info.ram > info.free && info.free && info.high <= info.ram);
	EXPECT(info.ram / 1024 * info.unit > 8192);
	EXPECT(info.processes >= 2);
	up = info.uptime;
	EXPECT(up >= (s32)(clock_now(CLOCK_MONOTONIC) / 1000000) && up);
	EXPECT_EQ(system_call(NR_sysinfo, (long)BAD, 0, 0, 0, 0, 0), -EFAULT);
}

static void processors(void)
{
	u32 mask[64] = { 0 }, none = 0, cpu = 99, node = 99;
	long bytes = system_call(NR_sched_getaffinity, 0, sizeof(mask), (long)mask, 0, 0, 0);

	EXPECT(bytes >= 4 && bytes % 4 == 0 && mask[0] != 0);
	EXPECT_EQ(system_call(NR_sched_setaffinity, 0, sizeof(mask), (long)mask, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_sched_setaffinity, 0, 4, (long)&none, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_sched_setaffinity, 0, 0, (long)&none, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_sched_setaffinity, 0, 4, (long)BAD, 0, 0, 0), -EFAULT);
	EXPECT_EQ(system_call(NR_sched_getaffinity, 0, 0, (long)mask, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_sched_getaffinity, 0, 255, (long)mask, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_sched_getaffinity, 0x7ffffff0, 256, (long)mask, 0, 0, 0), -ESRCH);
	EXPECT_EQ(system_call(NR_sched_getaffinity, 0, 256, (long)BAD, 0, 0, 0), -EFAULT);
	EXPECT_EQ(system_call(NR_getcpu, (long)&cpu, (long)&node, 0, 0, 0, 0), 0);
	EXPECT(cpu < 99 && node < 99);
	EXPECT_EQ(system_call(NR_getcpu, 0, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_getcpu, (long)BAD, 0, 0, 0, 0, 0), -EFAULT);
}

static const struct tap_case cases[] = {
	{ "page faults are counted", faults },
	{ "processor time", time_used },
	{ "times", times_call },
	{ "times do not go back", never_back },
	{ "children that were waited for", children },
	{ "threads that have ended", threads },
	{ "the most memory", most_memory },
	{ "clocks of processes and threads", clocks_of_others },
	{ "getrusage of no one, to no place", refused },
	{ "sysinfo", machine },
	{ "the processors", processors },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	program_path = argv[0];
	if (argc > 1)
		return 0;
	return tap_run(cases, ARRAY_SIZE(cases));
}
