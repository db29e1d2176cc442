/* SPDX-License-Identifier: MIT */
/* The screen as a terminal: the control sequences. */
#include "kernel/console/screen_terminal.h"
#include "kernel/console/screen.h"
#include "lib/irq.h"
#include "lib/printf.h"

#define ARGUMENTS    4u
#define ARGUMENT_MAX 9999u
#define TAB_WIDTH    8u
#define ESCAPE	     '\033'

static struct {
	enum { TEXT, AFTER_ESCAPE, SEQUENCE } state;
	u32 arguments[ARGUMENTS], count;
	struct screen_place remembered;
	void (*reply)(const char *text, u32 count);
} terminal;

void screen_terminal_init(void (*reply)(const char *text, u32 count))
{
	struct screen_place place = screen_place();

	terminal.reply = reply;
	if (place.column)
		screen_line_feed();
	screen_go((struct screen_place){ screen_place().row, 0 });
}

/* An argument of the sequence; `otherwise` if it is absent or 0. */
static u32 argument(u32 index, u32 otherwise)
{
	return index < terminal.count && terminal.arguments[index] ? terminal.arguments[index]
								   : otherwise;
}

static void go(u32 row, u32 column)
{
	screen_go((struct screen_place){ row, column });
}

static void clear_rows(u32 from, u32 end)
{
	for (u32 row = from; row < end; row++)
		screen_clear(row, 0, screen_size().column);
}

/* 0: from the place on; 1: up to the place; 2: all. */
static void clear_row_part(struct screen_place place, u32 part)
{
	u32 columns = screen_size().column;

	screen_clear(place.row, part ? 0 : place.column, part == 1 ? place.column + 1 : columns);
}

static void clear_part(struct screen_place place, u32 part)
{
	clear_row_part(place, part);
	if (part)
		clear_rows(0, place.row);
	if (part != 1)
		clear_rows(place.row + 1, screen_size().row);
}

/* Moves the rest of the row by n cells: to the left, or right, where the gap is cleared. */
static void shift_row(struct screen_place place, u32 n, bool left)
{
	u32 columns = screen_size().column;

	n = min(n, columns - place.column);
	if (left) {
		screen_move(place.row, place.column + n, place.column, columns - place.column - n);
		screen_clear(place.row, columns - n, columns);
	} else {
		screen_move(place.row, place.column, place.column + n, columns - place.column - n);
		screen_clear(place.row, place.column, place.column + n);
	}
}

static void report(struct screen_place place)
{
	char text[24];
	int length = scnprintf(text, sizeof(text), "\033[%u;%uR", place.row + 1, place.column + 1);

	terminal.reply(text, (u32)length);
}

/* False: the sequence does not move. */
static bool moves(struct screen_place place, char final)
{
	u32 n = argument(0, 1);

	switch (final) {
	case 'A':
	case 'F':
		go(place.row - min(n, place.row), final == 'A' ? place.column : 0);
		return true;
	case 'B':
	case 'E':
		go(place.row + n, final == 'B' ? place.column : 0);
		return true;
	case 'C':
		go(place.row, place.column + n);
		return true;
	case 'D':
		go(place.row, place.column - min(n, place.column));
		return true;
	case 'G':
		go(place.row, n - 1);
		return true;
	case 'd':
		go(n - 1, place.column);
		return true;
	case 'H':
	case 'f':
		go(n - 1, argument(1, 1) - 1);
		return true;
	}
	return false;
}

static void end_sequence(char final)
{
	struct screen_place place = screen_place();

	if (moves(place, final))
		return;
	switch (final) {
	case 'J':
		clear_part(place, argument(0, 0));
		break;
	case 'K':
		clear_row_part(place, argument(0, 0));
		break;
	case 'P':
	case '@':
		shift_row(place, argument(0, 1), final == 'P');
		break;
	case 'X':
		screen_clear(place.row, place.column,
			     min(place.column + argument(0, 1), screen_size().column));
		break;
	case 'n':
		if (argument(0, 0) == 6)
			report(place);
	}
}

/* A character of a sequence: a digit, a separator, or the one that ends it. */
static void continue_sequence(char c)
{
	if (c >= '0' && c <= '9') {
		u32 *last = &terminal.arguments[terminal.count ? terminal.count - 1 : 0];

		terminal.count += !terminal.count;
		*last = min(*last * 10 + (u32)(c - '0'), ARGUMENT_MAX);
	} else if (c == ';') {
		terminal.count += !terminal.count;
		if (terminal.count < ARGUMENTS)
			terminal.arguments[terminal.count++] = 0;
	} else if (c >= '@') {
		terminal.state = TEXT;
		end_sequence(c);
	}
}

static void after_escape(char c)
{
	terminal.state = c == '[' ? SEQUENCE : TEXT;
	terminal.count = terminal.arguments[0] = 0;
	if (c == '7')
		terminal.remembered = screen_place();
	else if (c == '8')
		screen_go(terminal.remembered);
}

static void plain(char c)
{
	struct screen_place place = screen_place();

	switch (c) {
	case '\n':
		screen_line_feed();
		break;
	case '\r':
		go(place.row, 0);
		break;
	case '\b':
		go(place.row, place.column - !!place.column);
		break;
	case '\t':
		go(place.row, (place.column / TAB_WIDTH + 1) * TAB_WIDTH);
		break;
	default:
		/* The rest of a UTF-8 character, and other control characters, show nothing. */
		if ((u8)c >= ' ' && ((u8)c & 0xc0) != 0x80)
			screen_put(c);
	}
}

void screen_terminal_write(const char *text, u32 count)
{
	unsigned long flags = irq_save();

	for (u32 i = 0; i < count; i++) {
		if (text[i] == ESCAPE)
			terminal.state = AFTER_ESCAPE;
		else if (terminal.state == AFTER_ESCAPE)
			after_escape(text[i]);
		else if (terminal.state == SEQUENCE && (u8)text[i] >= ' ')
			continue_sequence(text[i]);
		else
			plain(text[i]);
	}
	irq_restore(flags);
}
