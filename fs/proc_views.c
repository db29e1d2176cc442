/* SPDX-License-Identifier: MIT */
/*
 * Two files that Linux does not have, for the programs of the prompt.
 *
 *   /proc/frames           one character for each frame, by its owner, 64 in a line
 *     00000000 RRRRRRRRRRRRRR.......KKKKTTSS..
 *   /proc/self/pagetables  the page tables of a process's own half: a line for each run of pages
 *   /proc/kpagetables      the kernel's half, which all processes share
 *     08048000-08049000 ur--- frame 00fd34 pages 1
 */
#include "fs/proc.h"
#include "fs/file.h"
#include "abi/linux/errno.h"
#include "lib/printf.h"
#include "lib/resched.h"
#include "mm/frames/page.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/user_space/mm.h"
#include "paging/check.h"

#define LINE_FRAMES 64u
#define LINE_BYTES  (8 + 1 + LINE_FRAMES + 1)

static const char letters[NR_PAGE_OWNERS] = {
	[OWNER_FREE] = '.', [OWNER_RESERVED] = 'R', [OWNER_KERNEL] = 'K', [OWNER_PGTABLE] = 'T',
	[OWNER_SLAB] = 'S', [OWNER_VMALLOC] = 'V',  [OWNER_ANON] = 'A',	  [OWNER_PAGECACHE] = 'C',
};

/* The last line may be shorter. Returns its length. */
static u32 frames_line(pfn_t first, char line[LINE_BYTES + 1])
{
	u32 length = (u32)scnprintf(line, LINE_BYTES, "%08x ", (u32)first << PAGE_SHIFT);

	for (pfn_t pfn = first; pfn < first + LINE_FRAMES && pfn < max_pfn; pfn++)
		line[length++] = letters[frame_owner(pfn)];
	line[length++] = '\n';
	return length;
}

static s32 frames_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
		       void *context)
{
	u32 end = DIV_ROUND_UP(max_pfn, LINE_FRAMES) * LINE_BYTES, done = 0;
	char line[LINE_BYTES + 1];

	(void)file;
	while (done < bytes && position + done < end) {
		u32 at = (u32)position + done, offset = at % LINE_BYTES;
		u32 length = frames_line(at / LINE_BYTES * LINE_FRAMES, line);
		u32 part = min(bytes - done, length - min(offset, length));
		u32 left = part ? copy(line + offset, part, context) : 0;

		done += part - left;
		if (left)
			return done ? (s32)done : -EFAULT;
		if (length < LINE_BYTES && part == length - min(offset, length))
			break;
		cond_resched();
	}
	return (s32)done;
}

const struct file_operations proc_frames_operations = {
	.read = frames_read,
	.open = proc_open,
	.release = proc_release,
	.seekable = true,
};

/* The line of the next run in [*next, end); 0: there is none. */
static u32 print_run(pgd_t *directory, vaddr_t *next, vaddr_t end, char *buffer, u32 size)
{
	struct pgtable_run run;
	char rights[6];

	/* The top page is never mapped: *next is 0 only at the start of the user half. */
	if ((end && *next >= end) || !pgtable_run(directory, *next, end, &run))
		return 0;
	*next = run.end;
	pgtable_rights_text(run.flags, rights);
	return (u32)scnprintf(buffer, size, "%08x-%08x %s frame %06x pages %u\n", run.start,
			      run.end, rights, (u32)phys_to_pfn(run.phys),
			      (run.end - run.start) >> PAGE_SHIFT);
}

u32 proc_print_user_run(struct mm_struct *mm, vaddr_t *next, char *buffer, u32 size)
{
	return mm->mm_users ? print_run(mm->pgd, next, TASK_SIZE, buffer, size) : 0;
}

u32 proc_print_kernel_run(struct mm_struct *mm, vaddr_t *next, char *buffer, u32 size)
{
	(void)mm;
	*next = max(*next, PAGE_OFFSET);
	return print_run(kernel_pgd, next, 0, buffer, size);
}
