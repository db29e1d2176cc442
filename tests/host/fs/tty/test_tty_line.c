/* SPDX-License-Identifier: MIT */
/*
 * The line discipline. Its oracle is the host's Linux: a pseudo-terminal gets the same settings,
 * characters and reads, and must show and give the same.
 */
#include "abi/linux/errno.h"
#include "abi/linux/signal.h"
#include "fs/tty/tty_line.h"

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/tap.h"

/* Of the host's C library, whose headers define the names of abi/linux/termios.h again. */
int ioctl(int fd, unsigned long command, ...);
int posix_openpt(int flags);
int grantpt(int fd);
int unlockpt(int fd);
char *ptsname(int fd);
int open(const char *path, int flags, ...);
int usleep(unsigned int us);
ssize_t read(int fd, void *to, size_t bytes);
ssize_t write(int fd, const void *from, size_t bytes);

#define HOST_O_RDWR	02
#define HOST_O_NOCTTY	0400
#define HOST_O_NONBLOCK 04000

#define SHOWN 4096u

static struct tty_line line;
static char shown[SHOWN];
static u32 shown_count;

static void keep(const char *text, u32 count)
{
	EXPECT(count <= SHOWN - shown_count);
	memcpy(shown + shown_count, text, count);
	shown_count += count;
}

static void start(void)
{
	line_init(&line, keep);
	shown_count = 0;
}

static int type(const char *text)
{
	int signal = 0;

	while (*text)
		signal = line_input(&line, (u8)*text++);
	return signal;
}

/* What was shown since the last call. */
static const char *display(void)
{
	static char text[SHOWN + 1];

	memcpy(text, shown, shown_count);
	text[shown_count] = '\0';
	shown_count = 0;
	return text;
}

static const char *got(u32 bytes)
{
	static char text[SHOWN];
	bool more;

	text[line_read(&line, text, bytes, &more)] = '\0';
	return text;
}

static void a_line(void)
{
	start();
	EXPECT(!line_ready(&line, 1));
	type("ab");
	EXPECT(!line_ready(&line, 1));
	type("x\177c\rnext");
	EXPECT_TEXT(display(), "abx\b \bc\r\nnext");
	EXPECT(line_ready(&line, 1));
	EXPECT_EQ(line_available(&line), 4);
	EXPECT_TEXT(got(2), "ab");
	EXPECT_TEXT(got(100), "c\n");
	EXPECT(!line_ready(&line, 1));
	type("\25again\27\4");
	EXPECT_TEXT(got(100), "");
	type("end\4\4");
	EXPECT_TEXT(got(100), "end");
	EXPECT(line_ready(&line, 1));
	EXPECT_TEXT(got(100), "");
	EXPECT(!line_ready(&line, 1));
	type("end\4");
	EXPECT_TEXT(got(3), "end");
	EXPECT(!line_ready(&line, 1)); /* that end of file was for this read */
}

static void signals(void)
{
	start();
	type("half a line");
	EXPECT_EQ(type("\3"), SIGINT);
	EXPECT_EQ(type("\34"), SIGQUIT);
	EXPECT_EQ(type("\32"), SIGTSTP);
	type("\n");
	EXPECT_TEXT(display(), "half a line^C^\\^Z\r\n");
	EXPECT_TEXT(got(100), "\n");
	line.settings.lflag |= NOFLSH;
	EXPECT_EQ(type("kept\3"), SIGINT);
	type("\n");
	EXPECT_TEXT(got(100), "kept\n");
	EXPECT_EQ(type("\26\3\n"), 0); /* literally */
	EXPECT_TEXT(got(100), "\3\n");
}

static void flow(void)
{
	start();
	type("\23");
	EXPECT(line.stopped);
	type("x");
	EXPECT(line.stopped);
	type("\21");
	EXPECT(!line.stopped);
	type("\23\3");
	EXPECT(!line.stopped);
	line.settings.iflag |= IXANY;
	type("\23");
	EXPECT(line.stopped);
	type("y");
	EXPECT(!line.stopped);
}

static void full(void)
{
	start();
	for (u32 i = 0; i < 2 * LINE_INPUT; i++) {
		line_input(&line, 'a');
		shown_count = 0;
	}
	EXPECT(!line_ready(&line, 1));
	type("b\n\n");
	EXPECT(line_ready(&line, 1));
	EXPECT_EQ(line_available(&line), LINE_INPUT);
	EXPECT_EQ(strlen(got(SHOWN - 1)), LINE_INPUT - 1);
	EXPECT_TEXT(got(9), "\n");
	EXPECT(!line_ready(&line, 1));
}

static void modes(void)
{
	struct termios2 raw;

	start();
	raw = line.settings;
	raw.lflag &= ~(u32)ICANON;
	type("one\ntw");
	line_set(&line, &raw);
	EXPECT(line_ready(&line, 6) && !line_ready(&line, 7));
	EXPECT_TEXT(got(2), "on");
	raw.lflag |= ICANON;
	line_set(&line, &raw);
	EXPECT_TEXT(got(100), "e\ntw");
	type("x\n");
	EXPECT_TEXT(got(100), "x\n");
}

/* --- Linux as the oracle --- */

static int master = -1, slave;

static bool open_pty(void)
{
	char *name;

	master = posix_openpt(HOST_O_RDWR | HOST_O_NOCTTY);
	if (master < 0 || grantpt(master) || unlockpt(master))
		return false;
	name = ptsname(master);
	slave = name ? open(name, HOST_O_RDWR | HOST_O_NOCTTY | HOST_O_NONBLOCK) : -1;
	return slave >= 0;
}

