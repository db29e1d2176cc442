/* SPDX-License-Identifier: MIT */
/* The terminal as a file. Numbers cite the invariants of the header. */
#include "fs/tty/tty.h"
#include "fs/device.h"
#include "fs/poll.h"
#include "fs/process.h"
#include "fs/tty/tty_line.h"
#include "abi/linux/errno.h"
#include "abi/linux/signal.h"
#include "lib/assert.h"
#include "lib/resched.h"

/* Bytes per copy: 8 ms at 115200 baud, during which no other task runs. */
#define PART 96u

/* struct termios of the older commands is the beginning of termios2. */
#define TERMIOS_SIZE 36u

/* VTIME is in tenths of a second. */
#define NSEC_PER_TENTH 100000000u

static struct {
	struct tty_line line;
	struct wait_queue queue;
	struct winsize window;
	int session, group;
	bool attended;
	void (*written)(const char *text, u32 count);
} tty;

static void send_nothing(const char *text, u32 count)
{
	(void)text;
	(void)count;
}

void tty_attend(void (*send)(const char *text, u32 count), u16 columns, u16 rows)
{
	BUG_ON(!tty.written);
	tty.line.send = send;
	tty.window = (struct winsize){ .rows = rows, .columns = columns };
	tty.attended = true;
}

void tty_receive(u8 c)
{
	int signal = line_input(&tty.line, c);

	if (signal && tty.group)
		process_signal_group(tty.group, signal);
	wait_queue_wake(&tty.queue);
}

/* --- Job control --- */

/* Is it the controlling terminal of the current process? (1) */
static bool is_controlling(void)
{
	return tty.session && tty.session == process_session();
}

/* A process in the background gets this signal. 0, or the result of its call. */
static int check_foreground(int signal)
{
	if (!is_controlling() || tty.group == process_group())
		return 0;
	return process_in_background(signal);
}

void tty_give(int session, int group)
{
	tty.session = session;
	tty.group = group;
}

void tty_session_ends(int session)
{
	int group = tty.group;

	if (!session || tty.session != session)
		return;
	tty_give(0, 0);
	process_signal_group(group, SIGHUP);
	process_signal_group(group, SIGCONT);
}

int tty_device(int session)
{
	return session && tty.session == session ? 0x501 : 0;
}

int tty_foreground(int session)
{
	return session && tty.session == session ? tty.group : -1;
}

static s32 take_session(void)
{
	if (is_controlling())
		return 0;
	if (tty.session || process_session() != process_number())
		return -EPERM;
	tty_give(process_session(), process_group());
	return 0;
}

static s32 leave_session(void)
{
	if (!is_controlling())
		return -ENOTTY;
	if (process_session() == process_number())
		tty_session_ends(tty.session);
	return 0;
}

static s32 set_group(vaddr_t from)
{
	int group, err = check_foreground(SIGTTOU);

	if (err)
		return err;
	if (!is_controlling())
		return -ENOTTY;
	if (user_get(&group, from, sizeof(group)))
		return -EFAULT;
	if (group < 0)
		return -EINVAL;
	err = process_check_group(group);
	if (!err)
		tty.group = group;
	return err;
}

static s32 get_number(vaddr_t to, int number)
{
	return is_controlling() ? user_put(to, &number, sizeof(number)) : -ENOTTY;
}

/* --- Reading and writing --- */

static bool canonical(void)
{
	return tty.line.settings.lflag & ICANON;
}

/* What a read that is not canonical waits for, and how long after the last change. */
struct patience {
	u32 least;  /* characters */
	u32 known;  /* that were there at the last look */
	u64 tenths; /* 0: for ever, or not at all if `poll` */
	bool poll;
	u64 deadline;
};

static struct patience patience_of(u32 bytes)
{
	u32 least = tty.line.settings.characters[VMIN];
	u64 tenths = tty.line.settings.characters[VTIME];

