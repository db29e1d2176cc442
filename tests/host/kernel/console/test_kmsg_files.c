/* SPDX-License-Identifier: MIT */
/*
 * The log for programs that read it: lines of syslog(2) and /proc/kmsg, records of /dev/kmsg, and
 * readers that are left behind. test_kmsg_writes.c: what programs write. Formats: syslog(2), Linux
 * Documentation/ABI/testing/dev-kmsg.
 *
 * sources: kernel/console/kmsg_files.c kernel/console/kmsg.c tests/host/kernel/console/kmsg_rig.c
 */
#include <stdio.h>

#include "abi/linux/errno.h"
#include "fs/poll.h"
#include "kernel/console/console.h"
#include "kernel/console/kmsg.h"
#include "kernel/console/kmsg_files.h"
#include "kernel/devices/time.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/kernel/console/kmsg_rig.h"
#include "tests/host/resched.h"
#include "tests/host/user.h"

/* Refuses from the nth call on. */
static u32 refuse_nth(void *memory, u32 bytes, void *context)
{
	u32 *nth = context;

	(void)memory;
	return --*nth ? 0 : bytes;
}

static void log_line(const char *line)
{
	kmsg_end_line(line, strlen(line), clock_counts());
	kmsg_wake();
}

/* Reads to `text`. */
static s32 read_new(u32 bytes)
{
	char *to = text;
	s32 done;

	memset(text, 0, sizeof(text));
	done = kmsg_read_new(true, bytes, copy_to_buffer, &to);
	EXPECT(done < 0 || to == text + done);
	return done;
}

static s32 read_last(u32 bytes)
{
	char *to = text;
	s32 done;

	memset(text, 0, sizeof(text));
	done = kmsg_read_last(bytes, copy_to_buffer, &to);
	EXPECT(done < 0 || to == text + done);
	return done;
}

static void overwrite_all(void)
{
	char line[901];

	memset(line, 'o', 900);
	line[900] = '\0';
	for (u32 i = 0; i < KMSG_BYTES / 900 + 1; i++)
		log_line(line);
}

/* ---- Lines ---- */

static void lines(void)
{
	EXPECT_EQ(kmsg_unread(), 0);
	EXPECT_EQ(read_new(100), -EAGAIN);
	now = 1234567;
	log_line("one");
	now = 99999000001;
	log_line("");
	kmsg_add(3 << 3 | 4, "of a program", 12, clock_counts());
	EXPECT_EQ(kmsg_unread(), 22 + 19 + 32);
	EXPECT_EQ(read_new(BUFFER), 22 + 19 + 32);
	EXPECT_TEXT(text, "<6>[    1.234567] one\n"
			  "<6>[99999.000001] \n"
			  "<28>[99999.000001] of a program\n");
	EXPECT_EQ(kmsg_unread(), 0);
	EXPECT_EQ(read_new(100), -EAGAIN);
}

/* Whole lines, as many as fit; if the first one does not, a part of it, then the rest. */
static void parts_of_lines(void)
{
	log_line("first"); /* 24 bytes */
	log_line("second");
	log_line("third");
	EXPECT_EQ(read_new(24 + 24), 24);
	EXPECT_TEXT(text, "<6>[    0.000000] first\n");
	EXPECT_EQ(kmsg_unread(), 25 + 24);
	EXPECT_EQ(read_new(2), 2);
	EXPECT_TEXT(text, "<6");
	EXPECT_EQ(kmsg_unread(), 23 + 24);
	EXPECT_EQ(read_new(19), 19);
	EXPECT_TEXT(text, ">[    0.000000] sec");
	EXPECT_EQ(read_new(1), 1);
	EXPECT_TEXT(text, "o");
	EXPECT_EQ(read_new(3 + 23), 3);
	EXPECT_TEXT(text, "nd\n");
	EXPECT_EQ(read_new(24), 24);
	EXPECT_TEXT(text, "<6>[    0.000000] third\n");
	/* A rest, and the next line after it. */
	log_line("a");
	log_line("b");
	EXPECT_EQ(read_new(19), 19);
	EXPECT_EQ(read_new(1 + 20), 1 + 20);
	EXPECT_TEXT(text, "\n<6>[    0.000000] b\n");
}

/* The rest of a line that was overwritten is lost, and so are the lines after it. */
static void left_behind(void)
{
	log_line("first");
	EXPECT_EQ(read_new(5), 5);
	overwrite_all();
	EXPECT_EQ(read_new(21), 21);
	EXPECT_TEXT(text, "<6>[    0.000000] ooo");
	EXPECT_EQ(read_new(BUFFER), 898 + 7 * 919);
	EXPECT_TEXT(text + 898 + 7 * 919 - 3, "oo\n");
}

