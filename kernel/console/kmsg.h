/* SPDX-License-Identifier: MIT */
/*
 * The ring of log lines: what printk() wrote last, for readers of later.
 *
 *     console_write() ──> kmsg_extend_line() ──> the open line
 *            └──────────> kmsg_end_line() ──────────────┴─> record ──> ring <── kmsg_find()
 *                          /dev/kmsg ────> kmsg_add() ──────/
 *
 *  - A UART that is found late gets the log from its first line (console.c).
 *  - Programs read it by syslog(2), /dev/kmsg and /proc/kmsg (kmsg_files.h).
 *
 * A record is one line without its '\n', of at most KMSG_LINE bytes; a longer line is several
 * records. They are numbered from 0. A new record takes the place of the oldest ones.
 *
 * Any context with interrupts off; nothing here allocates or fails. A call in the middle of
 * another one, as from an NMI, keeps nothing.
 */
#ifndef KERNEL_CONSOLE_KMSG_H
#define KERNEL_CONSOLE_KMSG_H

#include "lib/types.h"

#define KMSG_BYTES KiB(64) /* of the ring, heads of records included */
#define KMSG_LINE  960u

/* Priorities of syslog(3): facility << 3 | level. All lines of the kernel have the same one. */
#define KMSG_KERNEL 6u /* kern, info */
#define KMSG_USER   (1u << 3)
#define KMSG_NOTICE 12u /* user, warning: of a program that names none (Linux's default) */

struct kmsg_record {
	u64 number;
	u64 counts; /* of clock_counts(), when the line ended */
	u32 priority, length;
	char text[KMSG_LINE]; /* without '\n' and NUL */
};

/*
 * Text of the kernel's log, without '\n': the next piece of a line, and the last piece, which
 * makes the line a record. The caller looks at each character anyway, so the ring need not.
 */
void kmsg_extend_line(const char *text, size_t count, u64 counts);
void kmsg_end_line(const char *text, size_t count, u64 counts);

/* Appends a record, of the first KMSG_LINE bytes of the text. */
void kmsg_add(u32 priority, const char *text, size_t count, u64 counts);

/* Numbers of the oldest record, and of the next one that will be written. */
u64 kmsg_first(void);
u64 kmsg_next(void);

/*
 * Copies the record with this number, or the oldest one if that was overwritten. False: it is not
 * written yet. Costs O(1) for the record after the one that was found last, else O(records).
 */
bool kmsg_find(u64 number, struct kmsg_record *record);

/* The line that has not ended yet. Returns its length. */
u32 kmsg_open_line(const char **text);

/* Bytes of text, '\n' counted, in records that were overwritten. */
size_t kmsg_lost(void);

#endif
