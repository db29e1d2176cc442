/* SPDX-License-Identifier: MIT */
#include "kernel/harness/explore.h"
#include "kernel/console/console.h"
#include "kernel/exec/exec.h"
#include "kernel/harness/leftovers.h"
#include "kernel/harness/program_tap.h"
#include "kernel/harness/terminal.h"
#include "kernel/orders/orders.h"
#include "kernel/task/pid.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/text.h"
#include "mm/slab/slab.h"

/* Seconds that pass at once if no task can run, as there is no tick. */
#define RUN_SECONDS 10u

#define PROGRESS 1000u /* schedules between two lines */

struct exploration {
	const struct program_start *start; /* of one case */
	u32 case_number;
	u32 schedules, points;
	u32 first_pid; /* last_pid before each run; a replay runs no other cases before */
	struct memory_state memory;
	struct order_path path;
};

/* Runs the case in the order of the path. */
static bool run_once(struct exploration *explored, bool quiet)
{
	static struct program_tap tap;
	enum outcome outcome;

	last_pid = explored->first_pid;
	console_output_to(&tap, quiet);
	outcome = program_execute(explored->start, &tap, RUN_SECONDS, &explored->path);
	console_output_to(NULL, false);
	if (!quiet)
		console_end_line();
	leftovers_remove(0);
	explored->points = max(explored->points, explored->path.position);
	explored->schedules++;
	return memory_is_same(&explored->memory) && outcome != OUTCOME_FAILED &&
	       outcome != OUTCOME_TIMED_OUT;
}

static void print_result(const struct exploration *explored, const char *result)
{
	printk("explore: program=%s case=%u schedules=%u points=%u result=%s\n",
	       program_name(explored->start->argv[0]), explored->case_number, explored->schedules,
	       explored->points, result);
}

/* The order that has failed: what to do to see it again, and its output. */
static void print_failure(struct exploration *explored)
{
	static char choices[ORDERS_TEXT];

	print_result(explored, explored->path.diverged ? "diverged" : "failed");
	path_print(&explored->path, choices, sizeof(choices));
	printk("explore: again=\"programs=%s sched=replay:%u%s%s\"\n",
	       program_name(explored->start->argv[0]), explored->case_number, *choices ? "," : "",
	       choices);
	run_once(explored, false);
	memory_check_end(&explored->memory, 0);
}

static bool explore(struct exploration *explored)
{
	do {
		if (!run_once(explored, true) || explored->path.diverged) {
			print_failure(explored);
			return false;
		}
		if (explored->schedules % PROGRESS == 0)
			print_result(explored, "running");
	} while (path_next(&explored->path));
	print_result(explored, explored->points > explored->path.points ? "cut" : "complete");
	return true;
}

/* The start of one case: as that of its program, with one more variable. */
struct case_start {
	struct program_start start;
	const char *envp[2];
	char variable[20];
};

static void choose_case(struct case_start *one, const struct program_start *start, u32 number)
{
	scnprintf(one->variable, sizeof(one->variable), "TAP_CASE=%u", number);
	one->envp[0] = one->variable;
	one->envp[1] = NULL;
	one->start = *start;
	one->start.envp = one->envp;
}

/* False: an order fails. */
static bool explore_case(const struct program_start *start, u32 number, u32 first_pid)
{
	struct exploration *explored = kmalloc(sizeof(*explored), GFP_KERNEL);
	struct case_start one;
	bool good;

	if (!explored) {
		printk("explore: error: no memory\n");
		return false;
	}
	choose_case(&one, start, number);
	*explored = (struct exploration){ .start = &one.start,
					  .case_number = number,
					  .first_pid = first_pid };
	memory_check_begin(&explored->memory);
	path_init(&explored->path, orders_option.points, orders_option.preemptions);
	good = explore(explored);
	kfree(explored);
	return good;
}

enum outcome explore_cases(const struct program_start *start, const struct program_tap *tap)
{
	u32 first_pid = last_pid;
	bool good = true;

	if (orders_option.mode != ORDERS_EXPLORE)
		return OUTCOME_PASSED;
	for (u32 number = 1; number <= tap->plan; number++)
		good &= explore_case(start, number, first_pid);
	return good ? OUTCOME_PASSED : OUTCOME_FAILED;
}

enum outcome replay_case(const struct program_start *start, struct program_tap *tap)
{
	struct order_path *path = kmalloc(sizeof(*path), GFP_KERNEL);
	struct memory_state memory;
	struct case_start one;
	enum outcome outcome = OUTCOME_FAILED;

	if (!path || path_parse(path, orders_option.choices)) {
		printk("explore: error: sched=replay: bad choices=%s\n", orders_option.choices);
	} else {
		choose_case(&one, start, orders_option.case_number);
		/* As before an exploration: then the pages of the program are in memory. */
		console_output_to(tap, true);
		program_execute(start, tap, RUN_SECONDS, NULL);
		leftovers_remove(0);
		memory_check_begin(&memory);
		console_output_to(tap, false);
		outcome = program_execute(&one.start, tap, RUN_SECONDS, path);
	}
	kfree(path);
	return outcome;
}
