/* SPDX-License-Identifier: MIT */
#include "mm/page_cache/trace_events.h"
#include "mm/frames/page.h"

void trace_mm_filemap_add_to_page_cache(const struct address_space *mapping, u32 index,
					const struct page *page)
{
	trace_record(TRACE_mm_filemap_add_to_page_cache, trace_address(mapping), index,
		     page_to_pfn(page));
}

void trace_mm_filemap_delete_from_page_cache(const struct address_space *mapping, u32 index,
					     const struct page *page)
{
	trace_record(TRACE_mm_filemap_delete_from_page_cache, trace_address(mapping), index,
		     page_to_pfn(page));
}
