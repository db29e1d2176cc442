/* SPDX-License-Identifier: MIT */
/* Options of wait4(). Source: Linux include/uapi/linux/wait.h. */
#ifndef ABI_LINUX_WAIT_H
#define ABI_LINUX_WAIT_H

enum {
	WNOHANG = 1,
	WUNTRACED = 2,
	WCONTINUED = 8,
	__WNOTHREAD = 0x20000000,
	__WALL = 0x40000000,
	__WCLONE = (int)0x80000000,
};

#endif
