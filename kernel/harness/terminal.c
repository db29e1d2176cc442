/* SPDX-License-Identifier: MIT */
/* The console as a terminal. */
#include "kernel/harness/terminal.h"
#include "abi/linux/termios.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"

#define TERMIOS_SIZE 36u

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

s32 terminal_ioctl(struct file *file, u32 command, vaddr_t argument)
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
