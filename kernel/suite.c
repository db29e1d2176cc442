/* SPDX-License-Identifier: MIT */
/* Running the in-kernel suites. */
#include "kernel/suite.h"
#include "kernel/report.h"
#include "lib/printk.h"
#include "lib/text.h"

/* image/kernel.lds */
extern const struct suite *const __start_suites[], *const __stop_suites[];

bool test_expect(struct test *test, bool condition, const char *text, const char *file, int line)
{
	if (!condition) {
		test->failures++;
		printk("  # %s: %s:%d: expected %s\n", test->name, file, line, text);
	}
	return condition;
}

bool test_expect_equal(struct test *test, u32 actual, u32 expected, const char *text,
		       const char *file, int line)
{
	if (actual != expected) {
		test->failures++;
		printk("  # %s: %s:%d: expected %s, got %u (%#x) and %u (%#x)\n", test->name, file,
		       line, text, actual, actual, expected, expected);
	}
	return actual == expected;
}

void test_skip(struct test *test, const char *reason)
{
	test->skipped = reason;
}

static enum outcome run_case(const struct test_case *test_case, u32 number)
{
	struct test test = { .name = test_case->name };
	struct memory_state memory;

	memory_check_begin(&memory);
	test_case->run(&test);
	if (!memory_check_end(&memory, 2))
		test.failures++;
	printk("  %sok %u %s%s%s\n", test.failures ? "not " : "", number, test_case->name,
	       test.skipped ? " # SKIP " : "", test.skipped ? test.skipped : "");
	if (test.failures)
		return OUTCOME_FAILED;
	return test.skipped ? OUTCOME_SKIPPED : OUTCOME_PASSED;
}

/* A suite has failed if one of its cases has, and is skipped if all of them are. */
static void run_suite(const struct suite *suite)
{
	enum outcome worst = OUTCOME_SKIPPED;

	report_subtest("", suite->name);
	printk("  1..%u\n", suite->count);
	for (u32 i = 0; i < suite->count; i++) {
		enum outcome outcome = run_case(&suite->cases[i], i + 1);

		if (outcome == OUTCOME_FAILED ||
		    (outcome == OUTCOME_PASSED && worst != OUTCOME_FAILED))
			worst = outcome;
	}
	report_result("", suite->name, worst);
}

u32 suites_count(const char *patterns)
{
	u32 count = 0;

	for (const struct suite *const *suite = __start_suites; suite < __stop_suites; suite++)
		count += glob_match(patterns, (*suite)->name);
	return count;
}

void suites_run(const char *patterns)
{
	for (const struct suite *const *suite = __start_suites; suite < __stop_suites; suite++)
		if (glob_match(patterns, (*suite)->name))
			run_suite(*suite);
}
