/* SPDX-License-Identifier: MIT */
/*
 * The kernel's verdict on a program's output. tests/log-reader.t demands the same of the log
 * reader.
 *
 * sources: kernel/harness/program_tap.c
 */
#include "kernel/harness/program_tap.h"
#include "lib/string.h"
#include "tests/host/tap.h"

/* The same verdict for the output as a whole and byte by byte. */
static enum tap_verdict judge(const char *output)
{
	static struct program_tap whole, bytes;

	tap_begin(&whole);
	tap_take(&whole, output, strlen(output));
	tap_begin(&bytes);
	for (const char *at = output; *at; at++)
		tap_take(&bytes, at, 1);
	EXPECT_EQ(tap_end(&bytes), tap_end(&whole));
	tap_begin(&whole);
	tap_take(&whole, output, strlen(output));
	return tap_end(&whole);
}

static void no_tap(void)
{
	EXPECT_EQ(judge(""), TAP_NONE);
	EXPECT_EQ(judge("hello\nok\nnot ok\nok 5\n"), TAP_NONE);
	EXPECT_EQ(judge("1..x\n1..\n1..2 apples\n 1..2\nx1..2\n1..99999999999\n"), TAP_NONE);
}

static void passed(void)
{
	EXPECT_EQ(judge("TAP version 13\n1..2\nok 1 - a\nok 2\n"), TAP_PASSED);
	EXPECT_EQ(judge("1..1\nok 1 - the last line has no end"), TAP_PASSED);
	EXPECT_EQ(judge("ok 1 a\n# note\nok 2 b  \n1..2  \n"), TAP_PASSED);
	EXPECT_EQ(judge("1..1\n  not ok 1 - indented\nokay 1\nok: 2\nok 1\n"), TAP_PASSED);
	EXPECT_EQ(judge("1..4\nnot ok 1 a # TODO b\nnot ok 2 # skip\nok 3 # SKIP x\nnot ok 4 a # "
			"xfail\n"),
		  TAP_PASSED);
}

static void failed(void)
{
	EXPECT_EQ(judge("1..1\nnot ok 1 - a\n"), TAP_FAILED);
	EXPECT_EQ(judge("1..1\nnot ok 1 - a #TODOS\n"), TAP_FAILED);
	EXPECT_EQ(judge("1..1\nnot ok 1 - a#SKIP b\n"), TAP_FAILED);
	EXPECT_EQ(judge("1..1\nok 1 - a # TIMEOUT\n"), TAP_FAILED);
	EXPECT_EQ(judge("1..2\nok 1 - a\n"), TAP_FAILED);
	EXPECT_EQ(judge("1..1\nok 1 - a\nok 2 - b\n"), TAP_FAILED);
	EXPECT_EQ(judge("1..2\nok 2 - a\nok 1 - b\n"), TAP_FAILED);
	EXPECT_EQ(judge("1..1\nok - a\n"), TAP_FAILED);
	EXPECT_EQ(judge("1..1\n1..1\nok 1\n"), TAP_FAILED);
	EXPECT_EQ(judge("1..0\n"), TAP_FAILED);
	EXPECT_EQ(judge("hello\nBail out! no memory\n"), TAP_FAILED);
}

static void skipped(void)
{
	EXPECT_EQ(judge("1..0 # SKIP no hardware\n"), TAP_SKIPPED);
	EXPECT_EQ(judge("1..0 # skip\n"), TAP_SKIPPED);
	EXPECT_EQ(judge("1..0 # SKIP\nok 1\n"), TAP_FAILED);
}

/* Characters beyond TAP_LINE are ignored; nothing is written there. */
static void long_lines(void)
{
	static char output[3 * TAP_LINE];

	memset(output, 'x', sizeof(output) - 1);
	EXPECT_EQ(judge(output), TAP_NONE);
	memcpy(output, "1..1\nok 1 - ", 12);
	EXPECT_EQ(judge(output), TAP_PASSED);
}

/* The figures of the line that tells of a failure. */
static void counts(void)
{
	static const char output[] = "1..6\nok 1\nnot ok 2\nnot ok 3 # TODO x\nok 4 # ERROR\n"
				     "not ok 5 # TIMEOUT\nnot ok 6 # XFAIL\n";
	struct program_tap tap;

	tap_begin(&tap);
	tap_take(&tap, output, sizeof(output) - 1);
	EXPECT(tap.plan == 6 && tap.results == 6 && tap.failed == 3 && tap.planned);
	EXPECT(!tap.wrong && !tap.bailed_out && !tap.skips_all && !tap.used);
	EXPECT_EQ(tap_end(&tap), TAP_FAILED);
	tap_begin(&tap);
	EXPECT(!tap.plan && !tap.results && !tap.failed && !tap.planned);
	EXPECT_EQ(tap_end(&tap), TAP_NONE);
}

/* A line of all characters that fit, and a directive that just fits, or not. */
static void truncated(void)
{
	char output[TAP_LINE + 40] = "1..1\nnot ok 1 ";
	const char *line = output + 5;

	memset(output + strlen(output), 'x', sizeof(output) - strlen(output));
	memcpy(output + 5 + TAP_LINE - 1 - 7, " # SKIP\n", 9);
	EXPECT_EQ(strchr(line, '\n') - line, TAP_LINE - 1);
	EXPECT_EQ(judge(output), TAP_PASSED);
	memmove(output + 5 + TAP_LINE - 7, " # SKIP\n", 9);
	output[5 + TAP_LINE - 8] = 'x';
	EXPECT_EQ(judge(output), TAP_FAILED);
}

TAP_MAIN({ "no TAP", no_tap }, { "passed", passed }, { "failed", failed }, { "skipped", skipped },
	 { "long lines", long_lines }, { "counts", counts }, { "truncated lines", truncated })
