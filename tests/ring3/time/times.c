/* SPDX-License-Identifier: MIT */
/*
 * Clocks, sleep, random bytes, and ioctl on what is no terminal: what a C library asks for in
 * every program. Of a time only a lower bound is held against the kernel, because a machine may
 * be busy.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/time_calls.h"

#define BAD	((void *)16)
#define MSEC	1000000
#define SECONDS 1000

static const char *program_path;

/* Milliseconds of the monotonic clock. */
static u32 now(void)
{
	struct timespec time = { 0, 0 };

	EXPECT_EQ(sys_clock_gettime(CLOCK_MONOTONIC, &time), 0);
	EXPECT(time.nanoseconds < SECONDS * MSEC);
	return (u32)time.seconds * SECONDS + (u32)time.nanoseconds / MSEC;
}

static void monotonic(void)
{
	struct timespec last = { 0, 0 }, time = { 0, 0 };
	bool moved = false;

	EXPECT_EQ(sys_clock_gettime(CLOCK_MONOTONIC, &last), 0);
	for (u32 i = 0; i < 1000; i++) {
		EXPECT_EQ(sys_clock_gettime(CLOCK_MONOTONIC, &time), 0);
		EXPECT(time.seconds > last.seconds ||
		       (time.seconds == last.seconds && time.nanoseconds >= last.nanoseconds));
		moved |= time.nanoseconds != last.nanoseconds;
		last = time;
	}
	EXPECT(moved);
}

/* Three calls, one clock; and it is later than 2020 or there is none. */
static void date(void)
{
	struct timespec fine = { 0, 0 };
	s32 coarse = 0, stored = 0, day[2] = { 0, 0 };

	coarse = (s32)sys_time(&stored);
	EXPECT_EQ(stored, coarse);
	EXPECT_EQ(sys_gettimeofday(day, NULL), 0);
	EXPECT_EQ(sys_clock_gettime(CLOCK_REALTIME, &fine), 0);
	EXPECT(day[0] >= coarse && day[0] <= coarse + 60);
	EXPECT(fine.seconds >= day[0] && fine.seconds <= day[0] + 60);
	EXPECT(day[1] >= 0 && day[1] < 1000000);
	EXPECT(coarse > 1577836800);
}

static void sleeping(void)
{
	const struct timespec none = { 0, 0 }, some = { 0, 60 * MSEC };
	u32 start;

	EXPECT_EQ(sys_nanosleep(&none, NULL), 0);
	start = now();
	EXPECT_EQ(sys_nanosleep(&some, NULL), 0);
	EXPECT(now() - start >= 59);
}

static void sleep_child(void *argument)
{
	const struct timespec time = { 0, (s32)argument * MSEC };

	sys_nanosleep(&time, NULL);
}

/* A longer sleep ends later, in any order of starts. */
static void sleepers(void)
{
	int third = process_start(sleep_child, (void *)900), first, second;

	first = process_start(sleep_child, (void *)100);
	second = process_start(sleep_child, (void *)500);
	EXPECT_EQ(sys_waitpid(-1, NULL, 0), first);
	EXPECT_EQ(sys_waitpid(-1, NULL, 0), second);
	EXPECT_EQ(sys_waitpid(-1, NULL, 0), third);
}

static void killed_asleep(void)
{
	int child = process_start(sleep_child, (void *)999);

	for (int i = 0; i < 10; i++)
		sys_sched_yield();
	EXPECT_EQ(sys_kill(child, SIGTERM), 0);
	EXPECT_EQ(process_wait(child), KILLED(SIGTERM));
}

static void bad_times(void)
{
	const struct timespec over = { 0, 1000 * MSEC }, negative = { -1, 0 }, under = { 0, -1 };

	EXPECT_EQ(sys_nanosleep(&over, NULL), -EINVAL);
	EXPECT_EQ(sys_nanosleep(&negative, NULL), -EINVAL);
	EXPECT_EQ(sys_nanosleep(&under, NULL), -EINVAL);
	EXPECT_EQ(sys_nanosleep(BAD, NULL), -EFAULT);
	EXPECT_EQ(sys_clock_gettime(CLOCK_MONOTONIC, BAD), -EFAULT);
	EXPECT_EQ(sys_clock_gettime(99, (struct timespec *)&over), -EINVAL);
	EXPECT_EQ(sys_gettimeofday(BAD, NULL), -EFAULT);
	EXPECT_EQ(sys_gettimeofday(NULL, NULL), 0);
	EXPECT_EQ(sys_time(BAD), -EFAULT);
}

static void random_bytes(void)
{
	u8 first[36], second[36];

	memset(first, 0, sizeof(first));
	memset(second, 0, sizeof(second));
	EXPECT_EQ(sys_getrandom(first, 33, 0), 33);
	EXPECT_EQ(sys_getrandom(second, 33, 0), 33);
	EXPECT(memcmp(first, second, 33) != 0);
	EXPECT(memory_is_zero(first + 33, 3));
	EXPECT_EQ(sys_getrandom(first, 0, 0), 0);
	EXPECT_EQ(sys_getrandom(first, 4, 0x80), -EINVAL);
	EXPECT_EQ(sys_getrandom(first, 4, 6), -EINVAL);
	EXPECT_EQ(sys_getrandom(BAD, 4, 0), -EFAULT);
}

static void no_terminal(void)
{
	int fd = (int)sys_open(program_path, O_RDONLY);
	u8 size[8];

	EXPECT_EQ(sys_ioctl(fd, TIOCGWINSZ, size), -ENOTTY);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_ioctl(fd, TIOCGWINSZ, size), -EBADF);
}

static const struct tap_case cases[] = {
	{ "the monotonic clock goes on and never back", monotonic },
	{ "three calls tell the date", date },
	{ "nanosleep takes its time", sleeping },
	{ "a longer sleep ends later", sleepers },
	{ "a sleeper can be killed", killed_asleep },
	{ "times that are none, places that are none", bad_times },
	{ "getrandom", random_bytes },
	{ "ioctl of a file is ENOTTY", no_terminal },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	(void)argc;
	program_path = argv[0];
	return tap_run(cases, ARRAY_SIZE(cases));
}
