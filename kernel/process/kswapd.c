/* SPDX-License-Identifier: MIT */
/* The task that reclaims memory in the background: kswapd.h. */
#include "kernel/process/kswapd.h"
#include "abi/linux/errno.h"
#include "kernel/task/sched.h"
#include "lib/resched.h"
#include "mm/frames/page_alloc.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/trace_events.h"

static struct task *kswapd;

/* The page allocator calls it for each request below `low`, also for one of kswapd itself. */
static void wake_kswapd(void)
{
	if (kswapd->state == TASK_SLEEPING) {
		trace(mm_vmscan_kswapd_wake, nr_free_pages());
		task_wake(kswapd);
	}
}

static void run_kswapd(void *argument)
{
	(void)argument;
	for (;;) {
		while (reclaim_balance())
			cond_resched();
		/* No interrupt wakes it, so nothing can do so between these two lines. */
		trace(mm_vmscan_kswapd_sleep, nr_free_pages());
		current->state = TASK_SLEEPING;
		schedule();
	}
}

int kswapd_init(void)
{
	kswapd = kernel_task("kswapd", run_kswapd, NULL);
	if (!kswapd)
		return -ENOMEM;
	set_wake_reclaim(wake_kswapd);
	return 0;
}
