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
 */
#ifndef KERNEL_SUITE_H
#define KERNEL_SUITE_H

#include "lib/types.h"

struct test {
	const char *name;
	u32 failures;
	const char *skipped; /* why, or NULL */
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

/* A condition that must hold; if not, the case has failed and goes on. The value is the condition. */
#define EXPECT(test, condition) test_expect(test, condition, #condition, __FILE__, __LINE__)

/* Two unsigned numbers of at most 32 bits that must be equal; both are told if they are not. */
#define EXPECT_EQ(test, actual, expected) \
	test_expect_equal(test, actual, expected, #actual " == " #expected, __FILE__, __LINE__)

bool test_expect(struct test *test, bool condition, const char *text, const char *file, int line);
bool test_expect_equal(struct test *test, u32 actual, u32 expected, const char *text,
		       const char *file, int line);

/* The case can't say anything on this machine. */
void test_skip(struct test *test, const char *reason);

/* How many suites match the patterns, and running them; results go to kernel/report.h. */
u32 suites_count(const char *patterns);
void suites_run(const char *patterns);

#endif
