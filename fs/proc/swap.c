/* SPDX-License-Identifier: MIT */
/* The files of /proc about swap and reclaim, in Linux's formats. */
#include "fs/proc/proc.h"
#include "lib/string.h"
#include "mm/frames/page_alloc.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap.h"
#include "mm/user_space/page_fault.h"

#define KIB_PER_PAGE (PAGE_SIZE / 1024)
#define NAME_COLUMN  40u
#define LONG_NUMBER  10000000u /* it needs no second tabulator */

static void print_area(struct seq *seq, const struct swap_info *area)
{
	const char *name = area->device->name;
	u32 length = (u32)strlen(name), kib = area->slots * KIB_PER_PAGE;
	u32 used = area->inuse * KIB_PER_PAGE;

	seq_printf(seq, "%s%*s%s\t%u\t%s%u\t%s%d\n", name,
		   (int)(length < NAME_COLUMN ? NAME_COLUMN - length : 1), " ",
		   area->device->is_file ? "file\t" : "partition", kib,
		   kib < LONG_NUMBER ? "\t" : "", used, used < LONG_NUMBER ? "\t" : "", area->prio);
}

/* The cursor is 1 + the number of the next area. */
int proc_show_swaps(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	if (!*cursor)
		seq_printf(seq, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	else if (*cursor <= SWAP_TYPES && swap_info[*cursor - 1].device)
		print_area(seq, &swap_info[*cursor - 1]);
	return (*cursor)++ <= SWAP_TYPES;
}

int proc_show_vmstat(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct {
		const char *name;
		u32 value;
	} lines[] = {
		{ "nr_free_pages", nr_free_pages() },
		{ "nr_swapcached", nr_swap_cached },
		{ "pswpin", swap_counters.pswpin },
		{ "pswpout", swap_counters.pswpout },
		{ "pgfault", fault_counters.resolved },
		{ "pglazyfree", swap_counters.lazyfree },
		{ "pglazyfreed", reclaim_counters.lazyfreed },
		{ "pgmajfault", fault_counters.swapped_in },
		{ "pgscan", reclaim_counters.scanned },
		{ "pgsteal", reclaim_counters.freed },
		{ "pageoutrun", reclaim_counters.background },
		{ "allocstall", reclaim_counters.direct },
		{ "oom_kill", reclaim_counters.oom_kills },
		{ "swap_ra", swap_counters.readahead },
		{ "swap_ra_hit", swap_counters.ra_hits },
	};

	(void)subject;
	if ((*cursor)++)
		return 0;
	for (u32 i = 0; i < ARRAY_SIZE(lines); i++)
		seq_printf(seq, "%s %u\n", lines[i].name, lines[i].value);
	return 1;
}
