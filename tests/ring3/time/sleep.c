/* SPDX-License-Identifier: MIT */
/*
 * Sleeping by a clock, and the forms of the calls with 64-bit seconds: lengths and times, what a
 * signal leaves of a sleep, and how a stopped sleeper goes on. Of a time only lower bounds are
 * held against the kernel, but for upper ones of many seconds.
 */
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

#define BAD  ((void *)16)
#define MSEC 1000000

static const int clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME };

static u32 now(int clock)
{
	struct timespec time = { 0, 0 };

	EXPECT_EQ(sys_clock_gettime(clock, &time), 0);
	return (u32)time.seconds * 1000 + (u32)time.nanoseconds / MSEC;
}

static void lengths(void)
{
	const struct timespec time = { 0, 30 * MSEC };
	const struct timespec64 time64 = { 0, 30 * MSEC, -1 };

	for (u32 i = 0; i < ARRAY_SIZE(clocks); i++) {
		u32 start = now(CLOCK_MONOTONIC);

		EXPECT_EQ(sys_clock_nanosleep(clocks[i], 0, &time, NULL), 0);
		EXPECT(now(CLOCK_MONOTONIC) - start >= 29);
		EXPECT_EQ(sys_clock_nanosleep64(clocks[i], 0, &time64, NULL), 0);
		EXPECT(now(CLOCK_MONOTONIC) - start >= 59);
	}
}

/* Until a time that is past: at once. Unknown flags mean nothing. */
static void times(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(clocks); i++) {
		struct timespec time;
		struct timespec64 time64;
		u32 start = now(clocks[i]);

		EXPECT_EQ(sys_clock_gettime(clocks[i], &time), 0);
		EXPECT_EQ(sys_clock_nanosleep(clocks[i], TIMER_ABSTIME, &time, BAD), 0);
		time.nanoseconds += 40 * MSEC;
		if (time.nanoseconds >= 1000 * MSEC) {
			time.seconds++;
			time.nanoseconds -= 1000 * MSEC;
		}
		EXPECT_EQ(sys_clock_nanosleep(clocks[i], TIMER_ABSTIME | 6, &time, BAD), 0);
		EXPECT(now(clocks[i]) - start >= 39);
		time64 = (struct timespec64){ time.seconds, time.nanoseconds, 0 };
		EXPECT_EQ(sys_clock_nanosleep64(clocks[i], TIMER_ABSTIME, &time64, BAD), 0);
	}
}

static void refused(void)
{
	static const int unfit[] = { 3, 4, 5, 6 }, unknown[] = { 10, 12, 16, 99, 0x7fffffff };
	struct timespec bad[] = { { -1, 0 }, { 0, -1 }, { 0, 1000 * MSEC } }, none = { 0, 0 };
	const struct timespec64 bad64 = { 0, 1000 * MSEC, 0 };

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(sys_clock_nanosleep(CLOCK_MONOTONIC, 0, &bad[i], NULL), -EINVAL);
		EXPECT_EQ(sys_clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &bad[i], NULL),
			  -EINVAL);
	}
	EXPECT_EQ(sys_clock_nanosleep64(CLOCK_MONOTONIC, 0, &bad64, NULL), -EINVAL);
	for (u32 i = 0; i < ARRAY_SIZE(unfit); i++)
		EXPECT_EQ(sys_clock_nanosleep(unfit[i], 0, &none, NULL), -EOPNOTSUPP);
	for (u32 i = 0; i < ARRAY_SIZE(unknown); i++) {
		EXPECT_EQ(sys_clock_nanosleep(unknown[i], 0, &none, NULL), -EINVAL);
		EXPECT_EQ(sys_clock_gettime(unknown[i], &none), -EINVAL);
		EXPECT_EQ(sys_clock_getres(unknown[i], &none), -EINVAL);
	}
	EXPECT_EQ(sys_clock_nanosleep(CLOCK_MONOTONIC, 0, BAD, NULL), -EFAULT);
	EXPECT_EQ(sys_clock_nanosleep64(CLOCK_MONOTONIC, 0, BAD, NULL), -EFAULT);
}

