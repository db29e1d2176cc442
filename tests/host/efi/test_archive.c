/* SPDX-License-Identifier: MIT */
/*
 * Files that the loader adds to an initramfs: fs/tmpfs/initramfs.c reads the result; broken
 * archives have no end. Every buffer is a heap block of exactly its size.
 *
 * sources: efi/archive.c
 */
#include <stdlib.h>
#include <string.h>

#include "efi/archive.h"
#include "fs/tmpfs/initramfs.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

/* An archive of these files, each with its name as its data; the caller frees it. */
static char *make(const char *const *names, u32 count, size_t *size)
{
	char *archive, *at;

	*size = archive_entry_size(ARCHIVE_TRAILER, 0);
	for (u32 i = 0; i < count; i++)
		*size += archive_entry_size(names[i], strlen(names[i]));
	archive = at = malloc(*size);
	for (u32 i = 0; i < count; i++) {
		memcpy(archive_put(at, names[i], ARCHIVE_FILE, strlen(names[i])), names[i],
		       strlen(names[i]));
		at += archive_entry_size(names[i], strlen(names[i]));
	}
	archive_put(at, ARCHIVE_TRAILER, 0, 0);
	EXPECT_EQ(at - archive + archive_entry_size(ARCHIVE_TRAILER, 0), *size);
	return archive;
}

static void is_read(void)
{
	static const char *const names[] = { "programs/a", "programs/bb", "programs/sub/ccc",
					     "programs/d d d d" };
	struct initramfs_entry entry;
	size_t size, cursor = 0;
	char *archive = make(names, ARRAY_SIZE(names), &size);
	u32 found = 0;

	EXPECT_EQ(initramfs_init(archive, size), 0);
	while (initramfs_next(&cursor, &entry)) {
		EXPECT_TEXT(entry.name, names[found]);
		EXPECT(entry.size == strlen(entry.name) && entry.mode == ARCHIVE_FILE);
		EXPECT(!memcmp(entry.data, entry.name, entry.size));
		found++;
	}
	EXPECT_EQ(found, ARRAY_SIZE(names));
	initramfs_init(NULL, 0);
	free(archive);
}

static void end(void)
{
	static const char *const names[] = { "x", "yy" };
	size_t size, trailer = archive_entry_size(ARCHIVE_TRAILER, 0);
	char *archive = make(names, 2, &size);

	EXPECT_EQ(archive_end(archive, size), size - trailer);
	EXPECT_EQ(archive_end(archive, 0), 0);
	/* Cut anywhere: there is no end, and nothing beyond the piece is read. */
	for (size_t cut = 0; cut < size - 1; cut++) {
		char *piece = malloc(cut);

		memcpy(piece, archive, cut);
		if (cut < size - trailer + 110 + sizeof(ARCHIVE_TRAILER))
			EXPECT_EQ(archive_end(piece, cut), cut);
		free(piece);
	}
	free(archive);
}

/* Any byte of the headers changed: an end within the archive, or none. */
static void broken(void)
{
	static const char *const names[] = { "abc", "defg" };
	size_t size;
	char *archive = make(names, 2, &size);

	for (size_t at = 0; at < size; at++) {
		for (u32 value = 0; value < 256; value++) {
			char before = archive[at];

			archive[at] = (char)value;
			if (archive_end(archive, size) > size)
				EXPECT(!"beyond");
			archive[at] = before;
		}
	}
	EXPECT(!tap_failed());
	free(archive);
}

/* An archive of one file, its sizes in these digits; the trailer follows. */
static size_t end_with(const char *name_digits, const char *file_digits, size_t bytes, size_t cut)
{
	size_t size = archive_entry_size("ab", bytes) + archive_entry_size(ARCHIVE_TRAILER, 0),
	       found;
	char *archive = malloc(size), *copy;

	memset(archive, 'Z', size);
	archive_put(archive, "ab", ARCHIVE_FILE, bytes);
	archive_put(archive + archive_entry_size("ab", bytes), ARCHIVE_TRAILER, 0, 0);
	memcpy(archive + 54, file_digits, 8);
	memcpy(archive + 94, name_digits, 8);
	copy = malloc(size - cut);
	memcpy(copy, archive, size - cut);
	found = archive_end(copy, size - cut);
	free(archive);
	free(copy);
	return found == size - cut ? 0 : found;
}

/* All hexadecimal digits, those beside them, and sizes that end with the archive. */
static void sizes(void)
{
	const size_t place = archive_entry_size("ab", 0x9a), large = archive_entry_size("ab", 0xf);

	EXPECT_EQ(end_with("00000003", "0000009a", 0x9a, 0), place);
	EXPECT_EQ(end_with("00000003", "0000009A", 0x9a, 0), place);
	EXPECT_EQ(end_with("00000003", "0000000f", 0xf, 0), large);
	EXPECT_EQ(end_with("00000003", "0000000F", 0xf, 0), large);
	EXPECT_EQ(end_with("00000003", "0000000g", 0xf, 0), 0);
	EXPECT_EQ(end_with("00000003", "0000000:", 0xf, 0), 0);
	EXPECT_EQ(end_with("00000003", "0000000`", 0xf, 0), 0);
	EXPECT_EQ(end_with("00000003", "0000000/", 0xf, 0), 0);
	EXPECT_EQ(end_with("00000000", "0000000f", 0xf, 0), 0);
	EXPECT_EQ(end_with("ffffffff", "0000000f", 0xf, 0), 0);
	EXPECT_EQ(end_with("00000003", "ffffffff", 0xf, 0), 0);
	EXPECT_EQ(end_with("00000003", "00000000", 0, 0), archive_entry_size("ab", 0));
	/* The trailer needs all of its name, not the padding behind it. */
	EXPECT_EQ(end_with("00000003", "0000000f", 0xf, 1), large);
}

/* What is not written by the caller is zero, and nothing beyond is written. */
static void zeros(void)
{
	size_t bytes = archive_entry_size("abc", 5);
	u8 *place = malloc(bytes), *data;

	memset(place, 0xee, bytes);
	data = archive_put(place, "abc", ARCHIVE_FILE, 5);
	EXPECT_EQ(data - place, 116);
	EXPECT(!memcmp(place + 110, "abc\0\0", 5) && !place[115]);
	EXPECT(data[0] == 0xee && data[4] == 0xee && !data[5] && !data[6] && !data[7]);
	EXPECT(!memcmp(place, "070701", 6) && !memcmp(place + 102, "00000000", 8));
	free(place);
}

TAP_MAIN({ "sizes", sizes }, { "zeros", zeros }, { "what is written is read", is_read },
	 { "the end", end }, { "broken archives", broken })
