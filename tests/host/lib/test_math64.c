/* SPDX-License-Identifier: MIT */
/* lib/math64.h against the compiler's division, around the values where its ways part. */
#include "lib/math64.h"
#include "tests/host/tap.h"

static const u64 edges[] = {
	0,
	1,
	2,
	9,
	10,
	0x7fffffff,
	0x80000000,
	UINT32_MAX,
	1ull << 32,
	10ull << 32,
	((u64)UINT32_MAX << 32) - 1,
	(u64)INT64_MAX,
};

/* One of the edges, or near it, or any number of any length. */
static u64 any_number(void)
{
	u64 any = (u64)random_u32() << 32 | random_u32();

	if (random_one_in(2))
		return edges[random_below(ARRAY_SIZE(edges))] + random_below(3) - 1;
	return any >> random_below(64);
}

static void by_32_bits(void)
{
	for (u32 step = 0; step < tap_scaled(100000) && !tap_failed(); step++) {
		u64 dividend = any_number();
		u32 divisor = (u32)any_number(), remainder = 1;

		divisor += !divisor;
		EXPECT_EQ(div_u64_rem(dividend, divisor, &remainder), dividend / divisor);
		EXPECT_EQ(remainder, dividend % divisor);
		/* The quotient has more than 32 bits from here on. */
		EXPECT_EQ(div_u64((u64)divisor << 32, divisor), 1ull << 32);
		EXPECT_EQ(div_u64(((u64)divisor << 32) - 1, divisor), UINT32_MAX);
	}
}

static void by_64_bits(void)
{
	for (u32 step = 0; step < tap_scaled(100000) && !tap_failed(); step++) {
		u64 dividend = any_number() & INT64_MAX, divisor = any_number() & INT64_MAX;
		u64 multiple;

		divisor += !divisor;
		EXPECT_EQ(div_u64_u64(dividend, divisor), dividend / divisor);
		multiple = divisor * (1 + random_below(3));
		if (divisor > INT64_MAX / 4)
			continue;
		EXPECT_EQ(div_u64_u64(multiple, divisor), multiple / divisor);
		EXPECT_EQ(div_u64_u64(multiple - 1, divisor), (multiple - 1) / divisor);
	}
}

TAP_MAIN({ "a divisor of 32 bits", by_32_bits }, { "a divisor of 64 bits", by_64_bits })
