/* SPDX-License-Identifier: MIT */
/* The terminal as a file: what reads wait for, job control, and its ioctl()s. */
#include <string.h>

#include "abi/linux/errno.h"
#include "abi/linux/signal.h"
#include "abi/linux/termios.h"
#include "fs/file.h"
#include "fs/poll.h"
#include "fs/tty/tty.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"

static struct file *file;
static char shown[512], raw[512];

static void add(char *to, const char *text, u32 count)
{
	u32 length = (u32)strlen(to);

	EXPECT(length + count < sizeof(shown));
	memcpy(to + length, text, count);
	to[length + count] = '\0';
}

static void send(const char *text, u32 count)
{
	add(shown, text, count);
}

static void written(const char *text, u32 count)
{
	add(raw, text, count);
}

static void close_console(void)
{
	file_put(file);
}

/* The terminal of a session 7 with the foreground group 7; the process is in both. */
static void start(void)
{
	machine_boot_highmem(MiB(16));
	file_init();
	tty_init(written);
	machine_settle();
	console_job = (struct console_job){ 7, 7, 7, 0, 0, 0 };
	shown[0] = raw[0] = '\0';
	EXPECT_EQ(file_open("/dev/console", O_RDWR, 0, &file), 0);
	tap_finally(close_console);
}

static void start_attended(void)
{
	start();
	tty_attend(send, 80, 24);
	tty_give(7, 7);
}

static void type(const char *text)
{
	while (*text)
		tty_receive((u8)*text++);
}

static u32 copy_out(void *kernel, u32 bytes, void *context)
{
	char **to = context;

	memcpy(*to, kernel, bytes);
	*to += bytes;
	return 0;
}

static u32 copy_in(void *kernel, u32 bytes, void *context)
{
	const char **from = context;

	memcpy(kernel, *from, bytes);
	*from += bytes;
	return 0;
}

static char text[600];

static s32 tty_get(u32 bytes)
{
	u64 position = 0;
	char *to = text;
	s32 done = file_read(file, &position, bytes, copy_out, &to);

	*to = '\0';
	return done;
}

static s32 tty_put(const char *from)
{
	u64 position = 0;

	return file_write(file, &position, (u32)strlen(from), copy_in, &from);
}

static s32 command(u32 number, u32 argument)
{
	return file->operations->ioctl(file, number, argument);
}

static u32 ready(void)
{
	return file_poll(file, NULL) & (POLLIN | POLLOUT);
}

static void nobody_there(void)
{
	start();
	EXPECT_EQ(tty_get(10), 0);
	EXPECT_EQ(ready(), POLLIN | POLLOUT);
	EXPECT_EQ(tty_put("a\tb\n"), 4);
	EXPECT_TEXT(raw, "a\tb\n");
	EXPECT_TEXT(shown, "");
	EXPECT_EQ(command(TIOCGPGRP, 0), -ENOTTY);
}

static void type_a_line(void)
{
	type("hello\n");
}

static void type_two(void)
{
	type("xy");
}

static void lines(void)
{
	start_attended();
	EXPECT_EQ(ready(), POLLOUT);
	EXPECT_EQ(tty_get(10), -ERESTARTSYS); /* nothing wakes it but a signal */
	host_others = type_a_line;
	EXPECT_EQ(tty_get(3), 3);
	host_others = NULL;
	EXPECT_TEXT(text, "hel");
	EXPECT_EQ(ready(), POLLIN | POLLOUT);
	file->flags |= O_NONBLOCK;
	EXPECT_EQ(tty_get(100), 3);
	EXPECT_EQ(tty_get(100), -EAGAIN);
	EXPECT_EQ(tty_put("x\n"), 2);
	EXPECT_TEXT(shown, "hello\r\nx\r\n");
	EXPECT_TEXT(raw, "x\n");
	/* Longer than one part of a copy. */
	for (u32 i = 0; i < 30; i++)
		type("0123456789");
	type("\n");
	shown[0] = '\0';
	EXPECT_EQ(tty_get(500), 301);
	type("\4");
	EXPECT_EQ(tty_get(500), 0);
}

