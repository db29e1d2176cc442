/* SPDX-License-Identifier: MIT */
/* The files of /proc about memory, and the small ones among them. */
#include "abi/linux/errno.h"
#include "fs/file.h"
#include "fs/proc/proc.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"
#include "mm/swap/swap.h"
#include "mm/frames/huge_pool.h"
#include "mm/user_space/limits.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/overcommit.h"

/* A record for each zone. */
static int show_buddyinfo(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct zone *zone;

	(void)subject;
	if (*cursor == NR_ZONES)
		return 0;
	zone = &zones[(*cursor)++];
	seq_printf(seq, "Node 0, zone %8s ", zone->name);
	for (u32 order = 0; order < MAX_ORDER; order++)
		seq_printf(seq, "%6u ", zone_free_blocks(zone, order) + (order ? 0 : zone->nr_hot));
	seq_printf(seq, "\n");
	return 1;
}

/* A record for the head and one for each cache. */
static int show_slabinfo(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	u32 length = kmem_cache_slabinfo((u32)*cursor, seq->text, seq->size);

	(void)subject;
	++*cursor;
	seq->length = length;
	return length != 0;
}

static int show_statm(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	const struct mm_struct *mm = subject->mm;
	u32 text;

	if ((*cursor)++)
		return 0;
	if (!proc_alive(subject))
		return -ESRCH;
	if (!mm || !mm->mm_users) {
		seq_printf(seq, "0 0 0 0 0 0 0\n");
		return 1;
	}
	text = (PAGE_ALIGN(mm->end_code) - ALIGN_DOWN(mm->start_code, PAGE_SIZE)) >> PAGE_SHIFT;
	text = min(text, mm->total_vm);
	seq_printf(seq, "%u %u 0 %u 0 %u 0\n", mm->total_vm, mm_small_rss(mm), text,
		   mm->total_vm - text);
	return 1;
}

static const struct proc_entry of_machine[] = {
	{ "meminfo", 0444, .show = proc_show_meminfo },
	{ "buddyinfo", 0444, .show = show_buddyinfo },
	{ "zoneinfo", 0444, .show = proc_show_zoneinfo },
	{ "iomem", 0444, .show = proc_show_iomem },
	{ "vmallocinfo", 0400, .show = proc_show_vmallocinfo },
	{ "slabinfo", 0400, .show = show_slabinfo },
	{ "swaps", 0444, .show = proc_show_swaps },
	{ "frames", 0400, .show = proc_show_frames },
	{ "kpagetables", 0400, .show = proc_show_kpagetables },
	{ "vmstat", 0444, .show = proc_show_vmstat },
	{ "sys/vm/page-cluster", 0644, .number = &page_cluster, .most = PAGE_CLUSTER_MAX },
	{ "sys/vm/min_free_kbytes", 0644, .show = proc_show_min_free,
	  .write = proc_write_min_free },
	/* There may be fewer or more afterwards: as on Linux that is no error. */
	{ "sys/vm/nr_hugepages", 0644, .number = &huge_pool.total, .most = UINT32_MAX,
	  .set = huge_pool_resize },
	{ "sys/vm/drop_caches", 0200, .write = proc_write_drop_caches },
	{ "sys/vm/overcommit_memory", 0644, .number = &overcommit_mode, .most = OVERCOMMIT_NEVER },
	{ "sys/vm/overcommit_ratio", 0644, .number = &overcommit_ratio, .most = INT32_MAX },
};

static const struct proc_entry of_process[] = {
	{ "maps", 0444, PROC_MM | PROC_INSPECT, .show = proc_show_maps },
	{ "smaps", 0444, PROC_MM | PROC_INSPECT, .show = proc_show_smaps },
	{ "smaps_rollup", 0444, PROC_MM | PROC_INSPECT, .show = proc_show_smaps_rollup },
	{ "pagemap", 0400, PROC_MM | PROC_INSPECT, .operations = &proc_pagemap_operations },
	{ "pagetables", 0400, PROC_MM | PROC_INSPECT, .show = proc_show_pagetables },
	{ "statm", 0444, PROC_MM, .show = show_statm },
};

void proc_add_memory(void)
{
	proc_add(of_machine, ARRAY_SIZE(of_machine));
	proc_add_process(of_process, ARRAY_SIZE(of_process));
}
