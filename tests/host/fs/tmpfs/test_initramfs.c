/* SPDX-License-Identifier: MIT */
/*
 * The initramfs: archives that are sound, and every way to damage one. Each archive lies in a heap
 * block of exactly its size, so that the sanitizers see a read beyond it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/file.h"
#include "fs/names.h"
#include "fs/tmpfs/initramfs.h"
#include "fs/tmpfs/rootfs.h"
#include "abi/linux/errno.h"
#include "mm/frames/highmem.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define REGULAR	  0100755u
#define DIRECTORY 0040755u
#define SYMLINK	  0120777u
#define HEADER	  110u

static char *archive;
static size_t size;

static void append(const void *bytes, size_t count)
{
	archive = realloc(archive, size + count);
	memcpy(archive + size, bytes, count);
	size += count;
}

/* One entry; the sum is that of the data. */
static void add_entry(const char *magic, const char *name, u32 mode, const void *data, u32 bytes)
{
	size_t start = ALIGN_UP(size + HEADER + strlen(name) + 1, 4u);
	size_t end = ALIGN_UP(start + bytes, 4u);
	char header[HEADER + 1];
	u32 sum = 0;

	for (u32 i = 0; i < bytes; i++)
		sum += ((const u8 *)data)[i];
	snprintf(header, sizeof(header), "%s%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		 magic, 1u, mode, 0u, 0u, 1u, 0u, bytes, 0u, 0u, 0u, 0u, (u32)strlen(name) + 1,
		 strcmp(magic, "070702") ? 0 : sum);
	/* One realloc() for all: under the sanitizer each one copies the archive. */
	archive = realloc(archive, end);
	memset(archive + size, 0, end - size);
	memcpy(archive + size, header, HEADER);
	strcpy(archive + size + HEADER, name);
	memcpy(archive + start, data, bytes);
	size = end;
}

static void reset(void)
{
	free(archive);
	archive = NULL;
	size = 0;
	console_clear();
}

static const char numbers[] = "0123456789";

static void make(const char *magic)
{
	reset();
	add_entry(magic, "tests", DIRECTORY, "", 0);
	add_entry(magic, "tests/cow", REGULAR, numbers, 10);
	add_entry(magic, "./tests/brk", REGULAR, "abc", 3);
	add_entry(magic, "/sbin/init", REGULAR, "", 0);
	add_entry(magic, "link", SYMLINK, "tests/cow", 9);
	add_entry(magic, "TRAILER!!!", 0, "", 0);
}

static void expect_file(const char *path, const char *contents)
{
	struct initramfs_entry entry;

	if (!EXPECT_EQ(initramfs_find(path, &entry), 0))
		return;
	EXPECT_EQ(entry.size, strlen(contents));
	EXPECT(!memcmp(entry.data, contents, strlen(contents)));
	EXPECT(entry.mode == REGULAR && *entry.name != '/' && *entry.name != '.');
}

static void sound(void)
{
	static const char *const magics[] = { "070701", "070702" };
	struct initramfs_entry entry;
	size_t cursor;
	u32 count;

	for (u32 i = 0; i < 2; i++) {
		make(magics[i]);
		EXPECT_EQ(initramfs_init(archive, size), 0);
		EXPECT_TEXT(console_text(), "");
		expect_file("/tests/cow", numbers);
		expect_file("tests/cow", numbers);
		expect_file("//tests/brk", "abc");
		expect_file("/sbin/init", "");
		EXPECT_EQ(initramfs_find("/tests", &entry), -EISDIR);
		EXPECT_EQ(initramfs_find("/", &entry), -EISDIR);
		EXPECT_EQ(initramfs_find("/link", &entry), -EISDIR);
		EXPECT_EQ(initramfs_find("/tests/co", &entry), -ENOENT);
		EXPECT_EQ(initramfs_find("/tests/cow2", &entry), -ENOENT);
		EXPECT_EQ(initramfs_find("/TRAILER!!!", &entry), -ENOENT);
		for (count = 0, cursor = 0; initramfs_next(&cursor, &entry);)
			count++;
		EXPECT_EQ(count, 5);
	}
}

