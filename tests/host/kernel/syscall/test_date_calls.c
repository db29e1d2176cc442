/* SPDX-License-Identifier: MIT */
/*
 * The date, its parameters, and times in the program's memory: calls of the super-user. A test
 * program cannot make them on Linux without changing the machine that it runs on. Each with the
 * one capability that it needs, and without it.
 *
 * sources: kernel/syscall/time/sys_set_clock.c kernel/syscall/time/sys_adjust.c
 * sources: kernel/syscall/time/sys_time.c
 */
#include <string.h>

#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "abi/linux/timex.h"
#include "abi/linux/unistd.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/task/capability.h"
#include "kernel/time/clock.h"
#include "tests/host/console.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/tap.h"

#define SECOND	1000000000ull
#define OUTSIDE 0x1000u
#define END	(USER_BYTES + (u32)sizeof(user_bytes))

static u64 rights;
static u32 asked; /* the capability that was asked for last */

bool capable(u32 capability)
{
	asked = capability;
	return rights >> capability & 1;
}

s32 clock_tai;
static u64 date_set, monotonic;
static u32 dates;

int clock_set_date(u64 nanoseconds)
{
	date_set = nanoseconds;
	dates++;
	return nanoseconds < monotonic ? -EINVAL : 0;
}

int clock_read(int clock, u64 *now)
{
	*now = 0;
	return clock == CLOCK_MONOTONIC || clock == -6 ? 0 : -EINVAL;
}

u64 clock_monotonic(void)
{
	return monotonic;
}

/* ---- The date ---- */

static s32 call_with(s32 (*call)(struct pt_regs *), const void *bytes, u32 count)
{
	struct pt_regs regs = { .ebx = USER_BYTES };

	memcpy(user_bytes, bytes, count);
	return call(&regs);
}

static void seconds(void)
{
	struct pt_regs regs = { .ebx = OUTSIDE };
	s32 value = 1700000000;

	rights = CAPABILITY(CAP_SYS_TIME);
	EXPECT_EQ(call_with(sys_stime, &value, 4), 0);
	EXPECT_EQ(date_set, 1700000000 * SECOND);
	EXPECT_EQ(sys_stime(&regs), -EFAULT);
	value = -1;
	EXPECT_EQ(call_with(sys_stime, &value, 4), -EINVAL);
	value = 0;
	EXPECT_EQ(call_with(sys_stime, &value, 4), 0);
	rights = 0;
	EXPECT_EQ(call_with(sys_stime, &value, 4), -EPERM);
	EXPECT(dates == 2 && asked == CAP_SYS_TIME);
}

static void microseconds(void)
{
	struct timeval *time = (struct timeval *)user_bytes;
	s32 *zone = (s32 *)(user_bytes + 64);
	struct pt_regs regs = { .ebx = USER_BYTES };

	rights = CAPABILITY(CAP_SYS_TIME);
	*time = (struct timeval){ 1700000000, 999999 };
	EXPECT_EQ(sys_settimeofday(&regs), 0);
	EXPECT_EQ(date_set, 1700000000 * SECOND + 999999000);
	time->microseconds = 1000000;
	EXPECT_EQ(sys_settimeofday(&regs), -EINVAL);
	*time = (struct timeval){ -1, 0 };
	EXPECT_EQ(sys_settimeofday(&regs), -EINVAL);
	time->seconds = 0;
	EXPECT_EQ(sys_settimeofday(&regs), 0);
	/* The zone alone: nothing changes. */
	regs.ebx = 0;
	regs.ecx = USER_BYTES + 64;
	zone[0] = 0;
	zone[1] = 5;
	EXPECT_EQ(sys_settimeofday(&regs), 0);
	zone[0] = 60;
	EXPECT_EQ(sys_settimeofday(&regs), -EINVAL);
	regs.ecx = OUTSIDE;
	EXPECT_EQ(sys_settimeofday(&regs), -EFAULT);
	regs.ebx = OUTSIDE;
	regs.ecx = 0;
	EXPECT_EQ(sys_settimeofday(&regs), -EFAULT);
	EXPECT_EQ(dates, 2);
	rights = 0;
	regs.ebx = 0;
	EXPECT_EQ(sys_settimeofday(&regs), -EPERM);
	EXPECT_EQ(asked, CAP_SYS_TIME);
}

