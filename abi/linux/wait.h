/* SPDX-License-Identifier: MIT */
/* Options of wait4() and waitid(). Source: Linux include/uapi/linux/wait.h. */
#ifndef ABI_LINUX_WAIT_H
#define ABI_LINUX_WAIT_H

enum {
	WNOHANG = 1,
	WUNTRACED = 2,
	WSTOPPED = WUNTRACED,
	WEXITED = 4,
	WCONTINUED = 8,
	WNOWAIT = 0x01000000,
	__WNOTHREAD = 0x20000000,
	__WALL = 0x40000000,
	__WCLONE = (int)0x80000000,
};

/* What waitid() waits for. */
enum { P_ALL = 0, P_PID = 1, P_PGID = 2, P_PIDFD = 3 };

#endif
