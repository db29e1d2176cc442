/* SPDX-License-Identifier: MIT */
/* The screen. The numbers are the invariants in screen.h. */
#include "kernel/console/screen.h"
#include "kernel/cpu/cpu.h"
#include "kernel/console/framebuffer.h"
#include "kernel/console/glyphs.h"
#include "kernel/console/strip.h"
#include "kernel/devices/time.h"
#include "lib/string.h"

#define ROWS_MAX       128u
#define STATUS_ROWS    2u
#define NOTE_COLUMNS   32u
#define LEGEND_COLUMNS 72u
#define CURSOR_CELL    '\0' /* of `shown`: equal to no character */

/* (3): so many ticks after the last redraw, and after a rest of so many times its duration. */
#define REFRESH_TICKS (HZ / 10)
#define REFRESH_REST  2u
/* (4): after so many consecutive late redraws. A single one can be a pause of the machine. */
#define LATE_REDRAWS 3u

/* The text of a row decides its colour. */
enum colour { COLOUR_TEXT, COLOUR_GOOD, COLOUR_BAD, COLOUR_REMARK, COLOUR_HEAD, NR_COLOURS };

static const u32 colour_rgb[NR_COLOURS] = {
	[COLOUR_TEXT] = 0xd8d8d8,   [COLOUR_GOOD] = 0x6fcf6f, [COLOUR_BAD] = 0xff6b5e,
	[COLOUR_REMARK] = 0x8a8a8a, [COLOUR_HEAD] = 0xf2c94c,
};

struct row {
	char text[COLUMNS_MAX]; /* padded with blanks */
	u8 length;
	u8 colour;
	bool continued; /* continues a line that was too long for the row above */
};

static struct {
	bool collecting, drawing, colours;
	bool live;    /* ticks have come: (3) holds, before that (2) */
	bool pending; /* there is text that is not drawn yet */
	bool cleared; /* the firmware's and the loader's pixels are gone */
	u32 columns, rows, scale;
	u32 first;	  /* the oldest row in the ring of rows */
	u32 top;	  /* the row of that ring that is at the top of the screen */
	u32 row, column;  /* where the next character goes; row counts from the oldest */
	bool cursor;	  /* that cell is shown */
	bool late;	  /* the next redraw had to wait */
	u32 late_redraws; /* consecutive ones; once LATE_REDRAWS, it stays */
	u32 last_refresh; /* jiffies */
	u64 next_refresh; /* time-stamp count */
	struct row cells[ROWS_MAX], shown[ROWS_MAX];
	bool legend_shown;
} screen;

static struct row *row_at(u32 row)
{
	return &screen.cells[(screen.first + row) % screen.rows];
}

/* The row's position on the screen. Without scrolling, the top row follows the lowest. */
static u32 place_of(u32 row)
{
	return (screen.first + row + screen.rows - screen.top) % screen.rows;
}

static void clear_row(struct row *row)
{
	memset(row->text, ' ', sizeof(row->text));
	row->length = 0;
	row->colour = COLOUR_TEXT;
	row->continued = false;
}

void screen_init(const struct boot_framebuffer *given, bool colours)
{
	memset(&screen, 0, sizeof(screen));
	strip_init();
	if (!framebuffer_take(given))
		return;
	/* The smallest scale that leaves 240 columns or fewer. */
	screen.scale = min((framebuffer.width + 1919) / 1920, SCALE_MAX);
	screen.columns = min(framebuffer.width / (GLYPH_WIDTH * screen.scale), COLUMNS_MAX);
	screen.rows = min(framebuffer.height / (GLYPH_HEIGHT * screen.scale), ROWS_MAX);
	if (screen.columns < 20 || screen.rows < STATUS_ROWS + 2)
		return;
	/* The loader has cleared what the boot page directory maps. */
	screen.drawing = screen.cleared = framebuffer.pixels;
	screen.rows -= STATUS_ROWS;
	for (u32 i = 0; i < ROWS_MAX; i++) {
		clear_row(&screen.cells[i]);
		clear_row(&screen.shown[i]);
	}
	screen.colours = colours;
	screen.collecting = true;
}

static bool begins_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* The colour by the row's text, without the blanks at its start. */
static enum colour colour_of(const struct row *row)
{
	const char *text = row->text, *end = text + COLUMNS_MAX - 32;

