/* SPDX-License-Identifier: MIT */
/*
 * The runner of ring-3 programs (kernel/harness/programs.c) over models of the archive and of the
 * kernel, which write what they do to the record (tests/host/record.h). Each program is the
 * process 5.
 */
#ifndef TESTS_HOST_KERNEL_HARNESS_PROGRAMS_RIG_H
#define TESTS_HOST_KERNEL_HARNESS_PROGRAMS_RIG_H

#include "kernel/harness/program_tap.h"
#include "kernel/harness/report.h"

extern struct program_model {
	/* The start of a program. */
	int no_files, no_folder, bad_cwd, no_exec; /* 0 or -errno */
	bool no_task;
	/* Its end. */
	bool is_slow;	/* it ends after the limit */
	bool each_ends; /* each program ends in the same way */
	u32 orphans;	/* processes that end_processes() kills */
	enum tap_verdict verdict;
	bool memory_differs;
	enum outcome explored; /* what explore_cases() finds */
	/* The machine, and the archive. */
	bool lacks_tick;
	bool has_operations; /* a second benchmark */
	/* What the runner did. */
	u32 sleeps, next_news;	/* waits for a child; processes that were waited for */
	bool may_end_meanwhile; /* run_may_end while it waited */
} model;

/* The arguments of /tests/cow, and an empty list. */
extern const char *const program_words[2], *const no_words[1];

/* A model without errors, and an empty record and log. */
void begin_program(void);

/* The next process that ends, with this status; when there are no more, there is no child. */
void ends_with(int pid, int status);

/* What the new task does: it becomes the program, in this working directory or in init's. */
void start_in(const char *cwd);

#endif
