/* SPDX-License-Identifier: MIT */
/*
 * The screen: the pixels after text was printed, at sizes from 640x480 to 3840x2160, before and
 * after the first tick, on fast and slow machines.
 *
 * sources: kernel/console/screen.c kernel/console/glyphs.c kernel/console/strip.c
 * sources: tests/host/kernel/console/screen_rig.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/console/framebuffer.h"
#include "kernel/console/glyphs.h"
#include "kernel/console/screen.h"
#include "kernel/devices/time.h"
#include "mm/frames/page.h"
#include "mm/swap/swap.h"
#include "tests/host/kernel/console/screen_rig.h"
#include "tests/host/tap.h"

static void sizes(void)
{
	static const struct {
		u32 width, height, scale;
	} modes[] = { { 640, 480, 1 },	 { 1024, 768, 1 },  { 1366, 768, 1 },  { 1080, 1920, 1 },
		      { 1920, 1200, 1 }, { 2560, 1440, 2 }, { 3840, 2160, 2 }, { 7680, 4320, 4 } };

	for (u32 i = 0; i < ARRAY_SIZE(modes); i++) {
		u32 scale = modes[i].scale, rows;

		screen_begin(modes[i].width, modes[i].height, false);
		rows = modes[i].height / (16 * scale);
		if (rows > 128)
			rows = 128;
		for (u32 line = 0; line < 200; line++) {
			char text[32];

			snprintf(text, sizeof(text), "line %u\r\n", line);
			say(text);
		}
		screen_refresh();
		EXPECT(row_is(rows - 4, scale, "line 199"));
		EXPECT(row_is(rows - 5, scale, "line 198"));
		EXPECT(row_is(rows - 3, scale, "        "));
		EXPECT(row_is(rows - 2, scale, "free  reserved  kernel"));
		free(pixels);
	}
}

/* On wide screens a row is drawn in several parts. */
static void whole_rows(void)
{
	char text[COLUMNS_MAX + 2];

	for (u32 width = 640; width <= 2 * 7680; width *= 2) {
		u32 scale = (width + 1919) / 1920, columns = width / (GLYPH_WIDTH * scale);

		screen_begin(width, 480, false);
		for (u32 i = 0; i < columns; i++)
			text[i] = (char)('!' + i % 90);
		text[columns] = 0;
		say(text);
		screen_refresh();
		EXPECT(row_is(0, scale, text));
		free(pixels);
	}
}