static s32 set_clock(u32 clock, s32 secs, u32 nanoseconds)
{
	struct pt_regs regs = { .ebx = clock, .ecx = USER_BYTES, .orig_eax = NR_clock_settime };

	*(struct timespec *)user_bytes = (struct timespec){ secs, nanoseconds };
	return sys_clock_settime(&regs);
}

static void clock_times(void)
{
	struct pt_regs regs = { .ecx = USER_BYTES, .orig_eax = NR_clock_settime64 };

	rights = CAPABILITY(CAP_SYS_TIME);
	EXPECT_EQ(set_clock(CLOCK_REALTIME, 77, 5), 0);
	EXPECT_EQ(date_set, 77 * SECOND + 5);
	EXPECT_EQ(set_clock(CLOCK_REALTIME, 77, 1000000000), -EINVAL);
	EXPECT_EQ(set_clock(CLOCK_MONOTONIC, 77, 5), -EINVAL);
	EXPECT_EQ(set_clock((u32)-6, 77, 5), -EPERM);
	EXPECT_EQ(set_clock((u32)-6, -1, 5), -EPERM);
	EXPECT_EQ(set_clock((u32)-7, 77, 5), -EINVAL);
	*(struct timespec64 *)user_bytes = (struct timespec64){ 5000000000ll, 6, 0xffffffff };
	EXPECT_EQ(sys_clock_settime(&regs), 0);
	EXPECT_EQ(date_set, 5000000000ull * SECOND + 6);
	regs.ecx = OUTSIDE;
	EXPECT_EQ(sys_clock_settime(&regs), -EFAULT);
	regs.ebx = (u32)-6;
	EXPECT_EQ(sys_clock_settime(&regs), -EFAULT);
	rights = 0;
	EXPECT_EQ(set_clock(CLOCK_REALTIME, 77, 5), -EPERM);
	EXPECT_EQ(dates, 2);
}

/* ---- adjtimex() ---- */

static struct timex *timex(void)
{
	return (struct timex *)user_bytes;
}

static s32 adjust(struct timex wanted)
{
	return call_with(sys_adjtimex, &wanted, sizeof(wanted));
}

