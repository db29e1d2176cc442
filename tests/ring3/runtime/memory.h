/* SPDX-License-Identifier: MIT */
/*
 * Pages as a ring-3 program can see them: mapping, filling, checking, and counting what is really
 * there.
 *
 * The oracle is /proc/self/pagemap (Linux Documentation/admin-guide/mm/pagemap.rst): one u64 per
 * page,
 *
 *	63       56            54..0
 *	present  mapped by     frame number, or 0 where it is hidden (Linux: all but root)
 *	         one only
 *
 * and it is exact, where the counters of /proc/self/statm may lag. The shared zero page is
 * present and not exclusive. Bit 56 counts page-table entries that name the frame, so an area on
 * which huge pages could come has to be asked not to use them; memory_map() does that.
 */
#ifndef RING3_MEMORY_H
#define RING3_MEMORY_H

#include "lib/types.h"
#include "tests/ring3/runtime/mapping.h"

/*
 * A place that neither kernel uses by itself: above the heap, below the area where mmap chooses
 * addresses.
 */
#define FIXED_PLACE 0x30000000u

struct page_state {
	bool present;
	bool exclusive;
	u32 frame; /* 0 where hidden */
};

/* Anonymous private memory, `pages` long, without huge pages. Gives up where there is none. */
u8 *memory_map(u32 pages, int protection);

/* The same at a given address, over whatever is there. */
u8 *memory_map_at(u32 address, u32 pages, int protection);

/* As memory_map() with MAP_NORESERVE, for a large area of which little will be used. */
u8 *memory_map_sparse(u32 pages);

/* Unmaps; expects success. */
void memory_unmap(void *start, u32 pages);

/*
 * Asks for small pages in an area that memory_map() did not make. Advice only: no error if it is
 * not taken.
 */
void memory_small_pages(void *start, u32 pages);

/*
 * The state of the page that holds `address`, which need not be mapped. Gives up where pagemap
 * cannot be read.
 */
struct page_state memory_page(const void *address);

u32 memory_count_present(const void *start, u32 pages);
u32 memory_count_exclusive(const void *start, u32 pages);

/*
 * Fills whole pages with words that depend on `seed` and on the place in the area; checks that
 * they are all there.
 */
void memory_fill(void *start, u32 pages, u32 seed);
bool memory_check(const void *start, u32 pages, u32 seed);

/* The same for the pages [first, first + pages) of an area that begins at `start`. */
void memory_fill_part(void *start, u32 first, u32 pages, u32 seed);
bool memory_check_part(const void *start, u32 first, u32 pages, u32 seed);

bool memory_is_zero(const void *start, u32 bytes);

/* Does an area hold `address`, and is a page there? Asked by mincore, which faults nothing in. */
bool memory_is_mapped(const void *address);
bool memory_is_resident(const void *address);

/* One access of one byte that the compiler neither drops nor moves. */
u8 memory_read(const void *address);
void memory_write(void *address, u8 value);

/*
 * The bodies of children (process.h) that touch one byte and must not live on. `argument` is the
 * address.
 */
void memory_read_child(void *argument);
void memory_write_child(void *argument);

#endif
