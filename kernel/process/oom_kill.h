/* SPDX-License-Identifier: MIT */
/* Ends a process when memory is out: what mm/reclaim/oom.h has to know about processes. */
#ifndef KERNEL_PROCESS_OOM_KILL_H
#define KERNEL_PROCESS_OOM_KILL_H

/* From here on a request that finds no memory may end a process. After task_init(). */
void oom_kill_init(void);

#endif
