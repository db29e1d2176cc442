/* SPDX-License-Identifier: MIT */
/*
 * The kernel's log for programs: syslog(2), /dev/kmsg and /proc/kmsg. On another Linux only what
 * leaves its log alone is tried: what is refused, and the form of what can be read.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/time_calls.h"

enum { READ = 2, READ_ALL, READ_CLEAR, CLEAR, OFF, ON, LEVEL, SIZE_UNREAD, SIZE_BUFFER };

#define USER 65534

static char buffer[128 * 1024];

static long sys_syslog(int type, void *to, int bytes)
{
	return system_call(NR_syslog, type, (long)to, bytes, 0, 0, 0);
}

/* Is this the kernel whose log the test may use up? */
static bool is_pagewright(void)
{
	struct stat64 stat;

	return !sys_stat64("/proc/frames", &stat);
}

static void as_user(void *argument)
{
	static const int types[] = { READ, READ_CLEAR, CLEAR, OFF, ON, LEVEL, SIZE_UNREAD };

	(void)argument;
	if (system_call(NR_setresuid32, USER, USER, USER, 0, 0, 0))
		return; /* not the super-user: it is a user already */
	for (u32 i = 0; i < ARRAY_SIZE(types); i++)
		EXPECT_EQ(sys_syslog(types[i], buffer, 1), -EPERM);
	EXPECT_EQ(sys_syslog(11, buffer, 1), -EPERM);
	EXPECT_EQ(sys_open("/proc/kmsg", O_RDONLY), -EACCES);
	if (is_pagewright()) /* a container may have none */
		EXPECT_EQ(sys_open("/dev/kmsg", O_WRONLY), -EACCES);
}

static void refused(void)
{
	EXPECT_CHILD(as_user, NULL, EXITED(0));
	if (sys_syslog(SIZE_UNREAD, NULL, 0) < 0)
		return; /* not the super-user */
	EXPECT_EQ(sys_syslog(11, buffer, 1), -EINVAL);
	EXPECT_EQ(sys_syslog(-1, buffer, 1), -EINVAL);
	EXPECT_EQ(sys_syslog(READ_ALL, NULL, 1), -EINVAL);
	EXPECT_EQ(sys_syslog(READ_ALL, buffer, -1), -EINVAL);
	EXPECT_EQ(sys_syslog(READ_ALL, buffer, 0), 0);
	EXPECT_EQ(sys_syslog(READ_ALL, (void *)16, sizeof(buffer)), -EFAULT);
	EXPECT_EQ(sys_syslog(LEVEL, NULL, 0), -EINVAL);
	EXPECT_EQ(sys_syslog(LEVEL, NULL, 9), -EINVAL);
	EXPECT(sys_syslog(SIZE_BUFFER, NULL, 0) >= 16384);
}

/* "<6>[    1.234567] ", or without the time. */
static bool line_is_good(const char *line)
{
	return line[0] == '<' && line[1] >= '0' && line[1] <= '9' &&
	       (line[2] == '>' || line[3] == '>' || line[4] == '>');
}

/* Each read is whole lines, the last ones. */
static void lines(void)
{
	long whole = sys_syslog(READ_ALL, buffer, sizeof(buffer) - 1), part;

	if (whole <= 0)
		return;
	EXPECT(line_is_good(buffer));
	EXPECT_EQ(buffer[whole - 1], '\n');
	part = sys_syslog(READ_ALL, buffer, 200);
	EXPECT(part >= 0 && part <= 200);
	if (part > 0) {
		EXPECT(line_is_good(buffer));
		EXPECT_EQ(buffer[part - 1], '\n');
	}
}

/* The record that is read next: its priority, and its text after the head. */
static void expect_record(int fd, const char *priority, const char *text)
{
	long bytes = sys_read(fd, buffer, 2000);
	const char *rest = buffer;

	if (!EXPECT(bytes > 0 && bytes < 2000))
		return;
	buffer[bytes] = '\0';
	EXPECT(text_begins(buffer, priority));
	while (*rest && *rest != ';')
		rest++;
	EXPECT(rest[-2] == ',' && rest[-1] == '-');
	EXPECT(!strcmp(rest, text));
}

static void write_text(int fd, const char *text)
{
	EXPECT_EQ(sys_write(fd, text, strlen(text)), strlen(text));
}

static u32 events_of(int fd)
{
	struct pollfd poll = { .fd = fd, .events = POLLIN };

	return sys_poll(&poll, 1, 0) ? (u16)poll.revents : 0;
}

