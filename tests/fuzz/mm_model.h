/* SPDX-License-Identifier: MIT */
/*
 * The reference of address spaces (fuzz_mm.c). It is flat: for every page of a window it has the
 * rights, whether the page was written since it was mapped, and a few of the written words.
 *
 *   0x3ff00000 = BASE            MMAP_BASE                  BASE + PAGES * 4096
 *   |  heap from HEAP_START  .....   |  mappings without a hint .... |
 *                  (two page tables meet at MMAP_BASE)
 *
 * All spaces map two objects shared: the contents of their pages are kept once, and a page of a
 * space names the object's page that it maps.
 */
#ifndef TESTS_FUZZ_MM_MODEL_H
#define TESTS_FUZZ_MM_MODEL_H

#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"

#define PAGES	 256u
#define BASE	 (MMAP_BASE - PAGES / 2 * PAGE_SIZE)
#define END	 (BASE + PAGES * PAGE_SIZE)
#define SPACES	 4u
#define WORDS	 3u
#define UNMAPPED 0xffu
#define OBJECTS	 2u
#define SIZE	 32u /* of an object, pages */

struct space {
	struct mm_struct *mm;
	vaddr_t brk;
	u8 prot[PAGES];	 /* PROT_*, or UNMAPPED */
	u8 shows[PAGES]; /* 0: private; else 1 + number of the object * SIZE + page of it */
	bool written[PAGES], locked[PAGES];
	u32 words[PAGES][WORDS];
};

extern struct space spaces[SPACES];
extern u32 object_words[OBJECTS * SIZE][WORDS];

u32 page_of(vaddr_t address);
vaddr_t address_of(u32 page);

/* The offsets of a page's words: at its start, in its middle, at its end. */
u32 word_offset(u32 word);

/* The storage of the words of a page. */
u32 *words_of(struct space *space, u32 page);

/* Pages [first, first + pages) are mapped anew, or UNMAPPED; their contents are lost. */
void model_forget(struct space *space, u32 page);
void model_map(struct space *space, u32 first, u32 pages, u32 prot);

/* Moves page `from` to `to`; `from` becomes unmapped. */
void model_move(struct space *space, u32 from, u32 to);

/* Whether nothing is mapped there. */
bool model_free(const struct space *space, u32 first, u32 pages);

/*
 * The place of mmap() without a usable hint: the lowest free interval from MMAP_BASE on; END:
 * none.
 */
vaddr_t model_place(const struct space *space, u32 pages);

/* The result of an access while there is memory. */
enum fault_result model_access(const struct space *space, u32 page, bool write);

/* A call hit an injected failure: the list of areas says how far it changed these pages. */
void adopt_areas(struct space *space, u32 first, u32 pages);

/*
 * Expect that a space has the sums of the reference; that all spaces agree with it and are valid.
 */
void compare_sums(const struct space *space);
void compare_all(void);

#endif
