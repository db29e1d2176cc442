/* SPDX-License-Identifier: MIT */
/*
 * Clocks that are read and slept by, and the interval timers: which clocks and values there are,
 * how long a sleep is, what a signal leaves of it, and both widths of times.
 *
 * sources: kernel/syscall/time/sys_clock.c kernel/syscall/time/sys_itimer.c
 * sources: kernel/syscall/time/sys_time.c
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/devices/time.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/task/sched.h"
#include "kernel/task/task.h"
#include "kernel/time/clock.h"
#include "kernel/time/process_timers.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/tap.h"

#define SECOND	1000000000ull
#define OUTSIDE 0x1000u
#define REST	(USER_BYTES + 64)

static struct thread_group group;
static struct task own = { .group = &group };
struct task *current = &own;

/* The clock that moves, and a clock that is unknown. */
static u64 now = 100 * SECOND;
enum { UNKNOWN = 77 };

/* Turns that were slept, and what happens in one. */
static u32 turns;
static void (*during)(void);

int clock_canonical(int clock)
{
	return clock == CLOCK_PROCESS_CPUTIME_ID ? CPUCLOCK_OWN_PROCESS : clock;
}

int clock_read(int clock, u64 *time)
{
	*time = now;
	return clock == UNKNOWN ? -EINVAL : 0;
}

bool clock_is_own_thread(int clock)
{
	return clock == CPUCLOCK_OWN_THREAD;
}

u64 counts_to_ns(u64 counts)
{
	return counts / 2;
}

u64 clock_monotonic(void)
{
	return now;
}

u32 to_ticks(u64 nanoseconds)
{
	return (u32)(nanoseconds / (SECOND / HZ)) + 1;
}

u32 schedule_timeout(u32 ticks)
{
	EXPECT_EQ(own.state, TASK_SLEEPING);
	turns++;
	now += (u64)ticks * (SECOND / HZ);
	if (during)
		during();
	return 0;
}

static void start(void)
{
	now = 100 * SECOND;
	turns = 0;
	during = NULL;
	group.pending.signals = 0;
	memset(user_bytes, 0, 256);
}

static void put(s32 seconds, u32 nanoseconds)
{
	set_word(USER_BYTES, (u32)seconds);
	set_word(USER_BYTES + 4, nanoseconds);
}

static s32 sleep_by(int clock, u32 flags, u32 rest)
{
	struct pt_regs regs = {
		.ebx = (u32)clock, .ecx = flags, .edx = USER_BYTES, .esi = rest, .orig_eax = 267
	};

	return sys_clock_nanosleep(&regs);
}

static void clocks_for_sleeps(void)
{
	static const struct {
		int clock;
		s32 result;
	} cases[] = {
		{ CLOCK_REALTIME, 0 },
		{ CLOCK_MONOTONIC, 0 },
		{ CLOCK_TAI, 0 },
		{ CLOCK_BOOTTIME, 0 },
		{ CLOCK_PROCESS_CPUTIME_ID, 0 },
		{ CLOCK_THREAD_CPUTIME_ID, -EOPNOTSUPP },
		{ CLOCK_MONOTONIC_RAW, -EOPNOTSUPP },
		{ CLOCK_REALTIME_COARSE, -EOPNOTSUPP },
		{ CLOCK_MONOTONIC_COARSE, -EOPNOTSUPP },
		{ CLOCK_REALTIME_ALARM, -EOPNOTSUPP },
		{ CLOCK_BOOTTIME_ALARM, -EOPNOTSUPP },
		{ -8 | CLOCKFD, -EOPNOTSUPP },
		{ CPUCLOCK_OWN_THREAD, -EINVAL },
		{ UNKNOWN, -EINVAL },
	};

	start();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		put(1, 5);
		EXPECT_EQ(sleep_by(cases[i].clock, 0, 0), cases[i].result);
		EXPECT_EQ(turns, cases[i].result ? 0 : 1);
		turns = 0;
	}
	put(1, (u32)SECOND);
	EXPECT_EQ(sleep_by(CLOCK_MONOTONIC, 0, 0), -EINVAL);
	EXPECT_EQ(sleep_by(UNKNOWN, 0, 0), -EINVAL);
	put(-1, 0);
	EXPECT_EQ(sleep_by(CLOCK_MONOTONIC, 0, 0), -EINVAL);
	EXPECT(!turns);
}

static bool awaited;

static void note_date(void)
{
	awaited |= own.awaits_date;
}

