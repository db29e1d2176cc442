/* SPDX-License-Identifier: MIT */
/*
 * The pool of large pages for programs (MAP_HUGETLB, SHM_HUGETLB; mm/user_space/huge.h).
 *
 * A large page needs a run of frames that is aligned to its size. When a machine has run for a
 * while, free memory has few such runs. So they are set aside: at boot (`hugepages=`), or when
 * /proc/sys/vm/nr_hugepages is written.
 *
 *   zones --> pool: |free|reserved|mapped|free| ...      huge_pool.list has all pages of the pool
 *
 *   (1) a page of the pool is one or more blocks of the buddy system's top order, of OWNER_HUGE.
 *       Each frame has one reference, the pool's. The first one has another for each entry that
 *       maps the page, and for the object that holds it. Without these the page is free.
 *   (2) total is the length of `list`. No other frame belongs to OWNER_HUGE.
 *
 * A page is named by the struct page of its first frame, which alone has `mapping` and `index`.
 * put_page() frees it: the pool's reference stays. Reclaim and swap never see these frames.
 * Process context only; nothing here sleeps.
 */
#ifndef MM_FRAMES_HUGE_POOL_H
#define MM_FRAMES_HUGE_POOL_H

#include "mm/frames/page.h"
#include "paging/pgtable.h"

#define HUGE_FRAMES (LARGE_PAGE_SIZE / PAGE_SIZE)

struct huge_pool {
	struct list_head list; /* by the lru of the pages' first frames */
	u32 total;
};

extern struct huge_pool huge_pool;

/* The pool, with `pages` pages or as many as there is memory for; logs a line if it wants some. */
void huge_pool_init(u32 pages);

/*
 * Adds or removes pages until there are `pages`, or as near as possible: pages in use and reserved
 * pages stay, and new ones leave HUGE_POOL_SPARE of ZONE_NORMAL. Returns how many there are.
 */
u32 huge_pool_resize(u32 pages);
#define HUGE_POOL_SPARE MiB(8)

/* A free page, with a reference for the caller and without PG_uptodate: it must be filled. */
struct page *huge_page_alloc(void);

/*
 * Counts pages as Linux does: `reserved` ones, which an object holds that no access has filled
 * yet, are `free` too.
 */
void huge_pool_count(u32 *free, u32 *reserved);

#endif
