/* SPDX-License-Identifier: MIT */
/* Flags of clone(), and scheduling policies. Source: Linux include/uapi/linux/sched.h. */
#ifndef ABI_LINUX_SCHED_H
#define ABI_LINUX_SCHED_H

#include "abi/types.h"

/* The low byte of the flags is the signal for the parent. */
#define CSIGNAL		     0x000000ffu
#define CLONE_VM	     0x00000100u
#define CLONE_FS	     0x00000200u
#define CLONE_FILES	     0x00000400u
#define CLONE_SIGHAND	     0x00000800u
#define CLONE_PIDFD	     0x00001000u
#define CLONE_PTRACE	     0x00002000u
#define CLONE_VFORK	     0x00004000u
#define CLONE_PARENT	     0x00008000u
#define CLONE_THREAD	     0x00010000u
#define CLONE_SYSVSEM	     0x00040000u
#define CLONE_SETTLS	     0x00080000u
#define CLONE_PARENT_SETTID  0x00100000u
#define CLONE_CHILD_CLEARTID 0x00200000u
#define CLONE_DETACHED	     0x00400000u
#define CLONE_UNTRACED	     0x00800000u
#define CLONE_CHILD_SETTID   0x01000000u

/* For clone3() only. */
#define CLONE_CLEAR_SIGHAND 0x100000000ull

/* struct clone_args of clone3(). A program may pass a part of at least 64 bytes. */
struct clone3_args {
	u64 flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	u64 set_tid, set_tid_size, cgroup;
};
#define CLONE_ARGS_SIZE_VER0 64u

enum {
	SCHED_OTHER = 0,
	SCHED_FIFO = 1,
	SCHED_RR = 2,
	SCHED_BATCH = 3,
	SCHED_IDLE = 5,
	SCHED_DEADLINE = 6,
	SCHED_RESET_ON_FORK = 0x40000000, /* a flag beside the policy */
};

/* For sched_setattr() and sched_getattr(). */
struct sched_attr {
	u32 size, policy;
	u64 flags;
	s32 nice;
	u32 priority;
	u64 runtime, deadline, period; /* of SCHED_DEADLINE */
};
enum {
	SCHED_ATTR_SIZE_FIRST = 48,
	SCHED_FLAG_RESET_ON_FORK = 1,
	SCHED_FLAG_KEEP_POLICY = 8,
	SCHED_FLAG_KEEP_PARAMS = 16,
};

/* For getpriority(). */
enum { PRIO_PROCESS = 0, PRIO_PGRP = 1, PRIO_USER = 2 };

#endif
