/* SPDX-License-Identifier: MIT */
/* Runs, if not NULL, wherever a long call lets other tasks run (lib/resched.h). */
#ifndef HOST_RESCHED_H
#define HOST_RESCHED_H

extern void (*host_others)(void);

#endif