static void bad_memory(void)
{
	u32 nth;

	log_line("a line");
	for (nth = 1; nth < 4; nth++) {
		u32 calls = nth;

		EXPECT_EQ(kmsg_read_last(BUFFER, refuse_nth, &calls), -EFAULT);
	}
	EXPECT_EQ(kmsg_read_last(BUFFER, refuse_nth, &nth), 25);
	EXPECT_EQ(kmsg_read_new(true, 100, refuse, NULL), -EFAULT);
	log_line("next");
	EXPECT_EQ(kmsg_read_new(true, 100, refuse, NULL), -EFAULT);
}

static void write_late(void)
{
	static bool written;

	if (!written)
		log_line("late");
	written = true;
}

/* A reader waits for a line, or for a signal. */
static void waits(void)
{
	char *to = text;

	EXPECT_EQ(kmsg_read_new(false, 100, copy_to_buffer, &to), -ERESTARTSYS);
	host_others = write_late;
	EXPECT_EQ(kmsg_read_new(false, 100, copy_to_buffer, &to), 23);
	EXPECT_TEXT(text, "<6>[    0.000000] late\n");
}

/* ---- The last lines ---- */

static void last_lines(void)
{
	log_line("first");
	log_line("second");
	log_line("third");
	EXPECT_EQ(read_last(24 + 25 + 24), 24 + 25 + 24);
	EXPECT_EQ(read_last(24 + 25 + 23), 25 + 24);
	EXPECT_TEXT(text, "<6>[    0.000000] second\n<6>[    0.000000] third\n");
	EXPECT_EQ(read_last(25 + 23), 24);
	EXPECT_TEXT(text, "<6>[    0.000000] third\n");
	EXPECT_EQ(read_last(24), 24);
	EXPECT_EQ(read_last(23), 0);
	kmsg_clear();
	EXPECT_EQ(read_last(BUFFER), 0);
	EXPECT_EQ(kmsg_unread(), 24 + 25 + 24); /* for kmsg_read_new() nothing is cleared */
	log_line("fourth");
	EXPECT_EQ(read_last(BUFFER), 25);
	EXPECT_TEXT(text, "<6>[    0.000000] fourth\n");
}

/* Lines that come meanwhile are copied as far as they fit. */
static void last_lines_grow(void)
{
	log_line("first");
	log_line("second");
	host_others = write_late;
	EXPECT_EQ(read_last(24 + 25 + 22), 24 + 25);
	EXPECT_TEXT(text, "<6>[    0.000000] first\n<6>[    0.000000] second\n");
	host_others = NULL;
}

/* ---- /proc/kmsg ---- */

static void proc_file(void)
{
	struct file file = { .flags = O_NONBLOCK };
	char *to = text;

	EXPECT_EQ(proc_kmsg_operations.read(&file, 0, 100, copy_to_buffer, &to), -EAGAIN);
	EXPECT_EQ(proc_kmsg_operations.read(&file, 0, 0, copy_to_buffer, &to), 0);
	EXPECT_EQ(proc_kmsg_operations.poll(&file, NULL), 0);
	log_line("a line");
	EXPECT_EQ(proc_kmsg_operations.read(&file, 0, 0, copy_to_buffer, &to), 0);
	EXPECT_EQ(proc_kmsg_operations.poll(&file, NULL), POLLIN | POLLRDNORM);
	EXPECT_EQ(proc_kmsg_operations.read(&file, 0, 100, copy_to_buffer, &to), 25);
	EXPECT_TEXT(text, "<6>[    0.000000] a line\n");
	EXPECT_EQ(proc_kmsg_operations.poll(&file, NULL), 0);
	file.flags = 0;
	EXPECT_EQ(proc_kmsg_operations.read(&file, 0, 100, copy_to_buffer, &to), -ERESTARTSYS);
}

/* ---- Records ---- */