static void nothing_and_too_little(void)
{
	struct initramfs_entry entry;

	reset();
	EXPECT_EQ(initramfs_init(NULL, 0), 0);
	EXPECT_EQ(initramfs_find("/tests/cow", &entry), -ENOENT);
	add_entry("070701", "a", REGULAR, "x", 1);
	EXPECT_EQ(initramfs_init(archive, size), -EINVAL);
	EXPECT(strstr(console_text(), "without its trailer"));
	EXPECT_EQ(initramfs_find("/a", &entry), -ENOENT);
	console_clear();
	EXPECT_EQ(initramfs_init(archive, HEADER - 1), -EINVAL);
	EXPECT(strstr(console_text(), "the archive ends in a header"));
	console_clear();
	EXPECT_EQ(initramfs_init(archive, HEADER), -EINVAL);
	EXPECT(strstr(console_text(), "the archive ends in a name"));
}

/* Of two entries with one name the first counts; what follows the trailer does not. */
static void doubles(void)
{
	struct initramfs_entry entry;

	reset();
	add_entry("070702", "a", REGULAR, "first", 5);
	add_entry("070702", "a", REGULAR, "second", 6);
	add_entry("070702", "TRAILER!!!", 0, "", 0);
	add_entry("070702", "b", REGULAR, "third", 5);
	append("junk", 4);
	EXPECT_EQ(initramfs_init(archive, size), 0);
	expect_file("/a", "first");
	EXPECT_EQ(initramfs_find("/b", &entry), -ENOENT);
}

/* The trailer's name is exact, as in Linux. */
static void names_like_the_trailer(void)
{
	static const char *const names[] = { "./TRAILER!!!", "/TRAILER!!!", "TRAILER!!",
					     "TRAILER!!!!" };

	reset();
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		add_entry("070701", names[i], REGULAR, numbers, i);
	add_entry("070701", "TRAILER!!!", 0, "", 0);
	EXPECT_EQ(initramfs_init(archive, size), 0);
	expect_file("/TRAILER!!!", "");
	expect_file("/TRAILER!!", "01");
	expect_file("/TRAILER!!!!", "012");
}

/* Whatever initramfs_init() returns, each found file lies in the archive. */
static void check_consistent(const char *base, size_t bytes, int result)
{
	struct initramfs_entry entry;
	size_t cursor = 0;
	u32 count = 0;

	while (initramfs_next(&cursor, &entry) && count++ < 100) {
		const char *data = entry.data;

		EXPECT(entry.name >= base + HEADER && entry.name < base + bytes);
		EXPECT(entry.name + strlen(entry.name) < base + bytes);
		EXPECT(data >= base && data <= base + bytes &&
		       entry.size <= (size_t)(base + bytes - data));
	}
	EXPECT(count < 100);
	EXPECT(!result || !count);
	EXPECT(!result || strstr(console_text(), "initramfs: error: "));
}

/*
 * Takes the first bytes of the archive, in a block of exactly that size. The whole archive lies in
 * one already, and is not copied 200000 times.
 */
static int init_first(size_t bytes)
{
	char *block = bytes == size ? archive : malloc(bytes);
	int result;

	if (block != archive)
		memcpy(block, archive, bytes);
	console_clear();
	result = initramfs_init(block, bytes);
	check_consistent(block, bytes, result);
	initramfs_init(NULL, 0);
	if (block != archive)
		free(block);
	return result;
}

static void every_truncation(void)
{
	size_t padding;

	for (u32 i = 0; i < 2; i++) {
		make(i ? "070702" : "070701");
		/*
		 * Only the trailer's header and name matter; its padding may be cut off.
		 */
		padding = size - (size_t)(strstr(archive + size - 16, "!!!") + 4 - archive);
		for (size_t bytes = 1; bytes <= size; bytes++) {
			int result = init_first(bytes);

			if (bytes + padding < size)
				EXPECT_EQ(result, -EINVAL);
			if (bytes == size)
				EXPECT_EQ(result, 0);
		}
	}
}

