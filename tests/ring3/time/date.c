/* SPDX-License-Identifier: MIT */
/*
 * Setting the date, and the parameters of the clock: adjtimex. What would change the date of
 * another Linux is tried on Pagewright only.
 */
#include "abi/linux/prctl.h"
#include "abi/linux/timex.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/time_calls.h"

#define USER 65534

static bool is_pagewright(void)
{
	struct stat64 stat;

	return !sys_stat64("/proc/frames", &stat);
}

static long adjtimex(void *timex)
{
	return system_call(NR_adjtimex, (long)timex, 0, 0, 0, 0, 0);
}

static s32 seconds_of(int clock)
{
	struct timespec time = { 0, 0 };

	EXPECT_EQ(sys_clock_gettime(clock, &time), 0);
	return time.seconds;
}

static void as_user(void *argument)
{
	struct timex timex = { .modes = 0 };

	(void)argument;
	if (system_call(NR_setresuid32, USER, USER, USER, 0, 0, 0))
		return;
	EXPECT(adjtimex(&timex) >= 0);
	timex.modes = ADJ_TICK;
	EXPECT_EQ(adjtimex(&timex), -EPERM);
	timex.modes = ADJ_OFFSET_SINGLESHOT;
	EXPECT_EQ(adjtimex(&timex), -EPERM);
	timex.modes = ADJ_OFFSET_SS_READ;
	EXPECT(adjtimex(&timex) >= 0);
}

static void read_only(void)
{
	struct timex timex = { .modes = 0 };
	struct timex64 wide = { .modes = 0 };

	EXPECT(adjtimex(&timex) >= 0);
	EXPECT(timex.tick >= 9000 && timex.tick <= 11000);
	EXPECT(timex.seconds >= seconds_of(CLOCK_REALTIME) - 60);
	EXPECT_EQ(timex.precision, 1);
	EXPECT_EQ(timex.tolerance, 500 << 16);
	EXPECT(system_call(NR_clock_adjtime64, CLOCK_REALTIME, (long)&wide, 0, 0, 0, 0) >= 0);
	EXPECT_EQ(wide.tick, timex.tick);
	EXPECT(wide.seconds >= timex.seconds);
	EXPECT_EQ(system_call(NR_clock_adjtime, CLOCK_MONOTONIC, (long)&timex, 0, 0, 0, 0),
		  -EOPNOTSUPP);
	EXPECT_EQ(system_call(NR_clock_adjtime, 99, (long)&timex, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_clock_adjtime, 99, 16, 0, 0, 0, 0), -EFAULT);
	EXPECT_EQ(system_call(NR_clock_adjtime64, CLOCK_MONOTONIC, 16, 0, 0, 0, 0), -EFAULT);
	EXPECT_EQ(adjtimex((void *)16), -EFAULT);
	timex.modes = ADJ_ADJTIME;
	EXPECT_EQ(adjtimex(&timex), -EINVAL);
	EXPECT_CHILD(as_user, NULL, EXITED(0));
}

static long set_clock(long clock, const void *time)
{
	return system_call(NR_clock_settime64, clock, (long)time, 0, 0, 0, 0);
}

/* Only the first clock can be set. The others say so before they look at the time. */
static void clocks_that_cannot_be_set(void)
{
	const u32 wrong[4] = { 0, 0, 2000000000, 0 };

	EXPECT_EQ(set_clock(CLOCK_REALTIME, (void *)16), -EFAULT);
	EXPECT_EQ(set_clock(CLOCK_REALTIME, wrong), -EINVAL);
	for (long clock = CLOCK_REALTIME + 1; clock < 4; clock++)
		EXPECT_EQ(set_clock(clock, (void *)16), -EINVAL);
	EXPECT_EQ(set_clock(99, (void *)16), -EINVAL);
	/* The clock of this process's CPU time. */
	EXPECT_EQ(set_clock(-6, (void *)16), -EFAULT);
	EXPECT_EQ(set_clock(-6, wrong), -EPERM);
}

static void parameters(void)
{
	struct timex timex = { .modes = ADJ_TICK, .tick = 8000 };

	if (!is_pagewright())
		return;
	EXPECT_EQ(adjtimex(&timex), -EINVAL);
	timex = (struct timex){ .modes = ADJ_FREQUENCY | ADJ_MAXERROR | ADJ_STATUS,
				.freq = 1 << 30,
				.maxerror = 5,
				.status = 0 };
	EXPECT_EQ(adjtimex(&timex), 0);
	EXPECT_EQ(timex.freq, 500 << 16);
	EXPECT_EQ(timex.maxerror, 5);
	timex = (struct timex){ .modes = ADJ_FREQUENCY | ADJ_STATUS, .status = STA_UNSYNC };
	EXPECT_EQ(adjtimex(&timex), TIME_ERROR);
	timex = (struct timex){ .modes = ADJ_TAI, .constant = 37 };
	EXPECT_EQ(adjtimex(&timex), TIME_ERROR);
	EXPECT_EQ(timex.tai, 37);
	EXPECT(seconds_of(CLOCK_TAI) >= seconds_of(CLOCK_REALTIME) + 36);
	timex = (struct timex){ .modes = ADJ_TAI };
	EXPECT_EQ(adjtimex(&timex), TIME_ERROR);
}

