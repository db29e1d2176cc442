/* SPDX-License-Identifier: MIT */
/*
 * The ring of log lines: records are whole lines in order, however they were written; the oldest
 * ones are lost, counted, when new ones need the space.
 *
 * sources: kernel/console/kmsg.c
 */
#include <stdio.h>
#include <string.h>

#include "kernel/console/kmsg.h"
#include "tests/host/tap.h"

static struct kmsg_record record;

static void write(const char *text, u64 counts)
{
	const char *end;

	for (; (end = strchr(text, '\n')); text = end + 1)
		kmsg_end_line(text, (size_t)(end - text), counts);
	kmsg_extend_line(text, strlen(text), counts);
}

/* The text of a record, or NULL. */
static const char *text_of(u64 number)
{
	static char text[KMSG_LINE + 1];

	if (!kmsg_find(number, &record))
		return NULL;
	memcpy(text, record.text, record.length);
	text[record.length] = '\0';
	return text;
}

static void lines(void)
{
	const char *open;

	EXPECT_TEXT(text_of(0), NULL);
	write("one\ntwo ", 5);
	EXPECT_EQ(kmsg_next(), 1);
	EXPECT_TEXT(text_of(0), "one");
	EXPECT_EQ(record.counts, 5);
	EXPECT_EQ(record.priority, KMSG_KERNEL);
	EXPECT_EQ(kmsg_open_line(&open), 4);
	EXPECT(!memcmp(open, "two ", 4));
	kmsg_add(KMSG_NOTICE, "a program's", 11, 6);
	write("more\n\n", 7);
	EXPECT_TEXT(text_of(1), "a program's");
	EXPECT_EQ(record.priority, KMSG_NOTICE);
	EXPECT_TEXT(text_of(2), "two more");
	EXPECT_TEXT(text_of(3), "");
	EXPECT_TEXT(text_of(4), NULL);
	EXPECT_EQ(kmsg_lost(), 0);
}

static void long_lines(void)
{
	static char text[2 * KMSG_LINE + 10];

	memset(text, 'x', sizeof(text));
	kmsg_extend_line(text, sizeof(text), 0);
	kmsg_end_line("", 0, 0);
	for (u32 i = 0; i < 2; i++)
		EXPECT(kmsg_find(i, &record) && record.length == KMSG_LINE);
	EXPECT(kmsg_find(2, &record) && record.length == 10);
	kmsg_extend_line(text, KMSG_LINE, 0);
	kmsg_end_line("", 0, 0);
	kmsg_end_line(text, KMSG_LINE + 1, 0);
	EXPECT(kmsg_find(3, &record) && record.length == KMSG_LINE);
	EXPECT(kmsg_find(4, &record) && record.length == KMSG_LINE);
	EXPECT(kmsg_find(5, &record) && record.length == 1);
	EXPECT(!kmsg_find(6, &record));
}

static const char *line_of(u32 number)
{
	static char line[80];

	snprintf(line, sizeof(line), "line %u, %.*s", number, (int)(number * 7 % 40),
		 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
	return line;
}

/* All records from `first` on, in order. */
static bool good_from(u64 first)
{
	u64 number = first;

	for (; kmsg_find(number, &record); number++)
		if (record.number != number || record.counts != number ||
		    strcmp(text_of(number), line_of((u32)number)) != 0)
			return false;
	return number == kmsg_next();
}

static void overwritten(void)
{
	size_t written = 0;

	for (u32 i = 0; i < 5000; i++) {
		write(line_of(i), i);
		write("\n", i);
		written += strlen(line_of(i)) + 1;
		if (i % 512 == 0 && !EXPECT(good_from(kmsg_first())))
			return;
	}
	EXPECT(kmsg_first() > 2000 && kmsg_first() < 4900);
	EXPECT(good_from(kmsg_first()));
	EXPECT(good_from(4900));
	/* An old number finds the oldest record. */
	EXPECT(kmsg_find(3, &record) && record.number == kmsg_first());
	for (u64 i = kmsg_first(); kmsg_find(i, &record); i++)
		written -= record.length + 1;
	EXPECT_EQ(kmsg_lost(), written);
}

TAP_MAIN({ "lines become records", lines }, { "long lines are several records", long_lines },
	 { "the oldest lines are overwritten", overwritten })
