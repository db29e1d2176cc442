/* SPDX-License-Identifier: MIT */
/*
 * TAP: the plan first, then `ok N - name` or `not ok N - name`, comments on failure only.
 */
#include "tests/ring3/runtime/tap.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/syscall.h"

/* A wrong page may break a thousand expectations; the first few say enough. */
#define REPORT_LIMIT 8u

static u32 failures;

void tap_line(const char *text)
{
	struct text line;

	text_clear(&line);
	text_add(&line, text);
	if (line.length == sizeof(line.data) - 1)
		line.length--;
	line.data[line.length++] = '\n';
	sys_write(1, line.data, line.length);
}

void tap_bail_out(const char *reason)
{
	struct text line;

	text_clear(&line);
	text_add(&line, "Bail out! ");
	text_add(&line, reason);
	tap_line(line.data);
	sys_exit_group(99);
}

static void begin_report(struct text *line, const char *file, int number, const char *text)
{
	text_clear(line);
	text_add(line, "# ");
	text_add(line, file);
	text_add(line, ":");
	text_add_decimal(line, number);
	text_add(line, ": ");
	text_add(line, text);
}

static void add_value(struct text *line, long value)
{
	text_add_decimal(line, value);
	text_add(line, " (");
	text_add_hex(line, (u32)value);
	text_add(line, ")");
}

bool tap_expect(bool condition, const char *file, int line, const char *text)
{
	struct text report;

	if (condition)
		return true;
	if (failures++ < REPORT_LIMIT) {
		begin_report(&report, file, line, text);
		tap_line(report.data);
	}
	return false;
}

bool tap_expect_equal(long actual, long expected, const char *file, int line, const char *text)
{
	struct text report;

	if (actual == expected)
		return true;
	if (failures++ < REPORT_LIMIT) {
		begin_report(&report, file, line, text);
		text_add(&report, " is ");
		add_value(&report, actual);
		text_add(&report, ", expected ");
		add_value(&report, expected);
		tap_line(report.data);
	}
	return false;
}

u32 tap_failures(void)
{
	return failures;
}

void tap_reset(void)
{
	failures = 0;
}

/* N, with TAP_CASE=N in the environment; 0: all cases run. */
static u32 chosen_case(u32 count)
{
	for (const char *const *word = (const char *const *)start_environment; *word; word++)
		if (strlen(*word) > 9 && !memcmp(*word, "TAP_CASE=", 9))
			return min(string_to_number(*word + 9), count);
	return 0;
}

int tap_run(const struct tap_case *cases, u32 count)
{
	struct text line;
	bool all_passed = true;
	u32 chosen = chosen_case(count);

	if (chosen) {
		cases += chosen - 1;
		count = 1;
	}

	text_clear(&line);
	text_add(&line, "1..");
	text_add_decimal(&line, (long)count);
	tap_line(line.data);

	for (u32 i = 0; i < count; i++) {
		tap_reset();
		cases[i].run();
		text_clear(&line);
		text_add(&line, failures ? "not ok " : "ok ");
		text_add_decimal(&line, (long)i + 1);
		text_add(&line, " - ");
		text_add(&line, cases[i].name);
		tap_line(line.data);
		if (failures)
			all_passed = false;
	}
	return all_passed ? 0 : 1;
}
