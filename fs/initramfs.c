/* SPDX-License-Identifier: MIT */
/*
 * Reading a cpio archive in memory.
 *
 *   | header: "07070x" and 13 numbers of 8 hex digits | name NUL | pad to 4 | data | pad to 4 | header ... "TRAILER!!!"
 */
#include "fs/initramfs.h"
#include "fs/file.h"
#include "lib/errno.h"
#include "lib/printk.h"
#include "lib/string.h"

#define HEADER_SIZE  110u
#define MODE_TYPE    0170000u
#define MODE_REGULAR 0100000u
#define TRAILER	     "TRAILER!!!"

/* Places of the numbers that are used, counted in fields behind the magic. */
enum header_field { FIELD_MODE = 1, FIELD_FILESIZE = 6, FIELD_NAMESIZE = 11, FIELD_CHECK = 12 };

static const char *archive;
static size_t archive_size;

/* Returns false where the 8 characters are no hex number. */
static bool header_number(const char *header, enum header_field field, u32 *number)
{
	const char *digits = header + 6 + 8 * field;

	*number = 0;
	for (int i = 0; i < 8; i++) {
		char c = digits[i], lower = (char)(c | 0x20);

		if (c >= '0' && c <= '9')
			*number = *number << 4 | (u32)(c - '0');
		else if (lower >= 'a' && lower <= 'f')
			*number = *number << 4 | (u32)(lower - 'a' + 10);
		else
			return false;
	}
	return true;
}

static u32 sum_bytes(const u8 *data, u32 bytes)
{
	u32 sum = 0;

	while (bytes--)
		sum += *data++;
	return sum;
}

/* Reads the entry at `at`. Returns NULL and where the next one begins, or what is wrong. The sum is not looked at. */
static const char *read_entry(const char *base, size_t size, size_t at,
			      struct initramfs_entry *entry, size_t *next)
{
	const char *header = base + at;
	u32 name_size;
	size_t data;

	if (size - at < HEADER_SIZE)
		return "the archive ends in a header";
	if (memcmp(header, "070701", 6) && memcmp(header, "070702", 6))
		return "a header has no cpio magic";
	if (!header_number(header, FIELD_MODE, &entry->mode) ||
	    !header_number(header, FIELD_FILESIZE, &entry->size) ||
	    !header_number(header, FIELD_NAMESIZE, &name_size))
		return "a header has a malformed number";
	if (!name_size || name_size > size - at - HEADER_SIZE)
		return "the archive ends in a name";
	if (strnlen(header + HEADER_SIZE, name_size) != name_size - 1)
		return "a name has the wrong length";
	entry->name = header + HEADER_SIZE;
	data = ALIGN_UP(at + HEADER_SIZE + name_size, 4);
	if (data > size || entry->size > size - data)
		return "the archive ends in a file";
	entry->data = base + data;
	*next = ALIGN_UP(data + entry->size, 4);
	if (!strncmp(entry->name, "./", 2))
		entry->name += 2;
	else if (*entry->name == '/')
		entry->name++;
	return NULL;
}

/* The file's contents are what the archive's maker summed up ("crc" archives only). */
static const char *check_sum(const char *header, const struct initramfs_entry *entry)
{
	u32 check;

	if (header[5] != '2' || (entry->mode & MODE_TYPE) != MODE_REGULAR)
		return NULL;
	if (!header_number(header, FIELD_CHECK, &check))
		return "a header has a malformed number";
	return sum_bytes(entry->data, entry->size) == check ? NULL
							    : "the checksum of a file is wrong";
}

int initramfs_init(const void *start, size_t bytes)
{
	const char *base = start;
	size_t at = 0, next;

	archive = NULL;
	archive_size = 0;
	while (at < bytes) {
		struct initramfs_entry entry = { .name = "" };
		const char *wrong = read_entry(base, bytes, at, &entry, &next);

		if (!wrong)
			wrong = check_sum(base + at, &entry);
		if (wrong) {
			printk("initramfs: error: %s (offset %#lx, \"%.64s\")\n", wrong,
			       (unsigned long)at, entry.name);
			return -EINVAL;
		}
		if (!strcmp(entry.name, TRAILER)) {
			archive = base;
			archive_size = at;
			return 0;
		}
		at = next;
	}
	if (!bytes)
		return 0;
	printk("initramfs: error: the archive ends without its trailer (offset %#lx, \"\")\n",
	       (unsigned long)at);
	return -EINVAL;
}

bool initramfs_next(size_t *cursor, struct initramfs_entry *entry)
{
	if (*cursor >= archive_size)
		return false;
	/* Checked by initramfs_init(). */
	read_entry(archive, archive_size, *cursor, entry, cursor);
	return true;
}

int initramfs_find(const char *path, struct initramfs_entry *entry)
{
	size_t cursor = 0;

	if (!*path)
		return -ENOENT;
	while (*path == '/')
		path++;
	if (!*path)
		return -EISDIR;
	while (initramfs_next(&cursor, entry))
		if (!strcmp(entry->name, path))
			return (entry->mode & MODE_TYPE) == MODE_REGULAR ? 0 : -EISDIR;
	return -ENOENT;
}

static s32 initramfs_read(struct file *file, void *buffer, u32 bytes, u64 position)
{
	if (position >= file->size)
		return 0;
	bytes = min(bytes, file->size - (u32)position);
	memcpy(buffer, (const char *)file->data + (u32)position, bytes);
	return (s32)bytes;
}

static const struct file_operations initramfs_operations = {
	.read = initramfs_read,
	.seekable = true,
};

int initramfs_open(const char *path, struct file **file)
{
	struct initramfs_entry entry;
	int err = initramfs_find(path, &entry);

	if (err)
		return err;
	*file = file_alloc(&initramfs_operations);
	if (!*file)
		return -ENOMEM;
	(*file)->data = entry.data;
	(*file)->size = entry.size;
	return 0;
}
