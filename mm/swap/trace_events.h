/* SPDX-License-Identifier: MIT */
/* The events of swap, for trace() (lib/trace/trace.h). */
#ifndef MM_SWAP_TRACE_EVENTS_H
#define MM_SWAP_TRACE_EVENTS_H

#include "lib/trace/trace.h"

struct page;

/* A page was written to its slot, or read from it; `slot` is a swap entry. */
void trace_swap_out(const struct page *page, u32 slot);
void trace_swap_in(const struct page *page, u32 slot);

#endif