/* Where the contents of a file begin in the archive. */
static size_t data_of(const char *path)
{
	struct initramfs_entry entry = { .data = archive };

	EXPECT_EQ(initramfs_find(path, &entry), 0);
	return (size_t)((const char *)entry.data - archive);
}

/*
 * Every byte, every other value: an error, or an archive that can be read. A changed byte of data
 * is always an error.
 */
static void every_changed_byte(void)
{
	u32 accepted = 0;
	size_t data;

	make("070702");
	EXPECT_EQ(initramfs_init(archive, size), 0);
	data = data_of("/tests/cow");
	for (size_t at = 0; at < size && !tap_failed(); at++) {
		char saved = archive[at];

		for (u32 value = 0; value < 256; value++) {
			int result;

			if ((char)value == saved)
				continue;
			archive[at] = (char)value;
			result = init_first(size);
			accepted += !result;
			if (at >= data && at < data + 10)
				EXPECT_EQ(result, -EINVAL);
		}
		archive[at] = saved;
	}
	EXPECT(accepted > 0);
	tap_note("%u accepted", accepted);
}

static void put_number(size_t entry, u32 field, const char *text)
{
	memcpy(archive + entry + 6 + 8 * field, text, 8);
}

/* Numbers that wrap an address, in each field that is a length. */
static void extreme_numbers(void)
{
	static const char *const texts[] = { "FFFFFFFF", "FFFFFFFE", "FFFFFF91", "80000000",
					     "7FFFFFFF", "ffffffff", "00000000", "0000000G",
					     "-0000001", "+0000001", "        ", "0x000001" };

	for (u32 i = 0; i < ARRAY_SIZE(texts); i++) {
		for (u32 field = 0; field < 13; field++) {
			size_t second = ALIGN_UP(HEADER + 6, 4u);

			make("070702");
			put_number(second, field, texts[i]);
			init_first(size);
			make("070701");
			put_number(0, field, texts[i]);
			init_first(size);
		}
	}
}

static void random_damage(void)
{
	for (u32 step = 0; step < tap_scaled(20000) && !tap_failed(); step++) {
		make(random_one_in(2) ? "070701" : "070702");
		for (u32 i = random_below(5); i-- > 0;)
			archive[random_below((u32)size)] = (char)random_u32();
		init_first(random_one_in(2) ? size : 1 + random_below((u32)size));
	}
}

/*
 * The name fills the archive to its last byte, without a NUL: the error message must not read
 * beyond.
 */
static void name_without_an_end(void)
{
	for (u32 length = 1; length < 100; length++) {
		char header[HEADER + 1], number[9], name[100];

		reset();
		add_entry("070701", "", REGULAR, "", 0);
		memcpy(header, archive, HEADER);
		reset();
		append(header, HEADER);
		snprintf(number, sizeof(number), "%08X", length);
		put_number(0, 11, number);
		memset(name, 'n', sizeof(name));
		append(name, length);
		EXPECT_EQ(init_first(size), -EINVAL);
	}
}

static void wrong_sum(void)
{
	struct initramfs_entry entry;

	make("070702");
	EXPECT_EQ(initramfs_init(archive, size), 0);
	archive[data_of("/tests/cow")]++;
	EXPECT_EQ(initramfs_init(archive, size), -EINVAL);
	EXPECT(strstr(console_text(), "checksum") && strstr(console_text(), "tests/cow"));
	EXPECT_EQ(initramfs_find("/tests/cow", &entry), -ENOENT);
}

/* Reads into a kernel buffer. */
static s32 read_at(struct file *file, void *buffer, u32 bytes, u64 position)
{
	char *to = buffer;

	return file_read(file, &position, bytes, copy_to_buffer, &to);
}

