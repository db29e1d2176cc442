/* SPDX-License-Identifier: MIT */
/*
 * In-kernel suites: how a case ends, what is undone when an expectation fails, and the lines and
 * outcomes of suites. The kernel below is a record of calls.
 *
 * sources: tests/host/kernel/harness/report_lines.c
 */
#include <setjmp.h>
#include <string.h>

#include "kernel/harness/suite.h"
/* Not the in-kernel macros but those of the host's harness. */
#undef EXPECT
#undef EXPECT_EQ

#include "kernel/cpu/cpu.h"
#include "mm/census.h"
#include "mm/frames/fail_alloc.h"
#include "mm/user_space/mm.h"
#include "tests/host/record.h"

static bool violated;
static struct list_head spaces = LIST_HEAD_INIT(spaces);

static bool model_census(struct census *census)
{
	census->violated = violated ? "(1)" : NULL;
	return !violated;
}

static void model_fail_alloc(const struct fail_spec *spec)
{
	note(spec ? "fail " : "no-fail ");
}

static void model_mm_put(struct mm_struct *mm)
{
	note("put ");
	if (!--mm->mm_users)
		list_del(&mm->link);
}

#define mm_census	   model_census
#define fail_alloc_set	   model_fail_alloc
#define mm_put		   model_mm_put
#define mm_list		   spaces
#define local_irq_enable() note("sti ")
#include "kernel/harness/suite.c"

#include "tests/host/console.h"
#include "tests/host/tap.h"

struct task *current;

static struct task init, other;
static jmp_buf other_ended;
static s32 waits[8]; /* what do_wait() returns, then -ECHILD */
static u32 nr_waits;
static u32 turns; /* of other tasks */
static bool memory_differs, lacks_tick, never_ends;

void activate_mm(struct mm_struct *mm)
{
	EXPECT(!mm && !current->mm);
	note("leave ");
}

void fpu_release(struct task *task)
{
	EXPECT(task == current);
	note("fpu ");
}

int do_wait(int pid, int *status, int options)
{
	EXPECT(pid == -1 && options == WNOHANG);
	*status = 0;
	if (never_ends)
		return 0;
	return nr_waits ? waits[--nr_waits] : -ECHILD;
}

u32 end_processes(void)
{
	if (!never_ends)
		note("kill ");
	return 0;
}

void schedule(void)
{
	turns++;
	if (!never_ends)
		note("schedule ");
}

void do_exit(int status)
{
	note("exit %x ", status);
	longjmp(other_ended, 1);
}

void leftovers_remove(int blanks)
{
	EXPECT_EQ(blanks, 2);
	note("leftovers ");
}

void memory_check_begin(struct memory_state *state)
{
	state->mark = 77;
}

bool memory_check_end(const struct memory_state *state, int blanks)
{
	EXPECT(state->mark == 77 && blanks == 2);
	return !memory_differs;
}

bool report_without_tick(const char *kind, const char *name, const char *patterns)
{
	EXPECT(!*kind);
	EXPECT_TEXT(patterns, "interrupts,sched");
	return lacks_tick && !strcmp(name, "sched");
}

static void begin(void)
{
	current = &init;
	did[0] = '\0';
	console_clear();
	violated = memory_differs = never_ends = false;
	nr_waits = 0;
}

/* ---- Cases of the kernel ---- */

static void undo(void *what)
{
	note("undo-%s ", (const char *)what);
}

static void good(void)
{
	note("good ");
	test_expect(true, "1", "file", 5);
	test_expect_equal(3, 3, "3", "file", 6);
}

static void bad(void)
{
	struct test_undo first, second;

	test_undo_push(&first, undo, "first");
	test_undo_push(&second, undo, "second");
	test_expect(1 > 2, "1 > 2", "file.c", 7);
	note("went on ");
}

static void unequal(void)
{
	test_expect_equal(16, 17, "sum", "file.c", 8);
	note("went on ");
}

static void undone(void)
{
	struct test_undo first, second;

	test_undo_push(&first, undo, "first");
	test_undo_push(&second, undo, "second");
	test_undo_now(&second);
	test_undo_now(&first);
	note("after ");
}

static void wrong_order(void)
{
	struct test_undo first, second;

	test_undo_push(&first, undo, "first");
	test_undo_push(&second, undo, "second");
	test_undo_now(&first);
}

static void skips(void)
{
	test_skip("no such device");
}

/* A task of the case fails; init goes on. */
static void other_fails(void)
{
	struct test_undo of_init, of_other;

	test_undo_push(&of_init, undo, "init's");
	current = &other;
	test_undo_push(&of_other, undo, "other's");
	if (!setjmp(other_ended))
		test_expect(false, "false", "file.c", 9);
	current = &init;
	note("init goes on ");
	test_undo_now(&of_init);
}

static u32 failures_of(void (*run_it)(void))
{
	const struct test_case one = { "case", run_it };

	return test_failures(&one);
}

