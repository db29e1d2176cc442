/* SPDX-License-Identifier: MIT */
/*
 * Programs of system calls, as tools/call-programs assembles them, and what their processes share.
 * tools/modules/call_program.py has the other half of this.
 *
 *	file:	  u32 count, the user and the group of the processes, then the programs
 *	program:  u32 number, u32 operations, then these
 *	operation: struct operation, links, shows, bytes for the argument page; each part of a
 *		  multiple of 4 bytes
 */
#ifndef FUZZ_CALL_PROGRAMS_OPERATION_H
#define FUZZ_CALL_PROGRAMS_OPERATION_H

#include "lib/types.h"

#define SLOTS	   8u /* processes and threads of a program; three exist from the start */
#define STARTED	   3u
#define OPERATIONS 128u

/* Where each process has its memory. Python knows these places too. */
#define ARENA	    0x20000000u
#define ARENA_PAGES 16u
#define SHARED_PAGE 12u		/* from here on the arena is shared by the first three processes */
#define ARGUMENTS   0x21000000u /* two pages for each slot; the second is never mapped */
#define STACKS	    0x22000000u /* of threads */
#define STACK_SIZE  16384u
#define STATE	    0x60000000u

/* Calls that are none of the kernel's. */
#define DO_PEEK 1000u
#define DO_POKE 1001u
#define DO_SUMS 1002u

/* A call is known to end by itself after a while. */
#define OPERATION_TIMED 1u

struct operation {
	u16 call;
	u8 slot;
	u8 child; /* the slot of the process or thread that the call creates */
	u8 flags;
	u8 links, shows;
	u8 index; /* its number in the program before anything was left out */
	u16 bytes, zero;
	u32 arguments[6];
};

/* A word that is known only when the program runs. */
struct link {
	u16 target; /* an argument; from 8 on a word of the argument page */
	u8 source;  /* an operation, or the process of a slot */
	u8 kind;
};

enum { LINK_RESULT, LINK_FIRST, LINK_SECOND, LINK_PROCESS, LINK_HANDLER, LINK_HOME };

/* Bytes to print after the call; `by_result`: no more than it returned. */
struct show {
	u32 address;
	u16 length;
	u16 by_result;
};

/* The operation behind this one. */
static inline const u8 *next_operation(const struct operation *order)
{
	const struct link *links = (const void *)(order + 1);
	const struct show *shows = (const void *)(links + order->links);

	return (const u8 *)(shows + order->shows) + (order->bytes + 3u) / 4 * 4;
}

enum { SLOT_NONE, SLOT_IDLE, SLOT_BUSY };

#define SIGNALS	    24u
#define ORDER_BYTES 1600u
#define SHOWN_BYTES 1600u

/* One page each. Written by the process of the slot, except `order` and BUSY. */
struct slot {
	volatile u32 turn;
	volatile int tid, tgid;
	volatile int result;
	volatile u32 shown, signals;
	volatile u8 signal[SIGNALS];
	u8 order[ORDER_BYTES] __aligned(4); /* the operation */
	u8 bytes[SHOWN_BYTES];
};

struct state {
	struct slot slots[SLOTS];
	volatile u32 finished; /* a futex: operations that have ended */
	volatile int results[OPERATIONS];
	volatile u32 words[OPERATIONS][2];
	char home[64]; /* the path of this page */
};

#endif
