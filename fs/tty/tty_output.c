/* SPDX-License-Identifier: MIT */
/* The output half of the line discipline: what becomes of newlines and tabs, and the column. */
#include "fs/tty/tty_characters.h"

/* A line being edited goes on below what was shown of it. */
static void set_column(struct tty_line *line, u32 column)
{
	line->column = line->edit_column = column;
}

static void output_newline(struct tty_line *line)
{
	bool returns = has_output(line, ONLRET) || has_output(line, ONLCR);

	set_column(line, returns ? 0 : line->column);
	if (has_output(line, ONLCR))
		line->send("\r\n", 2);
	else
		line->send("\n", 1);
}

static void output_return(struct tty_line *line)
{
	if (has_output(line, ONOCR) && !line->column)
		return;
	if (!has_output(line, OCRNL) || has_output(line, ONLRET))
		set_column(line, 0);
	line->send(has_output(line, OCRNL) ? "\n" : "\r", 1);
}

static void output_tab(struct tty_line *line)
{
	static const char blanks[TAB_WIDTH + 1] = "        ";
	u32 width = TAB_WIDTH - line->column % TAB_WIDTH;

	line->column += width;
	if ((line->settings.oflag & XTABS) == XTABS)
		line->send(blanks, width);
	else
		line->send("\t", 1);
}

void line_put(struct tty_line *line, char c)
{
	if (!has_output(line, OPOST)) {
		line->send(&c, 1);
		return;
	}
	switch (c) {
	case '\n':
		output_newline(line);
		return;
	case '\r':
		output_return(line);
		return;
	case '\t':
		output_tab(line);
		return;
	case '\b':
		if (line->column)
			line->column--;
		break;
	default:
		if (has_output(line, OLCUC) && is_lower((u8)c))
			c = (char)(c - 0x20);
		if (!is_control((u8)c) && !continues(line, (u8)c))
			line->column++;
	}
	line->send(&c, 1);
}

/* A character that is sent as it is. */
static bool is_plain(char c)
{
	return c >= ' ' && c < 127;
}

void line_output(struct tty_line *line, const char *text, u32 count)
{
	if (!has_output(line, OPOST)) {
		line->send(text, count);
		return;
	}
	while (count) {
		u32 run = 0;

		while (run < count && is_plain(text[run]) && !has_output(line, OLCUC))
			run++;
		if (run) {
			line->column += run;
			line->send(text, run);
		} else {
			line_put(line, *text);
			run = 1;
		}
		text += run;
		count -= run;
	}
}
