/* SPDX-License-Identifier: MIT */
/* The events of page-table entries, for trace() (lib/trace/trace.h). */
#ifndef PAGING_TRACE_EVENTS_H
#define PAGING_TRACE_EVENTS_H

#include "lib/trace/trace.h"

/* An entry at this address gets this value. */
void trace_pte_set(const void *place, u32 entry);
void trace_pmd_set(const void *place, u32 entry);
void trace_pgd_set(const void *place, u32 entry);

/* Before a flush of the TLB; `address` of the page, or of the new page directory. */
void trace_tlb_flush(enum trace_flush reason, u32 address);

#endif
