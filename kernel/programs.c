/* SPDX-License-Identifier: MIT */
/*
 * Running ring-3 programs.
 *
 * A program begins as a child of init that turns itself into it by execve. It ends well if it exits with 0, leaves no process behind,
 * and memory is as it was.
 */
#include "kernel/programs.h"
#include "fs/initramfs.h"
#include "kernel/console.h"
#include "kernel/console_file.h"
#include "kernel/exec.h"
#include "kernel/report.h"
#include "kernel/signal.h"
#include "lib/errno.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "lib/text.h"

/* What a program that could not be started ends with, as a shell has it. */
#define EXIT_NOT_STARTED 127

/* What a program begins with; argument is NULL for none. */
struct start {
	const char *path, *argument;
};

/* The first steps of a program's task; when it returns, the way to ring 3 is taken (kernel/switch.S). */
static void start_program(void *context)
{
	const struct start *start = context;
	const char *path = start->path;
	const char *const arguments[] = { path, start->argument, NULL };
	struct exec_strings argv = { .kernel = true, .array = arguments };
	struct exec_strings envp = { .kernel = true };
	int err = console_files(current);

	if (!err)
		err = do_execve(path, &argv, &envp, task_regs(current));
	if (!err)
		return;
	printk("init: error: path=%s errno=%d: it can't be started\n", path, -err);
	do_exit(EXIT_STATUS(EXIT_NOT_STARTED));
}

/* Waits for one child, and reaps the orphans that end before it. Returns its status. */
static int wait_for(int pid)
{
	int status = EXIT_STATUS(EXIT_NOT_STARTED), child;

	do {
		child = do_wait(-1, &status, 0);
	} while (child != pid && child > 0);
	return status;
}

/* Ends and reaps what the program left behind. Returns how many processes that were. */
static u32 end_orphans(void)
{
	struct task *task;
	u32 count = 0;
	int status;

	while (do_wait(-1, &status, WNOHANG) > 0)
		;
	list_for_each_entry (task, &task_list, link) {
		if (task->mm) {
			signal_send(task, SIGKILL);
			count++;
		}
	}
	while (do_wait(-1, &status, 0) > 0)
		;
	return count;
}

static bool report_end(int status, u32 orphans)
{
	if (status & 0x7f)
		printk("init: ended by signal=%d\n", status & 0x7f);
	else if (status)
		printk("init: ended with status=%d\n", status >> 8);
	if (orphans)
		printk("init: orphans=%u\n", orphans);
	return !status && !orphans;
}

/* `name` is what the result is called. */
static void run(const char *path, const char *name, const char *argument)
{
	struct start start = { path, argument };
	struct memory_state memory;
	struct task *task;
	int status = EXIT_STATUS(EXIT_NOT_STARTED);
	bool passed;

	report_subtest("ring3/", name);
	memory_check_begin(&memory);
	task = kernel_task(name, start_program, &start);
	if (task)
		status = wait_for(task->pid);
	passed = report_end(status, end_orphans());
	console_end_line();
	if (!memory_check_end(&memory, 0))
		passed = false;
	report_result("ring3/", name, passed ? OUTCOME_PASSED : OUTCOME_FAILED);
}

/* The name of a program of the test directory, or NULL. */
static const char *program_name(const struct initramfs_entry *entry)
{
	size_t length = strlen(PROGRAM_DIRECTORY);

	if (strncmp(entry->name, PROGRAM_DIRECTORY, length) || (entry->mode & 0170000) != 0100000)
		return NULL;
	return entry->name + length;
}

u32 programs_count(const char *patterns)
{
	struct initramfs_entry entry;
	size_t cursor = 0;
	u32 count = 0;

	while (initramfs_next(&cursor, &entry))
		count += program_name(&entry) && glob_match(patterns, program_name(&entry));
	return count;
}

void programs_run(const char *patterns)
{
	struct initramfs_entry entry;
	size_t cursor = 0;

	while (initramfs_next(&cursor, &entry)) {
		const char *name = program_name(&entry);
		char path[PATH_MAX] = "/";

		if (!name || !glob_match(patterns, name))
			continue;
		strscpy(path + 1, entry.name, sizeof(path) - 1);
		run(path, name, NULL);
	}
}

void program_run(const char *path)
{
	const char *name = path;

	for (const char *p = path; *p; p++)
		if (*p == '/' && p[1])
			name = p + 1;
	run(path, name, NULL);
}

bool bench_program_present(void)
{
	struct initramfs_entry entry;

	return !initramfs_find(BENCH_PROGRAM, &entry);
}

void bench_program_run(const char *patterns)
{
	run(BENCH_PROGRAM, "operations", patterns);
}
