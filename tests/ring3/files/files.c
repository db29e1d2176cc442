/* SPDX-License-Identifier: MIT */
/*
 * Files that can be written to: open, creat, read, write, lseek, ftruncate, unlink, fstat64, dup,
 * close, on /tmp.
 *
 *	name ---> file: bytes, size        unlink takes the name, the last close the bytes
 *	            ^
 *	descriptor -+- position, flags     dup and fork share these, a second open does not
 *
 * A file has holes where nothing was written; they read as zeroes.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define NEW	   (O_RDWR | O_CREAT | O_EXCL)
#define BAD_FD	   999

static struct text path;

/* Opens a new file at `path` and checks that it is one. */
static int create(void)
{
	long fd = sys_open_mode(path.data, NEW, 0600);

	if (fd < 0)
		tap_bail_out("a new file under /tmp was refused");
	EXPECT_EQ(file_size((int)fd), 0);
	return (int)fd;
}

static void finish(int fd)
{
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
}

static bool holds(int fd, u32 offset, const char *bytes)
{
	char buffer[64];
	u32 length = strlen(bytes);

	return sys_pread64(fd, buffer, length, offset) == (long)length &&
	       memcmp(buffer, bytes, length) == 0;
}

static void names(void)
{
	int fd = create();

	EXPECT_EQ(sys_open_mode(path.data, NEW, 0600), -EEXIST);
	EXPECT_EQ(sys_write(fd, "abc", 3), 3);
	EXPECT_EQ(sys_close(fd), 0);
	fd = (int)sys_open(path.data, O_RDONLY);
	EXPECT(fd >= 0 && holds(fd, 0, "abc"));
	finish(fd);
	EXPECT_EQ(sys_open(path.data, O_RDWR), -ENOENT);
	EXPECT_EQ(sys_unlink(path.data), -ENOENT);
	EXPECT_EQ(sys_unlink(NULL), -EFAULT);
	EXPECT_EQ(sys_unlink(""), -ENOENT);
	EXPECT_EQ(sys_open_mode("/tmp/no-such-directory/x", NEW, 0600), -ENOENT);
	EXPECT_EQ(sys_open_mode("/tmp", O_RDWR, 0), -EISDIR);
	EXPECT_EQ(sys_unlink("/tmp"), -EISDIR);
}

static void a_file_is_no_directory(void)
{
	struct text below;
	int fd = create();

	text_clear(&below);
	text_add(&below, path.data);
	text_add(&below, "/x");
	EXPECT_EQ(sys_open(below.data, O_RDONLY), -ENOTDIR);
	EXPECT_EQ(sys_open_mode(below.data, NEW, 0600), -ENOTDIR);
	EXPECT_EQ(sys_unlink(below.data), -ENOTDIR);
	EXPECT_EQ(sys_open(path.data, O_RDONLY | O_DIRECTORY), -ENOTDIR);
	finish(fd);
}

static void creat_and_truncate(void)
{
	int fd = create();

	EXPECT_EQ(sys_write(fd, "0123456789", 10), 10);
	EXPECT_EQ(sys_close(sys_open_mode(path.data, O_RDWR | O_CREAT, 0600)), 0);
	EXPECT_EQ(file_size(fd), 10);
	EXPECT_EQ(sys_close(sys_open(path.data, O_WRONLY | O_TRUNC)), 0);
	EXPECT_EQ(file_size(fd), 0);
	/* The position of the first descriptor is where it was: a hole comes. */
	EXPECT_EQ(sys_write(fd, "x", 1), 1);
	EXPECT_EQ(file_size(fd), 11);
	EXPECT_EQ(file_byte(fd, 0), 0);
	EXPECT(holds(fd, 10, "x"));
	EXPECT_EQ(sys_close(sys_creat(path.data, 0600)), 0);
	EXPECT_EQ(file_size(fd), 0);
	finish(fd);
}

