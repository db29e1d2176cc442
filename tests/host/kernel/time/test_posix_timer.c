/* SPDX-License-Identifier: MIT */
/*
 * Timers of timer_create(): numbers, times, intervals, overruns, signals, and the clocks that they
 * follow.
 *
 * sources: kernel/time/clock.c kernel/time/posix_timer.c kernel/time/process_timers.c
 * sources: kernel/time/deferred_timer.c tests/host/kernel/time/timer_rig.c
 */
#include "tests/host/kernel/time/timer_rig.h"

#include "abi/linux/errno.h"
#include "kernel/time/clock.h"
#include "kernel/time/posix_timer.h"
#include "kernel/time/process_timers.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

/* The program takes the signal. */
static u32 take(u32 number)
{
	struct siginfo info = { .signo = 0 };

	EXPECT(rig_entries[number].busy);
	rig_entries[number].busy = false;
	posix_timer_taken(rig_entries[number].timer, &info);
	return info.words[1];
}

static void set(int id, u64 value, u64 interval, bool absolute)
{
	const struct itimer setting = { value, interval };

	posix_timer_set(posix_timer_find(id), &setting, absolute);
	run_due();
}

static u64 left(int id)
{
	struct itimer time;

	posix_timer_get(posix_timer_find(id), &time);
	return time.value;
}

static void numbers(void)
{
	const struct timer_event event = { SIGEV_SIGNAL, SIGUSR1, 7, 0 };
	const struct fail_spec next = { FAIL_ANY, FAIL_ON, 1 };

	timers_start();
	EXPECT(!posix_timer_find(0));
	posix_timers_free(&own_group);
	posix_timers_follow_date(&own_group);
	fail_alloc_set(&next);
	EXPECT_EQ(posix_timer_create(CLOCK_MONOTONIC, &event), -ENOMEM);
	posix_timer_skip_number();
	fail_alloc_set(NULL);
	EXPECT(!own_group.timers);
	EXPECT_EQ(posix_timer_create(CLOCK_MONOTONIC, &event), 0);
	rig.no_entry = true;
	EXPECT_EQ(posix_timer_create(CLOCK_MONOTONIC, &event), -EAGAIN);
	rig.no_entry = false;
	EXPECT_EQ(posix_timer_create(CLOCK_MONOTONIC, &event), 1);
	posix_timer_skip_number();
	EXPECT_EQ(posix_timer_create(CLOCK_MONOTONIC, NULL), 3);
	EXPECT(!posix_timer_find(2) && posix_timer_find(3)->event.value == 3);
	EXPECT(posix_timer_find(3)->event.signo == SIGALRM);
	EXPECT_EQ(posix_timer_find(1)->event.value, 7);
	posix_timer_delete(posix_timer_find(3));
	EXPECT(rig_entries[2].disowned && !posix_timer_find(3));
	/* After the highest number the lowest that is free. */
	own_group.timers->next_id = INT32_MAX;
	EXPECT_EQ(posix_timer_create(CLOCK_MONOTONIC, &event), INT32_MAX);
	EXPECT_EQ(own_group.timers->next_id, 0);
	posix_timer_skip_number();
	EXPECT_EQ(own_group.timers->next_id, 3);
	own_group.timers->next_id = INT32_MAX;
	posix_timer_skip_number();
	EXPECT_EQ(own_group.timers->next_id, 3);
	process_timers_free(&own_group);
	EXPECT(!own_group.timers && rig_entries[0].disowned && rig_entries[1].disowned);
	process_timers_free(&own_group);
}

static int make(int clock, int notify)
{
	const struct timer_event event = { notify, SIGUSR1, 7, 21 };

	return posix_timer_create(clock, &event);
}