/* Reads from the master until `count` bytes came, and a moment more for what is too much. */
static u32 master_shows(char *to, u32 count)
{
	u32 done = 0;

	for (u32 i = 0; i < 500; i++) {
		int there = 0;

		ioctl(master, FIONREAD, &there);
		if (there > 0)
			done += (u32)max(read(master, to + done, SHOWN - done), (ssize_t)0);
		else if (done >= count && i)
			break;
		else
			usleep(done >= count ? 200 : 1000);
	}
	return done;
}

static const char *printable(const char *text, u32 count)
{
	static char out[2][4 * SHOWN];
	static u32 turn;
	char *to = out[turn ^= 1];

	for (u32 i = 0; i < count; i++)
		to += sprintf(to, text[i] < ' ' || text[i] == 127 ? "\\%03o" : "%c",
			      (unsigned char)text[i]);
	*to = '\0';
	return out[turn];
}

static void same_display(const char *what)
{
	char theirs[SHOWN];
	u32 count = master_shows(theirs, shown_count);

	if (count != shown_count || memcmp(theirs, shown, count)) {
		EXPECT_TEXT(printable(shown, shown_count), printable(theirs, count));
		tap_note("%s", what);
	}
	shown_count = 0;
}

static void random_settings(struct termios2 *settings)
{
	static const u32 in[] = { ISTRIP, INLCR, IGNCR, ICRNL, IUCLC, IUTF8 };
	static const u32 out[] = { OLCUC, ONLCR, OCRNL, ONOCR, ONLRET, XTABS };
	static const u32 local[] = { ECHO, ECHOE, ECHOK, ECHONL, ECHOCTL, ECHOKE, IEXTEN };

	*settings = line.settings;
	settings->iflag = IMAXBEL | (random_one_in(2) ? ICRNL : 0);
	settings->oflag = random_one_in(4) ? 0 : OPOST;
	settings->lflag = (random_one_in(5) ? 0 : ICANON) | (random_one_in(5) ? 0 : ECHO) | ECHOE |
			  IEXTEN | (random_one_in(2) ? ECHOCTL | ECHOKE | ECHOK : 0);
	settings->oflag |= ONLCR;
	for (u32 i = 0; i < ARRAY_SIZE(in); i++)
		settings->iflag ^= random_one_in(6) ? in[i] : 0;
	for (u32 i = 0; i < ARRAY_SIZE(out); i++)
		settings->oflag ^= random_one_in(6) ? out[i] : 0;
	for (u32 i = 0; i < ARRAY_SIZE(local); i++)
		settings->lflag ^= random_one_in(6) ? local[i] : 0;
	settings->characters[VMIN] = 0; /* a read without characters returns at once */
	settings->characters[VEOL] = random_one_in(2) ? ';' : 0;
	settings->characters[VEOL2] = random_one_in(2) ? ':' : 0;
}

static u32 random_text(char *text)
{
	static const char keys[] = "\177\177\177\25\27\22\26\4\n\r\t\b\1\33;:,.-_";
	u32 count = random_below(50);

	for (u32 i = 0; i < count; i++) {
		if (random_one_in(3))
			text[i] = keys[random_below(sizeof(keys) - 1)];
		else if (random_one_in(12))
			text[i] = (char)(0x80 + random_below(0x7f));
		else
			text[i] = (char)("abcXYZ 0_ "[random_below(10)]);
	}
	return count;
}

/* Both have the same settings, no input, and their output at column 0. */
static void reset(void)
{
	struct termios2 plain;

	start();
	plain = line.settings;
	plain.iflag = 0;
	plain.lflag = 0;
	plain.oflag = OPOST;
	EXPECT_EQ(ioctl(slave, (u32)TCSETS2, &plain), 0);
	EXPECT_EQ(ioctl(slave, TCFLSH, TCIOFLUSH), 0);
	EXPECT_EQ(write(slave, "\r", 1), 1);
	line_set(&line, &plain);
	line_output(&line, "\r", 1);
	same_display("reset");
}

static void same_reads(void)
{
	for (u32 i = 0; i < 60; i++) {
		char ours[64], theirs[64];
		u32 bytes = 1 + random_below(20), count = 0;
		bool more = true, ready = line_ready(&line, 1);
		ssize_t result = read(slave, theirs, bytes);

		if (result < 0)
			result = 0;
		count = line_read(&line, ours, bytes, &more);
		if (count != (u32)result || memcmp(ours, theirs, count))
			EXPECT_TEXT(printable(ours, count), printable(theirs, (u32)result));
		if (!ready || tap_failed())
			return;
	}
}

static void as_on_linux(void)
{
	char text[64], note[400];

	if (master < 0 && !open_pty()) {
		tap_note("skipped: this Linux has no pseudo-terminals");
		return;
	}
	for (u32 round = 0; round < tap_scaled(400) && !tap_failed(); round++) {
		struct termios2 settings;
		u32 count = random_text(text);

		reset();
		random_settings(&settings);
		EXPECT_EQ(ioctl(slave, (u32)TCSETS2, &settings), 0);
		line_set(&line, &settings);
		EXPECT_EQ(write(master, text, count), count);
		for (u32 i = 0; i < count; i++)
			line_input(&line, (u8)text[i]);
		snprintf(note, sizeof(note), "iflag=%o oflag=%o lflag=%o text=%s", settings.iflag,
			 settings.oflag, settings.lflag, printable(text, count));
		same_display(note);
		same_reads();
		count = random_text(text);
		EXPECT_EQ(write(slave, text, count), count);
		line_output(&line, text, count);
		same_display("output");
		if (tap_failed())
			tap_note("%s", note);
	}
}

TAP_MAIN({ "a line: editing and the end of a file", a_line },
	 { "characters that cause signals", signals }, { "stopping and starting the output", flow },
	 { "a full buffer takes the end of a line", full }, { "changing between the modes", modes },
	 { "random keys, settings and reads are as on Linux", as_on_linux })
