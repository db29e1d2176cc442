/* SPDX-License-Identifier: MIT */
/* Readers and writers of the ring of log lines. */
#include "kernel/console/kmsg_files.h"
#include "abi/linux/errno.h"
#include "fs/device.h"
#include "fs/poll.h"
#include "fs/proc/proc.h"
#include "kernel/console/console.h"
#include "kernel/console/kmsg.h"
#include "kernel/devices/time.h"
#include "lib/irq.h"
#include "lib/math64.h"
#include "lib/printf.h"
#include "lib/resched.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/user_space/limits.h"

#define HEAD_BYTES    64u /* before the text of a line or record */
#define NSEC_PER_USEC 1000u
#define USEC_PER_SEC  1000000u
#define LEVEL_MASK    7u

u32 kmsg_restricted;
u32 kmsg_console_level = 7; /* all but KERN_DEBUG, as on Linux */
bool kmsg_console_off;

/* What syslog(2) and /proc/kmsg read next: a record, and how much of its line was read. */
static struct {
	u64 next;
	u32 part;
} shared;

static u64 cleared;
static struct wait_queue readers = { LIST_HEAD_INIT(readers.entries) };

void kmsg_wake(void)
{
	if (unlikely(!list_empty(&readers.entries)))
		wait_queue_wake(&readers);
}

static bool find(u64 number, struct kmsg_record *record)
{
	unsigned long irq = irq_save();
	bool found = kmsg_find(number, record);

	irq_restore(irq);
	return found;
}

/* Sleeps until this record is written. 0, -EAGAIN, -ERESTARTSYS. */
static int wait_for(u64 number, bool nonblock)
{
	struct wait_entry entry;
	struct poll_table table;
	int err = 0;

	poll_begin(&table, &entry, 1);
	poll_wait(&table, &readers);
	while (!err && kmsg_next() <= number)
		err = nonblock ? -EAGAIN : poll_sleep(&table, WAIT_FOREVER);
	poll_end(&table);
	return err;
}

/* --- Lines: syslog(2) and /proc/kmsg --- */

/* The head of a record's line. Returns its length. */
static u32 line_head(const struct kmsg_record *record, char head[HEAD_BYTES])
{
	u32 useconds;
	u64 seconds = div_u64_rem(div_u64(clock_monotonic_at(record->counts), NSEC_PER_USEC),
				  USEC_PER_SEC, &useconds);

	return (u32)scnprintf(head, HEAD_BYTES, "<%u>[%5llu.%06u] ", record->priority, seconds,
			      useconds);
}

/* The whole line, with '\n'. */
static u32 line_length(const struct kmsg_record *record)
{
	char head[HEAD_BYTES];

	return line_head(record, head) + record->length + 1;
}

/* Copies the bytes [from, from + bytes) of a record's line. Returns whether all were copied. */
static bool copy_line(const struct kmsg_record *record, u32 from, u32 bytes, mapping_copy_t copy,
		      void *context)
{
	char head[HEAD_BYTES];
	const struct {
		const char *text;
		u32 length;
	} parts[] = { { head, line_head(record, head) },
		      { record->text, record->length },
		      { "\n", 1 } };

	for (u32 i = 0; i < ARRAY_SIZE(parts) && bytes; i++) {
		u32 skip = min(from, parts[i].length), part = min(bytes, parts[i].length - skip);

		if (part && copy((void *)(parts[i].text + skip), part, context))
			return false;
		from -= skip;
		bytes -= part;
	}
	return true;
}

/* Takes the next line or, if it is longer than `bytes` and the first one, a part of it. */
static u32 take(const struct kmsg_record *record, u32 bytes, bool first, u32 *from)
{
	u32 length = line_length(record);

	if (record->number != shared.next)
		shared.part = 0; /* the rest of that line was overwritten */
	shared.next = record->number;
	*from = shared.part;
	if (length - shared.part > bytes && !first)
		return 0;
	bytes = min(bytes, length - shared.part);
	shared.part += bytes;
	if (shared.part == length) {
		shared.next++;
		shared.part = 0;
	}
	return bytes;
}

s32 kmsg_read_new(bool nonblock, u32 bytes, mapping_copy_t copy, void *context)
{
	struct kmsg_record record;
	u32 done = 0;
	int err = wait_for(shared.next, nonblock);

	while (!err && done < bytes && find(shared.next, &record)) {
		u32 from, part = take(&record, bytes - done, !done, &from);

		if (!part)
			break;
		if (!copy_line(&record, from, part, copy, context))
			err = -EFAULT;
		done += part;
		cond_resched();
	}
	return err ? err : (s32)done;
}

/* The bytes of the lines from this record on. */
static u32 lines_length(u64 number)
{
	struct kmsg_record record;
	u32 sum = 0;

	for (; find(number, &record); number = record.number + 1)
		sum += line_length(&record);
	return sum;
}

u32 kmsg_unread(void)
{
	return kmsg_next() > shared.next ? lines_length(shared.next) - shared.part : 0;
}

s32 kmsg_read_last(u32 bytes, mapping_copy_t copy, void *context)
{
	u32 rest = lines_length(cleared), done = 0;
	struct kmsg_record record;

	for (u64 next = cleared; find(next, &record); next = record.number + 1) {
		u32 length = line_length(&record);

		if (rest <= bytes && length <= bytes - done) {
			if (!copy_line(&record, 0, length, copy, context))
				return -EFAULT;
			done += length;
		} else if (done) {
			break; /* lines came while these were copied */
		}
		rest -= min(length, rest);
		cond_resched();
	}
	return (s32)done;
}

