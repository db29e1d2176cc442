/* SPDX-License-Identifier: MIT */
#include "mm/swap/trace_events.h"
#include "mm/frames/page.h"

void trace_swap_out(const struct page *page, u32 slot)
{
	trace_record(TRACE_swap_out, page_to_pfn(page), slot);
}

void trace_swap_in(const struct page *page, u32 slot)
{
	trace_record(TRACE_swap_in, page_to_pfn(page), slot);
}
