/* SPDX-License-Identifier: MIT */
/*
 * The reference of the world `space`: a window of a few pages, half of them in one page table and
 * half in the next, and one file.
 *
 *   window    | 0 | 1 | 2 | 3 | 4 | 5 |      a page of the window always shows the same page of
 *   file      | 0 | 1 | 2 | 0 | 1 | 2 |      the file: so moving by half a window keeps it
 *                         ^ MMAP_BASE
 */
#ifndef TESTS_EXPLORE_SPACE_MODEL_H
#define TESTS_EXPLORE_SPACE_MODEL_H

#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "tests/explore/spaces.h"

#define PAGES_MAX 6u
#define UNMAPPED  0xffu

enum kind { KIND_ANON, KIND_SHARED, KIND_PRIVATE };

struct page_model {
	u8 prot; /* PROT_*, or UNMAPPED */
	u8 kind;
	bool locked;
	bool own;	/* private, and written since it was mapped */
	u32 head, tail; /* of an own page */
};

struct file_model {
	u32 size; /* bytes */
	u32 head[PAGES_MAX], tail[PAGES_MAX];
};

extern struct page_model window[PAGES_MAX];
extern struct file_model file;
extern struct mm_struct *space;
extern struct address_space *object;
extern u32 pages, half; /* of the window; below MMAP_BASE */
extern u32 lock_limit;	/* pages: RLIMIT_MEMLOCK */

static inline vaddr_t page_at(u32 page)
{
	return MMAP_BASE - half * PAGE_SIZE + page * PAGE_SIZE;
}

/* The page of the file that this one shows. */
static inline u32 file_page(u32 page)
{
	return page < half ? page : page - half;
}

static inline u32 file_pages(void)
{
	return pages - half;
}

/* [first, first + count) is mapped anew, or UNMAPPED. */
void model_map(u32 first, u32 count, u32 prot, u32 kind);

/* The page is empty, but mapped. */
void model_forget(u32 page);

/* All pages of the range are mapped; all of them in one area. */
bool model_mapped(u32 first, u32 count);
bool model_one_area(u32 first, u32 count);

/* How an access ends. */
enum fault_result model_access(u32 page, bool write);

/* What a page shows. */
u32 model_head(u32 page);
u32 model_tail(u32 page);

/* The file ends at `size`, which lies in page 0 or ends it, or is 0. */
void model_truncate(u32 size);
u32 model_locked(u32 first, u32 count);

/* Compares areas, sums and contents with the reference. */
void model_check(void);

/*
 * A call ran out of memory in the middle: each page of the range is as before or as `after` says;
 * the areas tell.
 */
void model_adopt(u32 first, u32 count, const struct page_model *after);

/*
 * True if the state is one of those that are explored: else there is no end. Private memory may
 * have an area with two pages in memory, two with one, three with none. With a locked area or one
 * of the file it is this area and one page in memory. A window of at most MIXED_PAGES allows a
 * page in memory more, and beside a locked area one of private memory; SPECIAL_PAGES any other.
 */
#define SPECIAL_PAGES 2u
#define MIXED_PAGES   3u
bool model_within_budget(void);

void model_describe(void);

#endif
