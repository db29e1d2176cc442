/* SPDX-License-Identifier: MIT */
/*
 * What outlives the processes that made it: names of tmpfs and segments of shared memory. A program that ends well may leave such things,
 * as on Linux; the next one begins without them.
 */
#ifndef KERNEL_HARNESS_LEFTOVERS_H
#define KERNEL_HARNESS_LEFTOVERS_H

/*
 * Removes all of them. No process is left. The first few are named, each by a line `init: left=KIND ...` indented by `blanks`; the
 * rest are counted.
 */
void leftovers_remove(int blanks);

#endif
