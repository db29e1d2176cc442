/* SPDX-License-Identifier: MIT */
/*
 * In-kernel tests: how to write a suite and its cases.
 *
 *     static void split(void) { EXPECT_EQ(zone->free_pages, 512u); }
 *     static const struct test_case cases[] = { { "split", split }, ... };
 *     TEST_SUITE(buddy, cases);
 *
 * A suite needs no other registration: the link script gathers them. Cases run in init, in ring 0,
 * interrupts on. Each must leave memory as it found it: after every case the free slabs are
 * released, the census is taken, and the free frames are counted.
 *
 * An expectation that fails ends the case at once, because later ones may depend on it.
 *
 *     EXPECT fails ---> census holds ---> undo list, the last entry first; fail_alloc off;
 *                  |                      the case's tasks, address spaces, files and segments end
 *                  |                      ---> the next case
 *                  \--> census violated: the case's objects stay, because freeing them could
 *                                         panic ---> the next case
 *
 *  (1) While a case holds what other cases need (all frames, a hook, another page directory), it
 *      has an entry on the undo list. Smaller things are lost, and the line `# free frames:`
 *      counts them.
 *  (2) What a case breaks on purpose, it repairs before the next expectation.
 *  (3) A task of the case that fails an expectation ends there, with status 1.
 */
#ifndef KERNEL_HARNESS_SUITE_H
#define KERNEL_HARNESS_SUITE_H

#include "lib/types.h"

struct task;

/* Part of a structure on the case's stack: the list is empty before that stack is left. */
struct test_undo {
	void (*undo)(void *what);
	void *what;
	struct task *task; /* the task that pushed the entry */
	struct test_undo *next;
};

struct test_case {
	const char *name;
	void (*run)(void);
};

struct suite {
	const char *name;
	const struct test_case *cases;
	u32 count;
};

#define TEST_SUITE(suite_name, suite_cases)                                         \
	static const struct suite suite_##suite_name = { #suite_name, suite_cases,  \
							 ARRAY_SIZE(suite_cases) }; \
	static const struct suite *const suite_pointer_##suite_name                 \
		__attribute__((section(".suites"), used)) = &suite_##suite_name

/* A condition that must hold; if not, the case that runs has failed and ends here. */
#define EXPECT(condition) test_expect(condition, #condition, __FILE__, __LINE__)

/* Two unsigned numbers of at most 32 bits that must be equal; a failure prints both. */
#define EXPECT_EQ(actual, expected) test_expect_equal(actual, expected, #actual, __FILE__, __LINE__)

void test_expect(bool condition, const char *text, const char *file, int line);
void test_expect_equal(u32 actual, u32 expected, const char *text, const char *file, int line);

/* test_undo_now() calls undo(what), in reverse order; so does an expectation that fails before. */
void test_undo_push(struct test_undo *entry, void (*undo)(void *what), void *what);
void test_undo_now(struct test_undo *entry);

/* Runs a case within a case; returns the number of its failed expectations. For self-tests. */
u32 test_failures(const struct test_case *test_case);

/* Skips the case: it cannot be tested on this machine. */
void test_skip(const char *reason);

/* Count and run the suites that match the patterns; results go to kernel/harness/report.h. */
u32 suites_count(const char *patterns);
void suites_run(const char *patterns);

#endif
