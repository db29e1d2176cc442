/* SPDX-License-Identifier: MIT */
/* 64-bit division on a 32-bit machine, without the compiler's run-time library. */
#ifndef LIB_MATH64_H
#define LIB_MATH64_H

#include "lib/types.h"

/* Returns dividend / divisor, and the remainder through *remainder. divisor is not 0. */
static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	u32 high = (u32)(dividend >> 32), low = (u32)dividend, rest = high % divisor;

	/* rest < divisor, so the quotient fits and DIV does not fault (Intel SDM vol. 2A, DIV). */
	__asm__("divl %[divisor]" : "+a"(low), "+d"(rest) : [divisor] "rm"(divisor) : "cc");
	*remainder = rest;
	return (u64)(high / divisor) << 32 | low;
}

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	u32 remainder;

	return div_u64_rem(dividend, divisor, &remainder);
}

#endif
