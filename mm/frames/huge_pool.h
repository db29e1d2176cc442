/* SPDX-License-Identifier: MIT */
/*
 * The pool of large pages for programs (MAP_HUGETLB, SHM_HUGETLB; mm/user_space/huge.h).
 *
 * A large page needs a run of frames that is aligned to its size. When a machine has run for a
 * while, free memory has few such runs. So they are set aside: at boot (`hugepages=`), or when
 * /proc/sys/vm/nr_hugepages is written.
 *
 *   zones --> pool: |free page|free page| ...   --> programs, by one entry of the middle level
 *                         \-> reserved: mmap() has promised as many to areas
 *
 *   (1) a page of the pool is one or more blocks of the buddy system's top order, of OWNER_HUGE.
 *       Each frame has one reference, the pool's. The first one has another for each entry that
 *       maps the page, and for the object that holds it. Without these the page is on `list`.
 *   (2) free is the length of `list`; reserved is not more than free.
 *
 * A page is named by the struct page of its first frame. Reclaim and swap never see these frames.
 * Process context only; nothing here sleeps.
 */
#ifndef MM_FRAMES_HUGE_POOL_H
#define MM_FRAMES_HUGE_POOL_H

#include "mm/frames/page.h"
#include "paging/pgtable.h"

#define HUGE_FRAMES (LARGE_PAGE_SIZE / PAGE_SIZE)

struct huge_pool {
	struct list_head list; /* free pages, by the lru of their first frames */
	u32 total, free, reserved;
};

extern struct huge_pool huge_pool;

/* The pool, with `pages` pages or as many as there is memory for; logs a line if it wants some. */
void huge_pool_init(u32 pages);

/*
 * Adds or removes pages until there are `pages`, or as near as possible: pages in use and reserved
 * pages stay, and new ones leave the direct map HUGE_POOL_SPARE. Returns how many there are.
 */
u32 huge_pool_resize(u32 pages);
#define HUGE_POOL_SPARE MiB(16)

/* Promises `pages` free pages. 0, or -ENOMEM and no change. */
int huge_pool_reserve(u32 pages);
void huge_pool_unreserve(u32 pages);

/*
 * A free page, with a reference for the caller; its contents are undefined. `reserved`: one of
 * those that were promised. NULL: all free pages are promised to others.
 */
struct page *huge_page_alloc(bool reserved);

static inline void huge_page_get(struct page *page)
{
	page->count++;
}

/* Drops a reference. True: it was the last one, and the page is free. */
bool huge_page_put(struct page *page);

/* NULL, or the violated (2). The census checks (1). */
const char *huge_pool_validate(void);

#endif
