/* SPDX-License-Identifier: MIT */
#include "mm/reclaim/trace_events.h"

void trace_mm_vmscan_kswapd_wake(u32 free)
{
	trace_record(TRACE_mm_vmscan_kswapd_wake, free);
}

void trace_mm_vmscan_kswapd_sleep(u32 free)
{
	trace_record(TRACE_mm_vmscan_kswapd_sleep, free);
}

void trace_mm_vmscan_direct_reclaim_begin(u32 order, gfp_t gfp)
{
	trace_record(TRACE_mm_vmscan_direct_reclaim_begin, order, gfp);
}

void trace_mm_vmscan_direct_reclaim_end(u32 freed)
{
	trace_record(TRACE_mm_vmscan_direct_reclaim_end, freed);
}

void trace_mm_vmscan_lru_shrink_inactive(u32 scanned, u32 freed)
{
	trace_record(TRACE_mm_vmscan_lru_shrink_inactive, scanned, freed);
}
