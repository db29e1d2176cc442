/* SPDX-License-Identifier: MIT */
/* Futexes and robust lists. Source: Linux include/uapi/linux/futex.h. */
#ifndef ABI_LINUX_FUTEX_H
#define ABI_LINUX_FUTEX_H

#include "abi/types.h"

enum futex_operation {
	FUTEX_WAIT = 0,
	FUTEX_WAKE = 1,
	FUTEX_REQUEUE = 3,
	FUTEX_CMP_REQUEUE = 4,
	FUTEX_WAKE_OP = 5,
	FUTEX_LOCK_PI = 6,
	FUTEX_UNLOCK_PI = 7,
	FUTEX_TRYLOCK_PI = 8,
	FUTEX_WAIT_BITSET = 9,
	FUTEX_WAKE_BITSET = 10,
	FUTEX_LOCK_PI2 = 13,
	FUTEX_PRIVATE_FLAG = 128,
	FUTEX_CLOCK_REALTIME = 256,
};

/*
 * The last argument of FUTEX_WAKE_OP: | operation 4 | comparison 4 | operand 12 | compared 12 |.
 */
enum { FUTEX_OP_SET, FUTEX_OP_ADD, FUTEX_OP_OR, FUTEX_OP_ANDN, FUTEX_OP_XOR };
enum {
	FUTEX_OP_CMP_EQ,
	FUTEX_OP_CMP_NE,
	FUTEX_OP_CMP_LT,
	FUTEX_OP_CMP_LE,
	FUTEX_OP_CMP_GT,
	FUTEX_OP_CMP_GE
};
#define FUTEX_OP_OPARG_SHIFT 8u /* a bit of the operation: the operand is 1 << operand */

/* One word of futex_waitv(). */
struct futex_waitv {
	u64 value, address;
	u32 flags, reserved;
};

#define FUTEX_WAITV_MAX 128u
#define FUTEX2_SIZE_U32 2u
#define FUTEX2_PRIVATE	128u

#define FUTEX_BITSET_MATCH_ANY 0xffffffffu

/* Bits of a lock's word on a robust list. */
#define FUTEX_WAITERS	 0x80000000u
#define FUTEX_OWNER_DIED 0x40000000u
#define FUTEX_TID_MASK	 0x3fffffffu

#define ROBUST_LIST_LIMIT 2048u

/* `next` points to the first entry, which begins with such a pointer too. */
struct robust_list_head {
	u32 next;
	u32 offset; /* signed; from an entry to its word */
	u32 pending;
};

#endif