void kmsg_clear(void)
{
	cleared = kmsg_next();
}

static s32 proc_kmsg_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			  void *context)
{
	(void)position;
	return bytes ? kmsg_read_new(file->flags & O_NONBLOCK, bytes, copy, context) : 0;
}

static u32 proc_kmsg_poll(struct file *file, struct poll_table *table)
{
	(void)file;
	poll_wait(table, &readers);
	return kmsg_next() > shared.next ? POLLIN | POLLRDNORM : 0;
}

const struct file_operations proc_kmsg_operations = {
	.read = proc_kmsg_read,
	.read_each_part = true,
	.poll = proc_kmsg_poll,
	.open = proc_open,
	.release = proc_release,
	.no_splice_read = true,
};

/* --- Records: /dev/kmsg. The file's position is the number of the next record. --- */

static int device_open(struct inode *inode, struct file *file)
{
	(void)inode;
	if (file_readable(file) && kmsg_restricted && !capable(CAP_SYSLOG))
		return -EPERM;
	file->position = kmsg_first();
	return 0;
}

/* A byte as it is shown: what is not printable, and '\', as \xNN. */
static u32 shown(char c, char to[4])
{
	*to = c;
	if (c >= ' ' && c < 0x7f && c != '\\')
		return 1;
	return (u32)scnprintf(to, 5, "\\x%02x", (u8)c);
}

static u32 shown_length(const struct kmsg_record *record)
{
	u32 length = 0;
	char text[5];

	for (u32 i = 0; i < record->length; i++)
		length += shown(record->text[i], text);
	return length;
}

static bool copy_shown(const struct kmsg_record *record, mapping_copy_t copy, void *context)
{
	char text[64];
	u32 used = 0;

	for (u32 i = 0; i <= record->length; i++) {
		if (i < record->length)
			used += shown(record->text[i], text + used);
		else
			text[used++] = '\n';
		if (used <= sizeof(text) - 5 && i < record->length)
			continue;
		if (copy(text, used, context))
			return false;
		used = 0;
	}
	return true;
}

static s32 device_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
		       void *context)
{
	struct kmsg_record record;
	char head[HEAD_BYTES];
	u32 length, rest;
	int err = wait_for(file->position, file->flags & O_NONBLOCK);

	(void)position;
	if (err)
		return err;
	find(file->position, &record);
	if (record.number != file->position) {
		file->position = record.number;
		return -EPIPE;
	}
	length = (u32)scnprintf(head, sizeof(head), "%u,%llu,%llu,-;", record.priority,
				record.number,
				div_u64(clock_monotonic_at(record.counts), NSEC_PER_USEC));
	rest = shown_length(&record) + 1;
	if (length + rest > bytes)
		return -EINVAL;
	file->position++;
	if (copy(head, length, context) || !copy_shown(&record, copy, context))
		return -EFAULT;
	return (s32)(length + rest);
}

/* "<N>text": N is the priority. Its facility is never the kernel's. */
static u32 take_priority(const char **text)
{
	const char *end;
	u64 number;

	if (**text != '<' || parse_u64(*text + 1, &end, 10, &number) || *end != '>')
		return KMSG_NOTICE;
	*text = end + 1;
	return (u32)number > LEVEL_MASK ? (u16)number : KMSG_USER | (u32)number;
}

static void add_lines(u32 priority, const char *text, u32 length)
{
	u32 level = kmsg_console_off ? 1 : kmsg_console_level;
	bool printed = (priority & LEVEL_MASK) < level;
	unsigned long irq = irq_save();

	for (u32 at = 0, line; at < length; at += line + 1) {
		line = 0;
		while (at + line < length && text[at + line] != '\n')
			line++;
		kmsg_add(priority, text + at, line, clock_counts());
		if (!printed)
			continue;
		console_write_program(text + at, line);
		console_write_program("\n", 1);
	}
	kmsg_wake();
	irq_restore(irq);
}

static s32 device_write(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			void *context)
{
	char line[KMSG_LINE + 1];
	const char *text = line;
	u32 priority;

	(void)file;
	(void)position;
	if (bytes > KMSG_LINE)
		return -EINVAL;
	if (copy(line, bytes, context))
		return -EFAULT;
	line[bytes] = '\0';
	priority = take_priority(&text);
	add_lines(priority, text, (u32)(line + bytes - text));
	return (s32)bytes;
}

static u32 device_poll(struct file *file, struct poll_table *table)
{
	poll_wait(table, &readers);
	if (kmsg_next() <= file->position)
		return POLLOUT | POLLWRNORM;
	return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM |
	       (file->position < kmsg_first() ? POLLERR | POLLPRI : 0);
}

static s64 device_seek(struct file *file, s64 offset, u32 whence)
{
	if (offset)
		return -ESPIPE;
	switch (whence) {
	case SEEK_SET:
		file->position = kmsg_first();
		return 0;
	case SEEK_DATA:
		file->position = max(cleared, kmsg_first());
		return 0;
	case SEEK_END:
		file->position = kmsg_next();
		return 0;
	}
	return -EINVAL;
}

static struct device kmsg_device = { .name = "kmsg",
				     .mode = S_IFCHR | 0644,
				     .operations = { .read = device_read,
						     .read_each_part = true,
						     .write = device_write,
						     .open = device_open,
						     .poll = device_poll,
						     .seek = device_seek,
						     .rdev = 0x10b,
						     .seekable = true,
						     .no_splice_read = true,
						     .no_splice_write = true } };

void kmsg_device_init(void)
{
	device_register(&kmsg_device);
}
