/* SPDX-License-Identifier: MIT */
/*
 * The log that outlives the run: the loader's reader finds what the kernel's writer left in a
 * region, whenever the machine stops, whatever lay there before, and however long the log is.
 *
 * sources: kernel/console/logbuf.c efi/last_run/log_reader.c
 */
#include <stdio.h>
#include <string.h>

#include "efi/last_run/log_reader.h"
#include "kernel/cpu/cpu.h"
#include "kernel/console/logbuf.h"
#include "tests/host/tap.h"

#define SIZE  0x4000u
#define TAIL  0x0800u
#define TEXTS 0x20000u

static u8 region[SIZE] __aligned(8);
static char expected[TEXTS], found[SIZE];
static u32 written;

/* The range to flush to memory is inside the region. */
void cache_clean(const volatile void *start, size_t bytes)
{
	const volatile u8 *first = start;

	EXPECT(first >= region && first + bytes <= region + SIZE);
}

static void begin(u32 run)
{
	log_region_begin(region, SIZE, TAIL, run);
	EXPECT(log_region_valid(region, SIZE));
	EXPECT(logbuf_open(region, SIZE));
	written = 0;
}

static void put(const char *text, u32 bytes)
{
	memcpy(expected + written, text, bytes);
	written += bytes;
	logbuf_write(text, bytes);
}

/* A line that differs from all others. */
static void put_line(u32 number)
{
	char line[80];

	put(line, (u32)snprintf(line, sizeof(line), "line %u of the log, %u\r\n", number,
				number * 2654435761u));
}

static u32 read_back(void)
{
	memset(found, 0, sizeof(found));
	return log_region_text(region, found, sizeof(found));
}

static void short_logs(void)
{
	memset(region, 0xa5, SIZE);
	begin(1);
	EXPECT_EQ(read_back(), 0);
	put("a", 1);
	EXPECT(read_back() == 1 && found[0] == 'a');
	for (u32 i = 0; i < 100; i++)
		put_line(i);
	EXPECT_EQ(logbuf_written(), written);
	EXPECT_EQ(read_back(), written);
	EXPECT(memcmp(found, expected, written) == 0);
	logbuf_move(NULL);
	logbuf_write("lost", 4);
	EXPECT_EQ(read_back(), written);
}

/* Writes of every size, over all parts: the beginning and the end are kept, and nothing else. */
static void long_logs(void)
{
	for (u32 round = 0; round < 200; round++) {
		u32 goal = random_below(TEXTS - 1000), bytes, same = 0;
		const char *tail;

		begin(random_u32());
		while (written < goal) {
			char text[700];
			u32 length = random_below(sizeof(text)) + 1;

			for (u32 i = 0; i < length; i++)
				text[i] = (char)('a' + random_below(26));
			put(text, length);
		}
		bytes = read_back();
		tail = strstr(found, "log: the middle is left out");
		if (!tail) {
			EXPECT(bytes == written && memcmp(found, expected, bytes) == 0);
			continue;
		}
		while (found[same] == expected[same])
			same++;
		EXPECT(same >= SIZE - 2 * TAIL - SIZE / 16);
		tail = strchr(tail, '\n') + 1;
		bytes -= (u32)(tail - found);
		EXPECT(bytes >= TAIL - TAIL / 8 && bytes <= 2 * TAIL);
		EXPECT(memcmp(tail, expected + written - bytes, bytes) == 0);
	}
}

/* Only one piece is missing: the text on both sides of the line about it is what was written. */
static bool only_a_piece_is_missing(u32 bytes)
{
	const char *line = strstr(found, LOG_DAMAGED), *after;
	u32 before = (u32)(line - found), rest;

	if (!line)
		return false;
	after = line + strlen(LOG_DAMAGED);
	rest = bytes - (u32)(after - found);
	return memcmp(found, expected, before) == 0 && before + rest < written &&
	       before + rest + LOG_RECORD_MAX >= written &&
	       memcmp(after, expected + written - rest, rest) == 0;
}

