/* SPDX-License-Identifier: MIT */
/* Terminals: commands of ioctl(). Source: Linux include/uapi/asm-generic/ioctls.h, termbits.h. */
#ifndef ABI_LINUX_TERMIOS_H
#define ABI_LINUX_TERMIOS_H

#include "abi/types.h"

enum {
	TCGETS = 0x5401,
	TCSETS,
	TCSETSW,
	TCSETSF,
	TIOCGWINSZ = 0x5413,
	TIOCSWINSZ,
	FIONREAD = 0x541b,
	TCGETS2 = (int)0x802c542a,
	TCSETS2 = 0x402c542b,
	TCSETSW2,
	TCSETSF2,
};

/* struct termios, of the older commands, ends before the speeds. */
struct termios2 {
	u32 iflag, oflag, cflag, lflag;
	u8 line, characters[19];
	u32 input_speed, output_speed;
};
_Static_assert(sizeof(struct termios2) == 44, "struct termios2 is not Linux's");

#endif