/* Only a sleep until a date ends by another date. */
static void dates(void)
{
	start();
	during = note_date;
	for (int clock = 0; clock < 2; clock++)
		for (u32 flags = 0; flags <= TIMER_ABSTIME; flags++) {
			awaited = false;
			put(flags ? (s32)(now / SECOND) + 2 : 2, 0);
			EXPECT_EQ(sleep_by(clock ? CLOCK_MONOTONIC : CLOCK_REALTIME, flags, 0), 0);
			EXPECT_EQ(awaited, !clock && flags);
			EXPECT(!own.awaits_date);
		}
	put(1, 0);
	turns = 0;
	EXPECT_EQ(sleep_by(CLOCK_REALTIME, TIMER_ABSTIME, 0), 0); /* it is over */
	EXPECT(!turns);
}

static void signal_comes(void)
{
	now -= SECOND; /* before the end */
	group.pending.signals = 1;
}

/* A signal: the rest is told of a sleep with a length, and the call can go on with it. */
static void interrupted(void)
{
	struct pt_regs regs = { .ebx = USER_BYTES, .ecx = REST };

	start();
	during = signal_comes;
	put(3, 0);
	EXPECT_EQ(sleep_by(CLOCK_MONOTONIC, 0, REST), -ERESTART_RESTARTBLOCK);
	EXPECT(word_at(REST) == 0 && word_at(REST + 4) == SECOND - SECOND / HZ);
	group.pending.signals = 0;
	during = NULL;
	EXPECT_EQ(own.restart_block.fn(), 0);
	EXPECT(now >= 103 * SECOND && now < 103 * SECOND + 3 * (SECOND / HZ));
	start();
	during = signal_comes;
	put(3, 0);
	EXPECT_EQ(sleep_by(CLOCK_MONOTONIC, 0, 0), -ERESTART_RESTARTBLOCK);
	put(3, 0);
	EXPECT_EQ(sleep_by(CLOCK_MONOTONIC, 0, OUTSIDE), -EFAULT);
	put(300, 0);
	EXPECT_EQ(sleep_by(CLOCK_MONOTONIC, TIMER_ABSTIME, OUTSIDE), -ERESTARTNOHAND);
	put(3, 0);
	EXPECT_EQ(sys_nanosleep(&regs), -ERESTART_RESTARTBLOCK);
	EXPECT_EQ(word_at(REST), 3);
	regs.ebx = OUTSIDE;
	EXPECT_EQ(sys_nanosleep(&regs), -EFAULT);
}

static void reading(void)
{
	struct pt_regs regs = { .ebx = CLOCK_MONOTONIC, .ecx = USER_BYTES };

	start();
	now = 5 * SECOND + 7;
	EXPECT_EQ(sys_clock_gettime(&regs), 0);
	EXPECT(word_at(USER_BYTES) == 5 && word_at(USER_BYTES + 4) == 7);
	regs.orig_eax = NR_clock_gettime64;
	EXPECT_EQ(sys_clock_gettime(&regs), 0);
	EXPECT(word_at(USER_BYTES) == 5 && !word_at(USER_BYTES + 4));
	EXPECT_EQ(word_at(USER_BYTES + 8), 7);
	regs.ecx = OUTSIDE;
	EXPECT_EQ(sys_clock_gettime(&regs), -EFAULT);
	EXPECT_EQ(sys_clock_getres(&regs), -EFAULT);
	regs.ecx = 0;
	EXPECT_EQ(sys_clock_gettime(&regs), -EFAULT);
	EXPECT_EQ(sys_clock_getres(&regs), 0);
	regs.ebx = UNKNOWN;
	EXPECT_EQ(sys_clock_gettime(&regs), -EINVAL);
	EXPECT_EQ(sys_clock_getres(&regs), -EINVAL);
	regs = (struct pt_regs){ .ebx = CLOCK_MONOTONIC, .ecx = USER_BYTES };
	EXPECT_EQ(sys_clock_getres(&regs), 0);
	EXPECT(!word_at(USER_BYTES) && word_at(USER_BYTES + 4) == SECOND / HZ);
	regs.ebx = (u32)CLOCK_PROCESS_CPUTIME_ID;
	EXPECT_EQ(sys_clock_getres(&regs), 0);
	EXPECT(!word_at(USER_BYTES) && word_at(USER_BYTES + 4) == 1); /* not 0 */
	regs.ebx = (u32)(CPUCLOCK_OWN_PROCESS & ~CPUCLOCK_SCHED) | CPUCLOCK_VIRT;
	EXPECT_EQ(sys_clock_getres(&regs), 0);
	EXPECT_EQ(word_at(USER_BYTES + 4), SECOND / HZ);
}

/* ---- Interval timers ---- */

static struct itimer timers[NR_ITIMERS];
static int set_result;

void itimer_get(enum itimer_kind kind, struct itimer *left)
{
	*left = timers[kind];
}

int itimer_set(enum itimer_kind kind, const struct itimer *timer)
{
	if (!set_result)
		timers[kind] = *timer;
	return set_result;
}

