/* SPDX-License-Identifier: MIT */
/* A timer as a file, timerfd_create(2): a read takes the number of times that it expired. */
#ifndef KERNEL_TIME_TIMERFD_H
#define KERNEL_TIME_TIMERFD_H

#include "fs/file.h"

/* Nanoseconds: how often, and when next; 0: not again, not at all. */
struct timerfd_times {
	u64 interval, value;
};

/* `flags`: O_NONBLOCK. 0, -EINVAL for another clock than three, -ENOMEM. */
int timerfd_open(int clock, u32 flags, struct file **file);

/*
 * Set and get; -EINVAL: the file is no timer. `absolute`: new->value is a time of the clock.
 * old and now have what is left.
 */
int timerfd_set(struct file *file, bool absolute, const struct timerfd_times *new,
		struct timerfd_times *old);
int timerfd_get(const struct file *file, struct timerfd_times *now);

#endif
