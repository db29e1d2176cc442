/* SPDX-License-Identifier: MIT */
/*
 * The battery-backed clock against a model of an MC146818: every form of hours and numbers, dates
 * that are none, an update in progress, registers that never agree.
 */
#define KERNEL_CPU_IO_H /* the model is the ports */
#include "lib/types.h"

static u8 inb(u16 port);
static void outb(u16 port, u8 value);

#include "kernel/devices/rtc.c"

#include "tests/host/tap.h"

#define HOURS_24 2
#define BINARY	 4

static struct {
	u8 registers[12];
	u8 index;
	u32 updates;  /* reads of register A until the update is over */
	u32 changing; /* reads of the seconds that differ from the one before */
	u32 waited;
} clock;

static u8 inb(u16 port)
{
	EXPECT_EQ(port, 0x71);
	if (clock.index == 10)
		return clock.updates ? clock.updates--, 0xa6 : 0x26;
	if (clock.index == 0 && clock.changing) {
		clock.changing--;
		return (u8)(clock.changing & 1);
	}
	return clock.registers[clock.index];
}

static void outb(u16 port, u8 value)
{
	EXPECT(port == 0x70 && value < sizeof(clock.registers));
	clock.index = value;
}

void delay_us(u32 microseconds)
{
	clock.waited += microseconds;
}

static void set(u8 mode, u8 year, u8 month, u8 day, u8 hour, u8 minute, u8 second)
{
	memset(&clock, 0, sizeof(clock));
	clock.registers[0] = second;
	clock.registers[2] = minute;
	clock.registers[4] = hour;
	clock.registers[7] = day;
	clock.registers[8] = month;
	clock.registers[9] = year;
	clock.registers[11] = mode;
	/* Alarms and the day of the week are not looked at. */
	clock.registers[1] = clock.registers[3] = clock.registers[5] = clock.registers[6] = 0xff;
}

/* Expected values are from Python's calendar.timegm(). */
static void dates(void)
{
	static const struct {
		u8 year, month, day, hour, minute, second;
		u32 expected;
	} cases[] = {
		{ 0, 1, 1, 0, 0, 0, 946684800 },      { 0, 2, 29, 12, 0, 0, 951825600 },
		{ 0, 3, 1, 0, 0, 0, 951868800 },      { 1, 2, 28, 23, 59, 59, 983404799 },
		{ 1, 3, 1, 0, 0, 0, 983404800 },      { 20, 1, 31, 11, 0, 0, 1580468400 },
		{ 21, 10, 10, 0, 30, 0, 1633825800 }, { 24, 12, 31, 23, 59, 59, 1735689599 },
		{ 26, 7, 4, 1, 2, 3, 1783126923 },    { 99, 12, 31, 23, 59, 59, 4102444799u },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		set(HOURS_24 | BINARY, cases[i].year, cases[i].month, cases[i].day, cases[i].hour,
		    cases[i].minute, cases[i].second);
		EXPECT_EQ(rtc_read(), cases[i].expected);
	}
}

static void forms(void)
{
	static const struct {
		u8 mode, hour, expected;
	} hours[] = {
		{ HOURS_24, 0x23, 23 },
		{ HOURS_24, 0x09, 9 },
		{ HOURS_24 | BINARY, 23, 23 },
		{ 0, 0x12, 0 }, /* 12 AM */
		{ 0, 0x01, 1 },
		{ 0, 0x11, 11 },
		{ 0, 0x92, 12 }, /* 12 PM */
		{ 0, 0x81, 13 },
		{ 0, 0x91, 23 },
		{ BINARY, 12, 0 },
		{ BINARY, 0x80 | 12, 12 },
		{ BINARY, 0x80 | 11, 23 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(hours); i++) {
		set(hours[i].mode, hours[i].mode & BINARY ? 26 : 0x26, 7,
		    hours[i].mode & BINARY ? 14 : 0x14, hours[i].hour,
		    hours[i].mode & BINARY ? 58 : 0x58, hours[i].mode & BINARY ? 59 : 0x59);
		EXPECT_EQ(rtc_read(), 1783987200u + hours[i].expected * 3600u + 58 * 60 + 59);
	}
	set(0, 0x26, 0x12, 0x31, 0x01, 0, 0);
	EXPECT_EQ(rtc_read(), 1798678800u);
}

/* The last valid value of each register, and the first that is none. */
static void no_dates(void)
{
	static const u8 last[] = { [0] = 59, [2] = 59, [4] = 23, [7] = 31, [8] = 12, [9] = 99 };

	for (u32 i = 0; i < ARRAY_SIZE(last); i++) {
		if (!last[i])
			continue;
		set(HOURS_24 | BINARY, 26, 1, 1, 0, 0, 0);
		clock.registers[i] = last[i];
		EXPECT(rtc_read() > 1767225600u);
		clock.registers[i] = last[i] + 1;
		EXPECT_EQ(rtc_read(), 0);
	}
	set(HOURS_24 | BINARY, 26, 0, 1, 0, 0, 0);
	EXPECT_EQ(rtc_read(), 0);
	set(HOURS_24 | BINARY, 26, 1, 0, 0, 0, 0);
	EXPECT_EQ(rtc_read(), 0);
	memset(&clock, 0, sizeof(clock));
	memset(clock.registers, 0xff, sizeof(clock.registers)); /* no clock at all */
	EXPECT_EQ(rtc_read(), 0);
}

static void updates(void)
{
	set(HOURS_24 | BINARY, 0, 1, 1, 0, 0, 0);
	clock.updates = 3;
	EXPECT_EQ(rtc_read(), 946684800);
	EXPECT_EQ(clock.waited, 300);
	clock.updates = 99;
	EXPECT_EQ(rtc_read(), 946684800);
	clock.updates = 100;
	EXPECT_EQ(rtc_read(), 0);
	/* A reading that changed is taken anew. */
	set(HOURS_24 | BINARY, 0, 1, 1, 0, 0, 7);
	clock.changing = 8;
	EXPECT_EQ(rtc_read(), 946684807);
	clock.changing = 1000;
	EXPECT_EQ(rtc_read(), 0);
}

TAP_MAIN({ "dates", dates }, { "12 and 24 hours, BCD and binary", forms },
	 { "values that are no date", no_dates }, { "updates in progress", updates })