static void parameters(void)
{
	static const struct {
		struct timex wanted;
		s32 freq, maxerror, esterror, constant, tick;
	} cases[] = {
		{ { .modes = 0 }, 0, 16000000, 16000000, 2, 10000 },
		{ { .modes = ADJ_FREQUENCY, .freq = 77 }, 77, 16000000, 16000000, 2, 10000 },
		{ { .modes = ADJ_FREQUENCY, .freq = 500 << 16 | 1 },
		  500 << 16,
		  16000000,
		  16000000,
		  2,
		  10000 },
		{ { .modes = ADJ_FREQUENCY, .freq = -(500 << 16) - 1 },
		  -(500 << 16),
		  16000000,
		  16000000,
		  2,
		  10000 },
		{ { .modes = ADJ_MAXERROR, .maxerror = 5 }, -(500 << 16), 5, 16000000, 2, 10000 },
		{ { .modes = ADJ_MAXERROR, .maxerror = -5 }, -(500 << 16), 0, 16000000, 2, 10000 },
		{ { .modes = ADJ_MAXERROR, .maxerror = 16000001 },
		  -(500 << 16),
		  16000000,
		  16000000,
		  2,
		  10000 },
		{ { .modes = ADJ_ESTERROR, .esterror = 6 }, -(500 << 16), 16000000, 6, 2, 10000 },
		{ { .modes = ADJ_ESTERROR, .esterror = -6 }, -(500 << 16), 16000000, 0, 2, 10000 },
		{ { .modes = ADJ_TIMECONST, .constant = 3 }, -(500 << 16), 16000000, 0, 7, 10000 },
		{ { .modes = ADJ_TIMECONST, .constant = 7 }, -(500 << 16), 16000000, 0, 10, 10000 },
		{ { .modes = ADJ_TIMECONST, .constant = -9 }, -(500 << 16), 16000000, 0, 0, 10000 },
		{ { .modes = ADJ_TICK, .tick = 9000 }, -(500 << 16), 16000000, 0, 0, 9000 },
		{ { .modes = ADJ_TICK, .tick = 11000 }, -(500 << 16), 16000000, 0, 0, 11000 },
	};

	rights = CAPABILITY(CAP_SYS_TIME);
	console_date = 1700000000 * SECOND + 123456789;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(adjust(cases[i].wanted), TIME_ERROR);
		EXPECT_EQ(timex()->freq, cases[i].freq);
		EXPECT_EQ(timex()->maxerror, cases[i].maxerror);
		EXPECT_EQ(timex()->esterror, cases[i].esterror);
		EXPECT_EQ(timex()->constant, cases[i].constant);
		EXPECT_EQ(timex()->tick, cases[i].tick);
		EXPECT_EQ(timex()->modes, cases[i].wanted.modes);
		EXPECT(timex()->precision == 1 && timex()->tolerance == 500 << 16);
		EXPECT(timex()->seconds == 1700000000 && timex()->microseconds == 123456);
		EXPECT(!timex()->tai && !timex()->offset);
	}
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_TICK, .tick = 8999 }), -EINVAL);
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_TICK, .tick = 11001 }), -EINVAL);
	adjust((struct timex){ .modes = ADJ_TAI, .constant = 37 });
	EXPECT(clock_tai == 37 && timex()->tai == 37);
	adjust((struct timex){ .modes = ADJ_TAI, .constant = -1 });
	EXPECT_EQ(clock_tai, 37);
	adjust((struct timex){ .modes = ADJ_TAI, .constant = 0 });
	EXPECT_EQ(clock_tai, 0);
}

static void status(void)
{
	rights = CAPABILITY(CAP_SYS_TIME);
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_STATUS, .status = STA_RONLY }), 0);
	EXPECT_EQ(timex()->status, 0); /* these bits only the kernel sets */
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_NANO }), 0);
	EXPECT_EQ(timex()->status, STA_NANO);
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_STATUS, .status = STA_UNSYNC }), TIME_ERROR);
	EXPECT_EQ(timex()->status, STA_NANO | STA_UNSYNC);
	console_date = 5 * SECOND + 123456789;
	adjust((struct timex){ .modes = ADJ_TIMECONST, .constant = 3 });
	EXPECT(timex()->constant == 3 && timex()->microseconds == 123456789);
	adjust((struct timex){ .modes = ADJ_MICRO });
	EXPECT_EQ(timex()->status, STA_UNSYNC);
}

static void offsets(void)
{
	rights = CAPABILITY(CAP_SYS_TIME);
	console_date = 1000 * SECOND;
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET, .seconds = 5, .microseconds = 999999 }),
		  TIME_ERROR);
	EXPECT_EQ(date_set, 1005 * SECOND + 999999000);
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET, .microseconds = 1000000 }), -EINVAL);
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET, .microseconds = -1 }), -EINVAL);
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET | ADJ_NANO, .microseconds = 999999999 }),
		  TIME_ERROR);
	EXPECT_EQ(date_set, 1000 * SECOND + 999999999);
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET | ADJ_NANO, .microseconds = 1000000000 }),
		  -EINVAL);
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET, .seconds = -1000 }), TIME_ERROR);
	EXPECT_EQ(date_set, 0);
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET, .seconds = -1001 }), -EINVAL);
	EXPECT_EQ(dates, 3);
	monotonic = 100 * SECOND; /* the clocks' start would lie before 1970 */
	EXPECT_EQ(adjust((struct timex){ ADJ_SETOFFSET, .seconds = -950 }), -EINVAL);
}

