/* SPDX-License-Identifier: MIT */
/*
 * The files of /proc about time, names and limits of the machine: what grows while something
 * happens, and what agrees with system calls. Limits are written back as they were.
 */
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/time_calls.h"

/* The number, counted from 0, in a line of words. */
static u32 word_of(const char *line, u32 number)
{
	while (number--) {
		while (*line && *line != ' ' && *line != '\n')
			line++;
		while (*line == ' ')
			line++;
	}
	return string_to_number(line);
}

static const char *line_of(const char *text, const char *name)
{
	while (text && !text_begins(text, name))
		text = next_line(text);
	EXPECT(text);
	return text ? text : "";
}

static u32 seconds_now(void)
{
	return (u32)sys_time(NULL);
}

struct counts {
	u32 user, all, switches, processes, started;
};

/*
 * User, nice, system and idle, of the first processor at most those of all. Linux sums before it
 * writes the first processor's line, and time passes in between: the sums are those of a later
 * reading.
 */
static void first_processor(void)
{
	const char *line = next_line(line_of(file_text("/proc/stat"), "cpu "));
	u32 times[4];

	EXPECT(text_begins(line, "cpu0 "));
	for (u32 i = 0; i < 4; i++)
		times[i] = word_of(line, i + 1);
	line = line_of(file_text("/proc/stat"), "cpu ");
	for (u32 i = 0; i < 4; i++)
		EXPECT(times[i] <= word_of(line, i + 1));
}

static struct counts count(void)
{
	const char *text = file_text("/proc/stat"), *line = line_of(text, "cpu ");
	struct counts counts = { .user = word_of(line, 1) };

	for (u32 i = 1; i <= 4; i++)
		counts.all += word_of(line, i);
	EXPECT(word_of(line_of(text, "intr "), 1));
	EXPECT(word_of(line_of(text, "procs_running "), 1) >= 1);
	EXPECT(text_begins(line_of(text, "procs_blocked "), "procs_blocked "));
	counts.switches = word_of(line_of(text, "ctxt "), 1);
	counts.processes = word_of(line_of(text, "processes "), 1);
	counts.started = word_of(line_of(text, "btime "), 1);
	return counts;
}

static void does_nothing(void *unused)
{
	(void)unused;
}

/* Runs in ring 3 for so many milliseconds. */
static void spin(u32 milliseconds)
{
	struct timespec now, end;

	sys_clock_gettime(CLOCK_MONOTONIC, &end);
	end.nanoseconds += (s32)milliseconds * 1000000;
	do {
		for (volatile u32 i = 0; i < 20000; i++)
			;
		sys_clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.seconds == end.seconds
			 ? now.nanoseconds < end.nanoseconds
			 : (now.seconds - end.seconds) * 1000000000ll + now.nanoseconds <
				   end.nanoseconds);
}

static void counts_of_the_machine(void)
{
	struct counts before = count(), after;
	u32 uptime;

	first_processor();
	EXPECT_CHILD(does_nothing, NULL, EXITED(0));
	spin(60);
	after = count();
	EXPECT(after.user > before.user && after.all >= before.all + 3);
	EXPECT(after.switches >= before.switches + 2);
	EXPECT(after.processes > before.processes);
	uptime = string_to_number(file_text("/proc/uptime"));
	EXPECT(after.started + uptime >= seconds_now() - 2);
	EXPECT(after.started + uptime <= seconds_now() + 2);
}

/* In hundredths of a second: the first or second number of /proc/uptime. */
static u32 hundredths(u32 number)
{
	const char *text = file_text("/proc/uptime");
	u32 whole;

	for (; number; number--)
		while (*text && *text++ != ' ')
			;
	whole = string_to_number(text);
	while (*text >= '0' && *text <= '9')
		text++;
	EXPECT(*text == '.' && text[3] == (number ? ' ' : text[3]));
	EXPECT(text[1] >= '0' && text[1] <= '9' && text[2] >= '0' && text[2] <= '9');
	return whole * 100 + string_to_number(text + 1);
}

static void uptime(void)
{
	const struct timespec short_time = { 0, 50000000 };
	u32 since = hundredths(0), idle = hundredths(1);
	struct timespec now;

	EXPECT_EQ(sys_nanosleep(&short_time, NULL), 0);
	EXPECT(hundredths(0) >= since + 5 && hundredths(0) < since + 500);
	EXPECT(hundredths(1) >= idle);
	sys_clock_gettime(CLOCK_BOOTTIME, &now);
	EXPECT(hundredths(0) + 2 >= (u32)now.seconds * 100 + (u32)now.nanoseconds / 10000000);
	EXPECT(hundredths(0) <= (u32)now.seconds * 100 + (u32)now.nanoseconds / 10000000 + 100);
}

