/* SPDX-License-Identifier: MIT */
/*
 * In place of kernel/harness/report.c: a line of the log for each call, such as
 * `<ring3/cow passed>`.
 */
#include "kernel/harness/report.h"
#include "lib/printk.h"

void report_subtest(const char *kind, const char *name)
{
	printk("<%s%s>\n", kind, name);
}

void report_result(const char *kind, const char *name, enum outcome outcome)
{
	static const char *const words[] = { "passed", "failed", "skipped", "timed out" };

	printk("<%s%s %s>\n", kind, name, words[outcome]);
}
