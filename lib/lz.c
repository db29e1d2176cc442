/* SPDX-License-Identifier: MIT */
/* The format is drawn in lib/lz.h. */
#include "lib/lz.h"
#include "lib/assert.h"
#include "lib/string.h"

#define MATCH_MIN    4u
#define SHORT_MAX    (MATCH_MIN + 6) /* lengths that fit into three bits */
#define MATCH_MAX    (SHORT_MAX + 1 + 255)
#define LITERALS_MAX 128u
#define HASH_BITS    10
#define SKIP_FACTOR  64

/* The last position with this hash; 0 also says that there is none. */
static u16 positions[1u << HASH_BITS];

/* Bytes are written while they are within the limit, and counted in any case. */
struct output {
	u8 *to;
	u32 at, limit;
};

static void put(struct output *out, u32 byte)
{
	if (out->at < out->limit)
		out->to[out->at] = (u8)byte;
	out->at++;
}

static void put_literals(struct output *out, const u8 *from, u32 count)
{
	while (count) {
		u32 run = min(count, LITERALS_MAX);

		put(out, run - 1);
		if (out->at + run <= out->limit)
			memcpy(out->to + out->at, from, run);
		out->at += run;
		from += run;
		count -= run;
	}
}

static void put_match(struct output *out, u32 distance, u32 length)
{
	u32 code = min(length - MATCH_MIN, 7u);

	put(out, 0x80 | code << 4 | distance >> 8);
	put(out, distance & 0xff);
	if (code == 7)
		put(out, length - SHORT_MAX - 1);
}

static u32 four_bytes(const u8 *at)
{
	u32 value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static u32 match_length(const u8 *a, const u8 *b, u32 most)
{
	u32 length = MATCH_MIN;

	while (length < most && a[length] == b[length])
		length++;
	return length;
}

u32 lz_compress(const u8 *from, u32 bytes, u8 *to, u32 limit)
{
	struct output out = { to, 0, limit };
	u32 at = 0, literals = 0; /* the literals before `at` that are not yet put */

	BUG_ON(bytes > LZ_BLOCK);
	memset(positions, 0, sizeof(positions));
	while (at + MATCH_MIN <= bytes && out.at + literals <= limit) {
		u32 value = four_bytes(from + at);
		u16 *position = &positions[value * 2654435761u >> (32 - HASH_BITS)];
		u32 before = *position, length;

		*position = (u16)at;
		if (before >= at || four_bytes(from + before) != value) {
			/* The longer nothing repeats, the fewer places are tried. */
			u32 step = min(1 + literals / SKIP_FACTOR, bytes - at);

			at += step;
			literals += step;
			continue;
		}
		length = match_length(from + before, from + at, min(bytes - at, MATCH_MAX));
		put_literals(&out, from + at - literals, literals);
		put_match(&out, at - before, length);
		literals = 0;
		at += length;
	}
	put_literals(&out, from + at - literals, literals + bytes - at);
	return out.at <= limit ? out.at : 0;
}

bool lz_decompress(const u8 *from, u32 bytes, u8 *to, u32 size)
{
	u32 in = 0, at = 0;

	while (in < bytes) {
		u32 token = from[in++], length, distance;

		if (token < LITERALS_MAX) {
			length = token + 1;
			if (length > bytes - in || length > size - at)
				return false;
			memcpy(to + at, from + in, length);
			in += length;
			at += length;
			continue;
		}
		length = (token >> 4 & 7) + MATCH_MIN;
		if (bytes - in < 1u + (length > SHORT_MAX))
			return false;
		distance = (token & 15) << 8 | from[in++];
		if (length > SHORT_MAX)
			length += from[in++];
		if (!distance || distance > at || length > size - at)
			return false;
		/* Byte by byte: the string may run into itself, as in a row of equal bytes. */
		for (; length; length--, at++)
			to[at] = to[at - distance];
	}
	return at == size;
}