/* --- the date --- */

static void move_date(s32 seconds)
{
	struct timex timex = { .modes = ADJ_SETOFFSET, .seconds = seconds };

	EXPECT(adjtimex(&timex) >= 0);
}

static void sleeps_until(void *argument)
{
	struct timespec date = { (s32)argument, 0 };

	EXPECT_EQ(sys_clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &date, NULL), 0);
	EXPECT(seconds_of(CLOCK_REALTIME) >= date.seconds);
}

static void sleep_follows(void)
{
	s32 began = seconds_of(CLOCK_MONOTONIC), date = seconds_of(CLOCK_REALTIME);
	const struct timespec pause = { 0, 50000000 };
	int child;

	if (!is_pagewright())
		return;
	child = process_start(sleeps_until, (void *)(date + 1000));
	sys_nanosleep(&pause, NULL);
	move_date(2000);
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT(seconds_of(CLOCK_MONOTONIC) < began + 30);
	EXPECT(seconds_of(CLOCK_REALTIME) >= date + 2000);
	move_date(-2000);
	EXPECT(seconds_of(CLOCK_REALTIME) < date + 1000);
}

static u64 now(void)
{
	struct timespec time = { 0, 0 };

	EXPECT_EQ(sys_clock_gettime(CLOCK_MONOTONIC, &time), 0);
	return (u64)time.seconds * 1000000000u + (u32)time.nanoseconds;
}

static void sleeps_for(void *clock)
{
	const struct timespec length = { 0, 400000000 };
	u64 began = now();

	EXPECT_EQ(sys_clock_nanosleep((int)clock, 0, &length, NULL), 0);
	EXPECT(now() - began >= 400000000);
}

/* A length does not change with the date. */
static void sleep_does_not_follow(void)
{
	static const int clocks[] = { CLOCK_REALTIME, CLOCK_TAI };
	const struct timespec pause = { 0, 50000000 };

	if (!is_pagewright())
		return;
	for (u32 i = 0; i < ARRAY_SIZE(clocks); i++) {
		int child = process_start(sleeps_for, (void *)clocks[i]);

		sys_nanosleep(&pause, NULL);
		move_date(2000);
		EXPECT_EQ(process_wait(child), EXITED(0));
		move_date(-2000);
	}
}

static void timer_follows(void)
{
	s32 began = seconds_of(CLOCK_MONOTONIC), date = seconds_of(CLOCK_REALTIME);
	struct {
		struct timespec interval, value;
	} setting = { { 0, 0 }, { date + 1000, 0 } };
	const struct timespec limit = { 20, 0 };
	u64 mask = 1ull << (SIGALRM - 1);
	int id = -1;

	if (!is_pagewright())
		return;
	mask_set(mask);
	EXPECT_EQ(system_call(NR_timer_create, CLOCK_REALTIME, 0, (long)&id, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_timer_settime, id, TIMER_ABSTIME, (long)&setting, 0, 0, 0), 0);
	move_date(2000);
	EXPECT_EQ(system_call(NR_rt_sigtimedwait, (long)&mask, 0, (long)&limit, 8, 0, 0), SIGALRM);
	EXPECT(seconds_of(CLOCK_MONOTONIC) < began + 19);
	EXPECT_EQ(system_call(NR_timer_delete, id, 0, 0, 0, 0, 0), 0);
	move_date(-2000);
	mask_set(0);
}

/* --- personalities --- */

static void sticky(void *argument)
{
	struct timeval time = { 0, 20000 };

	(void)argument;
	EXPECT_EQ(sys_select(0, NULL, NULL, NULL, &time), 0);
	EXPECT_EQ(time.microseconds, 0);
	EXPECT_EQ(system_call(NR_personality, STICKY_TIMEOUTS, 0, 0, 0, 0, 0), 0);
	time.microseconds = 20000;
	EXPECT_EQ(sys_select(0, NULL, NULL, NULL, &time), 0);
	EXPECT_EQ(time.microseconds, 20000);
}

static void personality(void)
{
	EXPECT_CHILD(sticky, NULL, EXITED(0));
}

/* --- the sums of sysinfo(2) and meminfo --- */

static void shared_memory(void)
{
	struct {
		s32 uptime;
		u32 loads[3], total, free, shared, buffers, swap, swap_free, rest[8];
	} info;
	u32 shown;

	EXPECT_EQ(system_call(NR_sysinfo, (long)&info, 0, 0, 0, 0, 0), 0);
	shown = field_in(file_text("/proc/meminfo"), "Shmem");
	EXPECT(!is_pagewright() || info.shared == shown * 1024);
}

static const struct tap_case cases[] = {
	{ "the clock's parameters are read", read_only },
	{ "the clock's parameters are set", parameters },
	{ "clocks that cannot be set", clocks_that_cannot_be_set },
	{ "a sleep follows the date", sleep_follows },
	{ "a sleep of some length does not", sleep_does_not_follow },
	{ "a timer follows the date", timer_follows },
	{ "STICKY_TIMEOUTS", personality },
	{ "sysinfo and meminfo", shared_memory },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
