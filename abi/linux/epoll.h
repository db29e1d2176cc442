/* SPDX-License-Identifier: MIT */
/* Source: Linux include/uapi/linux/eventpoll.h. */
#ifndef ABI_LINUX_EPOLL_H
#define ABI_LINUX_EPOLL_H

#include "abi/types.h"

enum { EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3 };

/* Beside those of poll(2) */
#define EPOLLEXCLUSIVE (1u << 28)
#define EPOLLWAKEUP    (1u << 29)
#define EPOLLONESHOT   (1u << 30)
#define EPOLLET	       (1u << 31)

struct epoll_event {
	u32 events;
	u32 data[2]; /* the program's, of 64 bits */
};
_Static_assert(sizeof(struct epoll_event) == 12, "struct epoll_event is not Linux's");

#endif
