/* SPDX-License-Identifier: MIT */
/*
 * A space with areas that a test maps by page numbers, and pictures of them.
 *
 * Pictures: one letter for a page, '.' for an unmapped one, r and w for the rights, n for
 * PROT_NONE, g for a page of an area that grows downward; a bar separates two areas that touch.
 */
#ifndef TESTS_HOST_MM_MMAN_AREAS_H
#define TESTS_HOST_MM_MMAN_AREAS_H

#include "mm/mman/mman.h"
#include "mm/user_space/vma.h"

#define BASE 0x50000000u /* of the window that pages are counted in */

enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE, N = PROT_NONE };

extern struct mm_struct *mm; /* of start() */

/* start() boots and creates the space; at the end of the case it is checked and freed. */
void start(void);
void stop(void);

/* Where a page of the window is. */
vaddr_t page(u32 number);

/* Maps pages [first, first + count) at their place; unmaps them. Expect success. */
void map(u32 first, u32 count, u32 prot, u32 more_flags);
void unmap(u32 first, u32 count);

/*
 * The first pages of the window are as drawn, and nothing else is mapped; expect_areas() asks
 * mm_validate() too.
 */
void draw_areas(const char *picture, int line);
void expect_areas(const char *picture, int line);

/* The first is for cases in which a count is wrong on purpose. */
#define EXPECT_AREAS_ONLY(picture) draw_areas(picture, __LINE__)
#define EXPECT_AREAS(picture)	   expect_areas(picture, __LINE__)

#endif
