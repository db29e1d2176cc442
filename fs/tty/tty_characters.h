/* SPDX-License-Identifier: MIT */
/* Settings and classes of characters, for both halves of the line discipline only. */
#ifndef FS_TTY_TTY_CHARACTERS_H
#define FS_TTY_TTY_CHARACTERS_H

#include "fs/tty/tty_line.h"

#define TAB_WIDTH 8u

static inline bool has_input(const struct tty_line *line, u32 flag)
{
	return line->settings.iflag & flag;
}

static inline bool has_output(const struct tty_line *line, u32 flag)
{
	return line->settings.oflag & flag;
}

static inline bool has_local(const struct tty_line *line, u32 flag)
{
	return line->settings.lflag & flag;
}

static inline bool is_control(u8 c)
{
	return c < ' ' || c == 127;
}

/* A byte of a UTF-8 character, but not its first. */
static inline bool continues(const struct tty_line *line, u8 c)
{
	return has_input(line, IUTF8) && (c & 0xc0) == 0x80;
}

/* Letters of Latin-1, as in Linux's ctype. */
static inline bool is_upper(u8 c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7);
}

static inline bool is_lower(u8 c)
{
	return (c >= 'a' && c <= 'z') || (c >= 0xdf && c != 0xf7);
}

/* Sends a character of echo or output as the settings of the output want it. */
void line_put(struct tty_line *line, char c);

#endif
