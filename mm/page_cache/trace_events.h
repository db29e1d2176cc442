/* SPDX-License-Identifier: MIT */
/* The events of the page cache, for trace() (lib/trace/trace.h). */
#ifndef MM_PAGE_CACHE_TRACE_EVENTS_H
#define MM_PAGE_CACHE_TRACE_EVENTS_H

#include "lib/trace/trace.h"

struct address_space;
struct page;

void trace_mm_filemap_add_to_page_cache(const struct address_space *mapping, u32 index,
					const struct page *page);
void trace_mm_filemap_delete_from_page_cache(const struct address_space *mapping, u32 index,
					     const struct page *page);

#endif
