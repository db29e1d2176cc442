/* SPDX-License-Identifier: MIT */
/*
 * Temporary mappings of high memory.
 *
 * The kernel's part of the address space is too small to map all frames. Those outside the direct
 * map (PG_highmem) are mapped for a short time through a window:
 *
 *   kmap          one of PKMAP_PAGES windows; stays until kunmap(); users counted per frame
 *   kmap_atomic   one of KMAP_ATOMIC_SLOTS slots in FIXMAP; freed in reverse order; never fails
 *
 * For a frame in the direct map, both return its address there.
 *
 *   (1) pkmap_count[i] is 0: window i is free and not cached in the TLB; 1: no user, but its
 *       translation may still be in the TLB; n > 1: n - 1 users.
 *   (2) at most one PKMAP window maps a frame.
 *   (3) atomic slots [0, depth) are in use; the others are clear and not cached in the TLB.
 */
#ifndef MM_FRAMES_HIGHMEM_H
#define MM_FRAMES_HIGHMEM_H

#include "lib/string.h"
#include "mm/frames/page.h"
#include "paging/pgtable.h"

#define PKMAP_PAGES	  PTRS_PER_PTE /* one page table: 1024, with PAE 512 */
#define KMAP_ATOMIC_SLOTS 16u

/* Finds the windows' page tables in the kernel's page directory. After kernel_map_init(). */
void highmem_init(pgd_t *pgd);

/*
 * Maps a frame and returns its address. Returns NULL when all windows are in use, but never for a
 * frame in the direct map. Each kmap() needs a kunmap(). Not from interrupt handlers.
 */
void *kmap(struct page *page);
void kunmap(struct page *page);

void *kmap_high_atomic(struct page *page);
void kunmap_high_atomic(struct page *page);

/* The address of a frame, valid until kunmap_atomic(). The caller must not sleep in between. */
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
	void *place = kmap_atomic(page);
	u32 words = PAGE_SIZE / sizeof(u32);

	/* As memset(), in the function that calls it: most faults clear a page. */
	__asm__ volatile("rep stosl" : "+D"(place), "+c"(words) : "a"(0) : "memory");
	kunmap_atomic(page);
}

void copy_highpage_by_windows(struct page *to, struct page *from);

/* Inline for the same reason. */
static inline void copy_highpage(struct page *to, struct page *from)
{
	void *target = page_address(to), *source = page_address(from);
	u32 words = PAGE_SIZE / sizeof(u32);

	if (unlikely((to->flags | from->flags) & PG_highmem)) {
		copy_highpage_by_windows(to, from);
		return;
	}
	__asm__ volatile("rep movsl" : "+D"(target), "+S"(source), "+c"(words) : : "memory");
}

/* Atomic slots in use. */
u32 kmap_atomic_depth(void);

/* Users of PKMAP windows plus atomic slots in use. */
u32 kmap_users(void);

/* NULL, or the first violated invariant. */
const char *highmem_validate(void);

#endif
