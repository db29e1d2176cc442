/* SPDX-License-Identifier: MIT */
/*
 * The compressor of pages, byte by byte as lib/lz.h draws the format. test_swap_ram.c compresses
 * pages of all kinds and gives the decompressor any bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/lz.h"
#include "tests/host/tap.h"

static u8 in[LZ_BLOCK], out[LZ_BLOCK + 64];

/* in[0 .. size) becomes `expected`, from which it is made again. */
static void becomes(u32 size, const char *expected, u32 length)
{
	u8 *back = malloc(size);

	EXPECT_EQ(lz_compress(in, size, out, sizeof(out)), length);
	EXPECT(!memcmp(out, expected, length));
	EXPECT(lz_decompress(out, length, back, size));
	EXPECT(!memcmp(back, in, size));
	free(back);
}

#define BECOMES(size, expected) becomes(size, expected, sizeof(expected) - 1)

/* in[] begins with bytes that do not repeat, and all else is 0xff. */
static void distinct(u32 count)
{
	memset(in, 0xff, sizeof(in));
	for (u32 i = 0; i < count; i++)
		in[i] = (u8)i;
}

static void literals(void)
{
	memcpy(in, "abcd", 4);
	BECOMES(1, "\0a");
	BECOMES(4, "\3abcd");
	distinct(255);
	EXPECT_EQ(lz_compress(in, 128, out, sizeof(out)), 129);
	EXPECT_EQ(out[0], 0x7f);
	EXPECT_EQ(lz_compress(in, 129, out, sizeof(out)), 131);
	EXPECT_EQ(out[129], 0);
	EXPECT_EQ(out[130], 128);
}

static void matches(void)
{
	memcpy(in, "abcdabcdbcda", 12);
	BECOMES(7, "\6abcdabc");
	BECOMES(8, "\3abcd\x80\4");
	BECOMES(12, "\3abcd\x80\4\x80\7");
	memset(in, 'a', sizeof(in));
	BECOMES(5, "\0a\x80\1");
	BECOMES(1 + 10, "\0a\xe0\1");
	BECOMES(1 + 11, "\0a\xf0\1\0");
	BECOMES(1 + 266, "\0a\xf0\1\xff");
	BECOMES(1 + 266 + 1, "\0a\xf0\1\xff\0a");
	BECOMES(1 + 266 + 4, "\0a\xf0\1\xff\x81\n");
}

/* From one end of the block to the other; what was there last is taken. */
static void distances(void)
{
	memset(in, 0, sizeof(in));
	memcpy(in, "wxyz", 4);
	memcpy(in + 4092, "wxyz", 4);
	EXPECT_EQ(lz_compress(in, 4096, out, sizeof(out)), 6 + 16 * 3 + 2);
	EXPECT(!memcmp(out + 6 + 16 * 3, "\x8f\xfc", 2));
	memcpy(in, "wxyz,wxyz;wxyz", 14);
	BECOMES(14, "\4wxyz,\x80\5\0;\x80\5");
}

/* Nothing of the last page is remembered. */
static void each_page_alone(void)
{
	memcpy(in, "qrstuvcd12", 10);
	EXPECT_EQ(lz_compress(in, 10, out, sizeof(out)), 11);
	memcpy(in, "abcdabcd1234cd12", 16); /* cd12 was behind a match, so it is not known */
	BECOMES(16, "\3abcd\x80\4\0071234cd12");
}

/* After 64 bytes without a match each second place is tried only. */
static void skipped_places(void)
{
	distinct(65);
	memcpy(in + 65, in, 8);
	EXPECT_EQ(lz_compress(in, 73, out, sizeof(out)), 1 + 66 + 2);
	EXPECT_EQ(out[0], 65);
	EXPECT(!memcmp(out + 67, "\xb0\x41", 2));
	distinct(64);
	memcpy(in + 64, in, 8);
	EXPECT_EQ(lz_compress(in, 72, out, sizeof(out)), 1 + 64 + 2);
	EXPECT(!memcmp(out + 65, "\xc0\x40", 2));
}

/* Each length that the output may have, to the byte. */
static void limits(void)
{
	memcpy(in, "abcdabcde", 9);
	memset(out, 0xee, sizeof(out));
	EXPECT_EQ(lz_compress(in, 9, out, 9), 9);
	EXPECT(!memcmp(out, "\3abcd\x80\4\0e\xee", 10));
	EXPECT_EQ(lz_compress(in, 9, out, 8), 0);
	for (u32 limit = 0; limit < 9; limit++) {
		u8 *to = malloc(limit + 1);

		to[limit] = 0xee;
		EXPECT_EQ(lz_compress(in, 9, to, limit), 0);
		EXPECT_EQ(to[limit], 0xee);
		free(to);
	}
}

static void bad_input(void)
{
	static const struct {
		const char *bytes;
		u32 length, size;
		bool good;
	} cases[] = {
		{ "\0a", 2, 1, true },		{ "\0", 1, 1, false },	    /* no literal */
		{ "\1a", 2, 2, false },					    /* one is missing */
		{ "\1ab", 3, 1, false },				    /* one is too much */
		{ "\1ab", 3, 3, false },				    /* a longer page */
		{ "\0a\x80\1", 4, 5, true },	{ "\0a\x80", 3, 5, false }, /* no distance */
		{ "\0a\xf0\1", 4, 12, false },				    /* no length */
		{ "\0a\xf0\1\0", 5, 12, true }, { "\0a\xf0\1\0", 5, 11, false },
		{ "\0a\xe0\1", 4, 11, true }, /* longest without */
		{ "\0a\x80\0", 4, 5, false }, /* from itself */
		{ "\0a\x80\2", 4, 5, false }, /* from before the page */
		{ "\1ab\x80\2", 5, 6, true },	{ "\0a\x81\1", 4, 5, false }, /* 257 before */
		{ "\0a\x80\1", 4, 4, false },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		u8 *from = malloc(cases[i].length), *to = malloc(cases[i].size);

		memcpy(from, cases[i].bytes, cases[i].length);
		if (!EXPECT_EQ(lz_decompress(from, cases[i].length, to, cases[i].size),
			       cases[i].good))
			tap_note("case %u", i);
		free(from);
		free(to);
	}
	EXPECT_PANIC("BUG", lz_compress(in, LZ_BLOCK + 1, out, 1));
}

TAP_MAIN({ "literals", literals }, { "matches", matches }, { "distances", distances },
	 { "each page alone", each_page_alone }, { "skipped places", skipped_places },
	 { "limits", limits }, { "bad input", bad_input })