static void load(void)
{
	const char *text = file_text("/proc/loadavg");
	u32 running, all;

	for (u32 i = 0; i < 3; i++) {
		while (*text >= '0' && *text <= '9')
			text++;
		EXPECT(text[0] == '.' && text[3] == ' ');
		EXPECT(text[1] >= '0' && text[1] <= '9' && text[2] >= '0' && text[2] <= '9');
		text += 4;
	}
	running = string_to_number(text);
	while (*text && *text++ != '/')
		;
	all = string_to_number(text);
	EXPECT(running >= 1 && running <= all);
	EXPECT(word_of(text, 1) >= (u32)sys_getpid());
	EXPECT(*next_line(text) == '\0' || !next_line(text));
}

/* Expects a file of one line, this word. */
static void expect_line(const char *path, const char *word)
{
	const char *text = file_text(path);

	EXPECT(text_begins(text, word) && !strcmp(text + strlen(word), "\n"));
}

static void names(void)
{
	static struct utsname name;
	const char *text;

	EXPECT_EQ(sys_uname(&name), 0);
	expect_line("/proc/sys/kernel/ostype", name.sysname);
	expect_line("/proc/sys/kernel/osrelease", name.release);
	expect_line("/proc/sys/kernel/version", name.version);
	expect_line("/proc/sys/kernel/hostname", name.nodename);
	expect_line("/proc/sys/kernel/domainname", name.domainname);
	text = file_text("/proc/version");
	EXPECT(text_begins(text, name.sysname));
	EXPECT(text_begins(text + strlen(name.sysname), " version "));
	EXPECT(text_begins(text + strlen(name.sysname) + 9, name.release));
	EXPECT(strlen(file_text("/proc/cmdline")) > 1);
	EXPECT(text_begins(line_of(file_text("/proc/filesystems"), "nodev\ttmpfs\n"), "nodev"));
	EXPECT(text_begins(line_of(file_text("/proc/filesystems"), "nodev\tproc\n"), "nodev"));
	EXPECT(text_begins(line_of(file_text("/proc/mounts"), "proc /proc proc "), "proc"));
}

static char held[4096];

/* Reads a limit and writes it back; then it is the same. */
static void write_back(const char *path)
{
	const char *text = file_text(path);
	u32 length = strlen(text);

	EXPECT(length > 1 && length < sizeof(held));
	memcpy(held, text, length + 1);
	EXPECT_EQ(file_write_text(path, held), length);
	EXPECT(!strcmp(file_text(path), held));
}

static void limits(void)
{
	static const char *const paths[] = {
		"/proc/sys/fs/pipe-max-size",	"/proc/sys/kernel/sem",
		"/proc/sys/kernel/shmmni",	"/proc/sys/kernel/msgmax",
		"/proc/sys/kernel/msgmnb",	"/proc/sys/kernel/msgmni",
		"/proc/sys/vm/overcommit_ratio"
	};

	for (u32 i = 0; i < ARRAY_SIZE(paths); i++)
		write_back(paths[i]);
	EXPECT_EQ(file_write_text("/proc/sys/fs/pipe-max-size", "-1"), -EINVAL);
	EXPECT_EQ(file_write_text("/proc/sys/fs/pipe-max-size", "x"), -EINVAL);
	EXPECT_EQ(file_write_text("/proc/sys/kernel/msgmax", "-1"), -EINVAL);
	EXPECT_EQ(file_write_text("/proc/sys/kernel/msgmni", "2147483647"), -EINVAL);
	EXPECT_EQ(file_write_text("/proc/sys/kernel/ostype", "x"), -EACCES);
}

/* The root folder of a process, and its own. */
static void links(void)
{
	char target[8] = "xxxxxxx";

	EXPECT_EQ(sys_readlink("/proc/self/root", target, sizeof(target)), 1);
	EXPECT(target[0] == '/' && target[1] == 'x');
	EXPECT_EQ(sys_readlink("/proc/self/root", target, 0), -EINVAL);
	EXPECT_EQ(sys_readlink("/proc/self/no", target, 8), -ENOENT);
}

static const struct tap_case cases[] = {
	{ "what the machine has done", counts_of_the_machine },
	{ "how long it runs", uptime },
	{ "its load", load },
	{ "names", names },
	{ "limits", limits },
	{ "the root of a process", links },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