static void opened_and_read(void)
{
	struct file *file;
	char buffer[16];

	machine_boot();
	file_init();
	make("070702");
	EXPECT_EQ(initramfs_init(archive, size), 0);
	EXPECT_EQ(rootfs_unpack(), 0);
	machine_settle();
	EXPECT_EQ(file_open("/tests/nothing", O_RDONLY, 0, &file), -ENOENT);
	EXPECT_EQ(file_open("/tests", O_RDWR, 0, &file), -EISDIR);
	EXPECT_EQ(file_open("/link", O_RDONLY | O_NOFOLLOW, 0, &file), -ELOOP);
	EXPECT_EQ(file_open("/sbin/init", O_RDONLY, 0, &file), 0);
	file_put(file);
	EXPECT_EQ(file_open("/tests/cow", O_RDONLY, 0, &file), 0);
	EXPECT_EQ(read_at(file, buffer, 4, 0), 4);
	EXPECT(!memcmp(buffer, "0123", 4));
	EXPECT_EQ(read_at(file, buffer, 16, 8), 2);
	EXPECT(!memcmp(buffer, "89", 2));
	EXPECT_EQ(read_at(file, buffer, 16, 10), 0);
	EXPECT_EQ(read_at(file, buffer, 16, ~0ull), 0);
	EXPECT_EQ(read_at(file, buffer, 16, GiB(4)), 0);
	file_get(file);
	file_put(file);
	file_put(file);
	machine_exhaust();
	EXPECT_EQ(file_open("/tests/cow", O_RDONLY, 0, &file), -ENOMEM);
	machine_relax();
}

/* Each is found, the first of two with the same name, and none of an archive that was replaced. */
static void many_names(void)
{
	struct initramfs_entry entry;
	char name[16];

	reset();
	for (u32 i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		add_entry("070701", name, REGULAR, name, (u32)strlen(name));
		add_entry("070701", name, REGULAR, "", 0);
	}
	add_entry("070701", "TRAILER!!!", 0, "", 0);
	EXPECT_EQ(initramfs_init(archive, size), 0);
	for (u32 i = 0; i < 200 && !tap_failed(); i++) {
		snprintf(name, sizeof(name), "/f%u", i);
		expect_file(name, name + 1);
	}
	EXPECT_EQ(initramfs_find("/f200", &entry), -ENOENT);
	make("070701");
	EXPECT_EQ(initramfs_init(archive, size), 0);
	EXPECT_EQ(initramfs_find("/f1", &entry), -ENOENT);
	expect_file("/tests/cow", numbers);
}

/* All openers and mappings share one object, and its pages have the archive's bytes. */
static void objects(void)
{
	struct file *first, *second;
	struct page *page;
	static char large[10000];

	machine_boot_highmem(MiB(8));
	file_init();
	for (u32 i = 0; i < sizeof(large); i++)
		large[i] = (char)(i * 31 >> 3);
	reset();
	add_entry("070701", "large", REGULAR, large, sizeof(large));
	add_entry("070701", "TRAILER!!!", 0, "", 0);
	EXPECT_EQ(initramfs_init(archive, size), 0);
	EXPECT_EQ(rootfs_unpack(), 0);
	machine_settle();
	EXPECT_EQ(file_open("/large", O_RDONLY, 0, &first), 0);
	EXPECT_EQ(file_open("large", O_RDONLY, 0, &second), 0);
	EXPECT(first->mapping == second->mapping);
	for (u32 i = 0; i < 3; i++) {
		u32 bytes = min((u32)sizeof(large) - i * PAGE_SIZE, PAGE_SIZE);
		char *data;

		EXPECT_EQ(get_cache_page(first->mapping, i, &page), 0);
		data = kmap_atomic(page);
		EXPECT(!memcmp(data, large + i * PAGE_SIZE, bytes));
		for (u32 j = bytes; j < PAGE_SIZE; j++)
			EXPECT_EQ(data[j], 0);
		kunmap_atomic(page);
	}
	EXPECT_EQ(get_cache_page(first->mapping, 3, &page), -EINVAL);
	file_put(first);
	EXPECT_EQ(second->mapping->nrpages, 3);
	file_put(second);
}

