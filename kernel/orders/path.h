/* SPDX-License-Identifier: MIT */
/*
 * The choices of one run of a scenario, and the next run that differs. It is a search, depth
 * first, through the tree of all choices, without a stored state: each run begins anew, repeats
 * the choices of the run before up to one point, and makes another choice there.
 *
 *     points    0  1  2  3  4  5  6  7
 *     run 1     0  0  0  0  0  0          always the first alternative
 *     run 2     0  0  0  0  0  1  0  0    the last point that has another one
 *     run 3     0  0  0  0  1  0
 *
 *  (1) The points that a run repeats have as many alternatives as before. Else the scenario
 *      depends on something besides the order: the path says so by `diverged`.
 *
 * Two limits keep the tree small. Beyond `points` a run takes the first alternative. And of the
 * runs that interrupt a task that could go on, only those are made that do so at most
 * `preemptions` times: most faults of concurrent programs need no more than two (Musuvathi and
 * Qadeer, "Iterative context bounding", PLDI 2007).
 *
 * Pure functions on one structure.
 */
#ifndef KERNEL_ORDERS_PATH_H
#define KERNEL_ORDERS_PATH_H

#include "lib/types.h"

#define PATH_POINTS 2048u

struct order_path {
	u32 points, preemptions; /* the limits */
	u32 known;		 /* points of the last run that `point` has */
	u32 position;		 /* of the current run; counts on beyond `points` */
	bool diverged;
	struct {
		u8 count, chosen;
		bool preempts; /* to choose another one than 0 interrupts a task */
	} point[PATH_POINTS];
};

/* An empty path with these limits; at most PATH_POINTS. */
void path_init(struct order_path *path, u32 points, u32 preemptions);

/* A run begins. */
void path_begin(struct order_path *path);

/* The alternative to take at the next point, below `count`, which is 2 to 255. */
u32 path_choose(struct order_path *path, u32 count, bool preempts);

/* After a run: prepares another one. False: there is none. */
bool path_next(struct order_path *path);

/* The choices as text, without those of 0: `17=1,23=2`. Returns `text`. */
const char *path_print(const struct order_path *path, char *text, size_t size);

/* The reverse, for one run: the choices must be in order. 0 or -EINVAL. */
int path_parse(struct order_path *path, const char *text);

#endif