	if (canonical())
		return (struct patience){ .deadline = WAIT_FOREVER };
	return (struct patience){
		.least = max(min(least, bytes), 1u),
		.tenths = tenths,
		.poll = !least && !tenths,
		.deadline = !least && tenths ? poll_deadline(tenths * NSEC_PER_TENTH)
			    : !least	     ? 0
					     : WAIT_FOREVER,
	};
}

/* With VMIN and VTIME, each character starts the time anew. */
static void start_time(struct patience *patience)
{
	u32 there = line_available(&tty.line);

	if (there > patience->known && patience->tenths && !canonical())
		patience->deadline = poll_deadline(patience->tenths * NSEC_PER_TENTH);
	patience->known = there;
}

/* Sleeps until the terminal changes. 0, -ETIMEDOUT, -ERESTARTSYS. */
static int tty_sleep(u64 deadline)
{
	struct wait_entry entry;
	struct poll_table table;
	int err;

	poll_begin(&table, &entry, 1);
	poll_wait(&table, &tty.queue);
	err = poll_sleep(&table, deadline);
	poll_end(&table);
	return err;
}

/* Waits until a read has something to return, be it nothing. 0, -EAGAIN, -ERESTARTSYS. */
static int wait_for_input(const struct file *file, u32 bytes)
{
	struct patience patience = patience_of(bytes);

	while (!line_ready(&tty.line, patience.least)) {
		int err;

		start_time(&patience);
		if (patience.poll)
			return 0;
		if (file->flags & O_NONBLOCK)
			return patience.known ? 0 : -EAGAIN;
		err = tty_sleep(patience.deadline);
		if (err == -ETIMEDOUT)
			return 0;
		if (err)
			return patience.known && !canonical() ? 0 : err;
	}
	return 0;
}

static s32 tty_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy, void *context)
{
	bool more = true;
	u32 done = 0;
	int err;

	(void)position;
	if (!tty.attended || !bytes)
		return 0;
	err = check_foreground(SIGTTIN);
	if (!err)
		err = wait_for_input(file, bytes);
	if (err)
		return err;
	while (done < bytes && more) {
		char part[PART];
		u32 count = line_read(&tty.line, part, min(bytes - done, PART), &more);
		u32 left = count ? copy(part, count, context) : 0;

		done += count - left;
		if (left)
			return done ? (s32)done : -EFAULT;
	}
	return (s32)done;
}

/* Waits while the user has stopped the output. */
static int wait_for_output(const struct file *file)
{
	int err = 0;

	while (tty.line.stopped && !err)
		err = file->flags & O_NONBLOCK ? -EAGAIN : tty_sleep(WAIT_FOREVER);
	return err;
}

static s32 tty_write(struct file *file, u64 position, u32 bytes, mapping_copy_t copy, void *context)
{
	char part[PART];
	u32 done = 0, left = 0;
	int err = 0;

	(void)position;
	if (tty.line.settings.lflag & TOSTOP)
		err = check_foreground(SIGTTOU);
	while (done < bytes && !left && !err) {
		u32 count = min(bytes - done, PART);

		err = wait_for_output(file);
		if (err)
			break;
		left = copy(part, count, context);
		tty.written(part, count - left);
		if (tty.attended)
			line_output(&tty.line, part, count - left);
		done += count - left;
		/* A serial line is slow: let other tasks run, and let a signal end the call. */
		if (done < bytes && process_interrupted())
			break;
		cond_resched();
	}
	if (left && !done)
		return -EFAULT;
	return done ? (s32)done : err;
}

static u32 tty_poll(struct file *file, struct poll_table *table)
{
	const u8 *characters = tty.line.settings.characters;
	u32 events = 0, least;

	(void)file;
	if (!tty.attended)
		return POLL_ALWAYS;
	poll_wait(table, &tty.queue);
	least = characters[VTIME] ? 1 : max((u32)characters[VMIN], 1u);
	if (line_ready(&tty.line, least))
		events |= POLLIN | POLLRDNORM;
	if (!tty.line.stopped)
		events |= POLLOUT | POLLWRNORM;
	return events;
}

/* --- ioctl and open --- */