/* A link has the text of its entry, and nothing else stays allocated: long texts take frames. */
static void links(void)
{
	static char texts[20][3000], longest[PATH_MAX];
	struct inode *inode;
	char name[16];

	machine_boot();
	file_init();
	EXPECT_EQ(initramfs_init("", 0), 0);
	EXPECT_EQ(rootfs_unpack(), 0); /* what is there without an archive */
	machine_settle();
	reset();
	for (u32 i = 0; i < ARRAY_SIZE(texts); i++) {
		snprintf(name, sizeof(name), "l%u", i);
		memset(texts[i], 'a' + (char)i, sizeof(texts[i]));
		add_entry("070701", name, SYMLINK, texts[i], sizeof(texts[i]));
	}
	memset(longest, 'z', sizeof(longest));
	add_entry("070701", "too-long", SYMLINK, longest, PATH_MAX);
	add_entry("070701", "empty", SYMLINK, "", 0);
	add_entry("070701", "longest", SYMLINK, longest, PATH_MAX - 1);
	add_entry("070701", "TRAILER!!!", 0, "", 0);
	EXPECT_EQ(initramfs_init(archive, size), 0);
	EXPECT_EQ(rootfs_unpack(), 0);
	EXPECT_EQ(path_unlink(NULL, "longest"), 0);
	EXPECT_EQ(path_unlink(NULL, "too-long"), -ENOENT);
	EXPECT_EQ(path_unlink(NULL, "empty"), -ENOENT);
	for (u32 i = 0; i < ARRAY_SIZE(texts); i++) {
		snprintf(name, sizeof(name), "l%u", i);
		EXPECT_EQ(path_lookup(NULL, name, 0, &inode), 0);
		EXPECT_EQ(strlen(inode->target), sizeof(texts[i]));
		EXPECT(!memcmp(inode->target, texts[i], sizeof(texts[i])));
		inode_put(inode);
		EXPECT_EQ(path_unlink(NULL, name), 0);
	}
}

/* Expects lines of text, of which the first is this one. */
static void expect_lines(const char *path, const char *first)
{
	char buffer[1024] = "";
	struct file *file;
	s32 bytes;

	EXPECT_EQ(file_open(path, O_RDONLY, 0, &file), 0);
	bytes = read_at(file, buffer, sizeof(buffer) - 1, 0);
	EXPECT(!strncmp(buffer, first, strlen(first)));
	EXPECT(bytes > 0 && strlen(buffer) == (u32)bytes && buffer[bytes - 1] == '\n');
	file_put(file);
}

/* Users and groups are there without an archive; one that has them counts. */
static void users_and_groups(void)
{
	static const char own[] = "me:x:5:\n";

	for (u32 with = 0; with < 2; with++) {
		machine_boot();
		file_init();
		reset();
		if (with)
			add_entry("070701", "etc/group", REGULAR, own, sizeof(own) - 1);
		add_entry("070701", "TRAILER!!!", 0, "", 0);
		EXPECT_EQ(initramfs_init(archive, size), 0);
		EXPECT_EQ(rootfs_unpack(), 0);
		machine_settle();
		expect_lines("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
		expect_lines("/etc/group", with ? own : "root:x:0:\n");
	}
}

TAP_MAIN({ "sound archives", sound }, { "no archive, and no trailer", nothing_and_too_little },
	 { "names like the trailer", names_like_the_trailer },
	 { "two entries of one name", doubles }, { "a wrong sum", wrong_sum },
	 { "every truncation", every_truncation }, { "every changed byte", every_changed_byte },
	 { "extreme numbers", extreme_numbers }, { "a name without an end", name_without_an_end },
	 { "random damage", random_damage }, { "opened and read", opened_and_read },
	 { "many names", many_names }, { "objects", objects }, { "links", links },
	 { "users and groups", users_and_groups })
