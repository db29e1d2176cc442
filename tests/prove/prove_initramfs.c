/* SPDX-License-Identifier: MIT */
/*
 * The reader of cpio archives: any contents, from the first entry to the trailer; and then the
 * step to an entry at any place. For archives of 253 to 256 bytes. One of at most 144 bytes is the
 * rest of such an archive behind its first entry, which has 112 bytes or more, because the reader
 * does not look back.
 *
 * Sums are proved in prove_initramfs_sum.c, that a name has an end in prove_initramfs_name.c.
 *
 * sources: fs/tmpfs/initramfs.c
 * eva: -eva-precision 0 -eva-auto-loop-unroll 16 -eva-split-limit 1024
 * eva: -eva-interprocedural-splits -eva-use-spec sum_bytes
 * hint: fs/tmpfs/initramfs.c: while (at < bytes) { => good = 0; merge at; split at; split good
 * hint: fs/tmpfs/initramfs.c: so none is refused. => good = 0; split *cursor; split good
 * hint: fs/tmpfs/initramfs.c: name_size, 4); => split data; place = data; split place; merge data
 * hint: fs/tmpfs/initramfs.c: *cursor = ALIGN_UP(data + entry->size, 4); => good = 1; split good
 * hint: fs/tmpfs/initramfs.c: wrong = check_sum(base + header, &entry); => merge place
 * planted: fs/tmpfs/initramfs.c: > size - at - HEADER_SIZE => >= size - at - HEADER_SIZE + 2
 * planted: fs/tmpfs/initramfs.c: entry->size > size - data) => entry->size > size - data + 1)
 */
#include "tests/prove/prove.h"

/*@ requires \valid_read(data + (0 .. bytes - 1));
    assigns \result \from bytes; */
static u32 sum_bytes(const u8 *data, u32 bytes);

/* What the hints split on. */
static unsigned int place, good;

#include "fs/tmpfs/initramfs.c"

#define LONGEST 256u

/* The archive ends where the array ends. */
static u8 bytes[LONGEST];

int main(void)
{
	struct initramfs_entry entry;
	u32 size = LONGEST - any_between(0, 3);
	size_t cursor = 4 * any_between(0, LONGEST / 4);

	//@ split size;
	any_bytes(bytes, sizeof(bytes));
	if (any_bool())
		return initramfs_init(bytes + LONGEST - size, size);
	archive = (const char *)bytes + LONGEST - size;
	archive_size = size;
	//@ split cursor;
	if (initramfs_next(&cursor, &entry)) {
		//@ assert cursor % 4 == 0;
		any_read(entry.data, entry.size);
	}
	return 0;
}
