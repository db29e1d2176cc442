/* SPDX-License-Identifier: MIT */
/*
 * /proc/self/maps: one line for each area; /proc/self/smaps: that line and more about the area.
 *
 * There may be 65,000 areas, too many for a buffer. So a line is made when the reader reaches it.
 *
 *      area | area | area | area                    the next one: by address, O(log n)
 *                    ^ next
 *      "...line of area 1\n...li|ne of area 2\n"
 *                               ^ position: a read that begins here continues in the kept line
 *
 * Areas may change between two reads. Each line shows its area at the time the line was made. No
 * line is torn, and addresses ascend. A read at any other position starts again at the first area.
 */
#include "fs/file.h"
#include "fs/proc.h"
#include "abi/linux/errno.h"
#include "lib/printf.h"
#include "lib/resched.h"
#include "lib/string.h"
#include "mm/user_space/vma.h"
#include "mm/slab/slab.h"

/* The column of an area's name on Linux i386. */
#define NAME_COLUMN 49u

struct proc_maps {
	struct mutex lock;
	u64 position;		   /* of the reader */
	vaddr_t next;		   /* the area of the next line ends above this */
	u32 from, length;	   /* [from, length): the part of the line not read yet */
	char line[PAGE_SIZE - 64]; /* a longer path is not shown; AREA_DETAILS are for smaps */
};

static int maps_open(struct inode *inode, struct file *file)
{
	struct proc_maps *maps = kmalloc(sizeof(*maps), GFP_KERNEL);

	if (!maps)
		return -ENOMEM;
	maps->position = maps->next = maps->from = maps->length = 0;
	mutex_init(&maps->lock);
	file->maps = maps;
	return proc_open(inode, file);
}

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

static u32 print_area(const struct vm_area_struct *vma, char *buffer, u32 size)
{
	const struct address_space *mapping = vma->vm_mapping;
	u32 dev = mapping ? mapping->dev : 0;
	const char *name;
	char rights[5];
	u32 bytes, length = (u32)scnprintf(buffer, size, "%08x-%08x %s %08llx %02x:%02x %u",
					   vma->vm_start, vma->vm_end,
					   vm_flags_text(vma->vm_flags, rights),
					   mapping ? (u64)vma->vm_pgoff << PAGE_SHIFT : 0ull,
					   dev >> 8, dev & 0xff, mapping ? mapping->ino : 0);

	/* A path is made at the end of the buffer, behind the column where it begins. */
	name = area_name(vma, buffer + NAME_COLUMN + 1, size - NAME_COLUMN - 2);
	if (name) {
		length +=
			(u32)scnprintf(buffer + length, size - length, "%*s",
				       length < NAME_COLUMN ? (int)(NAME_COLUMN - length) : 1, "");
		bytes = (u32)strlen(name);
		memmove(buffer + length, name, bytes);
		length += bytes;
	}
	return length + (u32)scnprintf(buffer + length, size - length, "\n");
}

/* Makes the next line if the kept one is used up. Returns false after the last area. */
static bool fill(struct proc_maps *maps, const struct file *file)
{
	struct mm_struct *mm = file->mm;
	const struct vm_area_struct *vma;

	if (maps->from < maps->length)
		return true;
	if (file->proc->print_line) {
		maps->from = 0;
		maps->length =
			file->proc->print_line(mm, &maps->next, maps->line, sizeof(maps->line));
		return maps->length;
	}
	vma = mm->mm_users ? find_vma(mm, maps->next) : NULL;
	if (!vma)
		return false;
	maps->length = print_area(vma, maps->line, sizeof(maps->line) - AREA_DETAILS);
	if (file->proc->print_area)
		maps->length +=
			file->proc->print_area(vma, maps->line + maps->length, AREA_DETAILS);
	maps->from = 0;
	maps->next = vma->vm_end;
	return true;
}

/* Advances the reader in its line. */
static void advance(struct proc_maps *maps, u32 bytes)
{
	maps->from += bytes;
	maps->position += bytes;
	cond_resched();
}

/* Moves the reader to `position`, or to the end if that comes first. */
static void seek(struct proc_maps *maps, const struct file *file, u64 position)
{
	if (position == maps->position)
		return;
	maps->position = maps->next = maps->from = maps->length = 0;
	while (maps->position < position && fill(maps, file) && !task_killed())
		advance(maps,
			(u32)min((u64)(maps->length - maps->from), position - maps->position));
}

static s32 read_lines(struct proc_maps *maps, const struct file *file, u32 bytes,
		      mapping_copy_t copy, void *context)
{
	u32 done = 0;

	while (done < bytes && fill(maps, file) && !task_killed()) {
		u32 part = min(bytes - done, maps->length - maps->from);
		u32 left = copy(maps->line + maps->from, part, context);

		advance(maps, part - left);
		done += part - left;
		if (left)
			return done ? (s32)done : -EFAULT;
	}
	return (s32)done;
}

static s32 maps_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy, void *context)
{
	struct proc_maps *maps = file->maps;
	s32 done = 0;

	mutex_lock(&maps->lock);
	seek(maps, file, position);
	if (maps->position == position)
		done = read_lines(maps, file, bytes, copy, context);
	mutex_unlock(&maps->lock);
	return done;
}

static void maps_release(struct file *file)
{
	kfree(file->maps);
	proc_release(file);
}

const struct file_operations proc_maps_operations = {
	.read = maps_read,
	.open = maps_open,
	.release = maps_release,
	.seekable = true,
};
