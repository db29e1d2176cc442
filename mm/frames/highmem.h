/* SPDX-License-Identifier: MIT */
/*
 * Reaching frames that the direct map does not: windows of the kernel's address space.
 *
 *   kmap          one of 1024 places in the PKMAP window; stays until kunmap(), counted per frame
 *   kmap_atomic   one of KMAP_ATOMIC_SLOTS places in FIXMAP, released in reverse order, never fails
 *
 * A frame of the direct map costs nothing: both give its address there.
 *
 *   (1) pkmap_count[i] is 0: place i is free and no TLB entry names it; 1: no user, but the entry may still be in the TLB;
 *       n > 1: n - 1 users.
 *   (2) a frame is at one PKMAP place at most.
 *   (3) atomic slots [0, depth) are in use, the others empty and in no TLB.
 */
#ifndef MM_FRAMES_HIGHMEM_H
#define MM_FRAMES_HIGHMEM_H

#include "lib/string.h"
#include "mm/frames/page.h"
#include "paging/pgtable.h"

#define PKMAP_PAGES	  1024u
#define KMAP_ATOMIC_SLOTS 16u

/* Finds the windows' page tables in the kernel's page directory, which kernel_map_init() made. */
void highmem_init(pgd_t *pgd);

/*
 * The address of a frame. NULL when all places are in use; a frame of the direct map never gives NULL. Each kmap() needs its kunmap().
 * Not from interrupt handlers.
 */
void *kmap(struct page *page);
void kunmap(struct page *page);

void *kmap_high_atomic(struct page *page);
void kunmap_high_atomic(struct page *page);

/* The address of a frame until kunmap_atomic(). Nothing between them may sleep. */
static inline void *kmap_atomic(struct page *page)
{
	return likely(!page_highmem(page)) ? page_address(page) : kmap_high_atomic(page);
}

static inline void kunmap_atomic(struct page *page)
{
	if (unlikely(page_highmem(page)))
		kunmap_high_atomic(page);
}

static inline void clear_highpage(struct page *page)
{
	memset(kmap_atomic(page), 0, PAGE_SIZE);
	kunmap_atomic(page);
}

void copy_highpage(struct page *to, struct page *from);

/* Atomic slots in use. */
u32 kmap_atomic_depth(void);

/* Places in use: users of PKMAP, and atomic slots. */
u32 kmap_users(void);

/* NULL, or the first violated invariant. */
const char *highmem_validate(void);

#endif
