/* SPDX-License-Identifier: MIT */
/*
 * Waits after the firmware: with a time-stamp counter, without one, and with one that stands still
 * while it is measured.
 */
#include "tests/host/efi/firmware.h"

static u64 counter_of_model(void);
#define rdtsc counter_of_model
#include "efi/quiesce/clock.c"
#undef rdtsc

#include "tests/host/efi/traps.h"
#include "tests/host/tap.h"

static bool has_counter;
static u64 counter, step;
static u32 delays;

/* efi/handoff/handoff.c */
bool processor_has(enum cpu_feature feature)
{
	EXPECT_EQ(feature, CPU_TSC);
	return has_counter;
}

static u64 counter_of_model(void)
{
	return counter += step;
}

/* 2 counts each microsecond. */
static EFI_STATUS stall_and_count(UINTN microseconds)
{
	firmware_stalled += microseconds;
	counter += 2 * (u64)microseconds;
	return EFI_SUCCESS;
}

static u32 note_delay(u16 port, u32 bytes)
{
	EXPECT(port == 0x80 && bytes == 1);
	delays++;
	return 0;
}

static void start(void)
{
	firmware_start();
	traps_start();
	traps.in = note_delay;
	boot.Stall = stall_and_count;
	counter = 0x100000000ull - 1000; /* the low half overflows while it is measured */
}

static void with_counter(void)
{
	u64 moment;

	start();
	has_counter = true;
	EXPECT_EQ(clock_counter(), counter);
	clock_init();
	EXPECT_EQ(firmware_stalled, 1000);
	moment = clock_after_us(100);
	EXPECT_EQ(moment, counter + 200);
	counter += 199;
	EXPECT(!clock_reached(moment));
	counter++;
	EXPECT(clock_reached(moment));
	step = 1;
	moment = counter;
	clock_wait_us(50);
	EXPECT(counter - moment >= 100 && counter - moment < 110);
	EXPECT_EQ(delays, 0);
}

/* Each look takes a microsecond or less: two for each. */
static void waits_by_the_port(void)
{
	u64 moment = clock_after_us(3);

	for (u32 i = 0; i < 5; i++)
		EXPECT(!clock_reached(moment));
	EXPECT(clock_reached(moment));
	EXPECT_EQ(delays, 6);
	clock_wait_us(100);
	EXPECT_EQ(delays, 206);
}

static void without_counter(void)
{
	start();
	EXPECT_EQ(clock_counter(), 0);
	clock_init();
	EXPECT_EQ(firmware_stalled, 0);
	waits_by_the_port();
}

static EFI_STATUS stall_only(UINTN microseconds)
{
	firmware_stalled += microseconds;
	return EFI_SUCCESS;
}

static void counter_stands_still(void)
{
	start();
	has_counter = true;
	boot.Stall = stall_only;
	clock_init();
	EXPECT_EQ(firmware_stalled, 1000);
	waits_by_the_port();
}

TAP_MAIN({ "a counter", with_counter }, { "no counter", without_counter },
	 { "a counter that stands still", counter_stands_still })