static void records(void)
{
	int out, fd;

	if (!is_pagewright())
		return;
	/* None of them is for the console, on which the same lines are printed as on Linux. */
	EXPECT_EQ(sys_syslog(LEVEL, NULL, 3), 0);
	out = (int)sys_open("/dev/kmsg", O_WRONLY);
	fd = (int)sys_open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	EXPECT(sys_read(fd, buffer, 2000) > 0);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_END), 0);
	EXPECT_EQ(sys_lseek(fd, 1, SEEK_SET), -ESPIPE);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_CUR), -EINVAL);
	EXPECT_EQ(sys_read(fd, buffer, 2000), -EAGAIN);
	EXPECT_EQ(events_of(fd), 0);
	write_text(out, "a line\n");
	EXPECT_EQ(events_of(fd), POLLIN);
	EXPECT_EQ(sys_read(fd, buffer, 10), -EINVAL);
	expect_record(fd, "12,", ";a line\n");
	write_text(out, "<3>tab\tand \\");
	expect_record(fd, "11,", ";tab\\x09and \\x5c\n");
	write_text(out, "<30>daemon");
	expect_record(fd, "30,", ";daemon\n");
	write_text(out, "one\ntwo\n");
	expect_record(fd, "12,", ";one\n");
	expect_record(fd, "12,", ";two\n");
	EXPECT_EQ(sys_write(out, buffer, 2000), -EINVAL);
	EXPECT_EQ(sys_write(out, (void *)0xc0000000, 1), -EFAULT);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_SET), 0);
	EXPECT(sys_read(fd, buffer, 2000) > 0);
	EXPECT_EQ(sys_syslog(LEVEL, NULL, 7), 0);
	sys_close(out);
	sys_close(fd);
}

/* More than the ring holds: a reader that stays behind is told so once. */
static void left_behind(void)
{
	int fd, out;

	if (!is_pagewright())
		return;
	fd = (int)sys_open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	out = (int)sys_open("/dev/kmsg", O_WRONLY);
	memset(buffer, 'x', 900);
	EXPECT_EQ(sys_syslog(OFF, NULL, 0), 0);
	for (long i = sys_syslog(SIZE_BUFFER, NULL, 0) / 900; i >= 0; i--)
		EXPECT_EQ(sys_write(out, buffer, 900), 900);
	EXPECT_EQ(events_of(fd), POLLIN | POLLERR);
	EXPECT_EQ(sys_read(fd, buffer, 2000), -EPIPE);
	EXPECT(sys_read(fd, buffer, 2000) > 0);
	EXPECT_EQ(sys_syslog(ON, NULL, 0), 0);
	sys_close(out);
	sys_close(fd);
}

static void writes_later(void *argument)
{
	const struct timespec time = { 0, 50000000 };
	int out = (int)sys_open("/dev/kmsg", O_WRONLY);

	(void)argument;
	sys_nanosleep(&time, NULL);
	write_text(out, "awaited");
}

/* syslog(2) and /proc/kmsg share a position; both wait. */
static void new_lines(void)
{
	int fd, out, child;
	long bytes;

	if (!is_pagewright())
		return;
	EXPECT_EQ(sys_syslog(OFF, NULL, 0), 0);
	out = (int)sys_open("/dev/kmsg", O_WRONLY);
	fd = (int)sys_open("/proc/kmsg", O_RDONLY | O_NONBLOCK);
	while (sys_syslog(SIZE_UNREAD, NULL, 0))
		sys_syslog(READ, buffer, sizeof(buffer));
	EXPECT_EQ(events_of(fd), 0);
	EXPECT_EQ(sys_read(fd, buffer, 100), -EAGAIN);
	write_text(out, "0123456789");
	EXPECT_EQ(events_of(fd), POLLIN);
	bytes = sys_syslog(SIZE_UNREAD, NULL, 0);
	/* A line that is too long comes in parts. */
	EXPECT_EQ(sys_read(fd, buffer, 8), 8);
	EXPECT(text_begins(buffer, "<12>["));
	EXPECT_EQ(sys_syslog(READ, buffer, 1000), bytes - 8);
	EXPECT(!memcmp(buffer + bytes - 8 - 11, "0123456789\n", 11));
	child = process_start(writes_later, NULL);
	bytes = sys_syslog(READ, buffer, 1000);
	EXPECT(bytes > 8 && !memcmp(buffer + bytes - 8, "awaited\n", 8));
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT(sys_syslog(READ_CLEAR, buffer, sizeof(buffer)) > 0);
	EXPECT_EQ(sys_syslog(READ_ALL, buffer, sizeof(buffer)), 0);
	EXPECT_EQ(sys_syslog(ON, NULL, 0), 0);
	sys_close(out);
	sys_close(fd);
}

/* sys/kernel/dmesg_restrict: then only the super-user may look. */
static void reads_all(void *argument)
{
	EXPECT_EQ(system_call(NR_setresuid32, USER, USER, USER, 0, 0, 0), 0);
	EXPECT_EQ(sys_syslog(READ_ALL, buffer, 0), (long)argument);
	EXPECT_EQ(file_try("/dev/kmsg", O_RDONLY), (long)argument);
}

static void restricted(void)
{
	if (!is_pagewright())
		return;
	EXPECT_CHILD(reads_all, NULL, EXITED(0));
	EXPECT_EQ(file_write_text("/proc/sys/kernel/dmesg_restrict", "1"), 1);
	EXPECT_CHILD(reads_all, (void *)-EPERM, EXITED(0));
	EXPECT_EQ(file_write_text("/proc/sys/kernel/dmesg_restrict", "0"), 1);
}

static const struct tap_case cases[] = {
	{ "what is refused", refused },	     { "the last lines", lines },
	{ "records of /dev/kmsg", records }, { "a reader that is left behind", left_behind },
	{ "new lines", new_lines },	     { "restricted", restricted },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
