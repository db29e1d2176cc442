/* SPDX-License-Identifier: MIT */
/*
 * Reading a cpio archive in memory.
 *
 *   | header: "07070x", 13 numbers of 8 hex digits | name NUL | pad to 4 | data | pad to 4 | ...
 *
 * An entry named "TRAILER!!!" ends it. fs/tmpfs/rootfs.c makes a tree of the names, once; here a
 * name is found by a walk.
 */
#include "fs/tmpfs/initramfs.h"
#include "abi/linux/stat.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "lib/string.h"

#define HEADER_SIZE 110u
#define TRAILER	    "TRAILER!!!"

/* Numbers of the used fields, counted from the end of the magic. */
enum header_field {
	FIELD_MODE = 1,
	FIELD_MTIME = 5,
	FIELD_FILESIZE = 6,
	FIELD_NAMESIZE = 11,
	FIELD_CHECK = 12
};

static const char *archive;
static size_t archive_size;

static bool is_regular(const struct initramfs_entry *entry)
{
	return (entry->mode & S_IFMT) == S_IFREG;
}

/* Parses a field. Returns false if the 8 characters are not a hex number. */
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

/* Bytes: 256 words. The sum of one byte of each fits in 16 bits. */
#define CHUNK 1024u
#define STEP  32u

#define ADD_WORD(at)                                                \
	do {                                                        \
		__builtin_memcpy(&word, data + (at), sizeof(word)); \
		total += word;                                      \
		carries += total < word;                            \
		even += word & 0x00ff00ff;                          \
	} while (0)

/*
 * The sum of at most CHUNK bytes, a multiple of STEP. `even` has the sums of bytes 0 and 2 of the
 * words, in lanes of 16 bits. What the sum of the words has besides is 256 times the sums of
 * bytes 1 and 3, in lanes too. A function of its own, so that its variables get registers.
 */
static noinline u32 sum_chunk(const u8 *data, const u8 *end)
{
	u32 total = 0, carries = 0, even = 0, odd, word;

	for (; data != end; data += STEP) {
		ADD_WORD(0);
		ADD_WORD(4);
		ADD_WORD(8);
		ADD_WORD(12);
		ADD_WORD(16);
		ADD_WORD(20);
		ADD_WORD(24);
		ADD_WORD(28);
	}
	odd = (u32)((((u64)carries << 32 | total) - even) >> 8);
	return (even & 0xffff) + (even >> 16) + (odd & 0xffff) + (odd >> 16);
}

/* The sum of the bytes, at 1.3 instructions a byte: the archive is most of what a boot reads. */
static u32 sum_bytes(const u8 *data, u32 bytes)
{
	u32 sum = 0;

	while (bytes >= STEP) {
		u32 chunk = min(bytes & ~(STEP - 1), CHUNK);

		sum += sum_chunk(data, data + chunk);
		data += chunk;
		bytes -= chunk;
	}
	while (bytes--)
		sum += *data++;
	return sum;
}

static bool is_trailer(const struct initramfs_entry *entry)
{
	return entry->name_size >= sizeof(TRAILER) &&
	       !memcmp(entry->name, TRAILER, sizeof(TRAILER));
}

/*
 * Reads the entry at *cursor without checking its sum. Returns NULL and moves *cursor to the next
 * entry, or returns the text of an error.
 */
static const char *read_entry(const char *base, size_t size, size_t *cursor,
			      struct initramfs_entry *entry)
{
	size_t at = *cursor, data;
	const char *header = base + at;
	u32 name_size;

	if (size - at < HEADER_SIZE)
		return "the archive ends in a header";
	if (memcmp(header, "070701", 6) && memcmp(header, "070702", 6))
		return "a header has no cpio magic";
	if (!header_number(header, FIELD_MODE, &entry->mode) ||
	    !header_number(header, FIELD_MTIME, &entry->mtime) ||
	    !header_number(header, FIELD_FILESIZE, &entry->size) ||
	    !header_number(header, FIELD_NAMESIZE, &name_size))
		return "a header has a malformed number";
	if (!name_size || name_size > size - at - HEADER_SIZE)
		return "the archive ends in a name";
	/* NULs may follow the first one: they bring the data to a page. */
	if (header[HEADER_SIZE + name_size - 1])
		return "a name has no end";
	entry->name = header + HEADER_SIZE;
	entry->name_size = name_size;
	data = ALIGN_UP(at + HEADER_SIZE + name_size, 4);
	if (data > size || entry->size > size - data)
		return "the archive ends in a file";
	entry->data = base + data;
	entry->ino = 1 + (u32)(at / 4);
	*cursor = ALIGN_UP(data + entry->size, 4);
	return NULL;
}

/* Compares the file's contents with the checksum ("crc" archives only). */
static const char *check_sum(const char *header, const struct initramfs_entry *entry)
{
	u32 check;

	if (header[5] != '2' || !is_regular(entry))
		return NULL;
	if (!header_number(header, FIELD_CHECK, &check))
		return "a header has a malformed number";
	return sum_bytes(entry->data, entry->size) == check ? NULL
							    : "the checksum of a file is wrong";
}

int initramfs_init(const void *start, size_t bytes)
{
	const char *base = start;
	size_t at = 0;

	archive = NULL;
	archive_size = 0;
	while (at < bytes) {
		struct initramfs_entry entry = { .name = "" };
		size_t header = at;
		const char *wrong = read_entry(base, bytes, &at, &entry);

		if (!wrong)
			wrong = check_sum(base + header, &entry);
		if (wrong) {
			printk("initramfs: error: %s (offset %#lx, \"%.64s\")\n", wrong,
			       (unsigned long)header, entry.name);
			return -EINVAL;
		}
		if (is_trailer(&entry)) {
			archive = base;
			archive_size = header;
			return 0;
		}
	}
	if (!bytes)
		return 0;
	printk("initramfs: error: the archive ends without its trailer (offset %#lx, \"\")\n",
	       (unsigned long)at);
	return -EINVAL;
}

/* The name without the root in front of it. */
static void skip_root(struct initramfs_entry *entry)
{
	u32 skipped = *entry->name == '/';

	if (entry->name_size >= 2 && !memcmp(entry->name, "./", 2))
		skipped = 2;
	entry->name += skipped;
	entry->name_size -= skipped;
}

bool initramfs_next(size_t *cursor, struct initramfs_entry *entry)
{
	/* initramfs_init() has checked all entries, so none is refused. */
	if (*cursor >= archive_size || read_entry(archive, archive_size, cursor, entry))
		return false;
	skip_root(entry);
	return true;
}

int initramfs_find(const char *path, struct initramfs_entry *entry)
{
	size_t cursor = 0;

	if (!archive_size || !*path)
		return -ENOENT;
	while (*path == '/')
		path++;
	if (!*path)
		return -EISDIR;
	while (initramfs_next(&cursor, entry))
		if (!strcmp(entry->name, path))
			return is_regular(entry) ? 0 : -EISDIR;
	return -ENOENT;
}
