/* SPDX-License-Identifier: MIT */
/*
 * /proc/self/oom_score and oom_score_adj: who ends when memory is out (mm/reclaim/oom.h).
 */
#include "abi/linux/errno.h"
#include "fs/proc.h"
#include "fs/process.h"
#include "lib/printf.h"
#include "mm/reclaim/oom.h"

u32 proc_print_oom_score(struct mm_struct *mm, char *buffer, u32 size)
{
	return (u32)scnprintf(buffer, size, "%u\n", oom_score(mm, process_oom()->adj));
}

u32 proc_print_oom_score_adj(struct mm_struct *mm, char *buffer, u32 size)
{
	(void)mm;
	return (u32)scnprintf(buffer, size, "%d\n", process_oom()->adj);
}

/* What the super-user has set is the least that the process may set later, as on Linux. */
int proc_set_oom_score_adj(s32 number)
{
	struct oom_adjust *oom = process_oom();

	if (number < OOM_ADJ_MIN || number > OOM_ADJ_MAX)
		return -EINVAL;
	if (number < oom->least && !privileged())
		return -EACCES;
	oom->adj = number;
	if (privileged())
		oom->least = number;
	return 0;
}
