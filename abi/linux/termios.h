/* SPDX-License-Identifier: MIT */
/*
 * Terminals: commands of ioctl(), and the settings. Source: Linux include/uapi/asm-
 * generic/ioctls.h, termbits.h, termbits-common.h.
 */
#ifndef ABI_LINUX_TERMIOS_H
#define ABI_LINUX_TERMIOS_H

#include "abi/types.h"

enum {
	TCGETS = 0x5401,
	TCSETS,
	TCSETSW, /* when all output is sent */
	TCSETSF, /* the same, and drops the input */
	TCSBRK = 0x5409,
	TCXONC,
	TCFLSH,
	TIOCSCTTY = 0x540e,
	TIOCGPGRP,
	TIOCSPGRP,
	TIOCOUTQ,
	TIOCGWINSZ = 0x5413,
	TIOCSWINSZ,
	FIONREAD = 0x541b,
	FIONBIO = 0x5421, /* this and the next two: of any file */
	TIOCNOTTY = 0x5422,
	TIOCGETD = 0x5424,
	TCSBRKP,
	TIOCGSID = 0x5429,
	FIONCLEX = 0x5450,
	FIOCLEX,
	TCGETS2 = (int)0x802c542a,
	TCSETS2 = 0x402c542b,
	TCSETSW2,
	TCSETSF2,
};

/* Arguments of TCXONC and TCFLSH. */
enum { TCOOFF, TCOON, TCIOFF, TCION };
enum { TCIFLUSH, TCOFLUSH, TCIOFLUSH };

/* Changes of the input, of the output, and line editing; those that have an effect here. */
enum tty_iflag {
	ISTRIP = 0000040,
	INLCR = 0000100,
	IGNCR = 0000200,
	ICRNL = 0000400,
	IUCLC = 0001000,
	IXON = 0002000,
	IXANY = 0004000,
	IMAXBEL = 0020000,
	IUTF8 = 0040000,
};

enum tty_oflag {
	OPOST = 0000001,
	OLCUC = 0000002,
	ONLCR = 0000004,
	OCRNL = 0000010,
	ONOCR = 0000020,
	ONLRET = 0000040,
	XTABS = 0014000,
};

enum tty_lflag {
	ISIG = 0000001,
	ICANON = 0000002,
	ECHO = 0000010,
	ECHOE = 0000020,
	ECHOK = 0000040,
	ECHONL = 0000100,
	NOFLSH = 0000200,
	TOSTOP = 0000400,
	ECHOCTL = 0001000,
	ECHOKE = 0004000,
	IEXTEN = 0100000,
};

/* Indices of the special characters; the character 0 disables one. */
enum tty_character {
	VINTR,
	VQUIT,
	VERASE,
	VKILL,
	VEOF,
	VTIME,
	VMIN,
	VSTART = 8,
	VSTOP,
	VSUSP,
	VEOL,
	VREPRINT,
	VWERASE = 14,
	VLNEXT,
	VEOL2,
};

/* struct termios, of the older commands, ends before the speeds. */
struct termios2 {
	u32 iflag, oflag, cflag, lflag;
	u8 line, characters[19];
	u32 input_speed, output_speed;
};
_Static_assert(sizeof(struct termios2) == 44, "struct termios2 is not Linux's");

struct winsize {
	u16 rows, columns;
	u16 width, height; /* pixels */
};

#endif
