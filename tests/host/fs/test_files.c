/* SPDX-License-Identifier: MIT */
/*
 * Open files, names and tmpfs: how open() treats paths and flags, reading, writing, the end of a
 * file.
 */
#include <stdio.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/page_alloc.h"
#include "tests/host/console.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/user.h"

static int stat_path(const char *path, struct file_stat *stat)
{
	struct inode *inode;
	int err = path_lookup(NULL, path, LOOKUP_FOLLOW, &inode);

	if (err)
		return err;
	inode_stat(inode, stat);
	inode_put(inode);
	return 0;
}

static int link_path(const char *from, const char *to)
{
	struct inode *inode;
	int err = path_lookup(NULL, from, 0, &inode);

	if (err)
		return err;
	err = inode_link(inode, NULL, to);
	inode_put(inode);
	return err;
}

static void expect_path(const struct file *file, const char *path)
{
	char buffer[100];

	EXPECT_TEXT(inode_path(file->inode, buffer, sizeof(buffer)), path);
}

static void names(void)
{
	static const struct {
		const char *path;
		u32 flags;
		int result;
	} cases[] = {
		{ "", O_RDONLY, -ENOENT },
		{ "/", O_RDONLY, 0 },
		{ "/tmp", O_RDONLY, 0 },
		{ "/tmp/", O_RDONLY | O_DIRECTORY, 0 },
		{ "/tmp", O_RDWR, -EISDIR },
		{ "/tmp", O_RDONLY | O_CREAT, -EISDIR },
		{ "/tmp", O_RDONLY | O_CREAT | O_EXCL, -EEXIST },
		{ "/tmp", O_RDONLY | O_TRUNC, -EISDIR },
		{ "/tmp/a", O_RDWR, -ENOENT },
		{ "/tmp/a/", O_RDWR | O_CREAT, -EISDIR },
		{ "/tmp/a", O_RDWR | O_CREAT | O_DIRECTORY, -EINVAL },
		{ "/tmp", O_RDWR | O_TMPFILE | O_DIRECTORY, 0 },
		{ "/tmp", O_RDONLY | O_TMPFILE | O_DIRECTORY, -EINVAL },
		{ "/tmp/a", O_RDWR | O_TMPFILE | O_DIRECTORY, -ENOENT },
		{ "/dev/null", O_RDWR | O_TMPFILE | O_DIRECTORY, -ENOTDIR },
		{ "/proc", O_RDWR | O_TMPFILE | O_DIRECTORY, -EOPNOTSUPP },
		{ "/none/a", O_RDWR | O_CREAT, -ENOENT },
		{ "/none/../tmp/a", O_RDWR, -ENOENT },
		{ "/tmp/a", O_RDONLY | O_CREAT | O_EXCL, 0 },
		{ "/tmp/a", O_RDWR | O_CREAT | O_EXCL, -EEXIST },
		{ "/tmp/a", O_RDWR | O_CREAT, 0 },
		{ "/tmp/a", O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0 },
		{ "/tmp/a", O_RDONLY | O_DIRECTORY, -ENOTDIR },
		{ "/tmp/a/", O_RDONLY, -ENOTDIR },
		{ "/tmp/a/b", O_RDWR | O_CREAT, -ENOTDIR },
		{ "/tmp/a/../a", O_RDWR, -ENOTDIR },
		{ "/tmp/a/.", O_RDWR, -ENOTDIR },
		{ "tmp/a", O_RDWR, 0 },
		{ "//tmp/.//a", O_RDWR, 0 },
		{ "/../tmp/../tmp/./a", O_RDWR, 0 },
		{ "/a", O_RDWR, -ENOENT },
		{ "/tmp/a", O_RDWR | O_DIRECT, 0 },
		{ "/tmp", O_RDONLY | O_DIRECT, -EINVAL },
		{ "/tmp", O_RDONLY | O_DIRECT | O_PATH, 0 },
		{ "/tmp", O_RDWR | O_TMPFILE | O_DIRECTORY | O_DIRECT, 0 },
		{ "/dev/null", O_RDWR | O_DIRECT, -EINVAL },
		{ "/proc/meminfo", O_RDONLY | O_DIRECT, -EINVAL },
		{ "/proc", O_RDONLY, 0 },
		{ "/proc/sys/", O_RDONLY, 0 },
		{ "/proc/self/", O_RDONLY, -ENOENT },
	};

	start();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
		if (!EXPECT_EQ(try(cases[i].path, cases[i].flags), cases[i].result))
			tap_note("case %u: %s", i, cases[i].path);
	EXPECT_EQ(path_unlink(NULL, "/tmp"), -EISDIR);
	EXPECT_EQ(path_unlink(NULL, "/tmp/a/"), -ENOTDIR);
	EXPECT_EQ(path_unlink(NULL, "/tmp/b"), -ENOENT);
	EXPECT_EQ(path_unlink(NULL, "/proc/meminfo"), -EPERM);
	EXPECT_EQ(path_truncate(NULL, "/tmp", 0), -EISDIR);
	EXPECT_EQ(path_truncate(NULL, "/tmp/b", 0), -ENOENT);
	EXPECT_EQ(path_truncate(NULL, "/proc/meminfo", 0), 0);
	EXPECT_EQ(path_truncate(NULL, "/dev/null", 0), -EINVAL);
	EXPECT_EQ(path_unlink(NULL, "/tmp/a"), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/a"), -ENOENT);
	EXPECT_EQ(path_unlink(NULL, "/dev/null"), 0);
	EXPECT_EQ(try("/dev/null", O_RDWR), -ENOENT);
	machine_settle(); /* without it */
}

/* The longest name of a folder, and the longest path. */
static void long_names(void)
{
	char path[PATH_MAX + 10] = "/tmp/";
	u32 longest = 5 + NAME_MAX;

	start();
	memset(path + 5, 'x', NAME_MAX);
	EXPECT_EQ(try(path, O_RDWR | O_CREAT), 0);
	EXPECT_EQ(path_unlink(NULL, path), 0);
	path[longest] = 'x';
	EXPECT_EQ(try(path, O_RDWR), -ENAMETOOLONG);
	EXPECT_EQ(try(path, O_RDWR | O_CREAT), -ENAMETOOLONG);
	EXPECT_EQ(path_make(NULL, path, S_IFDIR | 0755, 0), -ENAMETOOLONG);
	memset(path, '/', PATH_MAX - 5);
	strcpy(path + PATH_MAX - 5, "tmp");
	EXPECT_EQ(try(path, O_RDONLY), 0);
}

static void access_modes(void)
{
	struct file *file;

	start();
	file = opened("/tmp/f", O_WRONLY | O_CREAT);
	EXPECT(file_writable(file) && !file_readable(file));
	EXPECT_EQ(file->flags, O_WRONLY);
	EXPECT_EQ(put_text(file, "text"), 4);
	EXPECT_EQ(file_read(file, &file->position, 1, copy_to_buffer, NULL), -EBADF);
	file_put(file);
	file = opened("/tmp/f", O_RDONLY | O_CLOEXEC);
	EXPECT(!file_writable(file) && file_readable(file));
	EXPECT_EQ(file->flags, O_RDONLY);
	EXPECT_EQ(put_text(file, "x"), -EBADF);
	EXPECT_EQ(file_truncate(file, 0), -EINVAL);
	expect_text(file, "text");
	file_put(file);
	file = opened("/tmp/f", O_ACCMODE);
	EXPECT(!file_writable(file) && !file_readable(file));
	file_put(file);
	file = opened("/tmp", O_RDONLY);
	EXPECT_EQ(file_read(file, &file->position, 1, copy_to_buffer, NULL), -EISDIR);
	EXPECT(!file->mapping);
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

static void appended(void)
{
	struct file *file, *other;

	start();
	file = opened("/tmp/f", O_RDWR | O_CREAT | O_APPEND);
	other = opened("/tmp/f", O_RDWR);
	EXPECT_EQ(file->flags, O_RDWR | O_APPEND);
	EXPECT_EQ(put_text(other, "first,"), 6);
	EXPECT_EQ(put_text(file, "second,"), 7);
	EXPECT_EQ(file->position, 13);
	EXPECT_EQ(put_text(other, "x"), 1);
	EXPECT_EQ(put_text(file, "third"), 5);
	expect_text(file, "first,xecond,third");
	file_put(other);
	other = opened("/tmp/f", O_RDONLY | O_TRUNC);
	EXPECT_EQ(other->mapping->i_size, 0);
	EXPECT_EQ(put_text(file, "again"), 5);
	expect_text(other, "again");
	file_put(file);
	file_put(other);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

static void positions(void)
{
	struct file *file;

	start();
	file = opened("/tmp/f", O_RDWR | O_CREAT);
	put_text(file, "0123456789");
	EXPECT_EQ(file_seek(file, 2, 0), 2);
	EXPECT_EQ(file_seek(file, 3, 1), 5);
	EXPECT_EQ(file_seek(file, -1, 2), 9);
	EXPECT_EQ(file_seek(file, -11, 2), -EINVAL);
	EXPECT_EQ(file_seek(file, INT64_MAX, 1), -EINVAL);
	EXPECT_EQ(file_seek(file, (s64)MAPPING_SIZE_MAX + 1, 0), -EINVAL);
	EXPECT_EQ(file_seek(file, 0, 7), -EINVAL);
	EXPECT_EQ(file->position, 9);
	EXPECT_EQ(file_seek(file, (s64)MAPPING_SIZE_MAX, 0), (s64)MAPPING_SIZE_MAX);
	EXPECT_EQ(put_text(file, "x"), -EFBIG);
	file_put(file);
	EXPECT_EQ(path_truncate(NULL, "/tmp/f", 4), 0);
	file = opened("/tmp/f", O_RDWR);
	expect_text(file, "0123");
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

/* Holes are whole pages; behind the last byte is one too, and no data. */
static void holes(void)
{
	const s64 page = PAGE_SIZE;
	static const struct {
		s64 from, data, hole;
	} cases[] = {
		{ -1, -ENXIO, -ENXIO },	   { 0, 4096, 0 },
		{ 4095, 4096, 4095 },	   { 4097, 4097, 8192 },
		{ 8191, 8191, 8192 },	   { 8192, 16384, 8192 },
		{ 16390, 16390, 20480 },   { 20480, -ENXIO, 20480 },
		{ 20489, -ENXIO, 20489 },  { 20490, -ENXIO, -ENXIO },
		{ 99999, -ENXIO, -ENXIO },
	};
	struct file *file;

	start();
	file = opened("/tmp/f", O_RDWR | O_CREAT);
	EXPECT_EQ(file_seek(file, 0, SEEK_DATA), -ENXIO);
	EXPECT_EQ(file_seek(file, 0, SEEK_HOLE), -ENXIO);
	for (u32 i = 1; i < 5; i += 3) {
		file->position = i * (u64)page + 100;
		EXPECT_EQ(put_text(file, "text"), 4);
	}
	EXPECT_EQ(file_truncate(file, 5 * (u64)page + 10), 0);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		file->position = 7;
		EXPECT_EQ(file_seek(file, cases[i].from, SEEK_DATA), cases[i].data);
		EXPECT_EQ(file->position, cases[i].data < 0 ? 7 : cases[i].data);
		EXPECT_EQ(file_seek(file, cases[i].from, SEEK_HOLE), cases[i].hole);
		if (cases[i].hole >= 0)
			EXPECT_EQ(file->position, cases[i].hole);
	}
	EXPECT_EQ(file_truncate(file, 4 * (u64)page + 200), 0);
	EXPECT_EQ(file_seek(file, 4 * page + 150, SEEK_HOLE), 4 * page + 200);
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

/* A file without a name lives while it is open; a new one of the same name is another. */
static void unlinked(void)
{
	struct file *file, *other;
	struct file_stat stat;

	start();
	file = opened("/tmp/f", O_RDWR | O_CREAT);
	EXPECT_EQ(put_text(file, "old"), 3);
	EXPECT_EQ(stat_path("/tmp/f", &stat), 0);
	EXPECT_EQ(stat.mode, S_IFREG | 0644);
	EXPECT_EQ(stat.nlink, 1);
	EXPECT_EQ(stat.size, 3);
	EXPECT_EQ(stat.blocks, 8);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
	EXPECT_EQ(stat_path("/tmp/f", &stat), -ENOENT);
	file_stat(file, &stat);
	EXPECT_EQ(stat.nlink, 0);
	expect_path(file, "/tmp/f (deleted)");
	other = opened("/tmp/f", O_RDWR | O_CREAT | O_EXCL);
	expect_text(file, "old");
	expect_text(other, "");
	file_put(file);
	expect_path(other, "/tmp/f");
	file_put(other);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
	EXPECT(list_empty(&mapping_list));
}

/* Names of one file: the last one counts, and the one that mappings show is there. */
static void linked(void)
{
	struct fail_spec spec = { .kinds = FAIL_ANY, .mode = FAIL_ONCE, .nth = 1 };
	struct file *file;
	struct file_stat stat;

	start();
	file = opened("/tmp/f", O_RDWR | O_CREAT);
	EXPECT_EQ(link_path("/tmp/f", "/tmp/g"), 0);
	EXPECT_EQ(link_path("/tmp/f", "/tmp/g"), -EEXIST);
	EXPECT_EQ(link_path("/tmp/none", "/tmp/h"), -ENOENT);
	EXPECT_EQ(link_path("/tmp", "/tmp/h"), -EPERM);
	EXPECT_EQ(link_path("/dev/null", "/tmp/h"), -EXDEV);
	fail_alloc_set(&spec);
	EXPECT_EQ(link_path("/tmp/f", "/tmp/h"), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT(found("/tmp/f") == found("/tmp/g"));
	file_stat(file, &stat);
	EXPECT_EQ(stat.nlink, 2);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
	expect_path(file, "/tmp/g");
	EXPECT_EQ(path_unlink(NULL, "/tmp/g"), 0);
	expect_path(file, "/tmp/g (deleted)");
	EXPECT_EQ(inode_link(file->inode, NULL, "/tmp/f"), -ENOENT);
	file_put(file);
	EXPECT(list_empty(&mapping_list));
}

/* The limit of the process, and that of descriptors without O_LARGEFILE. */
static void limits(void)
{
	struct file *file, *large;

	start();
	file = opened("/tmp/f", O_RDWR | O_CREAT);
	host_rlim[RLIMIT_FSIZE].cur = 5;
	EXPECT_EQ(put_text(file, "1234567"), 5);
	EXPECT_EQ(console_file_limit_exceeded, 0);
	EXPECT_EQ(put_text(file, "x"), -EFBIG);
	EXPECT_EQ(put_text(file, ""), 0);
	EXPECT_EQ(console_file_limit_exceeded, 1);
	EXPECT_EQ(file_truncate(file, 6), -EFBIG);
	EXPECT_EQ(path_truncate(NULL, "/tmp/f", 6), -EFBIG);
	EXPECT_EQ(console_file_limit_exceeded, 3);
	host_rlim[RLIMIT_FSIZE].cur = RLIM_INFINITY;
	expect_text(file, "12345");
	large = opened("/tmp/f", O_RDWR | O_LARGEFILE);
	EXPECT_EQ(file_seek(file, SMALL_FILE_MAX - 1, 0), SMALL_FILE_MAX - 1);
	EXPECT_EQ(put_text(file, "xy"), 1);
	EXPECT_EQ(put_text(file, "y"), -EFBIG);
	EXPECT_EQ(file_truncate(file, SMALL_FILE_MAX + 1ull), -EINVAL);
	EXPECT_EQ(try("/tmp/f", O_RDWR), 0);
	EXPECT_EQ(file_truncate(large, SMALL_FILE_MAX + 1ull), 0);
	EXPECT_EQ(try("/tmp/f", O_RDWR), -EOVERFLOW);
	EXPECT_EQ(try("/tmp/f", O_RDWR | O_LARGEFILE), 0);
	EXPECT_EQ(console_file_limit_exceeded, 3);
	file_put(file);
	file_put(large);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

static void many_files(void)
{
	char path[32];

	start();
	for (u32 i = 0; i < 500; i++) {
		snprintf(path, sizeof(path), "/tmp/%u", i);
		EXPECT_EQ(try(path, O_RDWR | O_CREAT | O_EXCL), 0);
	}
	for (u32 i = 0; i < 500; i++) {
		snprintf(path, sizeof(path), "/tmp/%u", i * 7 % 500);
		EXPECT_EQ(try(path, O_RDWR), 0);
		EXPECT_EQ(path_unlink(NULL, path), 0);
		EXPECT_EQ(try(path, O_RDWR), -ENOENT);
	}
}

/* Each allocation of open() fails once: then there is no file, or it is as it was. */
static void no_memory(void)
{
	struct fail_spec spec = { .kinds = FAIL_ANY, .mode = FAIL_ONCE };
	struct file *file = NULL;
	int err = -ENOMEM;

	start();
	for (spec.nth = 1; err && spec.nth < 20; spec.nth++) {
		fail_alloc_set(&spec);
		err = open_flags("/tmp/f", O_RDWR | O_CREAT | O_EXCL, &file);
		fail_alloc_set(NULL);
		EXPECT(!err || err == -ENOMEM);
		EXPECT_EQ(!found("/tmp/f"), !!err);
		machine_check();
	}
	EXPECT(spec.nth > 4);
	EXPECT_EQ(put_text(file, "text"), 4);
	spec.nth = 1;
	fail_alloc_set(&spec);
	EXPECT_EQ(try("/tmp/f", O_RDWR | O_TRUNC), -ENOMEM);
	fail_alloc_set(NULL);
	expect_text(file, "text");
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

/* Counts the inodes of each file system below a folder. */
static void count_below(const struct inode *folder, const struct file_system *kinds[], u32 counts[])
{
	struct dentry *dentry = folder_entry_from(folder, 0);

	for (; dentry; dentry = folder_entry_from(folder, dentry->order + 1)) {
		u32 kind = 0;

		if (dentry->inode->operations->lookup)
			continue; /* /proc has no list of names */
		while (kinds[kind] && kinds[kind] != dentry->inode->fs)
			kind++;
		kinds[kind] = dentry->inode->fs;
		counts[kind]++;
		if (is_kind(dentry->inode, S_IFDIR))
			count_below(dentry->inode, kinds, counts);
	}
}

/* Each file system counts its own inodes: a folder at which another begins is one of the other. */
static void inode_counts(void)
{
	const struct file_system *kinds[8] = { NULL };
	u32 counts[8] = { 0 }, kind;

	start();
	EXPECT_EQ(try("/tmp/f", O_RDWR | O_CREAT), 0);
	kinds[0] = root_inode->fs;
	counts[0] = 1;
	count_below(root_inode, kinds, counts);
	for (kind = 0; kind < ARRAY_SIZE(kinds) && kinds[kind]; kind++)
		EXPECT_EQ(kinds[kind]->inodes, counts[kind]);
	EXPECT(kind >= 3); /* the root's, /dev, /dev/shm */
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

/* Opening an inode takes over its reference, also if it is refused. */
static void opened_inodes(void)
{
	static const struct fail_spec none = { FAIL_ANY, FAIL_ON, 1 };
	static const struct {
		u32 flags;
		bool memory;
		int result;
	} cases[] = {
		{ O_RDWR, true, 0 },
		{ O_PATH | O_TRUNC, true, 0 },
		{ O_RDONLY | O_DIRECTORY, true, -ENOTDIR },
		{ O_RDONLY, false, -ENOMEM },
	};
	struct inode *inode;
	struct file *file;
	u32 count;

	start();
	file_put(opened("/tmp/f", O_RDWR | O_CREAT));
	inode = found("/tmp/f");
	count = inode->mapping.count;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		inode_get(inode);
		fail_alloc_set(cases[i].memory ? NULL : &none);
		EXPECT_EQ(file_open_inode(inode, cases[i].flags, &file), cases[i].result);
		fail_alloc_set(NULL);
		if (!cases[i].result) {
			EXPECT(file->inode == inode && !!file->mapping == !i);
			file_put(file);
		}
		EXPECT_EQ(inode->mapping.count, count);
	}
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

/* The context is the number of bytes until a fault. */
static u32 copy_until(void *buffer, u32 bytes, void *context)
{
	u32 *good = context, part = min(*good, bytes);

	(void)buffer;
	*good -= part;
	return bytes - part;
}

/* /dev/zero: what was read before a fault counts. */
static void zeros_until_a_fault(void)
{
	static const u32 limits[] = { 0, 1, 1024, 1500, 3000, 9999 };
	struct file *file;
	u64 position = 0;

	start();
	file = opened("/dev/zero", O_RDONLY);
	for (u32 i = 0; i < ARRAY_SIZE(limits); i++) {
		u32 good = limits[i];

		EXPECT_EQ(file_read(file, &position, 3000, copy_until, &good),
			  limits[i] ? (s32)min(limits[i], 3000u) : -EFAULT);
	}
	file_put(file);
}

TAP_MAIN({ "names", names }, { "long names", long_names }, { "access modes", access_modes },
	 { "appended", appended }, { "positions", positions }, { "holes", holes },
	 { "unlinked", unlinked }, { "linked", linked }, { "limits", limits },
	 { "many files", many_files }, { "no memory", no_memory },
	 { "inodes of each file system", inode_counts }, { "opened inodes", opened_inodes },
	 { "zeros until a fault", zeros_until_a_fault })
