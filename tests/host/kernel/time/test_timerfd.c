/* SPDX-License-Identifier: MIT */
/*
 * timerfd: a file that can be read when its time has come. The number that is read, the time that
 * is left, and a reader that waits.
 *
 * sources: kernel/time/clock.c kernel/time/posix_timer.c kernel/time/process_timers.c
 * sources: kernel/time/timerfd.c kernel/time/deferred_timer.c tests/host/kernel/time/timer_rig.c
 */
#include "tests/host/kernel/time/timer_rig.h"

#include <string.h>

#include "abi/linux/errno.h"
#include "fs/file.h"
#include "fs/poll.h"
#include "kernel/time/clock.h"
#include "kernel/time/deferred_timer.h"
#include "kernel/time/timerfd.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/console.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"

static struct file *file;

static void open_timer(int clock, u32 flags)
{
	timers_start();
	EXPECT_EQ(timerfd_open(clock, flags, &file), 0);
}

static struct timerfd_times put(u64 value, u64 interval, bool absolute)
{
	const struct timerfd_times times = { interval, value };
	struct timerfd_times old;

	EXPECT_EQ(timerfd_set(file, absolute, &times, &old), 0);
	return old;
}

static struct timerfd_times remaining(void)
{
	struct timerfd_times times;

	EXPECT_EQ(timerfd_get(file, &times), 0);
	return times;
}

static u32 copy_out(void *from, u32 bytes, void *context)
{
	memcpy(context, from, bytes);
	return 0;
}

static u32 copy_nothing(void *from, u32 bytes, void *context)
{
	(void)from, (void)context;
	return bytes;
}

/* The number that is read, or an error. */
static s64 expirations(void)
{
	u64 count = 0;
	s32 done = file->operations->read(file, 0, 8, copy_out, &count);

	return done == 8 ? (s64)count : done;
}

static void timer_files(void)
{
	static const int refused[] = { CLOCK_PROCESS_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_TAI,
				       CLOCK_REALTIME_ALARM, -1 };
	const struct fail_spec next = { FAIL_ANY, FAIL_ON, 1 }, second = { FAIL_ANY, FAIL_ON, 2 };

	timers_start();
	for (u32 i = 0; i < ARRAY_SIZE(refused); i++)
		EXPECT_EQ(timerfd_open(refused[i], 0, &file), -EINVAL);
	fail_alloc_set(&next);
	EXPECT_EQ(timerfd_open(CLOCK_REALTIME, 0, &file), -ENOMEM);
	fail_alloc_set(&second);
	EXPECT_EQ(timerfd_open(CLOCK_REALTIME, 0, &file), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT_EQ(timerfd_open(CLOCK_BOOTTIME, O_NONBLOCK, &file), 0);
	EXPECT_EQ(file->flags, O_RDWR | O_NONBLOCK);
	EXPECT_EQ(file->operations->read(file, 0, 7, copy_out, NULL), -EINVAL);
	EXPECT_EQ(expirations(), -EAGAIN);
	EXPECT(!remaining().value && !remaining().interval);
	file_put(file);
}

static void timer_file_expires(void)
{
	struct timerfd_times old;

	open_timer(CLOCK_MONOTONIC, O_NONBLOCK);
	old = put(10 * MS, 0, false);
	EXPECT(!old.value && !old.interval);
	pass(4 * MS);
	EXPECT_EQ(remaining().value, 6 * MS);
	EXPECT_EQ(file->operations->poll(file, NULL), 0);
	EXPECT_EQ(expirations(), -EAGAIN);
	pass(6 * MS);
	EXPECT_EQ(file->operations->poll(file, NULL), POLLIN);
	EXPECT_EQ(remaining().value, 0);
	EXPECT_EQ(expirations(), 1);
	EXPECT_EQ(expirations(), -EAGAIN);
	/* Intervals are counted. */
	put(10 * MS, 3 * MS, false);
	pass(10 * MS);
	EXPECT(remaining().value == 3 * MS && remaining().interval == 3 * MS);
	EXPECT_EQ(expirations(), 1);
	pass(8 * MS);
	EXPECT_EQ(remaining().value, MS);
	old = put(rig.now + 5 * MS, 7 * MS, true);
	EXPECT(old.value == MS && old.interval == 3 * MS);
	EXPECT_EQ(remaining().value, 5 * MS);
	pass(5 * MS + 2 * 7 * MS);
	EXPECT_EQ(expirations(), 3);
	EXPECT_EQ(remaining().value, 7 * MS);
	pass(7 * MS);
	EXPECT_EQ(file->operations->read(file, 0, 8, copy_nothing, NULL), -EFAULT);
	put(0, 7 * MS, false);
	EXPECT_EQ(remaining().interval, 7 * MS);
	pass(20 * MS);
	EXPECT_EQ(expirations(), -EAGAIN);
	put(UINT64_MAX / 2, 0, false);
	EXPECT_EQ(remaining().value, (u64)INT64_MAX - rig.now);
	file_put(file);
}

static void others(void)
{
	pass(30 * MS);
}

/* A reader waits until the time comes, or a signal. */
static void waits(void)
{
	open_timer(CLOCK_REALTIME, 0);
	EXPECT_EQ(expirations(), -ERESTARTSYS);
	put(20 * MS, 4 * MS, false);
	host_others = others;
	EXPECT_EQ(expirations(), 3);
	host_others = NULL;
	/* The date is set back: its time comes later. */
	put(console_date + 10 * MS, 0, true);
	console_date -= 20 * MS;
	pass(12 * MS);
	EXPECT_EQ(file->operations->poll(file, NULL), 0);
	EXPECT_EQ(remaining().value, 18 * MS);
	host_others = others;
	EXPECT_EQ(expirations(), 1);
	file_put(file);
}

static void no_timer_file(void)
{
	static const struct file_operations operations = { .name = "x" };
	const struct timerfd_times times = { 0, 5 };
	struct timerfd_times old;

	timers_start();
	file = file_alloc(&operations);
	EXPECT_EQ(timerfd_get(file, &old), -EINVAL);
	EXPECT_EQ(timerfd_set(file, false, &times, &old), -EINVAL);
	file_put(file);
	rig.no_task = true;
	EXPECT_EQ(ktimerd_init(), -ENOMEM);
}

TAP_MAIN({ "timer files", timer_files }, { "a timer file expires", timer_file_expires },
	 { "a reader waits", waits }, { "no timer file", no_timer_file })
