/* SPDX-License-Identifier: MIT */
/* The names of the system. Source: Linux include/uapi/linux/utsname.h, struct new_utsname. */
#ifndef ABI_LINUX_UTSNAME_H
#define ABI_LINUX_UTSNAME_H

#define UTSNAME_LENGTH 65 /* with the NUL */

struct utsname {
	char sysname[UTSNAME_LENGTH], nodename[UTSNAME_LENGTH], release[UTSNAME_LENGTH];
	char version[UTSNAME_LENGTH], machine[UTSNAME_LENGTH], domainname[UTSNAME_LENGTH];
};

#endif
