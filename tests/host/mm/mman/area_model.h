/* SPDX-License-Identifier: MIT */
/*
 * A model of the areas of a space, on a window of pages around the place where mmap begins to
 * search. For each page it keeps the flags and which page of which object is mapped there. An
 * area is a run of equal flags in which the pages of an object are consecutive.
 */
#ifndef TESTS_HOST_MM_MMAN_AREA_MODEL_H
#define TESTS_HOST_MM_MMAN_AREA_MODEL_H

#include "mm/user_space/vma.h"

#define PAGES	    512u
#define BASE	    (MMAP_BASE - 128 * PAGE_SIZE)
#define SEARCH_PAGE 128u /* MMAP_BASE */
#define HEAP_PAGE   40u
#define MAPPED	    0x10000u /* beside the vm_flags of a page */

/*
 * A page of the window: flags, and 0 or the number of the object (from 1) << 16 | the page of it.
 */
struct model_page {
	u32 flags, shows;
};

/* The space, the objects that it maps beside private memory, and the expected state of both. */
extern struct mm_struct *model_mm;
extern struct address_space *model_objects[2];
extern struct model_page model[PAGES];
extern vaddr_t model_brk;

vaddr_t address_of(u32 page);

/* The first mapped page from `page` on, or PAGES. */
u32 next_mapped(u32 page);

/* Where the area of this mapped page ends. */
u32 area_end(u32 page);

/* Pages from `page` on that are mapped without a hole, at most `pages`. */
u32 mapped_run(u32 page, u32 pages);

/* How far a mapping below this mapped page may reach. PAGES is the end of the window. */
u32 reach_below(u32 page);

/* The lowest place for `pages` from `page` on; PAGES or more: not in the window. */
u32 model_search(u32 page, u32 pages);

/* Whether a mapping of `pages` may be at `page`. */
bool model_free(u32 page, u32 pages);

/* Pages that are or become writable are charged for good; an object is charged elsewhere. */
u32 charged(u32 flags);
u32 model_charge(void);

/* Pages from `page` on become these; flags 0: unmapped. */
void model_set(u32 page, u32 pages, u32 flags, u32 shows);

/* The pages of [from, from + old) go to `to`, and as many more follow as `new` has. */
void model_move(u32 from, u32 old, u32 to, u32 new);

/* The model as the areas are now. */
void take_over(void);

/* Expects that the space agrees with the model and is valid. Returns whether it does. */
bool compare(void);

#endif