static void set_raw(u8 least, u8 tenths)
{
	struct termios2 *settings = (struct termios2 *)console_user;

	EXPECT_EQ(command((u32)TCGETS2, 0), 0);
	settings->lflag &= ~(u32)ICANON;
	settings->characters[VMIN] = least;
	settings->characters[VTIME] = tenths;
	EXPECT_EQ(command(TCSETS2, 0), 0);
}

static void single_characters(void)
{
	start_attended();
	set_raw(1, 0);
	host_others = type_two;
	EXPECT_EQ(tty_get(10), 2);
	EXPECT_TEXT(text, "xy");
	set_raw(3, 0);
	EXPECT_EQ(tty_get(10), 4); /* two are not enough */
	type("a");
	EXPECT_EQ(ready(), POLLOUT);
	EXPECT_EQ(tty_get(1), 1);
	host_others = NULL;
	set_raw(3, 0);
	EXPECT_EQ(tty_get(10), -ERESTARTSYS);
	type("b");
	EXPECT_EQ(tty_get(10), 1); /* a signal, and what there is */
	file->flags |= O_NONBLOCK;
	EXPECT_EQ(tty_get(10), -EAGAIN);
	file->flags &= ~(u32)O_NONBLOCK;
	/* Times: here they are over when nothing wakes the reader. */
	set_raw(0, 0);
	EXPECT_EQ(tty_get(10), 0);
	set_raw(0, 1);
	EXPECT_EQ(tty_get(10), 0);
	host_others = type_two;
	EXPECT_EQ(tty_get(10), 2);
	host_others = NULL;
	set_raw(3, 1);
	type("c");
	EXPECT_EQ(ready(), POLLIN | POLLOUT);
	EXPECT_EQ(tty_get(10), 1);
	EXPECT_EQ(tty_get(10), -ERESTARTSYS);
}

static void resume(void)
{
	type("\21");
}

static void stopped_output(void)
{
	start_attended();
	type("\23");
	EXPECT_EQ(ready(), 0);
	EXPECT_EQ(tty_put("x"), -ERESTARTSYS);
	host_others = resume;
	EXPECT_EQ(tty_put("x"), 1);
	host_others = NULL;
	EXPECT_EQ(command(TCXONC, TCOOFF), 0);
	EXPECT_EQ(tty_put("x"), -ERESTARTSYS);
	EXPECT_EQ(command(TCXONC, TCOON), 0);
	EXPECT_EQ(ready(), POLLOUT);
	EXPECT_EQ(command(TCXONC, 9), -EINVAL);
}

static void set_number(int number)
{
	memcpy(console_user, &number, sizeof(number));
}

static int get_number(u32 which)
{
	int number = 0;

	EXPECT_EQ(command(which, 0), 0);
	memcpy(&number, console_user, sizeof(number));
	return number;
}

