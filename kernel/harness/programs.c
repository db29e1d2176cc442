/* SPDX-License-Identifier: MIT */
/*
 * Running ring-3 programs.
 *
 * Each program is a child of init that calls execve. Its result:
 *
 *     it ran longer than limit=                            not ok # TIMEOUT
 *     it did not exit with 0, left a process running,
 *       its TAP has a failure or is incomplete,
 *       or memory is not as it was before                  not ok
 *     its plan is 1..0 # SKIP                              ok # SKIP
 *     else                                                 ok; without TAP by its exit status
 *
 * Files and segments that it left are logged and removed before memory is compared.
 *
 * A program of run= is no test: it may end in any way, its output is not read, and processes that
 * it leaves are ended. Only memory is compared.
 */
#include "kernel/harness/programs.h"
#include "kernel/harness/explore.h"
#include "kernel/orders/orders.h"
#include "kernel/process/exit.h"
#include "kernel/process/fs_struct.h"
#include "kernel/process/run_end.h"
#include "kernel/task/sched.h"
#include "fs/tmpfs/initramfs.h"
#include "abi/linux/stat.h"
#include "kernel/console/console.h"
#include "kernel/harness/terminal.h"
#include "kernel/exec/exec.h"
#include "kernel/proc/proc.h"
#include "kernel/harness/leftovers.h"
#include "kernel/harness/program_tap.h"
#include "kernel/harness/report.h"
#include "kernel/signal/signal.h"
#include "kernel/devices/time.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "lib/text.h"

/* Programs that loop in ring 3 until another task has run, or that measure time. */
#define NEEDS_TICK "forktree,fpu*,futex*,shared,signal_waits,thread*,times*,tls,vfork"

/* The exit status of a program that could not be started, as in a shell. */
#define EXIT_NOT_STARTED 127

static int enter_folder(const char *path)
{
	struct inode *folder;
	int err = path_lookup(NULL, path, LOOKUP_FOLLOW | LOOKUP_FOLDER, &folder);

	return err ? err : fs_set_cwd(folder);
}

/* Runs first in a program's task. On return the task enters ring 3 (kernel/cpu/switch.S). */
static void start_program(void *context)
{
	const struct program_start *start = context;
	const char *path = start->argv[0];
	struct exec_strings argv = { .kernel = start->argv };
	struct exec_strings envp = { .kernel = start->envp };
	int err = console_files(current);

	if (!err && start->cwd)
		err = enter_folder(start->cwd);
	if (!err)
		err = do_execve(path, &argv, &envp, task_regs(current));
	if (!err)
		return;
	printk("init: error: path=%s errno=%d: it can't be started\n", path, -err);
	do_exit(EXIT_STATUS(EXIT_NOT_STARTED));
}

/*
 * Waits for one child, and reaps the orphans that end before it. `limit` in seconds, 0 for none.
 * False: the time is over; else *status is its wait status.
 */
static bool wait_for(int pid, u32 limit, int *status)
{
	u32 ticks = limit * HZ;
	int child;

	for (;;) {
		child = do_wait(-1, status, limit ? WNOHANG : 0);
		if (child == pid || child < 0)
			return true;
		if (child)
			continue;
		if (!ticks)
			return false;
		/* The kernel is not preempted, so no child can end before the sleep. */
		ticks = sleep_for_child(ticks);
	}
}

/* Reaps the orphans that ended, then kills and reaps the other processes; returns how many. */
static u32 end_orphans(void)
{
	u32 count = 0;
	int status;

	while (do_wait(-1, &status, WNOHANG) > 0)
		;
	/* Again after each one: it may have just forked. */
	do
		count += end_processes();
	while (do_wait(-1, &status, 0) > 0);
	return count;
}

static enum outcome judge(int status, u32 orphans, struct program_tap *tap)
{
	enum tap_verdict verdict = tap_end(tap);

	if (status & 0x7f)
		printk("init: ended by signal=%d\n", status & 0x7f);
	else if (status)
		printk("init: ended with status=%d\n", status >> 8);
	if (orphans)
		printk("init: orphans=%u\n", orphans);
	if (verdict == TAP_FAILED)
		printk("init: tap=failed plan=%u results=%u not_ok=%u\n", tap->plan, tap->results,
		       tap->failed);
	if (status || orphans || verdict == TAP_FAILED)
		return OUTCOME_FAILED;
	return verdict == TAP_SKIPPED ? OUTCOME_SKIPPED : OUTCOME_PASSED;
}

/* What became of a program that is no test. */
static void print_end(const char *path, int status)
{
	if (status & 0x7f)
		printk("run: path=%s signal=%d\n", path, status & 0x7f);
	else
		printk("run: path=%s status=%d\n", path, status >> 8);
}

/* Processes asked for the end of the run, which ended the program too. */
static void print_end_of_run(const char *path)
{
	static const char *const ends[] = {
		[RUN_POWER_OFF] = "power-off", [RUN_RESTART] = "restart", [RUN_HALT] = "halt"
	};

	printk("run: path=%s status=0 end=%s\n", path, ends[run_end]);
}

/* A program of real-time priority must not keep init from ending it. */
static void outrank_programs(bool yes)
{
	const struct sched_policy policy = { .priority = yes ? KERNEL_PRIORITY : 0 };

	task_set_policy(current, &policy);
}

