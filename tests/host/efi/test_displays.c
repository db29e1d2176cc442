/* SPDX-License-Identifier: MIT */
/*
 * The choice of the screen, and the contents of STARTED.TXT for the next loader.
 *
 * sources: efi/displays.c efi/options.c efi/last_run/run_marker_text.c
 */
#include <string.h>

#include "efi/displays.h"
#include "efi/options.h"
#include "efi/last_run/run_marker.h"
#include "tests/host/tap.h"

static struct display display(u32 width, u32 height, bool console, bool usable)
{
	return (struct display){
		{ .base = 0xd0000000, .width = width, .height = height, .stride = width },
		1,
		console,
		usable
	};
}

static void choice(void)
{
	struct displays three = { 3,
				  0,
				  { display(1024, 768, true, true),
				    display(3840, 2160, false, true),
				    display(4096, 4096, true, false) } };
	struct displays plain = {
		2, 0, { display(1024, 768, false, true), display(1920, 1080, false, true) }
	};
	struct displays none = { 0 };
	char line[DISPLAY_LINE_SIZE];

	EXPECT(displays_choose(&three, DISPLAY_NONE));
	EXPECT_EQ(three.chosen, 0); /* the console's, not the largest */
	EXPECT(displays_choose(&three, 1));
	EXPECT_EQ(three.chosen, 1);
	display_line(&three, 1, line, sizeof(line));
	EXPECT_TEXT(line, "gop=1 3840x2160 stride=3840 bgr base=0xd0000000 chosen");
	EXPECT(!displays_choose(&three, 2)); /* not usable */
	EXPECT_EQ(three.chosen, 0);
	display_line(&three, 2, line, sizeof(line));
	EXPECT_TEXT(line, "gop=2 4096x4096 stride=4096 bgr base=0xd0000000 console unusable");
	EXPECT(!displays_choose(&three, 7));
	EXPECT(displays_choose(&plain, DISPLAY_NONE));
	EXPECT_EQ(plain.chosen, 1);
	EXPECT(displays_choose(&none, DISPLAY_NONE));
	EXPECT_EQ(none.chosen, DISPLAY_NONE);
	EXPECT(!displays_choose(&none, 0));
}

/* Equal screens: the first. A number just behind the last; what lies there does not count. */
static void bounds(void)
{
	struct displays all = {
		2, 0, { display(800, 600, false, true), display(800, 600, false, true) }
	};
	struct displays dark = { 1, 0, { display(800, 600, false, false) } };
	char line[DISPLAY_LINE_SIZE];

	all.display[2] = display(1600, 1200, true, true);
	EXPECT(displays_choose(&all, DISPLAY_NONE));
	EXPECT_EQ(all.chosen, 0);
	EXPECT(!displays_choose(&all, 2));
	EXPECT_EQ(all.chosen, 0);
	EXPECT(displays_choose(&all, 1));
	EXPECT_EQ(all.chosen, 1);
	EXPECT(displays_choose(&dark, DISPLAY_NONE));
	EXPECT_EQ(dark.chosen, DISPLAY_NONE);
	EXPECT(!displays_choose(&dark, 0));
	EXPECT_EQ(dark.chosen, DISPLAY_NONE);
	all.display[0].format = 3;
	display_line(&all, 0, line, sizeof(line));
	EXPECT_TEXT(line, "gop=0 800x600 stride=800 blt base=0xd0000000");
	all.display[0].format = 4;
	display_line(&all, 0, line, sizeof(line));
	EXPECT_TEXT(line, "gop=0 800x600 stride=800 ? base=0xd0000000");
}

static void options(void)
{
	EXPECT_EQ(options_number("gop=9999", "gop", 9), 9999);
	EXPECT_EQ(options_number("gop=10000", "gop", 9), 9);
	EXPECT_EQ(options_number("gop=12x", "gop", 9), 9);
	EXPECT_EQ(options_number("", "gop", 9), 9);
	EXPECT_EQ(options_number("gop=0", "gop", 9), 0);
	EXPECT(options_list("q=a,bb,c", "q", "a") && options_list("q=a,bb,c", "q", "bb"));
	EXPECT(options_list("q=a,bb,c", "q", "c") && !options_list("q=a,bb,c", "q", "b"));
	EXPECT(options_list("q=a,", "q", "a") && options_list("q=,a x=1", "q", "a"));
	EXPECT(!options_list("q=a b", "q", "b") && !options_list("q=", "q", "a"));
	EXPECT(!options_list("q", "q", "") && !options_say("q", "q", NULL));
	EXPECT(options_say("q=", "q", NULL) && options_say("q=", "q", ""));
	EXPECT_EQ(options_number("gop=1", "gop", 9), 1);
	EXPECT_EQ(options_number("gop=1 gop=x", "gop", 9), 9);
	EXPECT_EQ(options_number("xgop=1", "gop", 9), 9);
	EXPECT_EQ(options_number("gop=", "gop", 9), 9);
	EXPECT_EQ(options_number("gop=123456", "gop", 9), 9);
	EXPECT(options_list("quiesce=nopci,nousb", "quiesce", "nousb"));
	EXPECT(options_list("quiesce=nopci,nousb", "quiesce", "nopci"));
	EXPECT(!options_list("quiesce=nopci,nousb", "quiesce", "no"));
	EXPECT(!options_list("quiesce=nopci quiesce=none", "quiesce", "nopci"));
	EXPECT(!options_list("", "quiesce", "none"));
}

static void started(void)
{
	struct memory_state asked = { true, false }, plain = { false, false },
			    tme = { false, true };
	char text[RUN_MARKER_SIZE];

	EXPECT(run_marker_text(text, sizeof(text), 9999, &asked) < (int)sizeof(text) - 1);
	EXPECT(strstr(run_marker_reason(text, &tme), "MemoryOverwriteRequestControl") != NULL);
	run_marker_text(text, sizeof(text), 1, &plain);
	EXPECT(strstr(text, "run 0001") != NULL);
	EXPECT(strstr(run_marker_reason(text, &tme), "TME") != NULL);
	EXPECT(strstr(run_marker_reason(text, &plain), "switched off") != NULL);
	EXPECT(strstr(run_marker_reason("", &plain), "switched off") != NULL);
	EXPECT_TEXT(run_marker_stop("exit=reboot log=stop panic=30"), "exit=poweroff panic=0");
	EXPECT_TEXT(run_marker_stop("exit=reboot log=stop"), "exit=poweroff panic=0");
	EXPECT(!run_marker_stop("exit=reboot log=stop exit=qemu"));
	EXPECT(!run_marker_stop("exit=reboot panic=30"));
	/* A panic would restart it too. */
	EXPECT_TEXT(run_marker_stop("log=stop panic=30"), "panic=0");
	EXPECT_TEXT(run_marker_stop("exit=poweroff log=stop panic=-1"), "panic=0");
	EXPECT(!run_marker_stop("log=stop panic=30 panic=0"));
	EXPECT(!run_marker_stop("log=stop exit=halt"));
	EXPECT(!run_marker_stop("log=stop log=go panic=30"));
}

TAP_MAIN({ "bounds", bounds }, { "which screen", choice },
	 { "numbers and lists among the options", options }, { "STARTED.TXT", started })
