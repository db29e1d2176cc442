/* SPDX-License-Identifier: MIT */
/* Times of ring 3, for the system calls that take one. */
#ifndef KERNEL_SYS_TIME_H
#define KERNEL_SYS_TIME_H

#include "lib/types.h"

/* A struct timespec of ring 3 as ticks that take at least as long. 0, -EFAULT, or -EINVAL for what is no time. */
int read_timeout(vaddr_t place, u32 *ticks);

/* The same for a time of a clock: how long it is until then, 0 if that is past. */
int read_deadline(vaddr_t place, bool realtime, u32 *ticks);

#endif
