/* SPDX-License-Identifier: MIT */
#include "paging/trace_events.h"

void trace_pte_set(const void *place, u32 entry)
{
	trace_record(TRACE_pte_set, trace_address(place), entry);
}

void trace_pmd_set(const void *place, u32 entry)
{
	trace_record(TRACE_pmd_set, trace_address(place), entry);
}

void trace_pgd_set(const void *place, u32 entry)
{
	trace_record(TRACE_pgd_set, trace_address(place), entry);
}

void trace_tlb_flush(enum trace_flush reason, u32 address)
{
	trace_record(TRACE_tlb_flush, reason, address);
}