static void access_modes(void)
{
	int fd = create();
	int reader = (int)sys_open(path.data, O_RDONLY);
	int writer = (int)sys_open(path.data, O_WRONLY);
	char byte = 'b';

	EXPECT_EQ(sys_write(reader, &byte, 1), -EBADF);
	EXPECT_EQ(sys_pwrite64(reader, &byte, 1, 0), -EBADF);
	EXPECT_EQ(sys_ftruncate(reader, 5), -EINVAL);
	EXPECT_EQ(sys_read(writer, &byte, 1), -EBADF);
	EXPECT_EQ(sys_pread64(writer, &byte, 1, 0), -EBADF);
	EXPECT_EQ(sys_write(writer, &byte, 1), 1);
	EXPECT_EQ(sys_read(reader, &byte, 1), 1);
	EXPECT_EQ(sys_read(reader, &byte, 1), 0);
	EXPECT_EQ(sys_close(reader), 0);
	EXPECT_EQ(sys_close(writer), 0);
	finish(fd);
}

static void append(void)
{
	int fd = create();
	int end = (int)sys_open(path.data, O_WRONLY | O_APPEND);

	EXPECT_EQ(sys_write(fd, "ab", 2), 2);
	EXPECT_EQ(sys_write(end, "cd", 2), 2);
	EXPECT_EQ(sys_lseek(end, 0, SEEK_CUR), 4);
	EXPECT_EQ(sys_lseek(end, 0, SEEK_SET), 0);
	EXPECT_EQ(sys_write(end, "ef", 2), 2);
	EXPECT_EQ(sys_lseek(end, 0, SEEK_CUR), 6);
	EXPECT_EQ(sys_write(fd, "X", 1), 1);
	EXPECT(holds(fd, 0, "abXdef"));
	EXPECT_EQ(file_size(fd), 6);
	EXPECT_EQ(sys_close(end), 0);
	finish(fd);
}

static void positions(void)
{
	int fd = create();

	EXPECT_EQ(sys_write(fd, "0123456789", 10), 10);
	EXPECT_EQ(sys_lseek(fd, 3, SEEK_SET), 3);
	EXPECT_EQ(sys_lseek(fd, 4, SEEK_CUR), 7);
	EXPECT_EQ(sys_lseek(fd, -1, SEEK_END), 9);
	EXPECT_EQ(sys_lseek(fd, 5, SEEK_END), 15);
	EXPECT_EQ(sys_lseek(fd, -16, SEEK_CUR), -EINVAL);
	EXPECT_EQ(sys_lseek(fd, -1, SEEK_SET), -EINVAL);
	EXPECT_EQ(sys_lseek(fd, 0, 77), -EINVAL);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_CUR), 15);
	EXPECT_EQ(file_size(fd), 10);
	/* pread64 and pwrite64 leave the position. */
	EXPECT_EQ(sys_pwrite64(fd, "AB", 2, 4), 2);
	EXPECT(holds(fd, 3, "3AB6"));
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_CUR), 15);
	EXPECT_EQ(sys_pwrite64(fd, "A", 1, (u64)-1), -EINVAL);
	EXPECT_EQ(sys_write(fd, "z", 1), 1);
	EXPECT_EQ(file_size(fd), 16);
	EXPECT_EQ(file_byte(fd, 12), 0);
	finish(fd);
}

static void write_in_the_child(void *argument)
{
	EXPECT_EQ(sys_write(*(int *)argument, "child", 5), 5);
}

static void shared_positions(void)
{
	int fd = create();
	int copy = (int)sys_dup(fd);
	int other = (int)sys_open(path.data, O_RDWR);

	EXPECT(copy > fd);
	EXPECT_EQ(sys_write(fd, "one", 3), 3);
	EXPECT_EQ(sys_lseek(copy, 0, SEEK_CUR), 3);
	EXPECT_EQ(sys_lseek(other, 0, SEEK_CUR), 0);
	EXPECT_CHILD(write_in_the_child, &copy, EXITED(0));
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_CUR), 8);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_write(copy, "!", 1), 1);
	EXPECT(holds(other, 0, "onechild!"));
	EXPECT_EQ(sys_dup(BAD_FD), -EBADF);
	EXPECT_EQ(sys_close(other), 0);
	finish(copy);
}

