/* SPDX-License-Identifier: MIT */
/*
 * The names in a cpio archive end inside it: the first entry of an archive of at most 144 bytes
 * with any contents. The reader looks at nothing before an entry, so that is any entry.
 *
 * sources: fs/tmpfs/initramfs.c
 * eva: -eva-precision 0 -eva-auto-loop-unroll 64 -eva-split-limit 1024
 * eva: -eva-interprocedural-splits -eva-use-spec sum_bytes
 * hint: fs/tmpfs/initramfs.c: in a name"; => split name_size; length = name_size; split length
 * hint: fs/tmpfs/initramfs.c: *cursor = ALIGN_UP(data + entry->size, 4); => good = 1; split good
 * hint: fs/tmpfs/initramfs.c: skipped = 2; => split skipped; skip = skipped; split skip
 * planted: fs/tmpfs/initramfs.c: HEADER_SIZE + name_size - 1] => HEADER_SIZE + name_size - 2]
 */
#include "tests/prove/prove.h"

/* What the hints split on. */
static unsigned int good, skip, length;

/*@ requires \valid_read(data + (0 .. bytes - 1));
    assigns \result \from bytes; */
static u32 sum_bytes(const u8 *data, u32 bytes);

#include "fs/tmpfs/initramfs.c"

#define LONGEST 144u

/* The archive ends where the array ends. */
static u8 bytes[LONGEST];

int main(void)
{
	struct initramfs_entry entry;
	u32 size = any_between(0, LONGEST), end = 0;
	size_t cursor = 0;

	//@ split size;
	//@ split good;
	any_bytes(bytes, sizeof(bytes));
	archive = (const char *)bytes + LONGEST - size;
	archive_size = size;
	if (initramfs_next(&cursor, &entry))
		//@ loop unroll 40;
		while (entry.name[end])
			end++;
	return 0;
}
