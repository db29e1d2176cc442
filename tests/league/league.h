/* SPDX-License-Identifier: MIT */
/*
 * The program of `make league`: runs reference patterns and some usual programs where memory is
 * short, and prints what they cost. The same file runs on Pagewright and on Linux.
 *
 *   /league (orders) ---> a Linux guest: modules, /proc, swap     machine.c
 *                    ---> ballast: locked memory                  ballast.c
 *                    ---> patterns, one after the other           league.c, patterns.c
 *                    ---> programs                                programs.c
 *
 *   | ballast, locked | memory: the frames of the orders | the kernel, and free frames |
 *
 * Without orders it runs with little memory and no ballast: it then only has to be right.
 */
#ifndef LEAGUE_LEAGUE_H
#define LEAGUE_LEAGUE_H

#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/string.h"

/* The words of /league, `key=value` each. */
struct orders {
	char text[1024];
	u32 memory;	     /* frames */
	bool ballast;	     /* make it so */
	const char *cluster; /* pages read at once, as a power of two; NULL: the kernel's */
	const char *swap;    /* a Linux guest: the device for swap */
	const char *mglru;   /* a Linux guest: /sys/kernel/mm/lru_gen/enabled */
	const char *modules; /* a Linux guest: to load from /modules, with commas between */
	const char *only;    /* patterns and programs, with commas between; NULL: all */
};

struct program {
	const char *name;
	u32 (*run)(u32 memory); /* Returns a checksum of its results. */
};

extern const struct program programs[]; /* ended by one without a name */

/* The files and the swap space of a Linux guest. Gives up where one is refused. */
void machine_start(const struct orders *orders);
void machine_power_off(void) __noreturn;

/* Writes a text to a file; 0 or -errno. */
long file_put(const char *path, const char *text);

/*
 * Locks so much memory that a program has `memory` frames, to within 1 %: how many of its pages
 * are there at most while it writes twice as many, one after the other. Returns the last count.
 */
u32 ballast_load(u32 memory);

/* Resident pages. */
u32 count_resident(const u8 *area, u32 pages);

#endif
