/* SPDX-License-Identifier: MIT */
/* Arrays of bits in 32-bit words: the same layout in every build. Bits are counted from 0. */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include "lib/types.h"

#define BITMAP_WORDS(bits) DIV_ROUND_UP(bits, 32)

static inline bool bitmap_test(const u32 *map, u32 bit)
{
	return map[bit / 32] >> (bit % 32) & 1;
}

static inline void bitmap_set(u32 *map, u32 bit)
{
	map[bit / 32] |= 1u << (bit % 32);
}

static inline void bitmap_clear(u32 *map, u32 bit)
{
	map[bit / 32] &= ~(1u << (bit % 32));
}

/* The first bit of [from, end) that is set, or `end`. Whole words at a time. */
static inline u32 bitmap_next(const u32 *map, u32 from, u32 end)
{
	u32 mask = ~0u << from % 32;

	for (u32 word = from / 32; word * 32 < end; word++, mask = ~0u)
		if (map[word] & mask)
			return min(word * 32 + (u32)__builtin_ctz(map[word] & mask), end);
	return end;
}

/* The same for a bit that is clear. */
static inline u32 bitmap_next_clear(const u32 *map, u32 from, u32 end)
{
	u32 mask = ~0u << from % 32;

	for (u32 word = from / 32; word * 32 < end; word++, mask = ~0u)
		if (~map[word] & mask)
			return min(word * 32 + (u32)__builtin_ctz(~map[word] & mask), end);
	return end;
}

/* Inverts the bit and returns its old value. One instruction: BTC counts bits from `map`. */
static inline bool bitmap_toggle(u32 *map, u32 bit)
{
	bool was;

	__asm__ volatile("btcl %[bit], %[map]"
			 : [map] "+m"(*map), "=@ccc"(was)
			 : [bit] "r"(bit)
			 : "memory");
	return was;
}

#endif
