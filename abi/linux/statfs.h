/* SPDX-License-Identifier: MIT */
/*
 * Attributes of a file system: statfs(2).
 *
 * Source: Linux include/uapi/asm-generic/statfs.h, arch/x86/include/uapi/asm/statfs.h.
 */
#ifndef ABI_LINUX_STATFS_H
#define ABI_LINUX_STATFS_H

#include "abi/types.h"

struct statfs {
	u32 type, block_size, blocks, blocks_free, blocks_available, files, files_free;
	u32 id[2], name_length, fragment_size, flags, spare[4];
};
_Static_assert(sizeof(struct statfs) == 64, "struct statfs is not Linux's");

struct statfs64 {
	u32 type, block_size;
	u64 blocks, blocks_free, blocks_available, files, files_free;
	u32 id[2], name_length, fragment_size, flags, spare[4];
} __packed __aligned(4);
_Static_assert(sizeof(struct statfs64) == 84, "struct statfs64 is not Linux's");

#endif