/* Both widths are one clock. */
static void widths(void)
{
	for (int clock = 0; clock < 12; clock++) {
		struct timespec64 wide = { -1, -1, -1 }, resolution = { -1, -1, -1 };
		struct timespec narrow = { 0, 0 };

		if (clock >= 8 && clock <= 10)
			continue;
		EXPECT_EQ(sys_clock_gettime(clock, &narrow), 0);
		EXPECT_EQ(sys_clock_gettime64(clock, &wide), 0);
		EXPECT(wide.seconds >= narrow.seconds && wide.seconds < narrow.seconds + 60);
		EXPECT(wide.nanoseconds < 1000 * MSEC);
		EXPECT_EQ(wide.padding, 0);
		EXPECT_EQ(sys_clock_getres(clock, &narrow), 0);
		EXPECT_EQ(sys_clock_getres64(clock, &resolution), 0);
		EXPECT(!resolution.seconds && resolution.nanoseconds > 0);
		EXPECT_EQ(narrow.nanoseconds, resolution.nanoseconds);
	}
	EXPECT_EQ(sys_clock_getres(CLOCK_MONOTONIC, NULL), 0);
	EXPECT_EQ(sys_clock_getres(CLOCK_MONOTONIC, BAD), -EFAULT);
	EXPECT_EQ(sys_clock_gettime64(CLOCK_MONOTONIC, BAD), -EFAULT);
}

/* Sends a signal to its parent every 20 ms until it is killed. */
static void alarms(void *argument)
{
	const struct timespec time = { 0, 20 * MSEC };
	int parent = sys_getppid();

	while (sys_getppid() == parent) {
		sys_nanosleep(&time, NULL);
		sys_kill(parent, (int)argument);
	}
}

/*
 * The rest of a long sleep is told where a handler ends it; of one until a time it is not.
 * SA_RESTART changes nothing.
 */
static void ended_by_a_handler(void *argument)
{
	const struct timespec day = { 86400, 0 }, never = { 0x7fffffff, 0 };
	const struct timespec64 years = { 0x100000000ll, 0, 0 },
				beyond = { 0x7fffffffffffffffll, 0, 0 };
	struct timespec rest = { 7, 7 };
	struct timespec64 rest64 = { 7, 7, 7 };
	int child;

	handler_note(SIGUSR1, (u32)argument);
	child = process_start(alarms, (void *)SIGUSR1);
	EXPECT_EQ(sys_nanosleep(&day, &rest), -EINTR);
	EXPECT(rest.seconds >= 86000 && rest.seconds < 86400);
	EXPECT_EQ(sys_clock_nanosleep(CLOCK_REALTIME, 0, &day, &rest), -EINTR);
	EXPECT(rest.seconds >= 86000 && rest.seconds < 86400);
	EXPECT_EQ(sys_clock_nanosleep64(CLOCK_MONOTONIC, 0, &years, &rest64), -EINTR);
	EXPECT(rest64.seconds > 0xffff0000ll && rest64.seconds < 0x100000000ll);
	EXPECT_EQ(sys_clock_nanosleep64(CLOCK_MONOTONIC, 0, &beyond, NULL), -EINTR);
	rest = (struct timespec){ 7, 7 };
	EXPECT_EQ(sys_clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &never, &rest), -EINTR);
	EXPECT(rest.seconds == 7 && rest.nanoseconds == 7);
	EXPECT_EQ(sys_clock_nanosleep(CLOCK_MONOTONIC, 0, &day, BAD), -EFAULT);
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	process_wait(child);
	/* A sleep that a handler interrupted does not continue. */
	EXPECT_EQ(system_call(0, 0, 0, 0, 0, 0, 0), -EINTR);
}