static void once(void)
{
	int id;

	timers_start();
	id = make(CLOCK_MONOTONIC, SIGEV_SIGNAL);
	EXPECT_EQ(left(id), 0);
	set(id, 10 * MS, 0, false);
	EXPECT_EQ(left(id), 10 * MS);
	pass(4 * MS);
	EXPECT_EQ(left(id), 6 * MS);
	pass(5 * MS);
	EXPECT_EQ(rig.sent, 0);
	pass(2 * MS);
	EXPECT_EQ(rig.sent, 1);
	EXPECT(rig.last.signo == SIGUSR1 && rig.last.code == SI_TIMER && !rig.last_thread);
	EXPECT(rig.last.words[0] == (u32)id && rig.last.words[1] == 0 && rig.last.words[2] == 7);
	EXPECT_EQ(left(id), 0);
	EXPECT_EQ(take(0), 0);
	pass(30 * MS);
	EXPECT_EQ(rig.sent, 1);
	/* A time that is past: at once. */
	set(id, rig.now - 1, 0, true);
	EXPECT_EQ(rig.sent, 2);
	take(0);
	set(id, rig.now + 3 * MS, 0, true);
	EXPECT_EQ(left(id), 3 * MS);
	pass(5 * MS);
	EXPECT_EQ(rig.sent, 3);
	take(0);
	/* Stopped. */
	set(id, 3 * MS, MS, false);
	set(id, 0, 5, false);
	EXPECT_EQ(left(id), 0);
	pass(10 * MS);
	EXPECT_EQ(rig.sent, 3);
	/* The time has come, but its interrupt has not: a timer that runs has something left. */
	set(id, 8 * MS, 0, false);
	rig.now += 8 * MS - 2;
	EXPECT_EQ(left(id), 2);
	rig.now += 2;
	EXPECT_EQ(left(id), 1);
	rig.now += 5;
	EXPECT_EQ(left(id), 1);
	posix_timer_find(id)->event.notify = SIGEV_NONE;
	EXPECT_EQ(left(id), 0);
	rig.now -= 5;
	EXPECT_EQ(left(id), 0);
	posix_timer_find(id)->event.notify = SIGEV_SIGNAL;
	/* A sum that is too large. */
	set(id, UINT64_MAX / 2, 0, false);
	EXPECT_EQ(left(id), (u64)INT64_MAX - rig.now);
	process_timers_free(&own_group);
	pass(5 * MS);
}

static void intervals(void)
{
	struct itimer time;
	int id;

	timers_start();
	id = make(CLOCK_MONOTONIC, SIGEV_SIGNAL);
	set(id, 10 * MS, 4 * MS, false);
	pass(11 * MS);
	EXPECT_EQ(rig.sent, 1);
	EXPECT_EQ(take(0), 0);
	pass(4 * MS);
	EXPECT_EQ(rig.sent, 2);
	/* Not taken for a while: what was missed is counted, (1). */
	pass(9 * MS);
	EXPECT_EQ(rig.sent, 2);
	EXPECT_EQ(take(0), 2);
	EXPECT_EQ(posix_timer_find(id)->last_overrun, 2);
	pass(3 * MS);
	EXPECT_EQ(rig.sent, 3);
	/* Read while its signal waits: as if the next interval ran, and what it missed counts. */
	pass(6 * MS);
	posix_timer_get(posix_timer_find(id), &time);
	EXPECT(time.value && time.value <= 4 * MS && time.interval == 4 * MS);
	EXPECT_EQ(posix_timer_find(id)->overrun, 2);
	EXPECT_EQ(take(0), 2);
	/* Set anew: nothing is left of it. */
	posix_timer_find(id)->overrun = 9;
	set(id, 10 * MS, 0, false);
	EXPECT(!posix_timer_find(id)->overrun && !posix_timer_find(id)->last_overrun);
	EXPECT_EQ(posix_timer_find(id)->interval, 0);
	process_timers_free(&own_group);
}

/* Its signal still waits when the timer, set anew, expires. */
static void expires_twice(void)
{
	int id;

	timers_start();
	id = make(CLOCK_MONOTONIC, SIGEV_SIGNAL);
	set(id, MS, 0, false);
	pass(3 * MS);
	set(id, MS, 0, false);
	pass(3 * MS);
	EXPECT_EQ(rig.sent, 1);
	EXPECT_EQ(posix_timer_find(id)->overrun, 1);
	EXPECT_EQ(left(id), 0);
	EXPECT_EQ(take(0), 1);
	posix_timer_find(id)->overrun = 1ull << 40;
	rig_entries[0].busy = true;
	EXPECT_EQ(take(0), INT32_MAX);
	process_timers_free(&own_group);
}