static void jobs(void)
{
	start_attended();
	type("\3");
	EXPECT_EQ(console_job.signalled, 7);
	EXPECT_EQ(console_job.signal, SIGINT);
	EXPECT_EQ(get_number(TIOCGPGRP), 7);
	EXPECT_EQ(get_number(TIOCGSID), 7);
	console_job.group = 8;
	EXPECT_EQ(tty_get(10), -ERESTARTSYS);
	EXPECT_EQ(console_job.background, SIGTTIN);
	EXPECT_EQ(tty_put("x"), 1); /* without TOSTOP */
	set_number(8);
	EXPECT_EQ(command(TIOCSPGRP, 0), -ERESTARTSYS);
	EXPECT_EQ(console_job.background, SIGTTOU);
	console_job.background = 0;
	EXPECT_EQ(command((u32)TCSETS2, 0), -ERESTARTSYS);
	EXPECT_EQ(console_job.background, SIGTTOU);
	console_job.group = 7;
	set_number(9);
	EXPECT_EQ(command(TIOCSPGRP, 0), -ESRCH);
	set_number(-1);
	EXPECT_EQ(command(TIOCSPGRP, 0), -EINVAL);
	EXPECT_EQ(command(TIOCSPGRP, 5000), -EFAULT);
	/* Another session has no job control here. */
	console_job.session = console_job.group = console_job.number = 30;
	EXPECT_EQ(command(TIOCGPGRP, 0), -ENOTTY);
	EXPECT_EQ(command(TIOCSCTTY, 0), -EPERM);
	EXPECT_EQ(tty_put("x"), 1);
	tty_session_ends(7);
	EXPECT_EQ(console_job.signalled, 7);
	EXPECT_EQ(command(TIOCSCTTY, 0), 0);
	EXPECT_EQ(get_number(TIOCGPGRP), 30);
	EXPECT_EQ(command(TIOCNOTTY, 0), 0);
	EXPECT_EQ(command(TIOCGPGRP, 0), -ENOTTY);
	console_job.number = 31; /* not the leader */
	EXPECT_EQ(command(TIOCSCTTY, 0), -EPERM);
}

static void controlling(void)
{
	struct file *opened;

	start_attended();
	EXPECT_EQ(file_open("/dev/tty", O_RDWR, 0, &opened), 0);
	file_put(opened);
	console_job.session = 8;
	EXPECT_EQ(file_open("/dev/tty", O_RDWR, 0, &opened), -ENXIO);
}

static void window(void)
{
	struct winsize *size = (struct winsize *)console_user;

	start_attended();
	EXPECT_EQ(command(TIOCGWINSZ, 0), 0);
	EXPECT(size->columns == 80 && size->rows == 24);
	EXPECT_EQ(command(TIOCSWINSZ, 0), 0);
	EXPECT_EQ(console_job.signal, 0);
	size->rows = 50;
	EXPECT_EQ(command(TIOCSWINSZ, 0), 0);
	EXPECT_EQ(console_job.signal, SIGWINCH);
	type("abc\ndef");
	EXPECT_EQ(get_number(FIONREAD), 4);
	EXPECT_EQ(command(TCFLSH, TCIFLUSH), 0);
	EXPECT_EQ(get_number(FIONREAD), 0);
	EXPECT_EQ(command(TCFLSH, 9), -EINVAL);
	EXPECT_EQ(command(TCSBRK, 1), 0);
	EXPECT_EQ(command(0x5499, 0), -ENOTTY);
}

static u32 gives_two(void *kernel, u32 bytes, void *context)
{
	u32 *calls = context;

	memset(kernel, 'x', min(bytes, 2u));
	return (*calls)++ ? bytes : bytes - min(bytes, 2u);
}

static u32 takes_nothing(void *kernel, u32 bytes, void *context)
{
	(void)kernel;
	(void)context;
	return bytes;
}

/* A bad address after some bytes: these count, and the rest stays. */
static void bad_addresses(void)
{
	u64 position = 0;
	u32 calls = 0;

	start_attended();
	EXPECT_EQ(file_write(file, &position, 5, gives_two, &calls), 2);
	EXPECT_TEXT(raw, "xx");
	EXPECT_EQ(file_write(file, &position, 5, gives_two, &calls), -EFAULT);
	EXPECT_TEXT(raw, "xx");
	type("abc\n");
	EXPECT_EQ(file_read(file, &position, 5, takes_nothing, NULL), -EFAULT);
	type("def\n");
	calls = 0;
	EXPECT_EQ(file_read(file, &position, 5, gives_two, &calls), 2);
	EXPECT_EQ(tty_get(0), 0);
	EXPECT_EQ(command((u32)TCGETS2, 4090), -EFAULT);
	EXPECT_EQ(command(TCSETS2, 4090), -EFAULT);
	EXPECT_EQ(command(TIOCSWINSZ, 4094), -EFAULT);
	EXPECT_EQ(command(TIOCGPGRP, 4094), -EFAULT);
	EXPECT_EQ(position, 0);
}

