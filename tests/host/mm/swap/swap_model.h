/* SPDX-License-Identifier: MIT */
/*
 * What test_swap_model.c expects: for each space the rights and one word of every page of a
 * window, and the words of the objects that are mapped there. The accesses compare.
 */
#ifndef TESTS_HOST_MM_SWAP_SWAP_MODEL_H
#define TESTS_HOST_MM_SWAP_SWAP_MODEL_H

#include "mm/user_space/mm.h"
#include "tests/host/mm/swap/swap_files.h"

#define PAGES	   192u
#define BASE	   (0x40400000u - 64 * PAGE_SIZE) /* the window lies in two page tables */
#define SPACES_MAX 5u
#define UNMAPPED   0xff
#define OBJECTS	   6u /* the files, then shared memory */
#define NO_OBJECT  0xff
#define WORD	   1000u /* the offset of the word in its page */

struct space {
	struct mm_struct *mm;
	u8 prot[PAGES];	    /* PROT_*, or UNMAPPED */
	u8 object[PAGES];   /* that is mapped, or NO_OBJECT */
	u8 index[PAGES];    /* the object's page */
	bool shared[PAGES]; /* writes go to the object */
	bool own[PAGES];    /* a private page: without object, or written */
	bool locked[PAGES];
	bool given_up[PAGES]; /* MADV_FREE: the word may have become 0 */
	u32 word[PAGES];      /* of an own page */
};

extern struct space spaces[SPACES_MAX];
extern u32 space_count;
extern u32 object_words[OBJECTS][PAGES];

struct swap_model_counters {
	u32 accesses, no_memory, bus_errors, failed_calls;
};

extern struct swap_model_counters model_counters;

static inline vaddr_t address_of(u32 page)
{
	return BASE + page * PAGE_SIZE;
}

void random_range(u32 *page, u32 *pages);

/* A page is mapped anew, private and without object, or unmapped. */
void forget(struct space *space, u32 page, u32 prot);

/* The same with an object. */
void set_object(struct space *space, u32 page, u32 object, u32 index, bool shared);

/* A call failed half-way: the areas tell how far it came. */
void adopt(struct space *space);

/* mlock() may have copied a page of a private mapping. */
void note_copy(struct space *space, u32 page);

/* Reads or writes some pages near each other, as programs do. */
void step_access(struct space *space);

/* Writes a page that does not compress; its word stays what it is. */
void step_noise(struct space *space);

/* read(2) or write(2) of a file. */
void step_file(void);

#endif