static void adjtime_alone(void)
{
	rights = CAPABILITY(CAP_SYS_TIME);
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_ADJTIME }), -EINVAL);
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_ADJTIME | ADJ_OFFSET | ADJ_STATUS }),
		  TIME_ERROR);
	EXPECT_EQ(timex()->status, STA_UNSYNC);
	rights = 0;
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_ADJTIME | ADJ_OFFSET }), -EPERM);
	EXPECT_EQ(asked, CAP_SYS_TIME);
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_ADJTIME | ADJ_OFFSET | ADJ_OFFSET_READONLY }),
		  TIME_ERROR);
	EXPECT_EQ(adjust((struct timex){ .modes = 0 }), TIME_ERROR);
	EXPECT_EQ(adjust((struct timex){ .modes = ADJ_ESTERROR }), -EPERM);
}

/* Both forms of the structure, of the call and of the clock. */
static void forms(void)
{
	struct pt_regs regs = { .ebx = CLOCK_REALTIME, .ecx = USER_BYTES };
	struct timex64 *wide = (struct timex64 *)user_bytes;

	rights = CAPABILITY(CAP_SYS_TIME);
	console_date = 5000000000ull * SECOND + 7000;
	regs.orig_eax = NR_clock_adjtime64;
	*wide = (struct timex64){ .modes = ADJ_FREQUENCY | ADJ_MAXERROR | ADJ_ESTERROR,
				  .freq = 3,
				  .maxerror = 4,
				  .esterror = 5 };
	EXPECT_EQ(sys_clock_adjtime(&regs), TIME_ERROR);
	EXPECT(wide->freq == 3 && wide->maxerror == 4 && wide->esterror == 5);
	EXPECT(wide->seconds == 5000000000ll && wide->microseconds == 7 && wide->tick == 10000);
	wide->modes = ADJ_ADJTIME;
	EXPECT_EQ(sys_clock_adjtime(&regs), -EINVAL);
	regs.orig_eax = NR_clock_adjtime;
	*timex() = (struct timex){ .modes = 0 };
	EXPECT_EQ(sys_clock_adjtime(&regs), TIME_ERROR);
	EXPECT(timex()->freq == 3 && timex()->maxerror == 4 && timex()->esterror == 5);
	regs.ebx = CLOCK_MONOTONIC;
	EXPECT_EQ(sys_clock_adjtime(&regs), -EOPNOTSUPP);
	regs.ebx = 99;
	EXPECT_EQ(sys_clock_adjtime(&regs), -EINVAL);
	/* A part of the structure is not there. */
	regs.ecx = END - sizeof(struct timex);
	EXPECT_EQ(sys_clock_adjtime(&regs), -EINVAL);
	regs.orig_eax = NR_clock_adjtime64;
	EXPECT_EQ(sys_clock_adjtime(&regs), -EFAULT);
	regs.ebx = CLOCK_REALTIME;
	EXPECT_EQ(sys_clock_adjtime(&regs), -EFAULT);
	regs.ebx = OUTSIDE;
	EXPECT_EQ(sys_adjtimex(&regs), -EFAULT);
}

/* ---- Times in the program's memory ---- */

