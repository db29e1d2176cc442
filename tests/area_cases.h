/* SPDX-License-Identifier: MIT */
/*
 * How mmap, munmap and mprotect change the areas of a process: each step is one call on pages of a
 * window, its result, and a picture of the areas after it. tests/host/mm/mman/test_vma.c runs the
 * cases and validates the structures after each step. tests/ring3/memory/areas.c runs them on
 * Linux too, so a wrong picture fails there.
 *
 * Pictures: one letter for a page, '.' for an unmapped one, r for readable, w for readable and
 * writable, n for PROT_NONE; a bar separates two areas that touch. Unmapped pages at the end are
 * left out.
 *
 * Memory that was once writable stays charged, and does not merge with memory that is not. So a
 * case that calls mprotect maps its pages writable first.
 */
#ifndef TESTS_AREA_CASES_H
#define TESTS_AREA_CASES_H

#include "abi/linux/errno.h"
#include "abi/linux/mman.h"
#include "lib/types.h"

#define AREA_WINDOW 40u /* pages, none of them mapped before a case */

struct area_step {
	enum { AREA_MAP, AREA_UNMAP, AREA_PROTECT } call;
	u32 first, pages; /* of the window */
	char rights;	  /* a letter of the picture */
	int result;
	const char *picture;
};

/* Private anonymous memory, with MAP_FIXED. */
#define MAP(first, pages, rights, picture)                 \
	{                                                  \
		AREA_MAP, first, pages, rights, 0, picture \
	}
#define UNMAP(first, pages, picture)                    \
	{                                               \
		AREA_UNMAP, first, pages, 0, 0, picture \
	}
#define PROTECT(first, pages, rights, result, picture)              \
	{                                                           \
		AREA_PROTECT, first, pages, rights, result, picture \
	}

/* clang-format off */
static const struct area_step insert_and_merge[] = {
	MAP(2, 2, 'r', "..rr"),
	MAP(8, 2, 'r', "..rr....rr"),
	MAP(4, 1, 'r', "..rrr...rr"),          /* widens the area before */
	MAP(7, 1, 'r', "..rrr..rrr"),          /* widens the area after */
	MAP(5, 2, 'r', "..rrrrrrrr"),          /* joins both */
	MAP(10, 1, 'w', "..rrrrrrrr|w"),       /* other rights */
	MAP(1, 1, 'n', ".n|rrrrrrrr|w"),
	MAP(4, 2, 'w', ".n|rr|ww|rrrr|w"),     /* over the middle */
	MAP(1, 10, 'r', ".rrrrrrrrrr"),        /* over everything */
};

static const struct area_step merge_in_any_order[] = {
	MAP(0, 1, 'w', "w"),
	MAP(2, 1, 'w', "w.w"),
	MAP(1, 1, 'w', "www"),
	MAP(3, 2, 'w', "wwwww"),
	MAP(5, 1, 'r', "wwwww|r"),
	MAP(7, 1, 'w', "wwwww|r.w"),
	MAP(6, 1, 'w', "wwwww|r|ww"),
	MAP(5, 1, 'w', "wwwwwwww"),
	MAP(3, 2, 'r', "www|rr|www"),
	MAP(2, 4, 'w', "wwwwwwww"),            /* over one area and parts of two */
	MAP(8, 1, 'w', "wwwwwwwww"),
};

static const struct area_step unmap_pieces[] = {
	MAP(0, 10, 'w', "wwwwwwwwww"),
	UNMAP(0, 1, ".wwwwwwwww"),
	UNMAP(9, 5, ".wwwwwwww"),
	UNMAP(4, 2, ".www..www"),
	UNMAP(3, 4, ".ww....ww"),
	UNMAP(3, 4, ".ww....ww"),              /* nothing is there: no error */
	MAP(3, 2, 'r', ".ww|rr..ww"),
	UNMAP(2, 6, ".w......w"),
	UNMAP(0, 20, ""),
};

/* The tail of the first, the second, the head of the third. */
static const struct area_step unmap_three_areas[] = {
	MAP(0, 9, 'w', "wwwwwwwww"),
	PROTECT(3, 3, 'r', 0, "www|rrr|www"),
	UNMAP(2, 5, "ww.....ww"),
	UNMAP(2, 5, "ww.....ww"),
	UNMAP(0, 9, ""),
};

static const struct area_step protect_pieces[] = {
	MAP(0, 10, 'w', "wwwwwwwwww"),
	PROTECT(0, 10, 'r', 0, "rrrrrrrrrr"),
	PROTECT(3, 2, 'w', 0, "rrr|ww|rrrrr"),
	PROTECT(5, 1, 'w', 0, "rrr|www|rrrr"),
	PROTECT(2, 5, 'w', 0, "rr|wwwww|rrr"),
	PROTECT(4, 2, 'n', 0, "rr|ww|nn|w|rrr"),
	PROTECT(5, 2, 'r', 0, "rr|ww|n|rrrrr"),
	PROTECT(0, 10, 'n', 0, "nnnnnnnnnn"),
	PROTECT(0, 1, 'r', 0, "r|nnnnnnnnn"),
	PROTECT(9, 1, 'r', 0, "r|nnnnnnnn|r"),
	PROTECT(0, 10, 'w', 0, "wwwwwwwwww"),
	PROTECT(3, 0, 'r', 0, "wwwwwwwwww"),
};

/* Pages before the hole have the new rights. */
static const struct area_step holes_stop_mprotect[] = {
	MAP(0, 9, 'w', "wwwwwwwww"),
	UNMAP(3, 1, "www.wwwww"),
	UNMAP(6, 1, "www.ww.ww"),
	PROTECT(0, 9, 'r', -ENOMEM, "rrr.ww.ww"),
	PROTECT(3, 3, 'r', -ENOMEM, "rrr.ww.ww"),
	PROTECT(4, 3, 'n', -ENOMEM, "rrr.nn.ww"),
	PROTECT(8, 2, 'n', -ENOMEM, "rrr.nn.w|n"),
	PROTECT(1, 4, 'w', -ENOMEM, "r|ww.nn.w|n"),
	PROTECT(20, 1, 'r', -ENOMEM, "r|ww.nn.w|n"),
};
/* clang-format on */

/* ROW("name", steps) for each case. */
#define AREA_CASES(ROW)                               \
	ROW("insert and merge", insert_and_merge)     \
	ROW("merge in any order", merge_in_any_order) \
	ROW("unmap pieces", unmap_pieces)             \
	ROW("unmap three areas", unmap_three_areas)   \
	ROW("protect pieces", protect_pieces)         \
	ROW("a hole stops mprotect", holes_stop_mprotect)

static inline int area_protection(char rights)
{
	return rights == 'w' ? PROT_READ | PROT_WRITE : rights == 'r' ? PROT_READ : PROT_NONE;
}

#endif