/* A line that is too long continues below; it keeps its colour. */
static void wrapping(void)
{
	u32 first = 0, second = 0;
	char text[200];

	screen_begin(640, 480, true);
	memset(text, 'x', sizeof(text));
	memcpy(text, "not ok ", 7);
	text[120] = '\n';
	text[121] = 0;
	say(text);
	say("ok 1\n");
	screen_refresh();
	EXPECT(row_is(0, 1, "not ok xxx"));
	EXPECT(row_is(1, 1, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx "));
	EXPECT(row_is(2, 1, "ok 1 "));
	read_back(0, 0, 1, &first);
	read_back(0, 1, 1, &second);
	EXPECT(first && first == second);
	read_back(0, 2, 1, &second);
	EXPECT(second && first != second);
}

static void plain(void)
{
	u32 first = 0, second = 0;

	screen_begin(640, 480, false);
	say("not ok 1\nok 2\n\tx\x80\n");
	screen_refresh();
	read_back(0, 0, 1, &first);
	read_back(0, 1, 1, &second);
	EXPECT_EQ(first, second);
	EXPECT(row_is(2, 1, "?x?"));
}

/* Only changes are drawn; once ticks come, text is drawn before it is 100 ms old. */
static void economy(void)
{
	u32 before;

	screen_begin(1024, 768, true);
	say("once\n");
	screen_refresh();
	before = lines_drawn;
	screen_refresh();
	EXPECT_EQ(lines_drawn, before);
	for (u32 i = 0; i < 9; i++, jiffies += STEP) {
		say("x");
		screen_tick();
	}
	EXPECT_EQ(lines_drawn, before);
	jiffies += STEP;
	screen_tick();
	EXPECT(lines_drawn > before);
	EXPECT(row_is(1, 1, "xxxxxxxxx "));
	/* No new text, nothing is drawn. */
	before = lines_drawn;
	jiffies += 1000;
	tsc += 1000000;
	screen_tick();
	EXPECT_EQ(lines_drawn, before);
	say("y");
	screen_tick();
	EXPECT(lines_drawn > before);
	/* Drawing was slow: the next redraw waits, so that the run has its share of the time. */
	before = lines_drawn;
	say("z");
	jiffies += 1000;
	screen_tick();
	EXPECT_EQ(lines_drawn, before);
	tsc += 1000000;
	screen_tick();
	EXPECT(lines_drawn > before);
}

static bool shown_anywhere(const char *text)
{
	for (u32 row = 0; row < framebuffer.height / 16 - 2; row++)
		if (row_is(row, 1, text))
			return true;
	return false;
}

#define TICK 1000u /* counts of the TSC, not counting the drawing */

/*
 * A screen so slow that a full redraw takes eight ticks, with a line of text at each tick. The
 * first redraws are late. Then only new lines are drawn, in place of the oldest, each before it
 * is 100 ms old. At the end the order is the usual one.
 */
static void slow(void)
{
	const u32 rows = 46;
	char text[32];
	u32 before;

	screen_begin(1024, 768, false);
	line_cost = 8 * TICK / (rows * 16);
	for (u32 line = 0; line < 400; line++) {
		snprintf(text, sizeof(text), "line %u.\n", line);
		say(text);
		before = lines_drawn;
		jiffies += STEP;
		tsc += TICK;
		screen_tick();
		if (line < 100)
			continue;
		/* Ten new lines since the last redraw, a blank one, and the strip. */
		EXPECT(lines_drawn - before <= (10 + 1 + 1) * 16);
		snprintf(text, sizeof(text), "line %u.", line - 10);
		EXPECT(shown_anywhere(text));
	}
	screen_refresh();
	EXPECT(row_is(rows - 2, 1, "line 399."));
	EXPECT(row_is(rows - 1, 1, "       "));
}

/* One slow redraw, because the machine was stopped meanwhile, changes nothing. */
static void one_pause(void)
{
	char text[32];

	screen_begin(1024, 768, false);
	for (u32 line = 0; line < 320; line++) {
		line_cost = line / 10 == 20 ? 30 : 1; /* one redraw in ten ticks */
		snprintf(text, sizeof(text), "line %u.\n", line);
		if (line < 300)
			say(text);
		jiffies += STEP;
		tsc += TICK;
		screen_tick();
	}
	EXPECT(row_is(44, 1, "line 299."));
}

/*
 * Before the first tick each full line is drawn at once, in its row of the ring, then a blank
 * row.
 */
static void early(void)
{
	struct boot_framebuffer given = {
		.base = 1, .width = 640, .height = 480, .stride = 640, .early = 1
	};
	char text[32];
	u32 before;

	screen_begin(640, 480, false);
	memset(pixels, 0, sizeof(u32) * 640 * 480);
	screen_init(&given, false);
	for (u32 line = 0; line < 40; line++) {
		snprintf(text, sizeof(text), "line %u", line);
		say(text);
		say("\r\n");
		EXPECT(row_is(line % 28, 1, text));
		EXPECT(row_is((line + 1) % 28, 1, "       "));
	}
	EXPECT(row_is(11, 1, "line 39 "));
	EXPECT(row_is(13, 1, "line 13 "));
	/* Nothing may be drawn while the page tables change; afterwards the new text is. */
	before = lines_drawn;
	screen_leave_boot_map(&given);
	say("line 40\n");
	EXPECT_EQ(lines_drawn, before);
	screen_start(&given);
	EXPECT(row_is(12, 1, "line 40 "));
	/* A line costs only its own pixels and those of the next row. */
	before = lines_drawn;
	say("line 41\n");
	EXPECT(lines_drawn - before <= 2 * 2 * 8 * 16);
	/* From the first tick on the newest line is the lowest. */
	say("half");
	jiffies += 20 * STEP;
	screen_tick();
	EXPECT(row_is(27, 1, "half "));
	EXPECT(row_is(26, 1, "line 41 "));
	EXPECT(row_is(0, 1, "line 15 "));
}

static void unusable(void)
{
	static const struct boot_framebuffer kinds[] = {
		{ 0 },
		{ .base = 1, .width = 64, .height = 48, .stride = 64 },
		{ .base = 1, .width = 640, .height = 480, .stride = 640 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		screen_init(&kinds[i], true); /* the last one can't be mapped */
		screen_leave_boot_map(&kinds[i]);
		screen_start(&kinds[i]);
		say("text\n");
		jiffies += 100;
		screen_tick();
		screen_refresh();
		EXPECT_EQ(lines_drawn, 0);
		EXPECT_EQ(said, i == 2);
	}
}

/* The countdown: to the right of the words below the text; the previous note is wiped. */
static void note(void)
{
	char row[81] = "";
	u32 ink = 0;

	screen_begin(640, 480, true);
	say("text\n");
	screen_refresh();
	screen_note("10 s left; a key keeps this");
	screen_note("9 s left; a key keeps this");
	for (u32 i = 0; i < 80; i++)
		row[i] = read_back(i, 28, 1, &ink);
	EXPECT_TEXT(row + 52, "  9 s left; a key keeps this");
	EXPECT(strstr(row, "free  reserved  kernel") == row);
	EXPECT(row_is(0, 1, "text"));
	screen_note("stays on");
	for (u32 i = 0; i < 80; i++)
		row[i] = read_back(i, 28, 1, &ink);
	EXPECT_TEXT(row + 52, "                    stays on");
}

#define NOTE 32u

/* The strip: frames from left to right, each pixel the owner of one. */
static void strip(void)
{
	static struct page frames[1280];

	for (u32 i = 0; i < 1280; i++)
		frames[i].flags = PG_reserved;
	for (u32 i = 640; i < 656; i++)
		frames[i].flags = 0;
	frames[640].count = 1;
	frames[640].flags = OWNER_SLAB << PAGE_OWNER_SHIFT;
	frames[640].block = BLOCK_USED + 4;
	mem_map = frames;
	max_pfn = 1280;
	screen_begin(640, 480, true);
	screen_refresh();
	EXPECT_EQ(pixels[470 * 640], pixels[470 * 640 + 319]);
	EXPECT(pixels[470 * 640 + 320] != pixels[470 * 640]);
	EXPECT_EQ(pixels[470 * 640 + 327], pixels[470 * 640 + 320]);
	EXPECT_EQ(pixels[470 * 640 + 328], pixels[470 * 640]);
}

/* Behind the frames the space for swap; in the corner what it did. */
static void strip_with_swap(void)
{
	static struct page frames[1280];
	const u32 *row;
	char note[NOTE + 1] = "";
	u32 ink = 0;

	for (u32 i = 0; i < 1280; i++)
		frames[i].flags = PG_reserved;
	mem_map = frames;
	max_pfn = total_swap_pages = 1280;
	nr_swap_pages = 640;
	swap_counters.pswpout = 7;
	swap_counters.pswpin = 5;
	screen_begin(1024, 768, true);
	row = pixels + 760 * 1024;
	screen_refresh();
	EXPECT_EQ(row[511], row[0]);
	EXPECT(row[512] != row[0]);
	EXPECT_EQ(row[767], row[512]);
	EXPECT(row[768] != row[512]);
	EXPECT_EQ(row[1023], row[768]);
	for (u32 i = 0; i < NOTE; i++)
		note[i] = read_back(128 - NOTE + i, 46, 1, &ink);
	EXPECT_TEXT(note, "                out 7 in 5 oom 0");
	/* No more than half of the strip. */
	total_swap_pages = 40000000;
	nr_swap_pages = 10000000;
	say("text\n");
	screen_refresh();
	EXPECT_EQ(row[511], row[0]);
	EXPECT_EQ(row[888], row[512]);
	EXPECT(row[904] != row[512]);
}

/* Shorter rows of another colour: what was behind their ends is gone. */
static void shorter_rows(void)
{
	u32 rows;

	screen_begin(640, 480, true);
	screen_tick();
	rows = screen_size().row;
	for (u32 i = 0; i < rows; i++)
		say("ok 1 - 0123456789\n");
	screen_refresh();
	EXPECT(row_is(0, 1, "ok 1 - 0123456789 "));
	for (u32 i = 0; i < rows; i++)
		say("# x\n");
	screen_refresh();
	for (u32 i = 0; i + 1 < rows; i++)
		EXPECT(row_is(i, 1, "# x                   "));
}

/* Characters of the terminal, one by one: what has no glyph is a question mark. */
static void characters(void)
{
	static const char text[] = "A ~\x7f\xc3z";

	screen_begin(640, 480, false);
	for (u32 i = 0; i < sizeof(text) - 1; i++)
		screen_put(text[i]);
	screen_refresh();
	EXPECT(row_is(0, 1, "A ~??z "));
	EXPECT(screen_place().row == 0 && screen_place().column == 6);
	for (u32 i = 6; i < 80; i++)
		screen_put('x');
	EXPECT(screen_place().row == 0);
	screen_put('y');
	screen_refresh();
	EXPECT(row_is(0, 1, "A ~??zxxx") && row_is(1, 1, "y "));
	EXPECT(screen_place().row == 1 && screen_place().column == 1);
}

static void put_at(u32 row, u32 column, const char *text)
{
	screen_go((struct screen_place){ row, column });
	while (*text)
		screen_put(*text++);
}

static bool is_at(u32 row, u32 column)
{
	return screen_place().row == row && screen_place().column == column;
}

/* Places of the terminal, which end at the screen's; what is cleared and moved there. */
static void places(void)
{
	u32 last;

	screen_begin(640, 480, false);
	screen_tick(); /* programs run: the clock does too */
	last = screen_size().row - 1;
	EXPECT_EQ(screen_size().column, 80);
	put_at(2, 5, "abcdef");
	EXPECT(is_at(2, 11));
	screen_clear(2, 6, 8);
	screen_move(2, 8, 5, 3);
	put_at(last + 9, 99, "z");
	EXPECT(is_at(last, 79)); /* behind the last column, but shown in it */
	put_at(last - 1, 3, "low");
	screen_line_feed();
	EXPECT(is_at(last, 6));
	screen_refresh();
	EXPECT(row_is(2, 1, "     defdef ") && row_is(last - 1, 1, "   low "));
	EXPECT(row_is(last, 1, "     "));
	screen_line_feed(); /* all rows move up */
	EXPECT(is_at(last, 6));
	screen_go((struct screen_place){ 0, 0 });
	screen_refresh();
	EXPECT(row_is(1, 1, "     defdef ") && row_is(last - 2, 1, "   low "));
}

TAP_MAIN({ "sizes", sizes }, { "whole rows", whole_rows }, { "a line that wraps", wrapping },
	 { "without colours", plain }, { "only changes are drawn", economy },
	 { "before the first tick", early }, { "a slow screen", slow }, { "a pause", one_pause },
	 { "no usable framebuffer", unusable }, { "the strip of owners", strip },
	 { "the strip with swap", strip_with_swap }, { "a note in the corner", note },
	 { "shorter rows", shorter_rows }, { "characters of the terminal", characters },
	 { "places of the terminal", places })
