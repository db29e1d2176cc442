/* SPDX-License-Identifier: MIT */
/*
 * swapoff: brings back all that is in an area, and removes the area.
 *
 * A slot does not know its entries. So all page tables, and the trees of all objects, are searched
 * for entries of the area. That is slow, but needs no memory for each slot.
 *
 *   close the area (no new pages)
 *     repeat: a pass over all address spaces and objects, which brings in all pages of the area;
 *             other tasks run after each space, each object, and each few pages
 *   no slot is in use: remove the area
 *   no memory, an error of the device, SIGKILL: open it again; what came in stays in
 *
 * Pages that come in may displace others, to other areas. No process is ended for lack of memory.
 */
#ifndef MM_USER_SPACE_SWAPOFF_H
#define MM_USER_SPACE_SWAPOFF_H

#include "lib/types.h"

/*
 * Returns 0; or -ENOMEM, -EIO, -EINTR (the task is to end), and the area is in use as before. Only
 * in a task's context; other tasks may run.
 */
int swapoff_area(u32 type);

#endif
