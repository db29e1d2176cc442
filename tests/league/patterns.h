/* SPDX-License-Identifier: MIT */
/*
 * Reference patterns: which page a program accesses next. The program of the league follows them
 * on a kernel (league.c), and a program of the host prints them, for Belady's optimum (trace.c):
 * both get the same accesses, because there is one source and a fixed seed.
 *
 * All sizes are in proportion to `memory`, the frames that the program may use.
 */
#ifndef LEAGUE_PATTERNS_H
#define LEAGUE_PATTERNS_H

#include "lib/types.h"

struct walk;

struct pattern {
	const char *name;
	u32 percent;  /* pages, of memory */
	u32 accesses; /* for each frame of memory; the second half counts */
	u32 (*page)(struct walk *walk);
};

struct access {
	u32 page;
	bool write;
};

/* Where a pattern is. */
struct walk {
	const struct pattern *pattern;
	u32 memory, pages, accesses;
	u32 done; /* accesses so far */
	u32 seed;
};

extern const struct pattern patterns[]; /* ended by one without a name */

void walk_start(struct walk *walk, const struct pattern *pattern, u32 memory);
struct access walk_next(struct walk *walk);

/* The page is one of the hot set of the pattern `scan`. */
bool walk_is_hot(const struct walk *walk, u32 page);

/* A number below `n`. */
u32 walk_random(struct walk *walk, u32 n);

#endif
