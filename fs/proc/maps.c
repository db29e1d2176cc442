/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/maps: a record for each area; /proc/PID/smaps: that line and more about the area.
 * The cursor is the end of the last area: the next one is found by address, O(log n), and
 * addresses ascend although areas may change between two reads.
 */
#include "abi/linux/errno.h"
#include "fs/file.h"
#include "fs/proc/proc.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/user_space/vma.h"

/* The column of an area's name on Linux i386. */
#define NAME_COLUMN 49u

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

static void print_area(struct seq *seq, const struct vm_area_struct *vma)
{
	const struct address_space *mapping = vma->vm_mapping;
	u32 dev = mapping ? mapping->dev : 0, bytes;
	const char *name;
	char rights[5];

	seq_printf(seq, "%08x-%08x %s %08llx %02x:%02x %u", vma->vm_start, vma->vm_end,
		   vm_flags_text(vma->vm_flags, rights),
		   mapping ? (u64)vma->vm_pgoff << PAGE_SHIFT : 0ull, dev >> 8, dev & 0xff,
		   mapping ? mapping->ino : 0);
	/* A path is made at the end of the buffer, behind the column where it begins. */
	name = area_name(vma, seq->text + NAME_COLUMN + 1,
			 seq->size - AREA_DETAILS - NAME_COLUMN - 2);
	if (name) {
		seq_printf(seq, "%*s",
			   seq->length < NAME_COLUMN ? (int)(NAME_COLUMN - seq->length) : 1, "");
		bytes = (u32)strlen(name);
		memmove(seq->text + seq->length, name, bytes);
		seq->length += bytes;
	}
	seq_printf(seq, "\n");
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
	print_area(seq, vma);
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
