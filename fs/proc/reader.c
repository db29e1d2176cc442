/* SPDX-License-Identifier: MIT */
/* Reading and writing the texts of /proc. Numbers cite the invariants of the header. */
#include "fs/file.h"
#include "fs/proc/proc.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "lib/printf.h"
#include "lib/resched.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/slab/slab.h"
#include "mm/user_space/mm.h"

/* The longest text that can be written, with its NUL. */
#define WRITE_MAX 128u

struct proc_reader {
	struct proc_subject subject; /* its mm is grabbed, or NULL */
	struct mutex lock;
	u64 position;	  /* of the reader */
	u64 cursor;	  /* of the next record */
	u32 from, length; /* [from, length): the part of the record not read yet */
	char *record;	  /* PROC_RECORD bytes, from the first read on */
};

void seq_printf(struct seq *seq, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	seq->length += (u32)vscnprintf(seq->text + seq->length, seq->size - seq->length, format,
				       arguments);
	va_end(arguments);
}

static const struct proc_entry *entry_of(const struct file *file)
{
	return ((const struct proc_node *)file->inode->data)->entry;
}

const struct proc_subject *proc_file_subject(const struct file *file)
{
	return &file->proc->subject;
}

static int show(const struct proc_entry *entry, struct seq *seq, struct proc_reader *reader)
{
	if (!entry->number)
		return entry->show(seq, &reader->subject, &reader->cursor);
	seq_printf(seq, "%u\n", *entry->number);
	return !reader->cursor++;
}

/* Makes the next record if the kept one is used up. Returns 1; 0 at the end; -errno. */
static int fill(const struct proc_entry *entry, struct proc_reader *reader)
{
	while (reader->from == reader->length) {
		struct seq seq = { reader->record, PROC_RECORD, 0 };
		int more = show(entry, &seq, reader);

		if (more <= 0)
			return more;
		reader->from = 0;
		reader->length = seq.length;
	}
	return 1;
}

/* Advances the reader in its record. */
static void advance(struct proc_reader *reader, u32 bytes)
{
	reader->from += bytes;
	reader->position += bytes;
	cond_resched();
}

/* Moves the reader to `position`, or to the end if that comes first. (2) 0 or -errno. */
static int seek(const struct proc_entry *entry, struct proc_reader *reader, u64 position)
{
	int more = 1;

	if (position == reader->position)
		return 0;
	reader->position = reader->cursor = reader->from = reader->length = 0;
	while (reader->position < position && !task_killed()) {
		more = fill(entry, reader);
		if (more <= 0)
			break;
		advance(reader, (u32)min((u64)(reader->length - reader->from),
					 position - reader->position));
	}
	return more < 0 ? more : 0;
}

static s32 read_records(const struct proc_entry *entry, struct proc_reader *reader, u32 bytes,
			mapping_copy_t copy, void *context)
{
	u32 done = 0;

	while (done < bytes && !task_killed()) {
		int more = fill(entry, reader);
		u32 part, left;

		if (more <= 0)
			return done ? (s32)done : more;
		part = min(bytes - done, reader->length - reader->from);
		left = copy(reader->record + reader->from, part, context);
		advance(reader, part - left);
		done += part - left;
		if (left)
			return done ? (s32)done : -EFAULT;
	}
	return (s32)done;
}

static s32 text_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy, void *context)
{
	struct proc_reader *reader = file->proc;
	s32 done;

	/* For writing only; the super-user can open it all the same. */
	if (!entry_of(file)->number && !entry_of(file)->show)
		return -EINVAL;
	mutex_lock(&reader->lock);
	if (!reader->record)
		reader->record = kmalloc(PROC_RECORD, GFP_KERNEL);
	done = reader->record ? seek(entry_of(file), reader, position) : -ENOMEM;
	if (!done && reader->position == position)
		done = read_records(entry_of(file), reader, bytes, copy, context);
	mutex_unlock(&reader->lock);
	return done;
}

int proc_parse_number(const char *text, s64 *number)
{
	bool negative = *text == '-';
	const char *end;
	u64 value;

	if (parse_u64(text + negative, &end, 0, &value) || value > INT64_MAX)
		return -EINVAL;
	*number = negative ? -(s64)value : (s64)value;
	return *end && strcmp(end, "\n") != 0 ? -EINVAL : 0;
}

static int set_number(const struct proc_entry *entry, const char *text)
{
	s64 value;
	int err = proc_parse_number(text, &value);

	if (err)
		return err;
	if (value < (s64)entry->least || value > (s64)entry->most)
		return -EINVAL;
	if (entry->set)
		entry->set((u32)value);
	else
		*entry->number = (u32)value;
	return 0;
}

static s32 text_write(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
		      void *context)
{
	const struct proc_entry *entry = entry_of(file);
	u32 length = min(bytes, WRITE_MAX - 1);
	char text[WRITE_MAX];
	int err;

	(void)position;
	if (!entry->number && !entry->write)
		return -EIO;
	if (!bytes)
		return 0;
	if (copy(text, length, context))
		return -EFAULT;
	text[length] = '\0';
	err = entry->write ? entry->write(&file->proc->subject, text) : set_number(entry, text);
	return err ? err : (s32)bytes;
}

static int start(struct proc_reader *reader, const struct proc_node *node)
{
	const struct proc_processes *processes = proc_processes();
	u32 flags = node->entry->flags, uid, gid;

	reader->subject = node->subject;
	if (!node->subject.pid)
		return 0;
	if (!processes->find(node->subject.pid, &reader->subject, &uid, &gid) ||
	    reader->subject.birth != node->subject.birth)
		return -ESRCH;
	if (flags & PROC_INSPECT && !processes->may_inspect(&reader->subject))
		return -EACCES;
	if (flags & PROC_MM)
		reader->subject.mm = processes->grab_mm(&reader->subject);
	return 0;
}

int proc_open(struct inode *inode, struct file *file)
{
	struct proc_reader *reader = kmalloc(sizeof(*reader), GFP_KERNEL);
	int err;

	if (!reader)
		return -ENOMEM;
	*reader = (struct proc_reader){ .position = 0 };
	mutex_init(&reader->lock);
	err = start(reader, inode->data);
	if (err)
		kfree(reader);
	else
		file->proc = reader;
	return err;
}

/* A setting of the kernel refuses even the super-user what its mode forbids the owner. */
static int text_open(struct inode *inode, struct file *file)
{
	const struct proc_node *node = inode->data;
	u32 mode = node->entry->mode;

	if (!strncmp(node->entry->name, "sys/", 4) &&
	    ((file_readable(file) && !(mode & 0400)) || (file_writable(file) && !(mode & 0200))))
		return -EACCES;
	return proc_open(inode, file);
}

void proc_release(struct file *file)
{
	struct proc_reader *reader = file->proc;

	if (reader->subject.mm)
		mm_drop(reader->subject.mm);
	kfree(reader->record);
	kfree(reader);
}

const struct file_operations proc_text_operations = {
	.read = text_read,
	.write = text_write,
	.open = text_open,
	.release = proc_release,
	.seekable = true,
};
