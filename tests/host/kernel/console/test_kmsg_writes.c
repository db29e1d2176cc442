/* SPDX-License-Identifier: MIT */
/*
 * What programs write to /dev/kmsg: priorities, lines, levels of the console, and who wakes.
 * Formats: Linux Documentation/ABI/testing/dev-kmsg.
 *
 * sources: kernel/console/kmsg_files.c kernel/console/kmsg.c tests/host/kernel/console/kmsg_rig.c
 */
#include "abi/linux/errno.h"
#include "kernel/console/kmsg.h"
#include "kernel/console/kmsg_files.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/kernel/console/kmsg_rig.h"
#include "tests/host/resched.h"
#include "tests/host/user.h"

static u32 last_priority(void)
{
	struct kmsg_record record = { 0 };

	kmsg_find(kmsg_next() - 1, &record);
	memcpy(text, record.text, record.length);
	text[record.length] = '\0';
	return record.priority;
}

static void priorities(void)
{
	static const struct {
		const char *written, *text;
		u32 priority;
	} cases[] = {
		{ "plain", "plain", 12 },
		{ "<3>error", "error", 1 << 3 | 3 }, /* never the kernel's facility */
		{ "<0>", "", 1 << 3 },
		{ "<7>debug", "debug", 1 << 3 | 7 },
		{ "<8>user", "user", 8 },
		{ "<30>daemon", "daemon", 30 },
		{ "<65539>wraps", "wraps", 3 },
		{ "<3 x", "<3 x", 12 },
		{ "<>x", "<>x", 12 },
		{ "3>x", "3>x", 12 },
		{ "<x>y", "<x>y", 12 },
	};
	struct file *file;

	boot();
	file = opened("/dev/kmsg", O_WRONLY);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 before = kmsg_next();

		EXPECT_EQ(put_text(file, cases[i].written), strlen(cases[i].written));
		if (cases[i].text[0]) {
			EXPECT_EQ(last_priority(), cases[i].priority);
			EXPECT_TEXT(text, cases[i].text);
		}
		EXPECT_EQ(kmsg_next() - before, cases[i].text[0] != '\0');
	}
	file_put(file);
}

static void written_lines(void)
{
	static char most[KMSG_LINE + 2];
	struct kmsg_record record;
	struct file *file;
	const char *from;

	boot();
	now = 77;
	file = opened("/dev/kmsg", O_WRONLY);
	EXPECT_EQ(put_text(file, "<5>one\n\ntwo\n"), 12);
	EXPECT_EQ(kmsg_next(), 3);
	EXPECT(kmsg_find(0, &record) && record.length == 3 && record.counts == 77 * 3);
	EXPECT(kmsg_find(1, &record) && record.length == 0);
	EXPECT(kmsg_find(2, &record) && record.length == 3 && !memcmp(record.text, "two", 3));
	EXPECT_TEXT(printed, "one\n\ntwo\n");
	memset(most, 'm', KMSG_LINE + 1);
	EXPECT_EQ(put_text(file, most), -EINVAL);
	EXPECT_EQ(kmsg_next(), 3);
	most[KMSG_LINE] = '\0';
	EXPECT_EQ(put_text(file, most), KMSG_LINE);
	EXPECT(kmsg_find(3, &record) && record.length == KMSG_LINE);
	from = most;
	EXPECT_EQ(file_write(file, &file->position, 5, refuse, &from), -EFAULT);
	EXPECT_EQ(kmsg_next(), 4);
	file_put(file);
}

/* The console prints what is more urgent than its level; switched off, emergencies only. */
static void console_levels(void)
{
	struct file *file;

	boot();
	file = opened("/dev/kmsg", O_WRONLY);
	put_text(file, "<6>six");
	put_text(file, "<7>seven");
	kmsg_console_level = 3;
	put_text(file, "<30>thirty");
	put_text(file, "<26>twenty-six");
	put_text(file, "<3>three");
	kmsg_console_off = true;
	put_text(file, "<1>one");
	put_text(file, "<0>zero");
	EXPECT_TEXT(printed, "six\ntwenty-six\nzero\n");
	EXPECT_EQ(kmsg_next(), 7);
	file_put(file);
}

/* A program that writes wakes those that wait. */
static struct file *writer;

static void write_from_a_program(void)
{
	put_text(writer, "late");
}

static void written_wakes(void)
{
	struct file *file;

	boot();
	file = opened("/dev/kmsg", O_RDONLY);
	writer = opened("/dev/kmsg", O_WRONLY);
	host_others = write_from_a_program;
	EXPECT_EQ(read_record(file, 100), 14);
	EXPECT_TEXT(text, "12,0,0,-;late\n");
	file_put(file);
	file_put(writer);
}

TAP_MAIN({ "priorities of programs", priorities }, { "what programs write", written_lines },
	 { "levels of the console", console_levels },
	 { "a program's line wakes readers", written_wakes })
