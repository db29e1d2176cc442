/* SPDX-License-Identifier: MIT */
/*
 * Two files that Linux does not have, for the programs of the prompt.
 *
 *   /proc/frames           one character for each frame, by its owner, 64 in a line
 *     00000000 RRRRRRRRRRRRRR.......KKKKTTSS..
 *   /proc/PID/pagetables   the page tables of a process's own half: a line for each run of pages
 *   /proc/kpagetables      the kernel's half, which all processes share
 *     08048000-08049000 ur--- frame 00fd34 pages 1
 */
#include "fs/proc/proc.h"
#include "mm/frames/page.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/user_space/mm.h"
#include "paging/check.h"

#define LINE_FRAMES 64u

static const char letters[NR_PAGE_OWNERS] = {
	[OWNER_FREE] = '.',    [OWNER_RESERVED] = 'R',	[OWNER_KERNEL] = 'K',
	[OWNER_PGTABLE] = 'T', [OWNER_SLAB] = 'S',	[OWNER_VMALLOC] = 'V',
	[OWNER_ANON] = 'A',    [OWNER_PAGECACHE] = 'C', [OWNER_HUGE] = 'H',
};

/* A record for each line; the cursor is the next frame. */
int proc_show_frames(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	pfn_t first = (pfn_t)*cursor;

	(void)subject;
	if (first >= max_pfn)
		return 0;
	seq_printf(seq, "%08llx ", pfn_to_phys(first));
	*cursor = min(first + LINE_FRAMES, max_pfn);
	for (pfn_t pfn = first; pfn < *cursor; pfn++)
		seq->text[seq->length++] = letters[frame_owner(pfn)];
	seq_printf(seq, "\n");
	return 1;
}

/* The next run in [*cursor, end); the cursor is its end. */
static int show_run(struct seq *seq, pgd_t *directory, u64 *cursor, vaddr_t end)
{
	struct pgtable_run run;
	char rights[6];

	/* The top page is never mapped: a run's end is not 0. */
	if ((end && *cursor >= end) || !pgtable_run(directory, (vaddr_t)*cursor, end, &run))
		return 0;
	*cursor = run.end;
	pgtable_rights_text(run.flags, rights);
	seq_printf(seq, "%08x-%08x %s frame %06x pages %u\n", run.start, run.end, rights,
		   (u32)phys_to_pfn(run.phys), (run.end - run.start) >> PAGE_SHIFT);
	return 1;
}

int proc_show_pagetables(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct mm_struct *mm = subject->mm;

	return mm && mm->mm_users ? show_run(seq, mm->pgd, cursor, TASK_SIZE) : 0;
}

int proc_show_kpagetables(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	*cursor = max(*cursor, (u64)PAGE_OFFSET);
	return show_run(seq, kernel_pgd, cursor, 0);
}