	while (*text == ' ' && text < end)
		text++;
	if (begins_with(text, "not ok ") || begins_with(text, "Kernel panic") ||
	    begins_with(text, "verdict: result=fail") || begins_with(text, "oom-kill:"))
		return COLOUR_BAD;
	if (begins_with(text, "ok ") || begins_with(text, "verdict: result=pass"))
		return COLOUR_GOOD;
	if (begins_with(text, "# Subtest") || begins_with(text, "oom:"))
		return COLOUR_HEAD;
	return *text == '#' ? COLOUR_REMARK : COLOUR_TEXT;
}

/* A continued row keeps the colour of the row above. */
static void choose_colour(struct row *row)
{
	if (screen.colours && !row->continued)
		row->colour = colour_of(row);
}

/* Clears what the firmware and the loader have drawn. */
static void clear_pixels(void)
{
	static const u32 black[STRIP_MAX];

	if (screen.cleared)
		return;
	for (u32 x = 0; x < framebuffer.width; x += STRIP_MAX)
		framebuffer_line(x, 0, black, min(framebuffer.width - x, STRIP_MAX),
				 framebuffer.height);
	screen.cleared = true;
}

/* Draws a row at its position, from the first cell that differs to the last one. */
static void draw_row(u32 number)
{
	u32 index = place_of(number);
	struct row *row = row_at(number);
	struct row *shown = &screen.shown[index];
	u32 start = 0, end = screen.columns;

	choose_colour(row);
	if (row->colour == shown->colour) {
		while (start < end && row->text[start] == shown->text[start])
			start++;
		while (end > start && row->text[end - 1] == shown->text[end - 1])
			end--;
	} else {
		while (end && row->text[end - 1] == ' ' && shown->text[end - 1] == ' ')
			end--;
	}
	if (start < end)
		glyphs_draw(screen.scale, start, index, row->text + start, end - start,
			    framebuffer_colour(colour_rgb[row->colour]));
	*shown = *row;
}

/* As draw_row(), but only the pixels that change: slow for whole screens, cheap for one row. */
static void draw_pixels(u32 index, struct row *row)
{
	struct row *shown = &screen.shown[index];
	u32 end = max(row->length, shown->length), black = framebuffer_colour(0), ink;

	choose_colour(row);
	ink = framebuffer_colour(colour_rgb[row->colour]);
	for (u32 column = 0; column < end; column++) {
		char c = row->text[column], before = shown->text[column];

		if (c == before && (c == ' ' || row->colour == shown->colour))
			continue;
		if (before != ' ')
			glyph_draw_lit(column, index, before, black);
		if (c != ' ')
			glyph_draw_lit(column, index, c, ink);
	}
	memcpy(shown->text, row->text, end);
	shown->length = row->length;
	shown->colour = row->colour;
}

/* (2): draws one row; the others stay. */
static void draw_in_place(u32 row)
{
	if (!screen.drawing)
		return;
	clear_pixels();
	if (screen.scale == 1 && framebuffer.stride < 0x10000 / GLYPH_HEIGHT)
		draw_pixels(place_of(row), row_at(row));
	else
		draw_row(row);
}

static void new_row(bool continued)
{
	struct row *row = row_at(screen.row);
	enum colour before;

	choose_colour(row);
	before = row->colour;
	if (!screen.live)
		draw_in_place(screen.row);
	screen.column = 0;
	if (screen.row + 1 < screen.rows)
		screen.row++;
	else
		screen.first = (screen.first + 1) % screen.rows;
	row = row_at(screen.row);
	clear_row(row);
	row->continued = continued;
	if (continued)
		row->colour = before;
	if (!screen.live)
		draw_in_place(screen.row);
}

static void put(char c)
{
	struct row *row;

	if (c == '\r')
		return;
	if (c == '\n') {
		new_row(false);
		return;
	}
	if (screen.column == screen.columns)
		new_row(true);
	row = row_at(screen.row);
	row->text[screen.column++] = c >= ' ' && c <= '~' ? c : '?';
	row->length = (u8)screen.column;
}

/* In another colour, a blank as an underline. The next draw_row() finds it changed. */
static void draw_cursor(void)
{
	struct screen_place place = screen_place();
	char c = row_at(place.row)->text[place.column];
	u32 index = place_of(place.row);

	c = c == ' ' ? '_' : c;
	glyphs_draw(screen.scale, place.column, index, &c, 1,
		    framebuffer_colour(colour_rgb[COLOUR_HEAD]));
	screen.shown[index].text[place.column] = CURSOR_CELL;
}

static void draw_legend(void)
{
	u32 column = 0;

	for (u32 owner = 0; owner < STRIP_COLOURS; owner++) {
		const char *name = strip_name(owner);
		u32 length = (u32)strlen(name);

		if (column + length + 2 > screen.columns)
			break;
		glyphs_draw(screen.scale, column, screen.rows, name, length, strip_colour(owner));
		column += length + 2;
	}
	screen.legend_shown = true;
}

