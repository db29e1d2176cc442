/* SPDX-License-Identifier: MIT */
/*
 * Objects that outlive their processes: names in tmpfs and shared-memory segments. On Linux too a
 * successful program may leave them. The next program starts without them.
 */
#ifndef KERNEL_HARNESS_LEFTOVERS_H
#define KERNEL_HARNESS_LEFTOVERS_H

/*
 * Removes all of them, after the last process has ended. Logs the first few, each by a line `init:
 * left=KIND ...` indented by `blanks`, and the number of the rest.
 */
void leftovers_remove(int blanks);

#endif
