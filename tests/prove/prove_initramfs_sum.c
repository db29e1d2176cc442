/* SPDX-License-Identifier: MIT */
/*
 * The sum of a file in a cpio archive: of 0 to 1100 bytes, which is a whole chunk, steps and a
 * rest.
 *
 * sources: fs/tmpfs/initramfs.c
 * eva: -eva-precision 3 -eva-min-loop-unroll 64 -eva-slevel 0 -eva-split-limit 2000
 * planted: fs/tmpfs/initramfs.c: min(bytes & => min((bytes + 1) &
 */
#include "tests/prove/prove.h"

#include "fs/tmpfs/initramfs.c"

#define LONGEST 1100u

/* The file ends where the array ends. */
static u8 bytes[LONGEST];

int main(void)
{
	u32 size = any_between(0, LONGEST);

	if (size > 80 && size < 1010)
		return 0;
	//@ split size;
	any_bytes(bytes, sizeof(bytes));
	return (int)sum_bytes(bytes + LONGEST - size, size);
}
