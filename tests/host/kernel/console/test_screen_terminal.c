/* SPDX-License-Identifier: MIT */
/*
 * The screen as a terminal, over a model of the cells: 4 rows of 10 columns.
 *
 * sources: kernel/console/screen_terminal.c
 */
#include <string.h>

#include "kernel/console/screen.h"
#include "kernel/console/screen_terminal.h"
#include "tests/host/tap.h"

#define ROWS	4u
#define COLUMNS 10u

static char cells[ROWS][COLUMNS];
static u32 row, column; /* column == COLUMNS: the next character goes to the next row */
static char replied[64];

struct screen_place screen_size(void)
{
	return (struct screen_place){ ROWS, COLUMNS };
}

struct screen_place screen_place(void)
{
	return (struct screen_place){ row, min(column, COLUMNS - 1) };
}

void screen_go(struct screen_place place)
{
	row = min(place.row, ROWS - 1);
	column = min(place.column, COLUMNS - 1);
}

void screen_line_feed(void)
{
	if (row + 1 < ROWS) {
		row++;
		return;
	}
	memmove(cells[0], cells[1], sizeof(cells) - COLUMNS);
	memset(cells[ROWS - 1], ' ', COLUMNS);
}

void screen_put(char c)
{
	if (column == COLUMNS) {
		screen_line_feed();
		column = 0;
	}
	cells[row][column++] = c;
}

void screen_clear(u32 where, u32 from, u32 end)
{
	EXPECT(where < ROWS && from <= end && end <= COLUMNS);
	memset(&cells[where][from], ' ', end - from);
}

void screen_move(u32 where, u32 from, u32 to, u32 count)
{
	EXPECT(where < ROWS && from + count <= COLUMNS && to + count <= COLUMNS);
	memmove(&cells[where][to], &cells[where][from], count);
}

static void reply(const char *text, u32 count)
{
	EXPECT(count < sizeof(replied));
	memcpy(replied, text, count);
	replied[count] = '\0';
}

static void show(const char *text)
{
	screen_terminal_write(text, (u32)strlen(text));
}

static void start(void)
{
	memset(cells, ' ', sizeof(cells));
	row = column = 0;
	screen_terminal_init(reply);
	show("\033[m"); /* whatever the last case left */
}

/* The rows without the blanks at their ends, each followed by a '/'. */
static const char *picture(void)
{
	static char text[ROWS * (COLUMNS + 1) + 1];
	char *to = text;

	for (u32 i = 0; i < ROWS; i++) {
		u32 end = COLUMNS;

		while (end && cells[i][end - 1] == ' ')
			end--;
		memcpy(to, cells[i], end);
		to += end;
		*to++ = '/';
	}
	*to = '\0';
	return text;
}

static void lines(void)
{
	start();
	show("one\r\ntwo\n2\r\nlong line here\r\n");
	EXPECT_TEXT(picture(), "   2/long line/here//");
	show("ab\b\bc\td\re");
	EXPECT_TEXT(picture(), "   2/long line/here/eb      d/");
	start();
	show("exactly 10\r\nx"); /* a full row and its end are one row */
	EXPECT_TEXT(picture(), "exactly 10/x///");
	show("\303\244y\a"); /* a UTF-8 character takes one cell */
	EXPECT_EQ(column, 3);
}

static void moves(void)
{
	start();
	show("\033[2;3Hx\033[Ay\033[3Dz\033[2Bw\033[Cv");
	EXPECT_TEXT(picture(), " z y/  x/  w v//");
	show("\033[H1\033[9;99H2\033[d3\033[2G4\033[4;4H5\033[F6");
	EXPECT_TEXT(picture(), "14 y     3/  x/6 w v/   5     2/");
	show("\0337\033[H\033[6n\0338\033[6n");
	EXPECT_TEXT(replied, "\033[3;2R");
	show("\033[H\033[99A\033[99D\033[6n");
	EXPECT_TEXT(replied, "\033[1;1R");
}

static void clears(void)
{
	start();
	show("aaaaa\r\nbbbbb\r\nccccc\r\nddddd\033[2;3H\033[K");
	EXPECT_TEXT(picture(), "aaaaa/bb/ccccc/ddddd/");
	show("\033[3;3H\033[1K");
	EXPECT_TEXT(picture(), "aaaaa/bb/   cc/ddddd/");
	show("\033[1J");
	EXPECT_TEXT(picture(), "//   cc/ddddd/");
	show("\033[3;5H\033[J");
	EXPECT_TEXT(picture(), "//   c//");
	show("\033[2J");
	EXPECT_TEXT(picture(), "////");
	show("\033[Habcdefghij\033[1;3H\033[2P");
	EXPECT_TEXT(picture(), "abefghij///"
			       "/");
	show("\033[3@");
	EXPECT_TEXT(picture(), "ab   efghi////");
	show("\033[1;7H\033[2X\033[99P");
	EXPECT_TEXT(picture(), "ab   e////");
}

static void others_are_skipped(void)
{
	start();
	show("a\033[1;31mb\033[?25lc\033[?1049hd\033=e\033[>1;2;3;4;5;6;7;8cf\033[99999999999Cg");
	EXPECT_TEXT(picture(), "abcdef   g////");
}

static void random_bytes(void)
{
	static const char likely[] = "\033\033\033[[[;;?0123456789ABCDHJKPX@dGnm\n\r\b\t78";

	start();
	for (u32 i = 0; i < tap_scaled(300000); i++) {
		char c = random_one_in(4) ? (char)random_u32()
					  : likely[random_below(sizeof(likely) - 1)];

		screen_terminal_write(&c, 1);
		EXPECT(row < ROWS && column <= COLUMNS);
	}
}

TAP_MAIN({ "lines", lines }, { "moves", moves }, { "clearing and shifting", clears },
	 { "other sequences are skipped", others_are_skipped },
	 { "random bytes stay on the screen", random_bytes })
