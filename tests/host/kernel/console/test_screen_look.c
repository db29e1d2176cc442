/* SPDX-License-Identifier: MIT */
/*
 * What the screen looks like: colours of rows by their text, the cursor, notes, the legend, and
 * the smallest screen that is used.
 *
 * sources: kernel/console/screen.c kernel/console/glyphs.c kernel/console/strip.c
 * sources: tests/host/kernel/console/screen_rig.c
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/console/framebuffer.h"
#include "kernel/console/screen.h"
#include "kernel/devices/time.h"
#include "tests/host/kernel/console/screen_rig.h"
#include "tests/host/tap.h"

static u32 ink_at(u32 column, u32 row)
{
	u32 ink = 0;

	read_back(column, row, 1, &ink);
	return ink;
}

/* The colour of the last character of a line. */
static u32 colour_of_line(const char *text)
{
	say(text);
	say("\n");
	screen_refresh();
	for (u32 row = screen_size().row; row-- > 0;)
		if (row_is(row, 1, text) && ink_at((u32)strlen(text) - 1, row))
			return ink_at((u32)strlen(text) - 1, row);
	return 0;
}

static void colours(void)
{
	/* A letter for each colour. */
	static const struct {
		char colour;
		const char *text;
	} lines[] = {
		{ 't', "text" },
		{ 'g', "ok 1" },
		{ 'b', "not ok 1" },
		{ 'r', "# remark" },
		{ 'h', "# Subtest: a" },
		{ 'b', "Kernel panic - not syncing" },
		{ 'b', "verdict: result=fail" },
		{ 'g', "verdict: result=pass" },
		{ 't', "verdict: result=?" },
		{ 'b', "oom-kill: pid=5" },
		{ 'h', "oom: a" },
		{ 't', "oom" },
		{ 't', "okay" },
		{ 't', "not okay" },
		{ 'g', "    ok 2" },
		{ 'b', "  not ok 2" },
		{ 'r', "  #x" },
		{ 'h', "  # Subtest" },
		{ 't', "x ok 1" },
		{ 't', "a # b" },
	};
	u32 inks[128] = { 0 };

	screen_begin(640, 480, true);
	screen_tick();
	for (u32 i = 0; i < ARRAY_SIZE(lines); i++) {
		u32 ink = colour_of_line(lines[i].text), *wanted = &inks[(u8)lines[i].colour];

		*wanted = *wanted ? *wanted : ink;
		tap_check(ink && ink == *wanted, __FILE__, __LINE__, "colour of %s", lines[i].text);
	}
	for (u32 i = 'a'; i <= 'z'; i++)
		for (u32 j = 'a'; j < i; j++)
			EXPECT(!inks[i] || inks[i] != inks[j]);
}

/* A row of the largest width with blanks only, and with text far to the right. */
static void indented(void)
{
	char text[240];
	u32 ordinary;

	screen_begin(1920, 480, true);
	ordinary = colour_of_line("text");
	memset(text, ' ', sizeof(text));
	strcpy(text + 200, "ok 1");
	EXPECT(colour_of_line(text) != ordinary);
	memset(text, ' ', sizeof(text));
	strcpy(text + 220, "ok 1");
	EXPECT_EQ(colour_of_line(text), ordinary);
}

/* 20 columns and four rows, of which two are the text's. */
static void smallest(void)
{
	static const struct {
		u32 width, height;
		bool used;
	} sizes[] = { { 160, 64, true }, { 159, 64, false }, { 160, 63, false } };

	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		screen_begin(640, 480, false);
		free(pixels);
		screen_begin(sizes[i].width, sizes[i].height, false);
		EXPECT_EQ(screen_size().row, sizes[i].used ? 2 : 0);
		EXPECT_EQ(screen_size().column, sizes[i].used ? 20 : 0);
		if (!sizes[i].used)
			continue;
		say("one\ntwo\nthree");
		screen_tick();
		screen_refresh();
		EXPECT(row_is(0, 1, "two  ") && row_is(1, 1, "three  "));
		/* Names of owners as far as they fit; a note of all columns. */
		EXPECT(row_is(2, 1, "free  reserved      "));
		screen_note("0123456789012345678901234567890123456789");
		EXPECT(row_is(2, 1, "01234567890123456789"));
	}
}

static void notes(void)
{
	screen_begin(640, 480, false);
	screen_refresh();
	screen_note("0123456789012345678901234567890123456789");
	EXPECT_EQ(ink_at(47, 28) != 0, false);
	EXPECT(row_is(28, 1, "free  reserved  kernel"));
	for (u32 i = 0; i < 32; i++) {
		u32 ink = 0;

		EXPECT_EQ(read_back(48 + i, 28, 1, &ink), '0' + (char)(i % 10));
	}
}

/* What was there before is gone, also where no text is. */
static void background(void)
{
	u32 other = 0;

	screen_begin(650, 490, false); /* pixels are left over at both edges */
	say("x\n");
	screen_refresh();
	for (u32 y = 0; y < 490; y++)
		for (u32 x = 0; x < 650; x++)
			other += pixels[y * 650 + x] == 0x55555555;
	EXPECT_EQ(other, 0);
}

/* The cursor is a character in a colour of its own, or a line; it leaves nothing behind. */
static void cursor(void)
{
	u32 ordinary, ink = 0;

	screen_begin(640, 480, false);
	screen_tick();
	say("abc");
	screen_refresh();
	ordinary = ink_at(0, 0);
	EXPECT_EQ(read_back(3, 0, 1, &ink), ' '); /* none before a program asks for it */
	screen_go((struct screen_place){ 0, 1 });
	screen_refresh();
	EXPECT_EQ(read_back(1, 0, 1, &ink), 'b');
	EXPECT(ink != ordinary && ink_at(0, 0) == ordinary);
	screen_go((struct screen_place){ 0, 5 });
	screen_refresh();
	EXPECT(row_is(0, 1, "abc  _ "));
	EXPECT_EQ(ink_at(1, 0), ordinary);
	EXPECT_EQ(ink_at(5, 0), ink);
	screen_go((struct screen_place){ 3, 0 });
	screen_refresh();
	EXPECT(row_is(0, 1, "abc    ") && row_is(3, 1, "_ "));
}

/* Text that only moves or goes is drawn too, with the next tick that may. */
static void changes_are_drawn(void)
{
	screen_begin(640, 480, false);
	screen_tick();
	say("abcdef\r\n");
	jiffies += 20 * STEP;
	tsc += 1000000000;
	screen_tick();
	EXPECT(row_is(0, 1, "abcdef "));
	for (u32 i = 0; i < 4; i++) {
		if (i == 0)
			screen_clear(0, 1, 3);
		if (i == 1)
			screen_move(0, 3, 0, 3);
		if (i == 2)
			screen_go((struct screen_place){ 1, 0 });
		if (i == 3)
			screen_put('z');
		jiffies += 20 * STEP;
		tsc += 1000000000;
		screen_tick();
		EXPECT(row_is(0, 1, i == 0 ? "a  def " : "defdef "));
	}
	EXPECT(row_is(1, 1, "z_ "));
	screen_line_feed();
	jiffies += 20 * STEP;
	tsc += 1000000000;
	screen_tick();
	EXPECT(row_is(1, 1, "z  ") && row_is(2, 1, " _ "));
}

TAP_MAIN({ "colours of rows", colours }, { "colours of indented rows", indented },
	 { "the smallest screen", smallest }, { "long notes", notes },
	 { "the background", background }, { "the cursor", cursor },
	 { "changes without text", changes_are_drawn })
