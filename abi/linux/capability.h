/* SPDX-License-Identifier: MIT */
/* Capabilities, capabilities(7). Source: Linux include/uapi/linux/capability.h, securebits.h. */
#ifndef ABI_LINUX_CAPABILITY_H
#define ABI_LINUX_CAPABILITY_H

#include "abi/types.h"

enum {
	CAP_CHOWN = 0,
	CAP_DAC_OVERRIDE = 1,
	CAP_DAC_READ_SEARCH = 2,
	CAP_FOWNER = 3,
	CAP_FSETID = 4,
	CAP_KILL = 5,
	CAP_SETGID = 6,
	CAP_SETUID = 7,
	CAP_SETPCAP = 8,
	CAP_LINUX_IMMUTABLE = 9,
	CAP_IPC_LOCK = 14,
	CAP_IPC_OWNER = 15,
	CAP_SYS_CHROOT = 18,
	CAP_SYS_PTRACE = 19,
	CAP_SYS_ADMIN = 21,
	CAP_SYS_BOOT = 22,
	CAP_SYS_NICE = 23,
	CAP_SYS_RESOURCE = 24,
	CAP_SYS_TIME = 25,
	CAP_MKNOD = 27,
	CAP_LEASE = 28,
	CAP_MAC_OVERRIDE = 32,
	CAP_SYSLOG = 34,
	CAP_LAST = 40,
};

/* For capget() and capset(); one word of each set for 32 capabilities. */
#define CAPABILITY_VERSION_1 0x19980330u
#define CAPABILITY_VERSION_2 0x20071026u
#define CAPABILITY_VERSION_3 0x20080522u
struct cap_header {
	u32 version;
	s32 pid;
};
struct cap_data {
	u32 effective, permitted, inheritable;
};

/* prctl(PR_SET_SECUREBITS). The bit above each one locks it. */
enum {
	SECBIT_NOROOT = 1 << 0,
	SECBIT_NO_SETUID_FIXUP = 1 << 2,
	SECBIT_KEEP_CAPS = 1 << 4,
	SECBIT_KEEP_CAPS_LOCKED = 1 << 5,
	SECBIT_NO_CAP_AMBIENT_RAISE = 1 << 6,
	SECBITS_ALL = 0xff,
	SECBITS_LOCKS = 0xaa,
};

/* prctl(PR_CAP_AMBIENT) */
enum {
	PR_CAP_AMBIENT_IS_SET = 1,
	PR_CAP_AMBIENT_RAISE = 2,
	PR_CAP_AMBIENT_LOWER = 3,
	PR_CAP_AMBIENT_CLEAR_ALL = 4,
};

#endif
