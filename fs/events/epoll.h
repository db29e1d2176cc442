/* SPDX-License-Identifier: MIT */
/*
 * epoll(7): a set of files, kept between the calls that wait for one of them.
 *
 *   epoll --> item: descriptor, events, data --> file
 *    queue <---- entry in the queue of the file (fs/poll.h)
 *
 *   (1) an item is in one epoll, and in the list of its file; it holds no reference to the file
 *       and ends with it;
 *   (2) the entry of an item stays in the file's queue: what wakes it marks the item `woken` and
 *       wakes the epoll's own queue;
 *   (3) an epoll that watches another one is not watched by it, in EPOLL_DEPTH steps or less;
 *   (4) a new item has at most EPOLL_CHAINS chains of epolls above it, and as many below: a
 *       wake-up, and a look at an epoll, walk all of them.
 *
 * A wait looks at each item: O(n).
 */
#ifndef FS_EVENTS_EPOLL_H
#define FS_EVENTS_EPOLL_H

#include "fs/file.h"
#include "abi/linux/epoll.h"

#define EPOLL_DEPTH  4
#define EPOLL_CHAINS 1000u

/* epoll_create(2). 0 or -ENOMEM. */
int epoll_open(struct file **file);

/*
 * epoll_ctl(2) for the file of descriptor `fd`. 0 or -errno as Linux; -ENOSPC: all epolls together
 * watch as many files as the machine has frames.
 */
int epoll_change(struct file *epoll, u32 command, struct file *file, u32 fd,
		 const struct epoll_event *event);

/*
 * epoll_wait(2): fills `events`, of room for `most`. Returns their number; 0 after the deadline,
 * -EINTR; -EINVAL: the file is no epoll.
 */
s32 epoll_wait(struct file *epoll, struct epoll_event *events, u32 most, u64 deadline);

/* The file ends: nothing watches it any more. */
void epoll_forget_slow(struct file *file);

static inline void epoll_forget(struct file *file)
{
	if (unlikely(file->watches != NULL))
		epoll_forget_slow(file);
}

#endif
