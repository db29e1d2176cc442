/* SPDX-License-Identifier: MIT */
/*
 * A counter as a file, eventfd(2): a write adds to it, a read takes it and waits while it is 0.
 */
#ifndef FS_EVENTS_EVENTFD_H
#define FS_EVENTS_EVENTFD_H

#include "fs/file.h"

/* A read takes 1, and not all. */
#define EFD_SEMAPHORE 1u

/* `flags`: EFD_SEMAPHORE, O_NONBLOCK. 0 or -ENOMEM. */
int eventfd_open(u32 count, u32 flags, struct file **file);

#endif
