/* SPDX-License-Identifier: MIT */
/*
 * Out of memory: which process ends when nothing can be reclaimed.
 *
 * mmap() and fork() promise more memory than there is. If all is written, some process must lose
 * what it was promised; else none could go on. One that holds much is chosen: its end helps most,
 * and it is likely the one that went wrong.
 *
 *   score = frames mapped + pages in swap + page tables        (Linux's oom_badness())
 *         + oom_score_adj thousandths of all memory and swap
 *
 * Frames of high memory do not count if the request can't be served from there: their end would
 * not help it. Page tables lie in the direct map, and slots of swap let reclaim free more of it.
 *
 *   reclaim frees nothing --> table of scores in the log --> SIGKILL --> its pages are freed at
 *                                                               once --> the request is repeated
 *
 *   (1) init, kernel tasks, spaces without a process, and processes with the least oom_score_adj
 *       are never chosen. A process that is about to end anyway comes before all others.
 *   (2) A process ends when it runs next, but the frames are needed now. So its pages and page
 *       tables are freed here, at once. Its faults fail from then on: it must not see zeros where
 *       its data were. (mm_reap() of mm/user_space/mm.h.)
 *   (3) The space of the current task is not freed that way, because the request may come from the
 *       middle of a change to it. If it is the victim, the request fails, and the process ends on
 *       its return to ring 3. So does a request by a process that is about to end.
 *   (4) The request fails without a victim if it may not wait (it does not come here), if it is
 *       for a block above OOM_ORDER_MAX, for memory of old devices, or from a kernel task or from
 *       swapoff(): these can do without.
 *
 * In overcommit mode 2 (mm/user_space/overcommit.h) memory is not promised twice, and this does
 * not happen: tests/ring3/memory/strict.c.
 *
 * Sources: Linux mm/oom_kill.c (the score, the reaper).
 */
#ifndef MM_RECLAIM_OOM_H
#define MM_RECLAIM_OOM_H

#include "mm/user_space/mm.h"

struct oom_process {
	int pid;
	const char *name;
	bool ending; /* it is about to end */
	s32 adj;     /* its oom_score_adj: OOM_ADJ_MIN .. OOM_ADJ_MAX */
	s32 score;   /* set by oom.c */
};

/* Of a process: which part of memory its score is more, or less, in thousandths. */
#define OOM_ADJ_MIN (-1000) /* it is never chosen */
#define OOM_ADJ_MAX 1000

struct oom_adjust {
	s32 adj;
	s32 least; /* that it may set without privilege */
};

/* /proc/PID/oom_score: 0 .. 2000; 666 is a process that holds nothing. */
u32 oom_score(const struct mm_struct *mm, s32 adj);

/* What kernel/ knows about processes. These functions may allocate, but not sleep. */
struct oom_ops {
	/* The process that lives in this space. False: there is none, or (1) excludes it. */
	bool (*process)(const struct mm_struct *mm, struct oom_process *process);
	/* Sends SIGKILL to all tasks of the space. */
	void (*kill)(const struct mm_struct *mm);
	/* The space of the current process; NULL: the last two of (4). */
	const struct mm_struct *(*current_space)(void);
};

/* Makes this the end of reclaim (set_out_of_memory()). */
void oom_init(const struct oom_ops *ops);

/* (2) to (4). Returns the frames and slots of swap that came free. */
u32 oom_kill(gfp_t gfp, u32 order);

#endif
