/* SPDX-License-Identifier: MIT */
/* Running the in-kernel suites. */
#include "kernel/harness/suite.h"
#include "kernel/process/exit.h"
#include "kernel/cpu/cpu.h"
#include "kernel/task/fpu.h"
#include "kernel/harness/leftovers.h"
#include "kernel/harness/report.h"
#include "kernel/signal/signal.h"
#include "kernel/task/sched.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "lib/text.h"
#include "mm/census.h"
#include "mm/frames/fail_alloc.h"

/* image/kernel.lds */
extern const struct suite *const __start_suites[], *const __stop_suites[];

struct test {
	const char *name;
	u32 failures;
	const char *skipped; /* the reason, or NULL */
	struct task *task;   /* the task that runs the case: init */
	struct test_undo *undo;
	void *way_out[5]; /* __builtin_setjmp() */
};

static struct test *test; /* the case that runs */

void test_undo_push(struct test_undo *entry, void (*undo)(void *what), void *what)
{
	*entry = (struct test_undo){ undo, what, current, test->undo };
	test->undo = entry;
}

void test_undo_now(struct test_undo *entry)
{
	BUG_ON(test->undo != entry);
	test->undo = entry->next;
	entry->undo(entry->what);
}

/* Entries of other tasks stay: those go on, or undo theirs when they fail themselves. */
static void work_off_undo_list(void)
{
	struct test_undo **place = &test->undo, *entry;

	while ((entry = *place)) {
		if (entry->task != current) {
			place = &entry->next;
			continue;
		}
		*place = entry->next;
		entry->undo(entry->what);
	}
}

static void leave_address_space(void)
{
	current->mm = NULL;
	activate_mm(NULL);
}

/* Ends the tasks first: they hold address spaces. Kernel tasks cannot be killed: they get time. */
static void end_tasks(void)
{
	int status;

	for (u32 turns = 0; turns < 1000; turns++) {
		int child = do_wait(-1, &status, WNOHANG);

		if (child == -ECHILD)
			return;
		end_processes();
		if (!child)
			schedule();
	}
	printk("  # %s: left: tasks that do not end\n", test->name);
}

/* No task is left that uses them. */
static void end_address_spaces(void)
{
	struct mm_struct *mm, *next;

	list_for_each_entry_safe (mm, next, &mm_list, link)
		for (u32 users = mm->mm_users; users; users--)
			mm_put(mm);
}

/* Ends the case for the calling task. See the head of kernel/harness/suite.h. */
static void __noreturn leave(void)
{
	bool init = current == test->task;
	struct census census;

	local_irq_enable();
	fail_alloc_set(NULL);
	test->failures++;
	if (!mm_census(&census)) {
		printk("  # %s: left as it is, because the census is violated\n", test->name);
		leave_address_space();
	} else {
		work_off_undo_list();
		if (init) {
			leave_address_space();
			fpu_release(current);
			end_tasks();
			end_address_spaces();
			leftovers_remove(2);
		}
	}
	if (!init)
		do_exit(EXIT_STATUS(1));
	__builtin_longjmp(test->way_out, 1);
}

void test_expect(bool condition, const char *text, const char *file, int line)
{
	if (condition)
		return;
	printk("  # %s:%d: %s\n", file, line, text);
	leave();
}

void test_expect_equal(u32 actual, u32 expected, const char *text, const char *file, int line)
{
	if (actual == expected)
		return;
	printk("  # %s:%d: %s is %u (%#x), expected %u (%#x)\n", file, line, text, actual, actual,
	       expected, expected);
	leave();
}

void test_skip(const char *reason)
{
	test->skipped = reason;
}

/* Returns when the case has ended, normally or by leave(). */
static noinline void run(struct test *to, const struct test_case *test_case)
{
	struct test *before = test;

	*to = (struct test){ .name = test_case->name, .task = current };
	test = to;
	if (!__builtin_setjmp(to->way_out))
		test_case->run();
	test = before;
}

u32 test_failures(const struct test_case *test_case)
{
	static struct test inner;

	run(&inner, test_case);
	return inner.failures;
}

static enum outcome run_case(const struct test_case *test_case, u32 number)
{
	static struct test outer;
	struct memory_state memory;

	printk("  # case %s\n", test_case->name);
	memory_check_begin(&memory);
	run(&outer, test_case);
	if (!memory_check_end(&memory, 2))
		outer.failures++;
	printk("  %sok %u %s%s%s\n", outer.failures ? "not " : "", number, test_case->name,
	       outer.skipped ? " # SKIP " : "", outer.skipped ? outer.skipped : "");
	if (outer.failures)
		return OUTCOME_FAILED;
	return outer.skipped ? OUTCOME_SKIPPED : OUTCOME_PASSED;
}

/* A suite fails if one of its cases fails, and is skipped if all are. */
static void run_suite(const struct suite *suite)
{
	enum outcome worst = OUTCOME_SKIPPED;

	if (report_without_tick("", suite->name, "interrupts,sched"))
		return;
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
