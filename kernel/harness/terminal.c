/* SPDX-License-Identifier: MIT */
/*
 * The console as an open file, and as a terminal for ioctl(): so a C library finds one and buffers
 * whole lines. The settings are kept and reported but have no effect: nothing is read from the
 * console. Source: ioctl_tty(2).
 */
#include "kernel/harness/terminal.h"
#include "kernel/console/console.h"
#include "kernel/console/terminal_line.h"
#include "kernel/harness/program_tap.h"
#include "kernel/process/signal.h"
#include "fs/device.h"
#include "abi/linux/termios.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "lib/resched.h"

/* Bytes per write: 8 ms at 115200 baud, during which no other task runs. */
#define PART 96u

/* struct termios of the older commands, the beginning of termios2. */
#define TERMIOS_SIZE 36u

static struct program_tap *output_tap;

void console_output_to(struct program_tap *tap)
{
	output_tap = tap;
}

static s32 terminal_write(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			  void *context)
{
	char buffer[PART];
	u32 done = 0, left = 0;

	(void)file;
	(void)position;
	while (done < bytes && !left) {
		u32 part = min(bytes - done, PART);

		left = copy(buffer, part, context);
		if (terminal_line_there())
			terminal_line_write(buffer, part - left);
		else
			console_write_program(buffer, part - left);
		if (output_tap)
			tap_take(output_tap, buffer, part - left);
		done += part - left;
		/* A serial line is slow: let other tasks run, and let a signal end the call. */
		if (done < bytes && signal_pending(current))
			break;
		cond_resched();
	}
	return left && !done ? -EFAULT : (s32)done;
}

/* Linux's initial settings (tty_std_termios), with the speed of the serial line. */
static struct termios2 settings = {
	.iflag = 02400,	  /* ICRNL | IXON */
	.oflag = 05,	  /* OPOST | ONLCR */
	.cflag = 010262,  /* B115200 | CS8 | CREAD */
	.lflag = 0105073, /* ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN */
	.characters = { 3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22 },
	.input_speed = 115200,
	.output_speed = 115200,
};

/* Rows, columns and two sizes in pixels; 0: unknown, as on any serial line. */
static u16 window[4];

static s32 get(vaddr_t to, const void *from, u32 bytes)
{
	return copy_to_user(to, from, bytes) ? -EFAULT : 0;
}

static s32 set_settings(vaddr_t from, u32 bytes)
{
	struct termios2 wanted = settings;

	if (copy_from_user(&wanted, from, bytes))
		return -EFAULT;
	settings = wanted;
	return 0;
}

static s32 set_window(vaddr_t from)
{
	u16 wanted[ARRAY_SIZE(window)];

	if (copy_from_user(wanted, from, sizeof(wanted)))
		return -EFAULT;
	__builtin_memcpy(window, wanted, sizeof(window));
	return 0;
}

static s32 terminal_ioctl(struct file *file, u32 command, vaddr_t argument)
{
	(void)file;
	switch (command) {
	case TCGETS:
		return get(argument, &settings, TERMIOS_SIZE);
	case (u32)TCGETS2:
		return get(argument, &settings, sizeof(settings));
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_settings(argument, TERMIOS_SIZE);
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
		return set_settings(argument, sizeof(settings));
	case TIOCGWINSZ:
		return get(argument, window, sizeof(window));
	case TIOCSWINSZ:
		return set_window(argument);
	case FIONREAD:
		return put_user(0, argument);
	}
	return -ENOTTY;
}

static const struct file_operations console_operations = {
	.read = null_read,
	.write = terminal_write,
	.mode = S_IFCHR | 0620,
	.ioctl = terminal_ioctl,
	.dev = DEVICES_DEV,
	.rdev = 0x501, /* /dev/console */
};

int console_files(struct task *task)
{
	struct file *file = file_alloc(&console_operations);
	struct files_struct *files = file ? files_alloc() : NULL;

	if (!files) {
		if (file)
			file_put(file);
		return -ENOMEM;
	}
	file->flags = O_RDWR;
	for (u32 i = 0; i < 3; i++) {
		if (i)
			file_get(file);
		fd_install(files, (u32)fd_alloc(files, i, OPEN_MAX, false), file);
	}
	task->files = files;
	return 0;
}
