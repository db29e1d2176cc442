/* SPDX-License-Identifier: MIT */
/*
 * The 8254: the bytes that program its channels, and the counter that is read. Source: Intel's
 * data sheet.
 */
#define KERNEL_CPU_IO_H /* a model of the ports */
#include "lib/types.h"
static u8 inb(u16 port);
static void outb(u16 port, u8 value);

#include "kernel/devices/pit.c"

#include <stdio.h>
#include <string.h>

#include "tests/host/tap.h"

static char record[400];
static u8 gate;
static u16 counter; /* of channel 2 */
static bool latched, high_next;

static u8 inb(u16 port)
{
	if (port == 0x61)
		return gate;
	EXPECT(port == 0x42 && latched);
	high_next = !high_next;
	return (u8)(high_next ? counter : counter >> 8);
}

static void outb(u16 port, u8 value)
{
	size_t length = strlen(record);

	latched = port == 0x43 && value == 0x80;
	high_next = false;
	snprintf(record + length, sizeof(record) - length, "%x=%x ", port, value);
}

static void periodic(void)
{
	static const struct {
		u32 hz;
		const char *record;
	} cases[] = {
		{ 100, "43=34 40=9c 40=2e " }, /* 11931.82, rounded: 11932 */
		{ 1000, "43=34 40=a9 40=4 " }, /* 1193.18: 1193 */
		{ 19, "43=34 40=4f 40=f5 " },  /* 62799.05, the slowest */
		{ 1193182, "43=34 40=1 40=0 " },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		record[0] = '\0';
		pit_periodic(cases[i].hz);
		EXPECT_TEXT(record, cases[i].record);
	}
	EXPECT_PANIC("!count", pit_periodic(18));
	EXPECT_PANIC("!count", pit_periodic(3 * PIT_HZ));
}

/* The gate closes, the counter starts at 65536, the gate opens; the speaker is off. */
static void free_run(void)
{
	gate = 0x33;
	pit_free_run();
	EXPECT_TEXT(record, "61=30 43=b0 42=0 42=0 61=31 ");
}

static void reads(void)
{
	counter = 0x1234;
	EXPECT_EQ(pit_read(), 0x10000 - 0x1234);
	EXPECT_TEXT(record, "43=80 ");
	counter = 0;
	EXPECT_EQ(pit_read(), 0);
	counter = 1;
	EXPECT_EQ(pit_read(), 0xffff);
	counter = 0xff00;
	EXPECT_EQ(pit_read(), 0x100);
}

TAP_MAIN({ "a tick", periodic }, { "a free-running counter", free_run }, { "reading", reads })