/*
 * One bit flips, or the memory is cut off, at any byte: no wrong text is found, and little is
 * lost.
 */
static void damage(void)
{
	static u8 copy[SIZE];
	u32 whole, pieces = 0;

	begin(7);
	for (u32 i = 0; i < 200; i++)
		put_line(i);
	whole = read_back();
	memcpy(copy, region, SIZE);
	for (u32 at = sizeof(struct log_header); at < written; at += 13) {
		u32 bytes;

		memcpy(region, copy, SIZE);
		region[at] ^= 0x10;
		bytes = read_back();
		if (only_a_piece_is_missing(bytes))
			pieces++;
		else
			EXPECT(bytes < whole && memcmp(found, expected, bytes) == 0);
		memset(region + at, 0xff, SIZE - at);
		bytes = read_back();
		EXPECT(bytes < whole && memcmp(found, expected, bytes) == 0);
		/* No record before the damage is lost. */
		EXPECT(bytes + 2 * LOG_RECORD_MAX + at / 16 + 64 >= at);
	}
	EXPECT(pieces > written / 13 * 9 / 10);
}

static void earlier_runs(void)
{
	begin(1);
	for (u32 i = 0; i < 300; i++)
		put_line(i);
	begin(2);
	EXPECT_EQ(read_back(), 0);
	put("the second run\r\n", 16);
	EXPECT(read_back() == 16 && memcmp(found, "the second run\r\n", 16) == 0);
}

static void headers(void)
{
	struct log_header *header = (void *)region;

	begin(3);
	EXPECT(!log_region_valid(region, SIZE - 4));
	EXPECT(!log_region_valid(region, sizeof(*header) - 1));
	EXPECT(!logbuf_open(region, SIZE - 4));
	for (u32 bit = 0; bit < 8 * offsetof(struct log_header, step); bit++) {
		region[bit / 8] ^= (u8)(1 << bit % 8);
		EXPECT(!log_region_valid(region, SIZE));
		EXPECT(!logbuf_open(region, SIZE));
		region[bit / 8] ^= (u8)(1 << bit % 8);
	}
	log_region_begin(region, SIZE, SIZE, 3);
	EXPECT(!log_region_valid(region, SIZE));
	log_region_begin(region, SIZE, 8, 3);
	EXPECT(!log_region_valid(region, SIZE));
}

/* A sound header, then random bytes: nothing outside is read. */
static void noise(void)
{
	for (u32 round = 0; round < 300; round++) {
		begin(5);
		for (u32 i = 0; i < random_below(600); i++)
			put_line(i);
		for (u32 i = 0; i < 50; i++)
			region[sizeof(struct log_header) +
			       random_below(SIZE - sizeof(struct log_header))] = (u8)random_u32();
		EXPECT(read_back() <= SIZE);
		EXPECT(log_region_text(region, found, 100) <= 100);
	}
}

static void expect_summary(const char *text, const char *wanted)
{
	char line[60];

	log_summary(text, (u32)strlen(text), line, sizeof(line));
	EXPECT_TEXT(line, wanted);
}

static void summaries(void)
{
	char line[8];

	expect_summary("", "the log is empty");
	expect_summary("boot: x\r\n\r\n", "boot: x");
	expect_summary("a\r\nverdict: result=pass\r\nb\r\n", "verdict: result=pass");
	expect_summary("Kernel panic - not syncing: x\r\nEIP=1\r\n",
		       "Kernel panic - not syncing: x");
	expect_summary("verdict: result=pass\nKernel panic - not syncing: x\n",
		       "verdict: result=pass");
	expect_summary("the verdict: none\nab\033[mc", "ab?[mc");
	log_summary("0123456789", 10, line, sizeof(line));
	EXPECT_TEXT(line, "0123456");
}

TAP_MAIN({ "short logs", short_logs }, { "long logs", long_logs }, { "damage", damage },
	 { "earlier runs", earlier_runs }, { "headers", headers }, { "noise", noise },
	 { "summaries", summaries })
