/* SPDX-License-Identifier: MIT */
/*
 * lib/bitmap.h against an array with a byte for each bit. The map is a block of exactly its size,
 * so that the sanitizers see a read beyond.
 */
#include <stdlib.h>

#include "lib/bitmap.h"
#include "tests/host/tap.h"

#define MOST 100u

static bool model[MOST];

static u32 model_next(u32 from, u32 end, bool value)
{
	while (from < end && model[from] != value)
		from++;
	return min(from, end);
}

static void change(u32 *map, u32 bit)
{
	switch (random_below(3)) {
	case 0:
		bitmap_set(map, bit);
		model[bit] = true;
		break;
	case 1:
		bitmap_clear(map, bit);
		model[bit] = false;
		break;
	case 2:
		EXPECT_EQ(bitmap_toggle(map, bit), model[bit]);
		model[bit] = !model[bit];
	}
}

static void try_size(u32 bits)
{
	u32 *map = calloc(BITMAP_WORDS(bits), sizeof(*map));

	for (u32 i = 0; i < bits; i++)
		model[i] = false;
	for (u32 step = 0; step < 30; step++) {
		change(map, random_below(bits));
		for (u32 from = 0; from < bits; from++) {
			EXPECT_EQ(bitmap_test(map, from), model[from]);
			EXPECT_EQ(bitmap_next(map, from, bits), model_next(from, bits, true));
			EXPECT_EQ(bitmap_next_clear(map, from, bits),
				  model_next(from, bits, false));
		}
		/* An end within the map, with bits behind it; and all of one kind. */
		EXPECT_EQ(bitmap_next(map, 0, bits / 2), model_next(0, bits / 2, true));
		EXPECT_EQ(bitmap_next_clear(map, 0, bits / 2), model_next(0, bits / 2, false));
	}
	for (u32 i = 0; i < bits; i++)
		bitmap_set(map, i);
	EXPECT_EQ(bitmap_next_clear(map, 0, bits), bits);
	for (u32 i = 0; i < bits; i++)
		bitmap_clear(map, i);
	EXPECT_EQ(bitmap_next(map, 0, bits), bits);
	free(map);
}

static void sizes(void)
{
	for (u32 bits = 1; bits <= MOST; bits++)
		try_size(bits);
}

TAP_MAIN({ "maps of each size", sizes })