/* The program did not end in time: where do its tasks wait? */
static void print_places(void)
{
	const struct task *task;

	list_for_each_entry (task, &task_list, link)
		if (task->mm || task->state == TASK_ZOMBIE)
			printk("stall: pid=%d tgid=%d name=%s state=%c place=%s\n", task->pid,
			       task->tgid, task->name, *proc_state(task), task_wait_place(task));
}

enum outcome program_execute(const struct program_start *start, struct program_tap *tap, u32 limit,
			     struct order_path *order)
{
	struct task *task;
	enum outcome outcome = OUTCOME_PASSED;
	int status = EXIT_STATUS(EXIT_NOT_STARTED);
	bool in_time = true;
	u32 orphans;

	tap_begin(tap);
	run_may_end = !start->is_test;
	task = kernel_task(program_name(start->argv[0]), start_program, (void *)start);
	outrank_programs(true);
	if (order)
		orders_follow(order);
	else
		orders_begin();
	if (task)
		in_time = wait_for(task->pid, limit, &status);
	if (!in_time)
		print_places();
	orders_end();
	orphans = end_orphans();
	run_may_end = false;
	outrank_programs(false);
	if (start->is_test)
		outcome = judge(in_time ? status : SIGKILL, in_time ? orphans : 0, tap);
	else if (run_end)
		print_end_of_run(start->argv[0]);
	else
		print_end(start->argv[0], in_time ? status : SIGKILL);
	if (!in_time)
		printk("init: limit=%u unit=s killed=%u\n", limit, orphans);
	return in_time ? outcome : OUTCOME_TIMED_OUT;
}

/* Runs a program and reports its result as `name`. `limit` in seconds, 0 for none. */
static void run(const struct program_start *start, const char *name, u32 limit)
{
	static struct program_tap tap;
	struct memory_state memory;
	enum outcome outcome;

	if (start->is_test && orders_option.mode < ORDERS_EXPLORE &&
	    report_without_tick("ring3/", name, NEEDS_TICK))
		return;
	report_subtest("ring3/", name);
	memory_check_begin(&memory);
	console_output_to(&tap, false);
	if (start->is_test && orders_option.mode == ORDERS_REPLAY)
		outcome = replay_case(start, &tap);
	else
		outcome = program_execute(start, &tap, limit, NULL);
	console_output_to(NULL, false);
	console_end_line();
	leftovers_remove(0);
	if (!memory_check_end(&memory, 0) && outcome != OUTCOME_TIMED_OUT)
		outcome = OUTCOME_FAILED;
	if (start->is_test && outcome == OUTCOME_PASSED)
		outcome = explore_cases(start, &tap);
	report_result("ring3/", name, outcome);
}

/* The same for a test, with one argument or NULL. */
static void run_test(const char *path, const char *name, const char *argument, u32 limit)
{
	const char *const argv[] = { path, argument, NULL }, *const envp[] = { NULL };
	struct program_start start = { argv, envp, .is_test = true };

	run(&start, name, limit);
}

/* The name of a program of the test directory, or NULL. */
static const char *test_name(const struct initramfs_entry *entry)
{
	size_t length = strlen(PROGRAM_DIRECTORY);

	if (strncmp(entry->name, PROGRAM_DIRECTORY, length) || (entry->mode & S_IFMT) != S_IFREG)
		return NULL;
	return entry->name + length;
}

u32 programs_count(const char *patterns)
{
	struct initramfs_entry entry;
	size_t cursor = 0;
	u32 count = 0;

	while (initramfs_next(&cursor, &entry))
		count += test_name(&entry) && glob_match(patterns, test_name(&entry));
	return count;
}

void programs_run(const char *patterns, u32 limit)
{
	struct initramfs_entry entry;
	size_t cursor = 0;

	while (initramfs_next(&cursor, &entry)) {
		const char *name = test_name(&entry);
		static char path[256] = "/";

		if (!name || !glob_match(patterns, name))
			continue;
		strscpy(path + 1, entry.name, sizeof(path) - 1);
		run_test(path, name, NULL, limit);
	}
}

void program_run(const char *path, u32 limit)
{
	run_test(path, program_name(path), NULL, limit);
}

void command_run(const char *const *argv, const char *const *envp, const char *cwd)
{
	struct program_start start = { .argv = argv, .envp = envp, .cwd = cwd };

	run(&start, program_name(argv[0]), 0);
}

/* docs/benchmarks.md: the same operations, measured in two ways. */
static const char *const bench_programs[] = { "/bench/operations", "/bench/loops" };

static bool is_present(const char *path)
{
	struct initramfs_entry entry;

	return !initramfs_find(path, &entry);
}

u32 bench_programs_count(void)
{
	u32 count = 0;

	for (u32 i = 0; i < ARRAY_SIZE(bench_programs); i++)
		count += is_present(bench_programs[i]);
	return count;
}

void bench_programs_run(const char *patterns)
{
	for (u32 i = 0; i < ARRAY_SIZE(bench_programs); i++)
		if (is_present(bench_programs[i]))
			run_test(bench_programs[i], program_name(bench_programs[i]), patterns, 0);
}
