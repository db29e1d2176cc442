/* SPDX-License-Identifier: MIT */
/* A bug that clang-tidy has to find: tests/analyze.t. It is in no build. */
#include "lib/types.h"

u32 planted(const u32 *values, u32 count);

u32 planted(const u32 *values, u32 count)
{
	u32 sum = 0;

	for (u8 i = 0; i < count; i++)
		sum += values[i];
	return sum;
}