static s32 set_timer(u32 kind, u32 new, u32 old)
{
	struct pt_regs regs = { .ebx = kind, .ecx = new, .edx = old };

	return sys_setitimer(&regs);
}

static void put_timer(s32 interval, u32 interval_us, s32 value, u32 value_us)
{
	put(interval, interval_us);
	set_word(USER_BYTES + 8, (u32)value);
	set_word(USER_BYTES + 12, value_us);
}

static void interval_timers(void)
{
	struct pt_regs regs = { .ebx = ITIMER_PROF, .ecx = REST };

	start();
	put_timer(1, 2, 3, 999999);
	EXPECT_EQ(set_timer(ITIMER_PROF, USER_BYTES, 0), 0);
	EXPECT_EQ(timers[ITIMER_PROF].interval, SECOND + 2000);
	EXPECT_EQ(timers[ITIMER_PROF].value, 3 * SECOND + 999999000);
	EXPECT_EQ(sys_getitimer(&regs), 0);
	EXPECT(word_at(REST) == 1 && word_at(REST + 4) == 2);
	EXPECT(word_at(REST + 8) == 3 && word_at(REST + 12) == 999999);
	memset(user_bytes + 64, 0, 16);
	put_timer(0, 0, 7, 0);
	EXPECT_EQ(set_timer(ITIMER_PROF, USER_BYTES, REST), 0);
	EXPECT_EQ(word_at(REST + 8), 3);
	EXPECT_EQ(set_timer(ITIMER_PROF, 0, 0), 0); /* no new value is 0 */
	EXPECT(!timers[ITIMER_PROF].value);
	put_timer(0, 0, 9, 0);
	EXPECT_EQ(set_timer(ITIMER_REAL, USER_BYTES, OUTSIDE), -EFAULT);
	EXPECT_EQ(timers[ITIMER_REAL].value, 9 * SECOND); /* it runs all the same */
	set_result = -ENOMEM;
	EXPECT_EQ(set_timer(ITIMER_REAL, USER_BYTES, OUTSIDE), -ENOMEM);
	set_result = 0;
}

static void bad_interval_timers(void)
{
	static const struct {
		s32 interval;
		u32 interval_us;
		s32 value;
		u32 value_us;
	} bad[] = { { -1, 0, 1, 0 }, { 0, 1000000, 1, 0 }, { 0, 0, -1, 0 }, { 0, 0, 1, 1000000 } };
	struct pt_regs regs = { .ebx = NR_ITIMERS, .ecx = REST };

	start();
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		put_timer(bad[i].interval, bad[i].interval_us, bad[i].value, bad[i].value_us);
		EXPECT_EQ(set_timer(ITIMER_REAL, USER_BYTES, 0), -EINVAL);
	}
	put_timer(0, 0, 1, 0);
	EXPECT_EQ(set_timer(NR_ITIMERS, USER_BYTES, 0), -EINVAL);
	EXPECT_EQ(set_timer(NR_ITIMERS, OUTSIDE, 0), -EFAULT);
	EXPECT_EQ(sys_getitimer(&regs), -EINVAL);
	regs.ebx = ITIMER_VIRTUAL;
	regs.ecx = OUTSIDE;
	EXPECT_EQ(sys_getitimer(&regs), -EFAULT);
}

/* The seconds that were left are rounded, but not to 0. */
static void alarms(void)
{
	static const struct {
		u64 left;
		s32 told;
	} cases[] = { { 0, 0 },
		      { 1, 1 },
		      { SECOND / 2, 1 },
		      { SECOND, 1 },
		      { SECOND + SECOND / 2 - 1, 1 },
		      { SECOND + SECOND / 2, 2 },
		      { 5 * SECOND, 5 } };
	struct pt_regs regs = { .ebx = 4 };

	start();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		timers[ITIMER_REAL] = (struct itimer){ cases[i].left, 3 };
		EXPECT_EQ(sys_alarm(&regs), cases[i].told);
		EXPECT_EQ(timers[ITIMER_REAL].value, 4 * SECOND);
		EXPECT(!timers[ITIMER_REAL].interval);
	}
	regs.ebx = ~0u;
	EXPECT_EQ(sys_alarm(&regs), 4);
	EXPECT_EQ(timers[ITIMER_REAL].value, INT32_MAX * SECOND);
	set_result = -ENOMEM;
	EXPECT_EQ(sys_alarm(&regs), -ENOMEM);
	set_result = 0;
}

TAP_MAIN({ "clocks for sleeps", clocks_for_sleeps }, { "dates", dates },
	 { "interrupted sleeps", interrupted }, { "reading clocks", reading },
	 { "interval timers", interval_timers }, { "bad interval timers", bad_interval_timers },
	 { "alarm()", alarms })