static void expectations(void)
{
	begin();
	EXPECT_EQ(failures_of(good), 0);
	EXPECT_TEXT(did, "good ");
	EXPECT_TEXT(console_text(), "");
	EXPECT_EQ(failures_of(undone), 0);
	EXPECT_TEXT(did, "good undo-second undo-first after ");
	EXPECT_PANIC("test->undo != entry", failures_of(wrong_order));

	begin();
	EXPECT_EQ(failures_of(bad), 1);
	EXPECT_TEXT(did, "sti no-fail undo-second undo-first leave fpu leftovers ");
	EXPECT_TEXT(console_text(), "  # file.c:7: 1 > 2\n");
	begin();
	EXPECT_EQ(failures_of(unequal), 1);
	EXPECT_TEXT(did, "sti no-fail leave fpu leftovers ");
	EXPECT_TEXT(console_text(), "  # file.c:8: sum is 16 (0x10), expected 17 (0x11)\n");
}

/* With a violated census nothing is freed: that could panic. */
static void census_violated(void)
{
	begin();
	violated = true;
	EXPECT_EQ(failures_of(bad), 1);
	EXPECT_TEXT(did, "sti no-fail leave ");
	EXPECT_TEXT(console_text(), "  # file.c:7: 1 > 2\n"
				    "  # case: left as it is, because the census is violated\n");
}

static void tasks_and_spaces(void)
{
	static struct mm_struct one = { .mm_users = 2 }, two = { .mm_users = 1 };

	begin();
	waits[1] = 0; /* one runs */
	waits[0] = 5; /* it has ended */
	nr_waits = 2;
	list_add_tail(&one.link, &spaces);
	list_add_tail(&two.link, &spaces);
	failures_of(unequal);
	EXPECT_TEXT(did, "sti no-fail leave fpu kill schedule kill put put put leftovers ");
	begin();
	never_ends = true;
	turns = 0;
	failures_of(unequal);
	EXPECT_EQ(turns, 1000);
	EXPECT(strstr(console_text(), "  # case: left: tasks that do not end\n"));
}

static void another_task(void)
{
	begin();
	EXPECT_EQ(failures_of(other_fails), 1);
	EXPECT_TEXT(did, "sti no-fail undo-other's exit 100 init goes on undo-init's ");
}

/* A case within a case: the outer one goes on. */
static void nested(void)
{
	struct test_undo entry;

	test_undo_push(&entry, undo, "outer");
	EXPECT_EQ(failures_of(bad), 1);
	test_undo_now(&entry);
}

static void case_in_case(void)
{
	static struct test outer;
	const struct test_case one = { "outer", nested };

	begin();
	run(&outer, &one);
	EXPECT_EQ(outer.failures, 0);
	EXPECT(strstr(did, "leftovers undo-outer "));
}

/* ---- Suites ---- */

static const struct test_case mixed_cases[] = {
	{ "skips", skips }, { "good", good }, { "bad", unequal }, { "good again", good }
};
static const struct test_case skipped_cases[] = { { "skips", skips }, { "skips too", skips } };
static const struct test_case good_cases[] = { { "skips", skips }, { "good", good } };
static const struct test_case tick_cases[] = { { "good", good } };
static const struct suite mixed = { "mixed", mixed_cases, 4 },
			  skipped = { "skipped", skipped_cases, 2 },
			  passes = { "passes", good_cases, 2 }, sched = { "sched", tick_cases, 1 };
static const struct suite *const listed[]
	__attribute__((section("suites"), used)) = { &mixed, &skipped, &passes, &sched };

static void outcomes_of_suites(void)
{
	begin();
	EXPECT(suites_count("*") == 4 && suites_count("m*,sched") == 2 &&
	       suites_count("none") == 0);
	suites_run("mixed");
	EXPECT_TEXT(console_text(),
		    "<mixed>\n  1..4\n  # case skips\n"
		    "  ok 1 skips # SKIP no such device\n  # case good\n  ok 2 good\n"
		    "  # case bad\n  # file.c:8: sum is 16 (0x10), expected 17 (0x11)\n"
		    "  not ok 3 bad\n  # case good again\n  ok 4 good again\n<mixed failed>\n");
	console_clear();
	suites_run("skipped,passes");
	EXPECT(strstr(console_text(), "<skipped skipped>\n<passes>\n"));
	EXPECT(strstr(console_text(), "<passes passed>\n"));
	EXPECT(!strstr(console_text(), "mixed"));
	console_clear();
	memory_differs = true;
	suites_run("passes");
	EXPECT(strstr(console_text(), "  not ok 1 skips # SKIP no such device\n"));
	EXPECT(strstr(console_text(), "  not ok 2 good\n<passes failed>\n"));
	memory_differs = false;
	console_clear();
	lacks_tick = true;
	suites_run("s*");
	EXPECT(!strstr(console_text(), "sched>"));
	lacks_tick = false;
	suites_run("sched");
	EXPECT(strstr(console_text(), "<sched passed>\n"));
}

TAP_MAIN({ "expectations, and the undo list", expectations },
	 { "a violated census", census_violated },
	 { "tasks and address spaces end", tasks_and_spaces },
	 { "a task that is not init", another_task }, { "a case in a case", case_in_case },
	 { "suites", outcomes_of_suites })
