/* SPDX-License-Identifier: MIT */
/*
 * Exhaustive exploration: every state of a small world.
 *
 * Random tests find what is likely. A world here is a part of mm/ or lib/ with so little memory
 * that all its states can be visited: from every state each operation is done, until no new state
 * appears. Most faults need few objects, so that a small world shows them, and the first list of
 * operations that is found is the shortest one.
 *
 *   start ---> state 0 --op--> state 1 --op--> state 4 ...       breadth first: the queue is the
 *                      --op--> state 2 --op--> state 1: known    order of the numbers
 *                      --op--> state 3 ...
 *
 *   mm/ and the world: one object, whose data is one section      the engine: outside of it
 *       [ zones | lists | the world's own model | ... ] <--- copy, compare, restore ---> images
 *
 *  (1) A state is the data of mm/ and of the world, as it is in memory: it can be left and entered
 *      again by copying. Only the bytes that differ from the start are kept.
 *  (2) Two states are the same if describe() puts the same numbers for both. It must leave out
 *      what cannot change what mm/ does from there on, such as which of two equal frames is
 *      which, and nothing else: states that are taken for the same are explored once.
 *  (3) After each operation, all invariants and the world's model are checked.
 *  (4) Nothing depends on addresses of this run, on time or on chance: the numbers of states and
 *      operations are the same on each run.
 *
 * A panic, a signal or an endless loop ends the exploration with the operations that lead there.
 */
#ifndef TESTS_EXPLORE_EXPLORE_H
#define TESTS_EXPLORE_EXPLORE_H

#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/types.h"

/* Defined by each world. */
struct world {
	const char *name, *unit; /* of its size: `frames` */
	u32 smallest, largest;	 /* sizes */
	u32 small, usual;	 /* sizes that take seconds, and minutes */
	u32 operations;		 /* numbers of operations are below it */
};

extern const struct world world;

/* Starts mm/ and the model. Called once, with the size. */
void world_start(u32 size);

/*
 * Does one operation and checks its result. False: it is not possible here, and nothing is done;
 * or what was done is to be undone: then explore_undo() was called.
 */
bool world_apply(u32 operation);

/* Checks all invariants and the model in this state. Panics if one is violated. */
void world_check(void);

/* Puts the numbers that make this state, by explore_put(): see (2). */
void world_describe(void);

/* Writes the operation as a line of a test, for a state in which it is possible. */
void world_text(u32 operation, char *buffer, u32 size);

/* Undoes the operation: it is not possible here after all, nor are the next `more`. False. */
bool explore_undo(u32 more);

/* Adds a number to the description of a state. */
void explore_put(u32 number);

#define EXPLORE_CHECK(condition)                                            \
	do {                                                                \
		if (unlikely(!(condition)))                                 \
			panic("%s:%d: %s", __FILE__, __LINE__, #condition); \
	} while (0)

#define EXPLORE_EQUAL(got, expected)                                                          \
	do {                                                                                  \
		u32 _got = (u32)(got), _expected = (u32)(expected);                           \
                                                                                              \
		if (unlikely(_got != _expected))                                              \
			panic("%s:%d: %s is %u, expected %u", __FILE__, __LINE__, #got, _got, \
			      _expected);                                                     \
	} while (0)

#endif