static void records(void)
{
	struct file *file;
	char control[] = "tab\t \\ \x7f \xc3\xa4 ~";

	boot();
	now = 5;
	log_line("one");
	now = 1234567890;
	log_line(control);
	file = opened("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(read_record(file, 11), -EINVAL);
	EXPECT_EQ(read_record(file, 12), 12);
	EXPECT_TEXT(text, "6,0,5,-;one\n");
	EXPECT_EQ(read_record(file, BUFFER), 46);
	EXPECT_TEXT(text, "6,1,1234567890,-;tab\\x09 \\x5c \\x7f \\xc3\\xa4 ~\n");
	EXPECT_EQ(read_record(file, BUFFER), -EAGAIN);
	file_put(file);
}

/* Each length around that of a piece, with bytes of each form. */
static void long_records(void)
{
	static char line[KMSG_LINE], wanted[BUFFER];
	struct file *file;
	u32 wrong = 0;

	boot();
	file = opened("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	for (u32 bytes = 0; bytes <= KMSG_LINE; bytes += bytes < 200 ? 1 : 20) {
		int used = snprintf(wanted, 40, "6,%llu,0,-;", (unsigned long long)kmsg_next());

		for (u32 i = 0; i < bytes; i++) {
			line[i] = (char)(i % 7 < bytes % 7 ? 0x80 + i % 64 : 'a' + i % 26);
			used += snprintf(wanted + used, 6, line[i] < 0 ? "\\x%02x" : "%c",
					 (u8)line[i]);
		}
		strcpy(wanted + used++, "\n");
		kmsg_add(6, line, bytes, 0);
		wrong += read_record(file, (u32)used) != used || strcmp(text, wanted) != 0;
	}
	EXPECT_EQ(wrong, 0);
	file_put(file);
}

/* A reader that is left behind learns it once, and goes on with the oldest record. */
static void record_overwritten(void)
{
	struct file *file;
	char wanted[40];

	boot();
	log_line("one");
	file = opened("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(file_poll(file, NULL), POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM);
	overwrite_all();
	EXPECT_EQ(file_poll(file, NULL),
		  POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLERR | POLLPRI);
	EXPECT_EQ(read_record(file, BUFFER), -EPIPE);
	EXPECT_EQ(file_poll(file, NULL), POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM);
	snprintf(wanted, sizeof(wanted), "6,%llu,0,-;ooo", (unsigned long long)kmsg_first());
	EXPECT(read_record(file, BUFFER) > 900 && !strncmp(text, wanted, strlen(wanted)));
	file_put(file);
}

static void record_to_bad_memory(void)
{
	struct file *file;

	boot();
	log_line("one");
	file = opened("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	for (u32 nth = 1; nth < 3; nth++) {
		u32 calls = nth;

		EXPECT_EQ(file_seek(file, 0, SEEK_SET), 0);
		EXPECT_EQ(file_read(file, &file->position, 100, refuse_nth, &calls), -EFAULT);
	}
	file_put(file);
}

static void record_waits(void)
{
	struct file *file;

	boot();
	file = opened("/dev/kmsg", O_RDWR);
	EXPECT_EQ(file_poll(file, NULL), POLLOUT | POLLWRNORM);
	EXPECT_EQ(read_record(file, 100), -ERESTARTSYS);
	host_others = write_late;
	EXPECT_EQ(read_record(file, 100), 13);
	EXPECT_TEXT(text, "6,0,0,-;late\n");
	file_put(file);
}

/* With dmesg_restrict only the super-user reads; everybody writes who may by the file's rights. */
static void restricted(void)
{
	boot();
	host_privileged = false;
	EXPECT_EQ(try("/dev/kmsg", O_RDONLY), 0);
	kmsg_restricted = 1;
	EXPECT_EQ(try("/dev/kmsg", O_RDONLY), -EPERM);
	EXPECT_EQ(try("/dev/kmsg", O_RDWR), -EPERM);
	EXPECT_EQ(try("/dev/kmsg", O_WRONLY), 0);
	host_privileged = true;
	EXPECT_EQ(try("/dev/kmsg", O_RDWR), 0);
}

static void seeks(void)
{
	struct file *file;

	boot();
	log_line("one");
	log_line("two");
	kmsg_clear();
	log_line("three");
	file = opened("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(file_seek(file, 0, SEEK_DATA), 0);
	EXPECT(read_record(file, 100) == 14 && !strcmp(text, "6,2,0,-;three\n"));
	EXPECT_EQ(file_seek(file, 0, SEEK_SET), 0);
	EXPECT(read_record(file, 100) == 12 && !strcmp(text, "6,0,0,-;one\n"));
	EXPECT_EQ(file_seek(file, 0, SEEK_END), 0);
	EXPECT_EQ(read_record(file, 100), -EAGAIN);
	EXPECT_EQ(file_seek(file, 1, SEEK_SET), -ESPIPE);
	EXPECT_EQ(file_seek(file, -1, SEEK_END), -ESPIPE);
	EXPECT_EQ(file_seek(file, 0, SEEK_CUR), -EINVAL);
	/* What was cleared may be overwritten too. */
	overwrite_all();
	EXPECT_EQ(file_seek(file, 0, SEEK_DATA), 0);
	EXPECT(read_record(file, BUFFER) > 900);
	file_put(file);
}

TAP_MAIN({ "lines", lines }, { "parts of lines", parts_of_lines },
	 { "a reader of lines is left behind", left_behind }, { "lines to bad memory", bad_memory },
	 { "a reader of lines waits", waits }, { "the last lines", last_lines },
	 { "lines that come meanwhile", last_lines_grow }, { "/proc/kmsg", proc_file },
	 { "records", records }, { "long records", long_records },
	 { "a reader of records is left behind", record_overwritten },
	 { "records to bad memory", record_to_bad_memory },
	 { "a reader of records waits", record_waits }, { "dmesg_restrict", restricted },
	 { "places in the log", seeks })
