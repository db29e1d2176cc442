/* SPDX-License-Identifier: MIT */
/* Readiness of files: poll(2). Source: Linux include/uapi/asm-generic/poll.h. */
#ifndef ABI_LINUX_POLL_H
#define ABI_LINUX_POLL_H

#include "abi/types.h"

enum {
	POLLIN = 0x001,
	POLLPRI = 0x002,
	POLLOUT = 0x004,
	POLLERR = 0x008,  /* always reported, as the next two */
	POLLHUP = 0x010,  /* the other end is closed */
	POLLNVAL = 0x020, /* the descriptor is not open */
	POLLRDNORM = 0x040,
	POLLRDBAND = 0x080,
	POLLWRNORM = 0x100,
	POLLWRBAND = 0x200,
	POLLMSG = 0x400, /* only in si_band */
};

struct pollfd {
	s32 fd; /* negative: ignored */
	u16 events;
	u16 revents;
};
_Static_assert(sizeof(struct pollfd) == 8, "struct pollfd is not Linux's");

#endif