#define TENTH 100000000ull

static u32 to_type;

static void type_one(void)
{
	if (!to_type)
		return;
	to_type--;
	host_now += TENTH;
	type("z");
}

/* Reads of single characters end exactly when VTIME says. */
static void exact_times(void)
{
	start_attended();
	host_now = 50 * TENTH;
	set_raw(0, 5);
	EXPECT_EQ(tty_get(10), 0);
	EXPECT_EQ(host_now, 55 * TENTH);
	host_others = type_one;
	to_type = 1;
	EXPECT_EQ(tty_get(10), 1);
	EXPECT_EQ(host_now, 56 * TENTH);
	set_raw(3, 2);
	to_type = 1;
	EXPECT_EQ(tty_get(10), 1);
	EXPECT_EQ(host_now, 59 * TENTH); /* from the character on */
	type("abc");
	EXPECT_EQ(tty_get(2), 2);
	EXPECT_EQ(tty_get(5), 1);
	EXPECT_EQ(host_now, 61 * TENTH);
	set_raw(3, 0);
	type("ab");
	EXPECT_EQ(ready(), POLLOUT);
	type("c");
	EXPECT_EQ(ready(), POLLIN | POLLOUT);
	EXPECT_EQ(tty_get(10), 3);
	set_raw(0, 0);
	EXPECT_EQ(ready(), POLLOUT);
	type("c");
	EXPECT_EQ(ready(), POLLIN | POLLOUT);
	file->flags |= O_NONBLOCK;
	set_raw(2, 0);
	EXPECT_EQ(tty_get(10), 1);
	EXPECT_EQ(tty_get(10), -EAGAIN);
}

/* The commands that drop input, and those that do not; the shorter structure. */
static void settings(void)
{
	struct termios2 *own = (struct termios2 *)console_user;

	start_attended();
	memset(console_user, 0xee, sizeof(console_user));
	EXPECT_EQ(command(TCGETS, 0), 0);
	EXPECT_EQ(console_user[36], 0xee);
	EXPECT_EQ(command((u32)TCGETS2, 0), 0);
	EXPECT_EQ(own->input_speed, 115200);
	EXPECT_EQ(console_user[sizeof(*own)], 0xee);
	own->input_speed = 9600;
	EXPECT_EQ(command(TCSETS, 0), 0);
	EXPECT_EQ(command((u32)TCGETS2, 0), 0);
	EXPECT_EQ(own->input_speed, 115200);
	for (u32 i = 0; i < 6; i++) {
		static const u32 commands[] = { TCSETS,	  TCSETSW, TCSETS2,
						TCSETSW2, TCSETSF, TCSETSF2 };

		type("ab\n");
		EXPECT_EQ(command((u32)TCGETS2, 0), 0);
		EXPECT_EQ(command(commands[i], 0), 0);
		EXPECT_EQ(get_number(FIONREAD), i < 4 ? 3 : 0);
		command(TCFLSH, TCIFLUSH);
	}
	type("ab\n");
	EXPECT_EQ(command(TCFLSH, TCOFLUSH), 0);
	EXPECT_EQ(get_number(FIONREAD), 3);
	EXPECT_EQ(command(TCFLSH, TCIOFLUSH + 1), -EINVAL);
	EXPECT_EQ(command(TCFLSH, TCIOFLUSH), 0);
	EXPECT_EQ(get_number(FIONREAD), 0);
	EXPECT_EQ(command(TCXONC, TCOOFF), 0);
	EXPECT_EQ(command(TCXONC, TCIOFF), 0);
	EXPECT_EQ(command(TCXONC, TCION), 0);
	EXPECT_EQ(ready(), 0); /* these are about input */
	file->flags |= O_NONBLOCK;
	EXPECT_EQ(tty_put("x"), -EAGAIN);
	EXPECT_EQ(command(TCXONC, TCOON), 0);
	EXPECT_EQ(command(TCXONC, TCION + 1), -EINVAL);
	set_number(5);
	EXPECT_EQ(get_number(TIOCOUTQ), 0);
	set_number(5);
	EXPECT_EQ(get_number(TIOCGETD), 0);
}

