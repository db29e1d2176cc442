/* SPDX-License-Identifier: MIT */
/*
 * Temporary files. They are read by system calls, never through a mapping, so that a
 * program can compare both views.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/tap.h"

static u8 buffer[PAGE_SIZE] __attribute__((aligned(4096)));

void file_name(struct text *path, const char *suffix)
{
	text_clear(path);
	text_add(path, "/tmp/pagewright-ring3-");
	text_add_decimal(path, sys_getpid());
	text_add(path, suffix);
}

static void fill_file(int fd, u32 pages, u32 seed)
{
	for (u32 i = 0; i < pages; i++) {
		memory_fill_part(buffer - i * PAGE_SIZE, i, 1, seed);
		if (sys_pwrite64(fd, buffer, PAGE_SIZE, (u64)i * PAGE_SIZE) != (long)PAGE_SIZE)
			tap_bail_out("a temporary file cannot be written");
	}
}

void file_create_ways(struct file_ways *file, u32 pages, u32 seed)
{
	struct text path;

	file_name(&path, ".data");
	file->read_write = (int)sys_open_mode(path.data, O_RDWR | O_CREAT | O_EXCL, 0600);
	file->read_only = (int)sys_open(path.data, O_RDONLY);
	file->write_only = (int)sys_open(path.data, O_WRONLY);
	if (file->read_write < 0 || file->read_only < 0 || file->write_only < 0)
		tap_bail_out("no temporary file under /tmp");
	if (sys_unlink(path.data))
		tap_bail_out("a temporary file cannot be unlinked");
	fill_file(file->read_write, pages, seed);
}

void file_close_ways(const struct file_ways *file)
{
	EXPECT_EQ(sys_close(file->read_write), 0);
	EXPECT_EQ(sys_close(file->read_only), 0);
	EXPECT_EQ(sys_close(file->write_only), 0);
}

int file_create(u32 pages, u32 seed)
{
	struct file_ways file;

	file_create_ways(&file, pages, seed);
	EXPECT_EQ(sys_close(file.read_only), 0);
	EXPECT_EQ(sys_close(file.write_only), 0);
	return file.read_write;
}

int file_create_in_memory(u32 pages, u32 seed)
{
	int fd = (int)system_call(NR_memfd_create, (long)"pagewright-ring3", 0, 0, 0, 0, 0);

	if (fd < 0)
		tap_bail_out("no file in memory");
	fill_file(fd, pages, seed);
	return fd;
}

int file_copy_program(const char *path, u32 mode)
{
	int from = (int)sys_open("/proc/self/exe", O_RDONLY);
	int to = (int)sys_open_mode(path, O_RDWR | O_CREAT | O_EXCL, mode);
	long length;

	if (from < 0 || to < 0)
		tap_bail_out("the program cannot be copied");
	while ((length = sys_read(from, buffer, sizeof(buffer))) > 0)
		EXPECT_EQ(sys_write(to, buffer, (u32)length), length);
	EXPECT_EQ(length, 0);
	EXPECT_EQ(sys_close(from), 0);
	return to;
}

bool file_check_page(int fd, u32 index, u32 seed)
{
	if (sys_pread64(fd, buffer, PAGE_SIZE, (u64)index * PAGE_SIZE) != (long)PAGE_SIZE)
		return false;
	return memory_check_part(buffer - index * PAGE_SIZE, index, 1, seed);
}

int file_byte(int fd, u32 offset)
{
	u8 byte;

	return sys_pread64(fd, &byte, 1, offset) == 1 ? byte : -1;
}

long file_size(int fd)
{
	struct stat64 stat;
	long err = sys_fstat64(fd, &stat);

	return err ? err : (long)stat.size;
}
