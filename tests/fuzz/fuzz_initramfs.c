/* SPDX-License-Identifier: MIT */
/*
 * The reader of cpio archives, on bytes that are no archive, or nearly one. The first byte says
 * how the input is used: as the archive itself, or as names and sizes of which an archive is
 * made here. Some bytes of that are then changed.
 *
 * The archive lies in a heap block of its exact size, so that a sanitizer sees a read beyond it.
 * The reference: each file of an unchanged archive is found, with its name, size and bytes; of a
 * refused archive no file is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/tmpfs/initramfs.h"
#include "abi/linux/errno.h"
#include "tests/fuzz/fuzz.h"

#define FILES_MAX    12u
#define CONTENT_MAX  300u
#define ARCHIVE_MAX  16384u
#define MODE_REGULAR 0100644u
#define MODE_FOLDER  0040755u

struct made {
	char name[24];
	u8 content[CONTENT_MAX];
	u32 size, mode;
};

static struct made made[FILES_MAX];
static u32 made_count;
static u8 buffer[ARCHIVE_MAX];
static size_t used;
volatile u8 byte_read; /* forces the read */

static void append(const void *data, size_t bytes)
{
	FUZZ_CHECK(used + bytes <= sizeof(buffer));
	memcpy(buffer + used, data, bytes);
	used += bytes;
	while (used % 4)
		buffer[used++] = 0;
}

static void append_entry(const char *name, const u8 *content, u32 size, u32 mode, bool summed)
{
	char header[110 + 40 + 1];
	u32 sum = 0;

	for (u32 i = 0; summed && i < size; i++)
		sum += content[i];
	snprintf(header, sizeof(header),
		 "07070%c%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s",
		 summed ? '2' : '1', 1, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, (u32)strlen(name) + 1,
		 sum, name);
	append(header, strlen(header) + 1);
	append(content, size);
}

static void make_archive(struct fuzz_input *in)
{
	static const char *const prefixes[] = { "", "/", "./", "tests/" };
	bool summed = fuzz_u8(in) & 1;

	used = 0;
	for (made_count = 0; made_count < FILES_MAX && fuzz_u8(in) % 8; made_count++) {
		struct made *file = &made[made_count];
		char path[32];
		u32 bits = fuzz_u8(in);

		file->mode = bits & 8 ? MODE_FOLDER : MODE_REGULAR;
		file->size = bits & 8 ? 0 : fuzz_u16(in) % CONTENT_MAX;
		for (u32 i = 0; i < file->size; i++)
			file->content[i] = (u8)(bits + i * 7);
		snprintf(file->name, sizeof(file->name), "%s%u", bits & 4 ? "file" : "",
			 made_count);
		snprintf(path, sizeof(path), "%s%s", prefixes[bits & 3], file->name);
		if ((bits & 3) == 3)
			snprintf(file->name, sizeof(file->name), "%.20s", path);
		append_entry(path, file->content, file->size, file->mode, summed);
	}
	append_entry("TRAILER!!!", buffer, 0, 0, summed);
}

static void expect_made(void)
{
	struct initramfs_entry entry;
	size_t cursor = 0;

	for (u32 i = 0; i < made_count; i++) {
		bool regular = made[i].mode == MODE_REGULAR;

		FUZZ_CHECK(initramfs_next(&cursor, &entry));
		FUZZ_CHECK(!strcmp(entry.name, made[i].name));
		FUZZ_EQUAL(initramfs_find(made[i].name, &entry), regular ? 0 : -EISDIR);
		FUZZ_EQUAL(entry.size, made[i].size);
		FUZZ_CHECK(!memcmp(entry.data, made[i].content, made[i].size));
	}
	FUZZ_CHECK(!initramfs_next(&cursor, &entry));
	FUZZ_EQUAL(initramfs_find("/no such file", &entry), -ENOENT);
}

/* An accepted archive can be walked and read to its end. */
static void read_all(const u8 *archive, size_t size)
{
	struct initramfs_entry entry, found;
	size_t cursor = 0;

	while (initramfs_next(&cursor, &entry)) {
		const u8 *data = entry.data;

		fuzz_step();
		FUZZ_CHECK(data >= archive && data + entry.size <= archive + size);
		for (u32 i = 0; i < entry.size; i++)
			byte_read = data[i];
		if (*entry.name)
			FUZZ_CHECK(initramfs_find(entry.name, &found) != -ENOENT ||
				   *entry.name == '/');
	}
	FUZZ_CHECK(cursor <= size);
}

static void expect_nothing(void)
{
	struct initramfs_entry entry;
	size_t cursor = 0;

	FUZZ_CHECK(!initramfs_next(&cursor, &entry));
	FUZZ_EQUAL(initramfs_find("file0", &entry), -ENOENT);
}

void fuzz_run(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, data + size };
	u32 kind = fuzz_u8(&in), changes = 0;
	u8 *archive;
	int err;

	fuzz_step();
	if (kind & 1) {
		make_archive(&in);
		for (changes = kind >> 1 & 7; changes && fuzz_more(&in); changes--)
			buffer[fuzz_u16(&in) % used] ^= fuzz_u8(&in);
		changes = kind >> 1 & 7;
		if (kind & 128 && fuzz_more(&in))
			used = fuzz_u16(&in) % (used + 1);
		changes |= kind & 128;
	} else {
		used = min((size_t)(in.end - in.next), sizeof(buffer));
		memcpy(buffer, in.next, used);
	}
	archive = malloc(used ? used : 1);
	FUZZ_CHECK(archive);
	memcpy(archive, buffer, used);
	err = initramfs_init(archive, used);
	FUZZ_CHECK(!err || err == -EINVAL);
	if (kind & 1 && !changes) {
		FUZZ_EQUAL(err, 0);
		expect_made();
	}
	if (err)
		expect_nothing();
	else
		read_all(archive, used);
	initramfs_init(NULL, 0);
	free(archive);
}