static void discarded(void)
{
	int id;

	timers_start();
	id = make(CLOCK_MONOTONIC, SIGEV_SIGNAL);
	rig.discards = true;
	set(id, MS, 2 * MS, false);
	pass(6 * MS);
	EXPECT(left(id) > 0 && left(id) <= 2 * MS);
	rig.discards = false;
	pass(3 * MS);
	EXPECT_EQ(rig.sent, 1);
	take(0);
	rig.discards = true;
	set(id, MS, 0, false);
	pass(3 * MS);
	EXPECT_EQ(left(id), 0);
	/* Without a signal its state is computed. */
	rig.discards = false;
	rig.sent = 0;
	id = make(CLOCK_MONOTONIC, SIGEV_NONE);
	set(id, 3 * MS, 0, false);
	EXPECT_EQ(left(id), 3 * MS);
	pass(4 * MS);
	EXPECT_EQ(left(id), 0);
	set(id, 3 * MS, 4 * MS, false);
	pass(8 * MS);
	EXPECT_EQ(left(id), 3 * MS);
	EXPECT_EQ(rig.sent, 0);
	process_timers_free(&own_group);
}

static void to_a_thread(void)
{
	int id;

	timers_start();
	id = make(CLOCK_MONOTONIC, SIGEV_THREAD_ID);
	set(id, MS, 0, false);
	pass(3 * MS);
	EXPECT(rig.sent == 1 && rig.last_thread == &thread);
	take(0);
	thread.group = &other_group; /* another one has its number now */
	set(id, MS, 0, false);
	pass(3 * MS);
	thread.group = &own_group;
	thread.pid = 99;
	set(id, MS, 0, false);
	pass(3 * MS);
	thread.pid = 21;
	EXPECT_EQ(rig.sent, 1);
	process_timers_free(&own_group);
}

/* A time of the date follows the date, a length does not. */
static void by_the_date(void)
{
	static const int dates[] = { CLOCK_REALTIME, CLOCK_TAI };

	timers_start();
	console_date = 100 * S;
	for (u32 i = 0; i < ARRAY_SIZE(dates); i++) {
		int until = make(dates[i], SIGEV_SIGNAL), length = make(dates[i], SIGEV_NONE);

		rig.sent = 0;
		set(until, console_date + 50 * MS, 0, true);
		set(length, 50 * MS, 0, false);
		EXPECT(left(until) == 50 * MS && left(length) == 50 * MS);
		clock_set_date(console_date + 30 * MS);
		EXPECT(left(until) == 20 * MS && left(length) == 50 * MS);
		pass(22 * MS);
		EXPECT_EQ(rig.sent, 1);
		take(i * 2);
		set(until, console_date + 5 * MS, 0, true);
		clock_set_date(console_date - 30 * MS);
		pass(30 * MS);
		EXPECT_EQ(rig.sent, 1);
		pass(7 * MS);
		EXPECT_EQ(rig.sent, 2);
		take(i * 2);
	}
	rig.nr_entries = 0;
	process_timers_free(&own_group);
}

static void by_processor_time(void)
{
	int id;

	timers_start();
	id = make(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL);
	set(id, 4 * MS, 0, false);
	pass(10 * MS);
	EXPECT(rig.sent == 0 && left(id) == 4 * MS); /* it slept */
	own_group.ended.time[0] = 4 * MS;
	pass(6 * MS);
	EXPECT_EQ(rig.sent, 1);
	process_timers_free(&own_group);
}

TAP_MAIN({ "numbers of timers", numbers }, { "a timer that expires once", once },
	 { "intervals and overruns", intervals }, { "a signal that still waits", expires_twice },
	 { "signals that are discarded", discarded }, { "a signal to a thread", to_a_thread },
	 { "timers by the date", by_the_date }, { "timers by processor time", by_processor_time })
