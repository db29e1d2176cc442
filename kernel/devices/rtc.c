/* SPDX-License-Identifier: MIT */
/*
 * The battery-backed real-time clock: an MC146818 or a compatible one.
 *
 *  (1) The registers change once a second, and not all at once. They are read between updates,
 *      until two readings agree.
 *  (2) A reading may be anything: without a clock every register is 0xff. Only a valid date is
 *      used.
 *
 * Source: Motorola MC146818 data sheet: registers 0..9, A (bit 7: update in progress), B (bit 1:
 * 24 hours, bit 2: binary).
 */
#include "kernel/cpu/io.h"
#include "kernel/devices/time.h"
#include "lib/string.h"

#define RTC_INDEX 0x70
#define RTC_DATA  0x71

enum { RTC_SECONDS = 0, RTC_MINUTES = 2, RTC_HOURS = 4, RTC_DAY = 7, RTC_MONTH = 8, RTC_YEAR = 9 };
enum { RTC_A = 10, RTC_B = 11, RTC_UPDATE = 0x80, RTC_24_HOURS = 0x02, RTC_BINARY = 0x04 };

#define PM 0x80u

struct date {
	u32 second, minute, hour, day, month, year;
};

static u32 read_register(u32 index)
{
	outb(RTC_INDEX, (u8)index);
	return inb(RTC_DATA);
}

static struct date read_registers(void)
{
	return (struct date){
		.second = read_register(RTC_SECONDS),
		.minute = read_register(RTC_MINUTES),
		.hour = read_register(RTC_HOURS),
		.day = read_register(RTC_DAY),
		.month = read_register(RTC_MONTH),
		.year = read_register(RTC_YEAR),
	};
}

/* (1). False: no two readings agree. */
static bool read_twice(struct date *date)
{
	for (u32 tries = 0; tries < 100; tries++) {
		struct date again;

		if (read_register(RTC_A) & RTC_UPDATE) {
			delay_us(100);
			continue;
		}
		*date = read_registers();
		again = read_registers();
		if (!memcmp(date, &again, sizeof(again)))
			return true;
	}
	return false;
}

static u32 binary(u32 value, u32 mode)
{
	return mode & RTC_BINARY ? value : (value >> 4) * 10 + (value & 15);
}

static void convert(struct date *date, u32 mode)
{
	bool afternoon = date->hour & PM && !(mode & RTC_24_HOURS);

	date->second = binary(date->second, mode);
	date->minute = binary(date->minute, mode);
	date->hour = binary(afternoon ? date->hour & ~PM : date->hour, mode);
	date->day = binary(date->day, mode);
	date->month = binary(date->month, mode);
	/* PCs do not agree on a register for the century: this clock is always in 2000..2099. */
	date->year = 2000 + binary(date->year, mode);
	if (!(mode & RTC_24_HOURS))
		date->hour = date->hour % 12 + (afternoon ? 12 : 0);
}

static bool is_date(const struct date *date)
{
	return date->second < 60 && date->minute < 60 && date->hour < 24 && date->day >= 1 &&
	       date->day <= 31 && date->month >= 1 && date->month <= 12 && date->year < 2100;
}

/* Days since 1970-01-01; every fourth year from 1970 to 2099 is a leap year. */
static u32 days(const struct date *date)
{
	static const u16 before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	u32 years = date->year - 1970;
	u32 leap_day = date->year % 4 == 0 && date->month > 2;

	return years * 365 + (years + 1) / 4 + before[date->month - 1] + leap_day + date->day - 1;
}

u32 rtc_read(void)
{
	struct date date;

	if (!read_twice(&date))
		return 0;
	convert(&date, read_register(RTC_B));
	if (!is_date(&date))
		return 0;
	return ((days(&date) * 24 + date.hour) * 60 + date.minute) * 60 + date.second;
}
