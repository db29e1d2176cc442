/* SPDX-License-Identifier: MIT */
/* The system calls about process groups and sessions, in the way of syscall.h. */
#ifndef RING3_JOB_CALLS_H
#define RING3_JOB_CALLS_H

#include "tests/ring3/runtime/syscall.h"

static inline long sys_setpgid(int pid, int group)
{
	return system_call(NR_setpgid, pid, group, 0, 0, 0, 0);
}

static inline int sys_getpgid(int pid)
{
	return system_call(NR_getpgid, pid, 0, 0, 0, 0, 0);
}

static inline int sys_getpgrp(void)
{
	return system_call(NR_getpgrp, 0, 0, 0, 0, 0, 0);
}

static inline long sys_setsid(void)
{
	return system_call(NR_setsid, 0, 0, 0, 0, 0, 0);
}

static inline int sys_getsid(int pid)
{
	return system_call(NR_getsid, pid, 0, 0, 0, 0, 0);
}

#endif
