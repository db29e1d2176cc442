/* SPDX-License-Identifier: MIT */
/* The parts of readv(2) and writev(2). Source: Linux include/uapi/linux/uio.h. */
#ifndef ABI_LINUX_UIO_H
#define ABI_LINUX_UIO_H

#include "abi/types.h"

#define UIO_MAXIOV 1024u /* parts of one call */

struct iovec {
	u32 base, length;
};

/* Flags of preadv2() and pwritev2(). */
enum { RWF_HIPRI = 1, RWF_DSYNC = 2, RWF_SYNC = 4 };

#endif
