/* SPDX-License-Identifier: MIT */
/*
 * The sum of a file in a cpio archive: of 0 to 70 or 1020 to 1060 bytes: a whole chunk, steps, a
 * rest.
 *
 * sources: fs/tmpfs/initramfs.c
 * eva: -eva-precision 0 -eva-min-loop-unroll 64 -eva-split-limit 2000
 * planted: fs/tmpfs/initramfs.c: min(bytes & => min((bytes + 1) &
 */
#include "tests/prove/prove.h"

#include "fs/tmpfs/initramfs.c"

#define LONGEST 1060u

/* The file ends where the array ends. */
static u8 bytes[LONGEST];

int main(void)
{
	u32 size = any_between(0, LONGEST);

	if (size > 70 && size < 1020)
		return 0;
	//@ split size;
	any_bytes(bytes, sizeof(bytes));
	return (int)sum_bytes(bytes + LONGEST - size, size);
}
