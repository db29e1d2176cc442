/* SPDX-License-Identifier: MIT */
/*
 * /proc/trace: the records in the ring as text, the oldest one first; 0 or 1 written to it stops
 * and continues recording. /proc/trace_events: the description of the events, and how many there
 * were of each. They show addresses of the kernel: for the super-user.
 */
#include "abi/linux/errno.h"
#include "fs/proc/proc.h"
#include "kernel/trace/describe.h"
#include "kernel/trace/trace.h"
#include "lib/string.h"

/* image/kernel.lds */
extern char _text[];

/*
 * The cursor is the number of records that are left to print << 32 | the position. It is fixed at
 * the first read: reading makes new events.
 */
static int show_trace(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	u32 position = (u32)*cursor, left = (u32)(*cursor >> 32);
	struct trace_record record;
	char line[TRACE_LINE];

	(void)subject;
	if (!*cursor) {
		position = trace_oldest();
		left = (u32)min(trace_stat.recorded - trace_stat.overwritten, (u64)UINT32_MAX - 1) +
		       1;
	}
	while (left > 1 && seq->size - seq->length > TRACE_LINE && trace_read(&position, &record)) {
		trace_format(&record, line, sizeof(line));
		seq_printf(seq, "%s\n", line);
		left--;
	}
	*cursor = left * (1ull << 32) + position;
	return seq->length != 0;
}

static int write_trace(const struct proc_subject *subject, const char *text)
{
	s64 number;
	int err = proc_parse_number(text, &number);

	(void)subject;
	if (err)
		return err;
	if (number != 0 && number != 1)
		return -EINVAL;
	trace_stop(!number);
	return 0;
}

static int show_events(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	u32 number = (u32)*cursor;
	char line[TRACE_LINE];

	(void)subject;
	if (!trace_describe(number, _text, line, sizeof(line)))
		return 0;
	seq_printf(seq, "%s", line);
	if (number >= TRACE_DESCRIPTION_HEAD)
		seq_printf(seq, " hits=%u", trace_hits[number - TRACE_DESCRIPTION_HEAD]);
	seq_printf(seq, "\n");
	++*cursor;
	return 1;
}

static const struct proc_entry entries[] = {
	{ "trace", 0600, .show = show_trace, .write = write_trace },
	{ "trace_events", 0400, .show = show_events },
};

void trace_proc_init(void)
{
	proc_add(entries, ARRAY_SIZE(entries));
}
