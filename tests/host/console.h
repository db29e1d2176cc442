/* SPDX-License-Identifier: MIT */
/* The host's printk() and irq_save(): the log is kept, a panic ends the process. */
#ifndef TESTS_HOST_CONSOLE_H
#define TESTS_HOST_CONSOLE_H

#include "lib/types.h"

/* The status of a process that panicked as it should. */
#define EXIT_PANICKED 42

/* Once, before the first fork. */
void console_init(void);

/*
 * The log since the start or console_clear(); the oldest part is lost if it is long.
 */
const char *console_text(void);
void console_clear(void);

/* Prints it as diagnostics, the last lines only. */
void console_show(void);

/*
 * Ends the process of a case without exit(): the C library's and sanitizers' end belongs to the
 * parent.
 */
void host_exit(int status) __noreturn;

/* Clears the log. From here on a panic ends the process quietly, with EXIT_PANICKED. */
void console_expect_panic(void);

/*
 * The text of the last panic in this process or in one that it forked. If it was expected, the log
 * from console_expect_panic() on follows.
 */
const char *console_panic_text(void);

/* The result of clock_realtime(), nanoseconds. */
extern u64 console_date;

/* What fs/process.h asks for. */
extern int console_told; /* the last code of process_tell_owner() */
extern struct fs_struct *console_fs;

/* The number of calls of process_exceeds_file_limit(). */
extern u32 console_file_limit_exceeded;

/* The process, and the last signal to a group and to a process in the background. */
extern struct console_job {
	int number, group, session;
	int signalled, signal, background;
} console_job;

/* The last signal of process_signal(). */
extern int console_signal;

/* The memory of user_get() and user_put(): address n is byte n. */
extern u8 console_user[4096];

/* How deep irq_save() is nested. */
u32 irq_depth(void);

#endif