static void times(void)
{
	const struct timespec64 *wide = (const struct timespec64 *)user_bytes;
	const struct timespec *narrow = (const struct timespec *)user_bytes;
	u64 time;

	monotonic = 10 * SECOND;
	EXPECT_EQ(put_time(USER_BYTES, true, 5000000000ull * SECOND + 8), 0);
	EXPECT(wide->seconds == 5000000000ll && wide->nanoseconds == 8);
	EXPECT(!get_time(USER_BYTES, true, &time) && time == 5000000000ull * SECOND + 8);
	EXPECT_EQ(put_time(USER_BYTES, false, 6 * SECOND + 999999999), 0);
	EXPECT(narrow->seconds == 6 && narrow->nanoseconds == 999999999);
	EXPECT(!get_time(USER_BYTES, false, &time) && time == 7 * SECOND - 1);
	EXPECT(!read_timeout(USER_BYTES, false, &time) && time == 17 * SECOND - 1);
	EXPECT(!read_deadline(USER_BYTES, false, false, &time) && time == 7 * SECOND - 1);
	console_date = 14 * SECOND;
	EXPECT(!read_deadline(USER_BYTES, false, true, &time) && time == 3 * SECOND - 1);
	console_date = 100 * SECOND;
	EXPECT(!read_deadline(USER_BYTES, false, true, &time) && time == 0);
	EXPECT_EQ(put_time(OUTSIDE, false, 1), -EFAULT);
	EXPECT_EQ(put_time(OUTSIDE, true, 1), -EFAULT);
	EXPECT_EQ(get_time(OUTSIDE, false, &time), -EFAULT);
	EXPECT_EQ(get_time(OUTSIDE, true, &time), -EFAULT);
	EXPECT_EQ(read_timeout(OUTSIDE, true, &time), -EFAULT);
	EXPECT_EQ(read_deadline(OUTSIDE, true, true, &time), -EFAULT);
	/* The longest time, and longer ones. */
	*(struct timespec64 *)user_bytes = (struct timespec64){ 9223372035ll, 999999999, 0 };
	EXPECT(!get_time(USER_BYTES, true, &time) && time == 9223372035ull * SECOND + 999999999);
	((struct timespec64 *)user_bytes)->seconds++;
	EXPECT(!get_time(USER_BYTES, true, &time) && time == INT64_MAX);
	EXPECT(!read_timeout(USER_BYTES, true, &time) && time == INT64_MAX);
	((struct timespec64 *)user_bytes)->nanoseconds++;
	EXPECT_EQ(get_time(USER_BYTES, true, &time), -EINVAL);
}

static void old_calls(void)
{
	struct pt_regs regs = { .ebx = 0 };

	console_date = 77 * SECOND + 1234567;
	EXPECT_EQ(sys_time(&regs), 77);
	regs.ebx = USER_BYTES;
	EXPECT(sys_time(&regs) == 77 && *(u32 *)user_bytes == 77);
	regs.ebx = OUTSIDE;
	EXPECT_EQ(sys_time(&regs), -EFAULT);
	EXPECT_EQ(sys_gettimeofday(&regs), -EFAULT);
	memset(user_bytes, 0xee, sizeof(user_bytes));
	regs.ebx = USER_BYTES;
	regs.ecx = USER_BYTES + 64;
	EXPECT_EQ(sys_gettimeofday(&regs), 0);
	EXPECT(((u32 *)user_bytes)[0] == 77 && ((u32 *)user_bytes)[1] == 1234);
	EXPECT(((u32 *)user_bytes)[16] == 0 && ((u32 *)user_bytes)[17] == 0);
	EXPECT_EQ(user_bytes[72], 0xee);
	regs.ecx = OUTSIDE;
	EXPECT_EQ(sys_gettimeofday(&regs), -EFAULT);
	regs.ebx = regs.ecx = 0;
	EXPECT_EQ(sys_gettimeofday(&regs), 0);
}

TAP_MAIN({ "stime", seconds }, { "settimeofday", microseconds }, { "clock_settime", clock_times },
	 { "parameters of the clock", parameters }, { "status of the clock", status },
	 { "offsets of the date", offsets }, { "adjtime alone", adjtime_alone },
	 { "both forms", forms }, { "times", times }, { "old calls", old_calls })
