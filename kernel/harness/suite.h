/* SPDX-License-Identifier: MIT */
/*
 * In-kernel tests: what a suite is, and what a test case may say.
 *
 *     static void split(struct test *test) { EXPECT_EQ(test, zone->free_pages, 512u); }
 *     static const struct test_case cases[] = { { "split", split }, ... };
 *     TEST_SUITE(buddy, cases);
 *
 * A suite needs no other registration: the link script gathers them. Cases run in init, in ring 0, interrupts on. Each must leave memory as
 * it found it: after every case the free slabs are released, the census is taken, and the free frames are counted.
 *
 * An expectation that fails ends the case at once: what comes behind it may stand on what is missing.
 *
 *     EXPECT fails ---> census holds ---> undo list, the last entry first; fail_alloc off; tasks, address spaces, files and
 *                                         segments of the case end ---> the next case
 *                  \--> census violated: nothing of the case is touched, because to free it could panic ---> the next case
 *
 *   (1) a case that holds what others cannot do without (all frames, a hook, another page directory) has an entry on the undo list
 *       for as long; smaller things are lost, and the line `# free frames:` says how much;
 *   (2) what a case breaks on purpose is mended again before the next expectation;
 *   (3) a task of the case's own that fails an expectation ends there, with status 1.
 */
#ifndef KERNEL_HARNESS_SUITE_H
#define KERNEL_HARNESS_SUITE_H

#include "lib/types.h"

struct task;

/* Part of a structure of the case, which lives on a stack: the list is worked off before that stack is left. */
struct test_undo {
	void (*undo)(void *what);
	void *what;
	struct task *task; /* which did what is to be undone */
	struct test_undo *next;
};

struct test {
	const char *name;
	u32 failures;
	const char *skipped; /* why, or NULL */
	struct task *task;   /* which runs the case: init */
	struct test_undo *undo;
	void *way_out[5]; /* __builtin_setjmp() */
};

struct test_case {
	const char *name;
	void (*run)(struct test *test);
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

/* A condition that must hold; if not, the case has failed and ends here. */
#define EXPECT(test, condition) test_expect(test, condition, #condition, __FILE__, __LINE__)

/* Two unsigned numbers of at most 32 bits that must be equal; both are told if they are not. */
#define EXPECT_EQ(test, actual, expected) \
	test_expect_equal(test, actual, expected, #actual " == " #expected, __FILE__, __LINE__)

void test_expect(struct test *test, bool condition, const char *text, const char *file, int line);
void test_expect_equal(struct test *test, u32 actual, u32 expected, const char *text,
		       const char *file, int line);

/* undo(what) is called by test_undo_now(), in the reverse order of test_undo_push(), or when an expectation fails before. */
void test_undo_push(struct test *test, struct test_undo *entry, void (*undo)(void *what),
		    void *what);
void test_undo_now(struct test *test, struct test_undo *entry);

/* Runs a case within a case, and returns how many of its expectations failed. For the suite that has suites for its subject. */
u32 test_failures(const struct test_case *test_case);

/* The case can't say anything on this machine. */
void test_skip(struct test *test, const char *reason);

/* How many suites match the patterns, and running them; results go to kernel/harness/report.h. */
u32 suites_count(const char *patterns);
void suites_run(const char *patterns);

#endif
