/* SPDX-License-Identifier: MIT */
/*
 * kswapd: the task that reclaims memory in the background.
 *
 * A task that finds no free frame has to reclaim one itself, and waits for the disk meanwhile. So
 * this task begins earlier: the page allocator wakes it when the zones are below `low`, and it
 * frees frames until they are at `high` (mm/reclaim/reclaim.h). Between two turns other tasks run.
 */
#ifndef KERNEL_PROCESS_KSWAPD_H
#define KERNEL_PROCESS_KSWAPD_H

/* Creates the task, a child of the current one. 0 or -ENOMEM. */
int kswapd_init(void);

#endif
