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

static bool is_at(u32 of_row, u32 of_column)
{
	return row == of_row && column == of_column;
}

/* The terminal begins a line of its own, below what the log has written. */
static void begins(void)
{
	start();
	row = 1;
	column = 3;
	screen_terminal_init(reply);
	EXPECT(is_at(2, 0));
	screen_terminal_init(reply);
	EXPECT(is_at(2, 0));
	column = COLUMNS; /* a full row */
	screen_terminal_init(reply);
	EXPECT(is_at(3, 0));
	column = 1;
	screen_terminal_init(reply);
	EXPECT(is_at(3, 0)); /* all rows moved up */
}

/* Where each sequence leads from the cell 1, 4. */
static void each_move(void)
{
	static const struct {
		const char *text;
		u32 row, column;
	} cases[] = {
		{ "A", 0, 4 },	  { "9A", 0, 4 },     { "B", 2, 4 },	  { "9B", 3, 4 },
		{ "2B", 3, 4 },	  { "C", 1, 5 },      { "2C", 1, 6 },	  { "99C", 1, 9 },
		{ "D", 1, 3 },	  { "4D", 1, 0 },     { "9D", 1, 0 },	  { "E", 2, 0 },
		{ "2E", 3, 0 },	  { "F", 0, 0 },      { "9F", 0, 0 },	  { "G", 1, 0 },
		{ "10G", 1, 9 },  { "99G", 1, 9 },    { "d", 0, 4 },	  { "3d", 2, 4 },
		{ "99d", 3, 4 },  { "H", 0, 0 },      { "3H", 2, 0 },	  { ";3H", 0, 2 },
		{ "3;5H", 2, 4 }, { "4;10f", 3, 9 },  { "0;0H", 0, 0 },	  { "2;3;9;9;9;9H", 1, 2 },
		{ "0C", 1, 5 },	  { "00002C", 1, 6 }, { "65538C", 1, 9 }, { "4294967297C", 1, 9 },
		{ "?2C", 1, 6 },  { "1:C", 1, 5 },    { "m", 1, 4 },	  { "Z", 1, 4 },
		{ "I", 1, 4 },
	};
	char text[24];

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		start();
		row = 1;
		column = 4;
		strcpy(text, "\033[");
		show(strcat(text, cases[i].text));
		tap_check(is_at(cases[i].row, cases[i].column), __FILE__, __LINE__, "%s: %u, %u",
			  cases[i].text, row, column);
		show("x"); /* the sequence is over */
		EXPECT_EQ(cells[cases[i].row][cases[i].column], 'x');
	}
}

static void reports(void)
{
	start();
	replied[0] = '\0';
	show("\033[5n\033[n\033[7n");
	EXPECT_TEXT(replied, "");
	show("\033[3;7H\033[6n");
	EXPECT_TEXT(replied, "\033[3;7R");
	show("\033[4;10Hx\033[6n"); /* behind the last cell is the last cell */
	EXPECT_TEXT(replied, "\033[4;10R");
}

/* Control characters count within a sequence; ESC begins a new one. */
static void within_sequences(void)
{
	start();
	show("abc\033[\r2C");
	EXPECT(is_at(0, 2));
	show("\033[3\033[D");
	EXPECT(is_at(0, 1));
	show("\033\033[C");
	EXPECT(is_at(0, 2));
	show("\b\b\b\b");
	EXPECT(is_at(0, 0));
	for (u32 i = 0; i < 12; i++) {
		row = 0;
		column = min(i, COLUMNS - 1);
		show("\t");
		EXPECT(is_at(0, i < 8 ? 8 : COLUMNS - 1));
	}
}

/* Parts of rows at their first and last cell. */
static void edges(void)
{
	start();
	show("abcdefghij\033[1;1H\033[1K");
	EXPECT_TEXT(picture(), " bcdefghij////");
	show("\033[1;10H\033[K");
	EXPECT_TEXT(picture(), " bcdefghi////");
	show("\033[1;9H\033[X");
	EXPECT_TEXT(picture(), " bcdefgh////");
	show("\033[1;9H\033[99X");
	EXPECT_TEXT(picture(), " bcdefgh////");
	show("\033[1;8H\033[P");
	EXPECT_TEXT(picture(), " bcdefg////");
	show("\033[1;1H\033[P\033[1;10Hz\033[1;1H\033[@");
	EXPECT_TEXT(picture(), " bcdefg////");
	show("\033[2;3Hrow\033[3;1Hrow\033[2;5H\033[1J");
	EXPECT_TEXT(picture(), "//row//");
	show("\033[2;5Hx\033[2;5H\033[J");
	EXPECT_TEXT(picture(), "////");
	show("a\r\nb\r\nc\033[2;1H\033[2K");
	EXPECT_EQ(cells[1][0], ' ');
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

TAP_MAIN({ "lines", lines }, { "the beginning", begins }, { "moves", moves },
	 { "each move", each_move }, { "reports", reports },
	 { "characters within sequences", within_sequences }, { "edges of rows", edges },
	 { "clearing and shifting", clears }, { "other sequences are skipped", others_are_skipped },
	 { "random bytes stay on the screen", random_bytes })
