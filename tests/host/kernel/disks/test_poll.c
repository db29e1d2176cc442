/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a device: every wait ends, with a clock that runs, that stands still, or that runs
 * away while registers are read.
 *
 * sources: kernel/disks/poll.c
 */
#include "kernel/devices/time.h"
#include "kernel/disks/poll.h"
#include "tests/host/tap.h"

static u64 now, waited; /* nanoseconds; microseconds of delay_us() */
static u32 calls;
static u64 clock_step; /* that the clock moves for each microsecond of a delay */
static u64 change_at;  /* microseconds; then `word` becomes `changed` */
static u32 word, changed, errors;
static u64 error_at;

u64 clock_monotonic(void)
{
	return now;
}

void delay_us(u32 us)
{
	calls++;
	waited += us;
	now += us * clock_step;
	if (waited >= change_at)
		word = changed;
	if (waited >= error_at)
		errors = 0x100;
}

static void begin(u64 step, u64 when)
{
	now = 5000000000ull;
	waited = calls = 0;
	clock_step = step;
	change_at = when;
	error_at = ~0ull;
	word = errors = 0;
	changed = 0xf2;
}

static void becomes_so(void)
{
	begin(1000, 0);
	word = 0xf2;
	EXPECT(poll_bits(&word, 0x0f, 2, 10));
	EXPECT_EQ(calls, 0); /* at once */
	begin(1000, 700);
	EXPECT(poll_bits(&word, 0x0f, 2, 10));
	EXPECT(waited == 700 && calls == 700);
	begin(1000, 9990);
	EXPECT(poll_bits(&word, 0x0f, 2, 10));
	/* A slow device is not asked all the time: 1000 times, then every 10 us. */
	EXPECT(waited >= 9990 && waited <= 10000 && calls <= 1000 + 900);
	begin(1000, 500);
	EXPECT(!poll_bits(&word, 0x0f, 3, 10)); /* another value */
}

/* A millisecond of waits and a millisecond by the clock end at the same time. */
static void ends(void)
{
	begin(1000, ~0ull);
	EXPECT(!poll_bits(&word, 1, 1, 20));
	EXPECT(waited >= 19990 && waited <= 20010);
	begin(1000, ~0ull);
	EXPECT(!poll_bits(&word, 1, 1, 0));
	EXPECT_EQ(waited, 0);
}

static void clock_stands_still(void)
{
	begin(0, ~0ull);
	EXPECT(!poll_bits(&word, 1, 1, 5000));
	EXPECT(waited >= 5000000 && waited <= 5000010);
}

/* The waits are short, what lies between them is not. */
static void slow_machine(void)
{
	begin(50000, ~0ull);
	EXPECT(!poll_bits(&word, 1, 1, 200));
	EXPECT(waited >= 4000 && waited <= 4010);
	/* But the first millisecond of waits is always granted. */
	begin(50000, 999);
	EXPECT(poll_bits(&word, 0x0f, 2, 20));
}

static void gives_up(void)
{
	begin(1000, ~0ull);
	error_at = 300;
	EXPECT(!poll_bits_or(&word, 1, 1, &errors, 0x100, 1000));
	EXPECT_EQ(waited, 300);
	begin(1000, 600);
	error_at = 300;
	EXPECT(poll_bits_or(&word, 0x0f, 2, &errors, 0x200, 1000)); /* another bit */
	begin(1000, 300);
	error_at = 300;
	EXPECT(poll_bits_or(&word, 0x0f, 2, &errors, 0x100, 1000)); /* both: it is done */
}

TAP_MAIN({ "a bit changes", becomes_so }, { "a wait ends", ends },
	 { "a clock that stands still", clock_stands_still }, { "a slow machine", slow_machine },
	 { "errors end a wait", gives_up })
