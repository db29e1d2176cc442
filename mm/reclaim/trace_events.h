/* SPDX-License-Identifier: MIT */
/* The events of reclaim, for trace() (lib/trace/trace.h). */
#ifndef MM_RECLAIM_TRACE_EVENTS_H
#define MM_RECLAIM_TRACE_EVENTS_H

#include "lib/trace/trace.h"

/* kswapd is woken, or has nothing to do; `free` frames. */
void trace_mm_vmscan_kswapd_wake(u32 free);
void trace_mm_vmscan_kswapd_sleep(u32 free);

/* A request reclaims itself. */
void trace_mm_vmscan_direct_reclaim_begin(u32 order, gfp_t gfp);
void trace_mm_vmscan_direct_reclaim_end(u32 freed);

/* Pages were looked at, and freed. */
void trace_mm_vmscan_lru_shrink_inactive(u32 scanned, u32 freed);

#endif
