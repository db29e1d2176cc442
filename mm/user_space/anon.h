/* SPDX-License-Identifier: MIT */
/*
 * Reverse mapping of anonymous pages: from a frame to the page-table entries that map it.
 *
 * Reclaim has a frame and must change every entry that maps it. The object of a mapped file lists
 * its areas, but anonymous memory has no object. Only fork shares its frames, and leaves them at
 * the same address. So all that a frame has to name is a family, the address spaces that fork
 * made of one, and an address:
 *
 *   page->mapping   the family | PAGE_ANON
 *   page->index     page number of the address (20 bits) | hint (12 bits)
 *
 *   family -> mm -> mm -> mm        exec and exit leave it; the last one frees it
 *
 * Most frames are mapped once. The hint is a small number of the address space that mapped the
 * frame first, so that it is tried first; only for a shared frame the family is walked, and no
 * further than until count is explained.
 *
 *   (1) a frame that a page-table entry maps privately has PAGE_ANON, and its family is that of
 *       every address space that maps it. Without such an entry both words have no meaning.
 *   (2) it is mapped at its address, in each space that maps it. After mremap() has moved it while
 *       it was shared, reclaim does not find it there, and leaves it in memory. The index of a
 *       large page, which reclaim never sees, has no meaning.
 *   (3) in the swap cache the index is the entry, and the swap cache keeps the place
 *       (mm/swap/swap.h).
 *
 * Memory: nothing for a frame beyond struct page, 16 bytes for a family, and a table of 16 KiB
 * for the hints. A chain of pointers to entries (Linux 2.5) costs 8 bytes for each mapping and
 * slows down fork; an object for each area (Linux 2.6) costs more where areas are many.
 *
 * Source: the idea is Hugh Dickins' "anonmm" (Linux-kernel list, March 2004).
 */
#ifndef MM_USER_SPACE_ANON_H
#define MM_USER_SPACE_ANON_H

#include "mm/user_space/mm.h"

#define PAGE_ANON	1u /* in page->mapping */
#define ANON_HINT_SHIFT 20
#define ANON_HINTS	4096u

struct anon_family {
	struct list_head spaces; /* by mm_struct.family_link */
	u32 count;
};

static inline bool page_is_anon(const struct page *page)
{
	return (uintptr_t)page->mapping & PAGE_ANON;
}

/*
 * Entries that map the page: the references of the caches and of the pool of large pages are not.
 */
static inline u32 page_mapcount(const struct page *page)
{
	return page->count - !page_is_anon(page) - !!(page->flags & PG_swapcache) -
	       (page_owner(page) == OWNER_HUGE);
}

static inline struct anon_family *page_family(const struct page *page)
{
	return (struct anon_family *)((uintptr_t)page->mapping & ~(uintptr_t)PAGE_ANON);
}

/* The index of a frame that this space maps at `address`. */
static inline u32 anon_place(const struct mm_struct *mm, vaddr_t address)
{
	return address >> PAGE_SHIFT | mm->anon_hint;
}

static inline vaddr_t place_address(u32 place)
{
	return place << PAGE_SHIFT;
}

/* Records the mapping of a frame that is not in the swap cache. */
static inline void set_page_anon(struct page *page, const struct mm_struct *mm, vaddr_t address)
{
	page->mapping = mm->anon_mapping;
	page->index = anon_place(mm, address);
}

/* Makes the slab cache of families. */
void anon_init(void);

/* Gives a new space a family: `relative`'s, or (NULL) one of its own. Returns 0 or -ENOMEM. */
int anon_join(struct mm_struct *mm, struct mm_struct *relative);

/* The space maps nothing any more. */
void anon_leave(struct mm_struct *mm);

extern struct mm_struct *anon_hinted[ANON_HINTS]; /* [0] stays NULL: no hint */

/* The space of a place's hint, or NULL. */
static inline struct mm_struct *place_hint(u32 place)
{
	return anon_hinted[place >> ANON_HINT_SHIFT];
}

#endif
