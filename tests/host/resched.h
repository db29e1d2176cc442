/* SPDX-License-Identifier: MIT */
/* What other tasks do wherever a long call lets them run (lib/resched.h); NULL: nothing. */
#ifndef HOST_RESCHED_H
#define HOST_RESCHED_H

extern void (*host_others)(void);

#endif
