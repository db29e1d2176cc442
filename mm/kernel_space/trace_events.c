/* SPDX-License-Identifier: MIT */
#include "mm/kernel_space/trace_events.h"
#include "mm/kernel_space/vmalloc.h"

/* Suites make spaces of their own: no events. */

void trace_alloc_vmap_area(const struct vmalloc_space *space, const struct vm_struct *area)
{
	if (space == &vmalloc_space)
		trace_record(TRACE_alloc_vmap_area, area->start, area->pages * PAGE_SIZE, PAGE_SIZE,
			     space->start, space->end, !area->start);
}

void trace_free_vmap_area(const struct vmalloc_space *space, const struct vm_struct *area)
{
	if (space == &vmalloc_space)
		trace_record(TRACE_free_vmap_area, area->start, area->pages * PAGE_SIZE);
}
