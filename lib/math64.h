/* SPDX-License-Identifier: MIT */
/* 64-bit division on a 32-bit machine, without the compiler's run-time library. */
#ifndef LIB_MATH64_H
#define LIB_MATH64_H

#include "lib/types.h"

/* Returns dividend / divisor, and the remainder through *remainder. divisor is not 0. */
static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	u32 high = (u32)(dividend >> 32), low = (u32)dividend, rest = high, upper = 0;

	if (unlikely(high >= divisor)) {
		upper = high / divisor;
		rest = high % divisor;
	}
	/*
	 * rest < divisor, so the quotient fits and DIV does not fault (Intel SDM vol. 2A, DIV).
	 */
	__asm__("divl %[divisor]" : "+a"(low), "+d"(rest) : [divisor] "rm"(divisor) : "cc");
	*remainder = rest;
	return (u64)upper << 32 | low;
}

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	u32 remainder;

	return div_u64_rem(dividend, divisor, &remainder);
}

/*
 * The same for any divisor; both are below 2^63. A large divisor is shifted until it fits in 32
 * bits: the quotient, below 2^31, is then at most 1 too large.
 */
static inline u64 div_u64_u64(u64 dividend, u64 divisor)
{
	u64 quotient;
	u32 shift;

	if (divisor <= UINT32_MAX)
		return div_u64(dividend, (u32)divisor);
	shift = 32 - (u32)__builtin_clz((u32)(divisor >> 32));
	quotient = div_u64(dividend >> shift, (u32)(divisor >> shift));
	return quotient && quotient * divisor > dividend ? quotient - 1 : quotient;
}

#endif
