/* SPDX-License-Identifier: MIT */
/* The events of vmalloc, for trace() (lib/trace/trace.h). */
#ifndef MM_KERNEL_SPACE_TRACE_EVENTS_H
#define MM_KERNEL_SPACE_TRACE_EVENTS_H

#include "lib/trace/trace.h"

struct vm_struct;
struct vmalloc_space;

/* An area has its addresses now, or got none: then its start is 0. */
void trace_alloc_vmap_area(const struct vmalloc_space *space, const struct vm_struct *area);

/* An area is removed. */
void trace_free_vmap_area(const struct vmalloc_space *space, const struct vm_struct *area);

#endif