static void truncation(void)
{
	int fd = create();

	EXPECT_EQ(sys_write(fd, "0123456789", 10), 10);
	EXPECT_EQ(sys_ftruncate(fd, 4), 0);
	EXPECT_EQ(file_size(fd), 4);
	EXPECT_EQ(sys_ftruncate(fd, 8), 0);
	EXPECT(holds(fd, 0, "0123"));
	EXPECT_EQ(file_byte(fd, 4), 0);
	EXPECT_EQ(file_byte(fd, 7), 0);
	EXPECT_EQ(file_byte(fd, 8), -1);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_CUR), 10);
	EXPECT_EQ(sys_ftruncate(fd, -1), -EINVAL);
	EXPECT_EQ(sys_ftruncate(BAD_FD, 1), -EBADF);
	EXPECT_EQ(sys_ftruncate64(fd, 3 * PAGE_SIZE), 0);
	EXPECT_EQ(file_size(fd), 3 * PAGE_SIZE);
	EXPECT_EQ(sys_ftruncate64(fd, (u64)-1), -EINVAL);
	EXPECT_EQ(sys_ftruncate64(fd, 0), 0);
	EXPECT_EQ(file_size(fd), 0);
	finish(fd);
}

static void sparse_files(void)
{
	static const u32 places[] = { 0, 5 * PAGE_SIZE + 9, 1025 * PAGE_SIZE - 1, MiB(20) };
	u8 *buffer = memory_map(2, READ_WRITE);
	int fd = create();

	for (u32 i = ARRAY_SIZE(places); i-- > 0;)
		EXPECT_EQ(sys_pwrite64(fd, "xyz", 3, places[i]), 3);
	EXPECT_EQ(file_size(fd), MiB(20) + 3);
	for (u32 i = 0; i < ARRAY_SIZE(places); i++)
		EXPECT(holds(fd, places[i], "xyz"));
	memory_fill(buffer, 2, 1);
	EXPECT_EQ(sys_pread64(fd, buffer, 2 * PAGE_SIZE, MiB(7) + 11), 2 * PAGE_SIZE);
	EXPECT(memory_is_zero(buffer, 2 * PAGE_SIZE));
	EXPECT_EQ(sys_pread64(fd, buffer, 2 * PAGE_SIZE, MiB(20)), 3);
	EXPECT_EQ(sys_pread64(fd, buffer, 1, MiB(20) + 3), 0);
	EXPECT_EQ(sys_pread64(fd, buffer, 1, (u64)MiB(20) << 12), 0);
	memory_unmap(buffer, 2);
	finish(fd);
}

/* 600 KiB by writes of a size that no page is a multiple of. */
static void larger_files(void)
{
	enum { CHUNK = 3000, CHUNKS = 200 };
	u8 *buffer = memory_map(2, READ_WRITE);
	int fd = create();
	u32 wrong = 0;

	for (u32 i = 0; i < CHUNKS; i++) {
		memset(buffer, (int)i, CHUNK);
		EXPECT_EQ(sys_write(fd, buffer, CHUNK), CHUNK);
	}
	EXPECT_EQ(file_size(fd), CHUNK * CHUNKS);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_SET), 0);
	for (u32 at = 0; at < CHUNK * CHUNKS; at += 2 * PAGE_SIZE) {
		long length = sys_read(fd, buffer, 2 * PAGE_SIZE);

		EXPECT_EQ(length, min(2 * PAGE_SIZE, CHUNK * CHUNKS - at));
		for (long i = 0; i < length; i++)
			wrong += buffer[i] != (u8)((at + (u32)i) / CHUNK);
	}
	EXPECT_EQ(wrong, 0);
	memory_unmap(buffer, 2);
	finish(fd);
}

static void unlinked_files_live_on(void)
{
	int fd = create(), other;

	EXPECT_EQ(sys_write(fd, "old", 3), 3);
	EXPECT_EQ(sys_unlink(path.data), 0);
	other = create();
	EXPECT_EQ(sys_write(other, "new", 3), 3);
	EXPECT(holds(fd, 0, "old"));
	EXPECT(holds(other, 0, "new"));
	EXPECT_EQ(sys_pwrite64(fd, "more", 4, PAGE_SIZE), 4);
	EXPECT(holds(fd, PAGE_SIZE, "more"));
	EXPECT_EQ(sys_close(fd), 0);
	finish(other);
}

static void what_fstat64_says(void)
{
	struct stat64 stat, second;
	int fd = create();
	int other = (int)sys_open(path.data, O_RDONLY);

	EXPECT_EQ(sys_write(fd, "12345", 5), 5);
	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	EXPECT_EQ(stat.mode, S_IFREG | 0600);
	EXPECT_EQ(stat.nlink, 1);
	EXPECT_EQ(stat.size, 5);
	EXPECT_EQ(sys_fstat64(other, &second), 0);
	EXPECT(stat.ino == second.ino && stat.dev == second.dev);
	EXPECT_EQ(sys_unlink(path.data), 0);
	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	EXPECT_EQ(stat.nlink, 0);
	EXPECT_EQ(sys_close(other), 0);
	EXPECT_EQ(sys_fstat64(other, &stat), -EBADF);
	EXPECT_EQ(sys_fstat64(fd, (struct stat64 *)8), -EFAULT);
	other = create();
	EXPECT_EQ(sys_fstat64(other, &second), 0);
	EXPECT(stat.ino != second.ino);
	EXPECT_EQ(sys_close(fd), 0);
	finish(other);
}