static s32 set_settings(u32 command, vaddr_t from, u32 bytes)
{
	struct termios2 wanted = tty.line.settings;
	int err = check_foreground(SIGTTOU);

	if (err)
		return err;
	if (user_get(&wanted, from, bytes))
		return -EFAULT;
	if (command == TCSETSF || command == TCSETSF2)
		line_flush(&tty.line);
	line_set(&tty.line, &wanted);
	wait_queue_wake(&tty.queue);
	return 0;
}

static s32 set_window(vaddr_t from)
{
	struct winsize wanted;

	if (user_get(&wanted, from, sizeof(wanted)))
		return -EFAULT;
	if (!__builtin_memcmp(&wanted, &tty.window, sizeof(wanted)))
		return 0;
	tty.window = wanted;
	if (tty.group)
		process_signal_group(tty.group, SIGWINCH);
	return 0;
}

static s32 flush(u32 what)
{
	int err = check_foreground(SIGTTOU);

	if (err)
		return err;
	if (what > TCIOFLUSH)
		return -EINVAL;
	if (what != TCOFLUSH)
		line_flush(&tty.line);
	return 0;
}

/* The user's VSTOP and VSTART by a call. */
static s32 control_flow(u32 what)
{
	int err = check_foreground(SIGTTOU);

	if (err)
		return err;
	if (what > TCION)
		return -EINVAL;
	if (what == TCOOFF || what == TCOON)
		tty.line.stopped = what == TCOOFF;
	wait_queue_wake(&tty.queue);
	return 0;
}

static s32 job_ioctl(u32 command, vaddr_t argument)
{
	switch (command) {
	case TIOCSCTTY:
		return take_session();
	case TIOCNOTTY:
		return leave_session();
	case TIOCGPGRP:
		return get_number(argument, tty.group);
	case TIOCSPGRP:
		return set_group(argument);
	case TIOCGSID:
		return get_number(argument, tty.session);
	}
	return -ENOTTY;
}

static s32 tty_ioctl(struct file *file, u32 command, vaddr_t argument)
{
	u32 number = 0;

	(void)file;
	switch (command) {
	case TCGETS:
		return user_put(argument, &tty.line.settings, TERMIOS_SIZE);
	case (u32)TCGETS2:
		return user_put(argument, &tty.line.settings, sizeof(tty.line.settings));
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_settings(command, argument, TERMIOS_SIZE);
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
		return set_settings(command, argument, sizeof(tty.line.settings));
	case TCSBRK: /* all output is sent when write() returns */
	case TCSBRKP:
		return check_foreground(SIGTTOU);
	case TCXONC:
		return control_flow(argument);
	case TCFLSH:
		return flush(argument);
	case TIOCGWINSZ:
		return user_put(argument, &tty.window, sizeof(tty.window));
	case TIOCSWINSZ:
		return set_window(argument);
	case FIONREAD:
		number = line_available(&tty.line);
		return user_put(argument, &number, sizeof(number));
	case TIOCOUTQ:
	case TIOCGETD: /* the line discipline N_TTY is number 0 */
		return user_put(argument, &number, sizeof(number));
	}
	return job_ioctl(command, argument);
}

static int open_controlling(struct inode *inode, struct file *file)
{
	(void)inode;
	(void)file;
	return is_controlling() ? 0 : -ENXIO;
}

#define OPERATIONS .read = tty_read, .write = tty_write, .poll = tty_poll, .ioctl = tty_ioctl

static struct device console = {
	.name = "console",
	.mode = S_IFCHR | 0620,
	.operations = { OPERATIONS, .rdev = 0x501 },
};

/* The controlling terminal. */
static struct device controlling = {
	.name = "tty",
	.mode = S_IFCHR | 0666,
	.operations = { OPERATIONS, .open = open_controlling, .rdev = 0x500 },
};

void tty_init(void (*written)(const char *text, u32 count))
{
	tty.written = written;
	wait_queue_init(&tty.queue);
	line_init(&tty.line, send_nothing);
	device_register(&console);
	device_register(&controlling);
}
