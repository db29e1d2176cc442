/* SPDX-License-Identifier: MIT */
/*
 * Signals as a file, signalfd(2): a read takes the signals of a set that wait for the reader,
 * which blocks them.
 */
#ifndef KERNEL_SIGNAL_SIGNALFD_H
#define KERNEL_SIGNAL_SIGNALFD_H

#include "fs/file.h"

/* `flags`: O_NONBLOCK. 0 or -ENOMEM. */
int signalfd_open(u64 set, u32 flags, struct file **file);

/* Replaces the set. -EINVAL: the file is another one. */
int signalfd_set(struct file *file, u64 set);

/* A signal was sent: wakes those that wait for one. */
void signalfd_wake(void);

#endif
