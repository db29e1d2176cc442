/* SPDX-License-Identifier: MIT */
/* The events of address spaces, for trace() (lib/trace/trace.h). */
#ifndef MM_USER_SPACE_TRACE_EVENTS_H
#define MM_USER_SPACE_TRACE_EVENTS_H

#include "lib/trace/trace.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"

void trace_mm_create(const struct mm_struct *mm);
void trace_mm_destroy(const struct mm_struct *mm);

/* After an area was linked; before it is unlinked, or changes in one of the other ways. */
void trace_area_insert(const struct vm_area_struct *vma);
void trace_area_remove(const struct vm_area_struct *vma);
void trace_area_split(const struct vm_area_struct *vma, vaddr_t at);
void trace_area_merge(const struct vm_area_struct *vma, const struct vm_area_struct *next);
void trace_area_set_start(const struct vm_area_struct *vma, vaddr_t start);
void trace_area_set_end(const struct vm_area_struct *vma, vaddr_t end);
void trace_area_flags(const struct vm_area_struct *vma, u32 flags);

/* The records book_area and book_entry: of all spaces, and of the kernel's later page tables. */
void trace_book_spaces(void);

/* A fault makes a private copy of a page. */
void trace_page_copy(vaddr_t address, const struct page *to, const struct page *from);

/* After a fault; how it was handled is how the counters differ from `before`. */
void trace_fault(const struct mm_struct *mm, vaddr_t address, const struct fault_counters *before);

#endif