/* A buffer of which only the beginning is there: so much is written, and the position says so. */
static void buffers_that_end(void)
{
	u8 *buffer = memory_map(2, READ_WRITE);
	u8 *end = buffer + PAGE_SIZE;
	int fd = create();

	memory_unmap(end, 1);
	memset(buffer, 'q', PAGE_SIZE);
	EXPECT_EQ(sys_write(fd, end, 1), -EFAULT);
	EXPECT_EQ(sys_write(fd, NULL, 5), -EFAULT);
	EXPECT_EQ(file_size(fd), 0);
	EXPECT_EQ(sys_write(fd, end - 20, 20), 20);
	EXPECT(holds(fd, 0, "qqqqqqqqqqqqqqqqqqqq"));
	EXPECT_EQ(sys_pread64(fd, end, 1, 0), -EFAULT);
	EXPECT_EQ(sys_pread64(fd, end - 8, 20, 0), 8);
	EXPECT_EQ(sys_write(fd, end, 0), 0);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_CUR), 20);
	memory_unmap(buffer, 1);
	finish(fd);
}

#define HOLE 3 /* FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE */

/* A hole is made where there are none of the file's pages, and then there are none either. */
static void holes_in_holes(void)
{
	int fd = create();

	EXPECT_EQ(sys_ftruncate(fd, 3 * PAGE_SIZE), 0);
	EXPECT_EQ(sys_fallocate(fd, HOLE, 100, 2 * PAGE_SIZE), 0);
	EXPECT_EQ(sys_fallocate(fd, HOLE, 8 * PAGE_SIZE + 5, 10), 0);
	EXPECT_EQ(sys_lseek(fd, 0, SEEK_DATA), -ENXIO);
	EXPECT_EQ(file_size(fd), 3 * PAGE_SIZE);
	/* Over the end of a page that is there, into one that is not. */
	EXPECT_EQ(sys_pwrite64(fd, "abcdefgh", 8, PAGE_SIZE - 8), 8);
	EXPECT_EQ(sys_fallocate(fd, HOLE, PAGE_SIZE - 4, 8), 0);
	EXPECT(file_byte(fd, PAGE_SIZE - 5) == 'd' && !file_byte(fd, PAGE_SIZE - 4));
	EXPECT_EQ(sys_lseek(fd, PAGE_SIZE, SEEK_DATA), -ENXIO);
	/* In one page, and over the border of two. */
	EXPECT_EQ(sys_pwrite64(fd, "abcdefgh", 8, 2 * PAGE_SIZE - 4), 8);
	EXPECT_EQ(sys_fallocate(fd, HOLE, 2 * PAGE_SIZE - 2, 4), 0);
	EXPECT(file_byte(fd, 2 * PAGE_SIZE - 3) == 'b' && !file_byte(fd, 2 * PAGE_SIZE - 2));
	EXPECT(!file_byte(fd, 2 * PAGE_SIZE + 1) && file_byte(fd, 2 * PAGE_SIZE + 2) == 'g');
	finish(fd);
}

static const struct tap_case cases[] = {
	{ "names", names },
	{ "a file is no directory", a_file_is_no_directory },
	{ "creat and O_TRUNC", creat_and_truncate },
	{ "O_RDONLY and O_WRONLY", access_modes },
	{ "O_APPEND", append },
	{ "positions", positions },
	{ "dup and fork share the position", shared_positions },
	{ "ftruncate", truncation },
	{ "sparse files", sparse_files },
	{ "holes in holes", holes_in_holes },
	{ "larger files", larger_files },
	{ "unlinked files live on", unlinked_files_live_on },
	{ "what fstat64 says", what_fstat64_says },
	{ "buffers that end", buffers_that_end },
};

int main(void)
{
	file_name(&path, ".file");
	return tap_run(cases, ARRAY_SIZE(cases));
}