static void interrupted(void)
{
	EXPECT_CHILD(ended_by_a_handler, (void *)0, EXITED(0));
	EXPECT_CHILD(ended_by_a_handler, (void *)SA_RESTART, EXITED(0));
}

/* argument: TIMER_ABSTIME or not. */
static void sleeps_half_a_second(void *argument)
{
	struct timespec time = { 0, 500 * MSEC };
	u32 start = now(CLOCK_MONOTONIC);

	if (argument) {
		EXPECT_EQ(sys_clock_gettime(CLOCK_MONOTONIC, &time), 0);
		time.seconds++;
	}
	EXPECT_EQ(sys_clock_nanosleep(CLOCK_MONOTONIC, (int)argument, &time, NULL), 0);
	EXPECT(now(CLOCK_MONOTONIC) - start >= 499);
}

/*
 * Stopped and continued again and again, it sleeps to its end, and not from the beginning each
 * time.
 */
static void goes_on(void)
{
	const struct timespec step = { 0, 50 * MSEC };

	for (int absolute = 0; absolute < 2; absolute++) {
		int child = process_start(sleeps_half_a_second, (void *)absolute), status = -1;

		for (int i = 0; i < 30; i++) {
			sys_kill(child, i % 2 ? SIGCONT : SIGSTOP);
			sys_nanosleep(&step, NULL);
			if (i % 2 && sys_waitpid(child, &status, WNOHANG) == child)
				child = 0;
			if (!child)
				break;
		}
		EXPECT_EQ(status, EXITED(0));
		if (child)
			process_wait(child);
	}
}

/* A thread computes while another sleeps until the process has used 60 ms. */
static volatile int stop_computing;

static int computes(void *argument)
{
	(void)argument;
	while (!stop_computing)
		;
	return 0;
}

static void processor_time(void)
{
	static struct thread thread;
	const struct timespec time = { 0, 60 * MSEC };
	u32 start = now(CLOCK_PROCESS_CPUTIME_ID);

	stop_computing = 0;
	thread_start(&thread, computes, NULL);
	EXPECT_EQ(sys_clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &time, NULL), 0);
	EXPECT(now(CLOCK_PROCESS_CPUTIME_ID) - start >= 59);
	stop_computing = 1;
	thread_join(&thread);
}

static void futex_times(void)
{
	static volatile int word;
	const struct timespec64 time = { 0, 20 * MSEC, -1 }, bad = { 0, 1000 * MSEC, 0 };
	struct timespec64 until;
	u32 start = now(CLOCK_MONOTONIC);

	EXPECT_EQ(sys_futex64(&word, FUTEX_WAIT, 0, &time, 0), -ETIMEDOUT);
	EXPECT(now(CLOCK_MONOTONIC) - start >= 19);
	EXPECT_EQ(sys_futex64(&word, FUTEX_WAIT, 0, &bad, 0), -EINVAL);
	EXPECT_EQ(sys_futex64(&word, FUTEX_WAIT, 1, &time, 0), -EAGAIN);
	EXPECT_EQ(sys_futex64(&word, FUTEX_WAKE, 1, NULL, 0), 0);
	EXPECT_EQ(sys_clock_gettime64(CLOCK_MONOTONIC, &until), 0);
	EXPECT_EQ(sys_futex64(&word, FUTEX_WAIT_BITSET, 0, &until, ~0u), -ETIMEDOUT);
}

static const struct tap_case cases[] = {
	{ "lengths, by each clock", lengths },
	{ "until a time, by each clock", times },
	{ "clocks and times that are refused", refused },
	{ "32 and 64 bits", widths },
	{ "a handler ends a sleep, and the rest is told", interrupted },
	{ "a stopped sleeper goes on", goes_on },
	{ "until the process has computed so long", processor_time },
	{ "futex with 64-bit times", futex_times },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return tap_run(cases, ARRAY_SIZE(cases));
}
