/* SPDX-License-Identifier: MIT */
/*
 * Records of getdents() and getdents64().
 *
 * Source: Linux fs/readdir.c, include/linux/dirent.h; getdents(2).
 */
#ifndef ABI_LINUX_DIRENT_H
#define ABI_LINUX_DIRENT_H

#include "abi/types.h"

struct dirent {
	u32 ino, offset;
	u16 bytes;   /* of the record */
	char name[]; /* with a NUL; the record's last byte is the type */
};

struct dirent64 {
	u64 ino, offset;
	u16 bytes;
	u8 type; /* S_IFMT >> 12 */
	char name[];
} __packed __aligned(4);

#endif