/* What swap did, if there is any news, where the legend leaves room. */
static void note_swap(void)
{
	char note[NOTE_COLUMNS + 1];

	if (screen.columns >= LEGEND_COLUMNS + NOTE_COLUMNS && strip_note(note, sizeof(note)))
		screen_note(note);
}

/* Draws the strip if one of its pixels has changed. */
static void draw_strip(void)
{
	u32 width = min(framebuffer.width, STRIP_MAX), height = GLYPH_HEIGHT * screen.scale;
	const u32 *line = strip_line(width, !screen.legend_shown);

	if (line)
		framebuffer_line(0, (screen.rows + 1) * height, line, width, height);
}

static void refresh(bool scroll)
{
	u64 start = read_tsc(), end;

	if (!screen.drawing)
		return;
	clear_pixels();
	if (scroll)
		screen.top = screen.first;
	for (u32 row = 0; row < screen.rows; row++)
		draw_row(row);
	if (screen.cursor)
		draw_cursor();
	draw_strip();
	if (!screen.legend_shown)
		draw_legend();
	note_swap();
	end = read_tsc();
	screen.pending = false;
	screen.last_refresh = jiffies;
	screen.next_refresh = end + (end - start) * REFRESH_REST;
}

void screen_refresh(void)
{
	refresh(true);
}

void screen_tick(void)
{
	screen.live = true;
	if (!screen.pending || jiffies - screen.last_refresh < REFRESH_TICKS)
		return;
	if (read_tsc() < screen.next_refresh) {
		screen.late = true;
		return;
	}
	if (screen.late_redraws < LATE_REDRAWS)
		screen.late_redraws = screen.late ? screen.late_redraws + 1 : 0;
	screen.late = false;
	refresh(screen.late_redraws < LATE_REDRAWS);
}

void screen_note(const char *text)
{
	char padded[NOTE_COLUMNS];
	u32 length = min((u32)strlen(text), min(NOTE_COLUMNS, screen.columns)), width;

	if (!screen.drawing)
		return;
	width = min(NOTE_COLUMNS, screen.columns);
	memset(padded, ' ', sizeof(padded));
	memcpy(padded + width - length, text, length);
	glyphs_draw(screen.scale, screen.columns - width, screen.rows, padded, width,
		    framebuffer_colour(colour_rgb[COLOUR_HEAD]));
}

void screen_write(const char *text, size_t count)
{
	if (!screen.collecting)
		return;
	for (size_t i = 0; i < count; i++)
		put(text[i]);
	screen.pending = true;
}

struct screen_place screen_size(void)
{
	return screen.collecting ? (struct screen_place){ screen.rows, screen.columns }
				 : (struct screen_place){ 0, 0 };
}

struct screen_place screen_place(void)
{
	return (struct screen_place){ screen.row, min(screen.column, screen.columns - 1) };
}

void screen_go(struct screen_place place)
{
	screen.row = min(place.row, screen.rows - 1);
	screen.column = min(place.column, screen.columns - 1);
	screen.cursor = screen.pending = true;
}

void screen_put(char c)
{
	struct row *row = row_at(screen.row);

	if (screen.column == screen.columns) {
		screen_line_feed();
		row = row_at(screen.row);
		screen.column = 0;
	}
	row->text[screen.column++] = c >= ' ' && c <= '~' ? c : '?';
	row->length = (u8)max(row->length, screen.column);
	screen.pending = true;
}

void screen_line_feed(void)
{
	u32 column = screen.column;

	if (screen.row + 1 < screen.rows)
		screen.row++;
	else
		new_row(false);
	screen.column = column;
	screen.pending = true;
}

void screen_clear(u32 row, u32 from, u32 end)
{
	memset(row_at(row)->text + from, ' ', end - from);
	screen.pending = true;
}

void screen_move(u32 row, u32 from, u32 to, u32 count)
{
	char *text = row_at(row)->text;

	memmove(text + to, text + from, count);
	screen.pending = true;
}

void screen_leave_boot_map(const struct boot_framebuffer *given)
{
	screen.drawing = false;
	if (screen.collecting)
		screen.collecting = framebuffer_map(given);
}

void screen_start(const struct boot_framebuffer *given)
{
	if (!screen.collecting && !framebuffer.unused)
		return;
	screen.drawing = screen.collecting;
	for (u32 row = 0; row < screen.rows; row++)
		draw_in_place(row);
	framebuffer_print(given);
	time_call_after_tick(screen_tick);
}
