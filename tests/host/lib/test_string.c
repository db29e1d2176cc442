/* SPDX-License-Identifier: MIT */
/*
 * lib/string.c against the C library, of which it has the names: it is included here under others.
 * Every length up to some words, at every place in a word; the bytes around must stay.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/host/tap.h"

#define memcpy	our_memcpy
#define memmove our_memmove
#define memset	our_memset
#define memcmp	our_memcmp
#define memrchr our_memrchr
#define strnlen our_strnlen
#define strlen	our_strlen
#define strncmp our_strncmp
#define strcmp	our_strcmp
#define strchr	our_strchr
#include "lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memrchr
#undef strnlen
#undef strlen
#undef strncmp
#undef strcmp
#undef strchr

void *memrchr(const void *s, int c, size_t bytes);

#define LONGEST 20u
#define PLACES	8u
#define BYTES	(LONGEST + 2 * PLACES)

static u8 ours[BYTES], theirs[BYTES];

static void fill(void)
{
	for (u32 i = 0; i < BYTES; i++)
		ours[i] = theirs[i] = (u8)random_u32();
}

static void expect_same(void)
{
	for (u32 i = 0; i < BYTES; i++)
		EXPECT_EQ(ours[i], theirs[i]);
}

static void copies(void)
{
	u8 from[BYTES];

	for (u32 i = 0; i < BYTES; i++)
		from[i] = (u8)random_u32();
	for (u32 bytes = 0; bytes <= LONGEST; bytes++) {
		for (u32 to = 0; to < PLACES; to++) {
			fill();
			EXPECT(our_memcpy(ours + to, from + bytes % 4, bytes) == ours + to);
			memcpy(theirs + to, from + bytes % 4, bytes);
			expect_same();
			fill();
			EXPECT(our_memset(ours + to, (int)(0x180 + bytes), bytes) == ours + to);
			memset(theirs + to, (int)(0x180 + bytes), bytes);
			expect_same();
		}
	}
}

/* Each pair of places, so that the ranges overlap at either end, wholly, or not at all. */
static void moves(void)
{
	for (u32 bytes = 0; bytes <= LONGEST; bytes++) {
		for (u32 from = 0; from <= BYTES - LONGEST; from++) {
			for (u32 to = 0; to <= BYTES - LONGEST; to++) {
				fill();
				EXPECT(our_memmove(ours + to, ours + from, bytes) == ours + to);
				memmove(theirs + to, theirs + from, bytes);
				expect_same();
			}
		}
	}
}

static s32 sign(s32 number)
{
	return (number > 0) - (number < 0);
}

/* A copy in a block of exactly its size, so that the sanitizers see a read beyond. */
static char *exact(const char *text, size_t bytes)
{
	char *copy = malloc(bytes);

	memcpy(copy, text, bytes);
	return copy;
}

static void comparisons(void)
{
	for (u32 step = 0; step < tap_scaled(20000) && !tap_failed(); step++) {
		char a[8], b[8], *x, *y;
		u32 bytes = random_below(ARRAY_SIZE(a)), limit = random_below(10);

		for (u32 i = 0; i < ARRAY_SIZE(a); i++) {
			a[i] = "a\xff\x01"[random_below(3)];
			b[i] = random_one_in(4) ? 'b' : a[i];
		}
		EXPECT_EQ(sign(our_memcmp(a, b, bytes)), sign(memcmp(a, b, bytes)));
		a[bytes] = b[random_below(bytes + 1)] = b[7] = '\0';
		x = exact(a, strlen(a) + 1);
		y = exact(b, strlen(b) + 1);
		EXPECT_EQ(sign(our_strcmp(x, y)), sign(strcmp(x, y)));
		EXPECT_EQ(sign(our_strncmp(x, y, limit)), sign(strncmp(x, y, limit)));
		EXPECT_EQ(our_strlen(x), strlen(x));
		free(x);
		free(y);
	}
}

static void searches(void)
{
	for (u32 bytes = 0; bytes < 9; bytes++) {
		for (u32 at = 0; at <= bytes; at++) {
			char *text = malloc(bytes + 1);

			memset(text, 'a', bytes + 1);
			text[at] = 'b';
			EXPECT(our_memrchr(text, 'b', bytes) == memrchr(text, 'b', bytes));
			EXPECT(our_memrchr(text, 'a', bytes) == memrchr(text, 'a', bytes));
			text[bytes] = '\0';
			EXPECT(our_strchr(text, 'b') == strchr(text, 'b'));
			EXPECT(our_strchr(text, '\0') == text + bytes);
			EXPECT(our_strchr(text, 'c') == NULL);
			text[at] = '\0';
			for (u32 limit = 0; limit <= bytes; limit++)
				EXPECT_EQ(our_strnlen(text, limit), min(limit, at));
			EXPECT_EQ(our_strlen(text), at);
			free(text);
		}
	}
}

TAP_MAIN({ "copies and fills", copies }, { "moves", moves }, { "comparisons", comparisons },
	 { "lengths and searches", searches })