/* Each command that changes the terminal stops a process in the background. */
static void in_background(void)
{
	static const u32 commands[][2] = {
		{ TCSETS, 0 },	{ TCSETSF2, 0 },    { TCSBRK, 1 },
		{ TCSBRKP, 1 }, { TCXONC, TCOOFF }, { TCFLSH, TCIFLUSH }
	};
	struct termios2 *own = (struct termios2 *)console_user;

	start_attended();
	EXPECT_EQ(command((u32)TCGETS2, 0), 0);
	own->lflag |= TOSTOP;
	EXPECT_EQ(command(TCSETS2, 0), 0);
	EXPECT_EQ(tty_put("x"), 1);
	type("ab\n");
	console_job.group = 8;
	for (u32 i = 0; i < ARRAY_SIZE(commands); i++) {
		console_job.background = 0;
		EXPECT_EQ(command(commands[i][0], commands[i][1]), -ERESTARTSYS);
		EXPECT_EQ(console_job.background, SIGTTOU);
	}
	EXPECT_EQ(get_number(FIONREAD), 3);
	EXPECT_EQ(tty_put("x"), -ERESTARTSYS); /* with TOSTOP */
	EXPECT_EQ(ready(), POLLIN | POLLOUT);
	EXPECT_EQ(command(TCGETS, 0), 0);
	console_job.session = 9; /* another session is in no background */
	EXPECT_EQ(tty_put("x"), 1);
	EXPECT_EQ(tty_get(2), 2);
}

/* Whose terminal it is. */
static void sessions(void)
{
	start_attended();
	EXPECT_EQ(tty_device(7), 0x501);
	EXPECT_EQ(tty_device(8), 0);
	EXPECT_EQ(tty_device(0), 0);
	EXPECT_EQ(tty_foreground(7), 7);
	EXPECT_EQ(tty_foreground(8), -1);
	EXPECT_EQ(tty_foreground(0), -1);
	EXPECT_EQ(command(TIOCSCTTY, 0), 0); /* it is already */
	console_job.number = 12;
	EXPECT_EQ(command(TIOCNOTTY, 0), 0); /* not the leader: the session keeps it */
	EXPECT_EQ(tty_foreground(7), 7);
	tty_session_ends(0);
	tty_session_ends(8);
	EXPECT_EQ(tty_foreground(7), 7);
	EXPECT_EQ(console_job.signalled, 0);
	tty_session_ends(7);
	EXPECT_EQ(tty_foreground(7), -1);
	EXPECT_EQ(console_job.signal, SIGCONT); /* after SIGHUP */
	console_job.signal = console_job.signalled = 0;
	type("\3");
	EXPECT_EQ(console_job.signal, 0);
	EXPECT_EQ(command(TIOCNOTTY, 0), -ENOTTY);
	EXPECT_EQ(command(TIOCGSID, 0), -ENOTTY);
	set_number(7);
	EXPECT_EQ(command(TIOCSPGRP, 0), -ENOTTY);
	console_job.number = console_job.session = console_job.group = 12;
	EXPECT_EQ(command(TIOCSCTTY, 0), 0);
	EXPECT_EQ(get_number(TIOCGSID), 12);
	set_number(0);
	EXPECT_EQ(command(TIOCSPGRP, 0), -ESRCH);
	console_job.session = 0;
	tty_give(0, 0);
	EXPECT_EQ(command(TIOCGPGRP, 0), -ENOTTY);
}

TAP_MAIN({ "bad addresses", bad_addresses }, { "exact times", exact_times },
	 { "settings", settings }, { "in the background", in_background }, { "sessions", sessions },
	 { "without a person", nobody_there }, { "lines", lines },
	 { "single characters and times", single_characters }, { "stopped output", stopped_output },
	 { "jobs and sessions", jobs }, { "the controlling terminal", controlling },
	 { "size and other commands", window })
