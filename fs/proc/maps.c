/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/maps: a line for each area, many lines a record; /proc/PID/smaps: a record for each
 * area, that line and more. The cursor is the end of the last area: the next one is found by
 * address, O(log n) for each record, and addresses ascend although areas may change between two
 * reads.
 */
#include "abi/linux/errno.h"
#include "fs/file.h"
#include "fs/proc/proc.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/user_space/vma.h"

/* The column of an area's name on Linux i386. */
#define NAME_COLUMN 49u

#define PLACE_LENGTH 22u /* "08048000-08049000 r-xp" */
#define LINE_MAX     64u /* more than the line of an area without an object, with its name */

/* What smaps needs after the line: a longer path is not shown. */
#define AREA_DETAILS 1024u

/* NULL: it has none. The buffer is for a path. */
static const char *area_name(const struct vm_area_struct *vma, char *buffer, u32 size)
{
	const struct mm_struct *mm = vma->vm_mm;

	if (vma->vm_mapping)
		return is_inode(vma->vm_mapping)
			       ? inode_path(inode_of(vma->vm_mapping), buffer, size)
			       : vma->vm_mapping->name;
	if (vma->vm_start <= mm->start_stack && mm->start_stack < vma->vm_end)
		return "[stack]";
	if (vma->vm_start < mm->brk && vma->vm_end > mm->start_brk)
		return "[heap]";
	return NULL;
}

static char *put_hex(char *to, u32 value)
{
	static const char digits[] = "0123456789abcdef";

	for (u32 shift = 32; shift; *to++ = digits[value >> shift & 15])
		shift -= 4;
	return to;
}

/* Addresses and rights: printed here, as they are most of what a process of many areas prints. */
static void print_place(struct seq *seq, const struct vm_area_struct *vma)
{
	char *to = put_hex(seq->text + seq->length, vma->vm_start);

	*to++ = '-';
	to = put_hex(to, vma->vm_end);
	*to++ = ' ';
	vm_flags_text(vma->vm_flags, to);
	seq->length += PLACE_LENGTH;
}

static void print_object(struct seq *seq, const struct vm_area_struct *vma)
{
	static const char none[] = " 00000000 00:00 0";
	const struct address_space *mapping = vma->vm_mapping;

	if (mapping) {
		seq_printf(seq, " %08llx %02x:%02x %u", (u64)vma->vm_pgoff << PAGE_SHIFT,
			   mapping->dev >> 8, mapping->dev & 0xff, mapping->ino);
		return;
	}
	memcpy(seq->text + seq->length, none, sizeof(none) - 1);
	seq->length += sizeof(none) - 1;
}

/* For an area of an object, the record must be empty so far: its path may need all of it. */
static void print_area(struct seq *seq, const struct vm_area_struct *vma)
{
	u32 column = seq->length + NAME_COLUMN, bytes;
	const char *name;

	print_place(seq, vma);
	print_object(seq, vma);
	/* A path is made at the end of the buffer, behind the column where it begins. */
	name = area_name(vma, seq->text + NAME_COLUMN + 1,
			 seq->size - AREA_DETAILS - NAME_COLUMN - 2);
	if (name) {
		seq_printf(seq, "%*s", seq->length < column ? (int)(column - seq->length) : 1, "");
		bytes = (u32)strlen(name);
		memmove(seq->text + seq->length, name, bytes);
		seq->length += bytes;
	}
	seq->text[seq->length++] = '\n';
}

/* Sets *found; NULL: there are no more, or the process is a zombie. 0, or -ESRCH: it is gone. */
static int next_area(const struct proc_subject *subject, u64 *cursor,
		     const struct vm_area_struct **found)
{
	const struct vm_area_struct *vma = NULL;

	if (!proc_alive(subject))
		return -ESRCH;
	if (subject->mm && subject->mm->mm_users && *cursor < TASK_SIZE)
		vma = find_vma(subject->mm, (vaddr_t)*cursor);
	if (vma)
		*cursor = vma->vm_end;
	*found = vma;
	return 0;
}

int proc_show_maps(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct vm_area_struct *vma;
	int err = next_area(subject, cursor, &vma);

	if (err || !vma)
		return err;
	do {
		print_area(seq, vma);
		*cursor = vma->vm_end;
		vma = vma->vm_next;
	} while (vma && !vma->vm_mapping && seq->length + LINE_MAX <= seq->size);
	return 1;
}

int proc_show_smaps(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct vm_area_struct *vma;
	int err = next_area(subject, cursor, &vma);

	if (err || !vma)
		return err;
	print_area(seq, vma);
	proc_print_smaps(seq, vma);
	return 1;
}
