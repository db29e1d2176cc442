/* SPDX-License-Identifier: MIT */
/*
 * Mapped files. There is one page cache: all views see the same bytes, except private copies.
 *
 *	write(2) ---> page cache <--- MAP_SHARED, in any process
 *	read(2)  <---     |     ----> MAP_PRIVATE, until the page is written to: then a copy
 *	                 size         a page beyond it is SIGBUS; truncation unmaps pages
 *
 * POSIX does not specify whether a private mapping sees later writes to pages that it has not
 * copied; on Linux and Pagewright it does.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PAGES	   4u

static u8 *const place = (u8 *)FIXED_PLACE;
static u8 *const second = (u8 *)FIXED_PLACE + 16 * PAGE_SIZE;

static void map_file(u8 *at, u32 pages, int protection, int type, int fd, u32 first)
{
	EXPECT_EQ(sys_mmap2((u32)at, pages * PAGE_SIZE, protection, type | MAP_FIXED, fd, first),
		  (u32)at);
}

static void finish(int fd)
{
	EXPECT_EQ(sys_close(fd), 0);
	memory_unmap(place, 32);
}

static void both_types_show_the_file(void)
{
	int fd = file_create(PAGES, 1);

	map_file(place, PAGES, PROT_READ, MAP_SHARED, fd, 0);
	map_file(second, 2, PROT_READ, MAP_PRIVATE, fd, 1);
	EXPECT(memory_check(place, PAGES, 1));
	EXPECT(memory_check_part(second - PAGE_SIZE, 1, 2, 1));
	finish(fd);
}

static void shared_writes_are_the_file(void)
{
	int fd = file_create(PAGES, 2);

	map_file(place, PAGES, READ_WRITE, MAP_SHARED, fd, 0);
	map_file(second, PAGES, PROT_READ, MAP_SHARED, fd, 0);
	memory_write(place + 2 * PAGE_SIZE + 7, 0x21);
	EXPECT_EQ(memory_read(second + 2 * PAGE_SIZE + 7), 0x21);
	EXPECT_EQ(file_byte(fd, 2 * PAGE_SIZE + 7), 0x21);
	memory_fill(place, PAGES, 3);
	EXPECT(memory_check(second, PAGES, 3));
	for (u32 i = 0; i < PAGES; i++)
		EXPECT(file_check_page(fd, i, 3));
	/* And the other way round. */
	EXPECT_EQ(sys_pwrite64(fd, "abc", 3, PAGE_SIZE - 1), 3);
	EXPECT_EQ(memory_read(place + PAGE_SIZE - 1), 'a');
	EXPECT_EQ(memory_read(second + PAGE_SIZE + 1), 'c');
	finish(fd);
}

static void change_shared_memory(void *argument)
{
	(void)argument;
	EXPECT(memory_check(place, PAGES, 4));
	memory_fill_part(place, 1, 2, 5);
	EXPECT_EQ(memory_read(second), memory_read(place));
}

static void a_child_shares_the_mapping(void)
{
	int fd = file_create(PAGES, 4);

	map_file(place, PAGES, READ_WRITE, MAP_SHARED, fd, 0);
	map_file(second, PAGES, READ_WRITE, MAP_SHARED, fd, 0);
	memory_read(place + PAGE_SIZE);
	EXPECT_CHILD(change_shared_memory, NULL, EXITED(0));
	EXPECT(memory_check_part(place, 0, 1, 4));
	EXPECT(memory_check_part(place, 1, 2, 5));
	EXPECT(memory_check_part(second, 1, 2, 5));
	EXPECT(memory_check_part(place, 3, 1, 4));
	EXPECT(file_check_page(fd, 2, 5));
	finish(fd);
}

static void private_writes_are_private(void)
{
	int fd = file_create(PAGES, 6);

	map_file(place, PAGES, READ_WRITE, MAP_PRIVATE, fd, 0);
	map_file(second, PAGES, READ_WRITE, MAP_PRIVATE, fd, 0);
	memory_write(place, 0x31);
	memory_read(place + PAGE_SIZE);
	memory_write(place + PAGE_SIZE, 0x32);
	EXPECT(memory_check(second, PAGES, 6));
	EXPECT(file_check_page(fd, 0, 6) && file_check_page(fd, 1, 6));
	EXPECT_EQ(memory_read(place), 0x31);
	EXPECT_EQ(memory_read(place + PAGE_SIZE), 0x32);
	EXPECT(memory_check_part(place, 2, 2, 6));
	/* A copy no longer follows the file; a page that was not written to does. */
	EXPECT_EQ(sys_pwrite64(fd, "x", 1, 5), 1);
	EXPECT_EQ(sys_pwrite64(fd, "y", 1, 2 * PAGE_SIZE + 5), 1);
	EXPECT(memory_read(place + 5) != 'x');
	EXPECT_EQ(memory_read(second + 5), 'x');
	EXPECT_EQ(memory_read(place + 2 * PAGE_SIZE + 5), 'y');
	finish(fd);
}

static void private_copies_in_a_child(void *argument)
{
	(void)argument;
	EXPECT(memory_check_part(place, 0, 1, 8));
	memory_fill_part(place, 0, 2, 9);
	EXPECT(memory_check_part(place, 0, 2, 9));
	EXPECT_EQ(sys_madvise(FIXED_PLACE, PAGES * PAGE_SIZE, MADV_DONTNEED), 0);
	EXPECT(memory_check(place, PAGES, 7));
}

/* MADV_DONTNEED frees the copies, and the file's pages are seen again. */
static void private_mappings_and_fork(void)
{
	int fd = file_create(PAGES, 7);

	map_file(place, PAGES, READ_WRITE, MAP_PRIVATE, fd, 0);
	memory_fill_part(place, 0, 1, 8);
	EXPECT_CHILD(private_copies_in_a_child, NULL, EXITED(0));
	EXPECT(memory_check_part(place, 0, 1, 8));
	EXPECT(memory_check_part(place, 1, PAGES - 1, 7));
	EXPECT(file_check_page(fd, 0, 7) && file_check_page(fd, 1, 7));
	finish(fd);
}

static void rights_of_the_descriptor(void)
{
	struct file_ways file;

	file_create_ways(&file, 1, 10);
	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, READ_WRITE, MAP_SHARED, file.read_only, 0), -EACCES);
	EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, PROT_WRITE, MAP_SHARED, file.read_only, 0), -EACCES);
	for (int protection = 0; protection < 4; protection++) {
		EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, protection, MAP_SHARED, file.write_only, 0),
			  -EACCES);
		EXPECT_EQ(sys_mmap2(0, PAGE_SIZE, protection, MAP_PRIVATE, file.write_only, 0),
			  -EACCES);
	}
	/* Private memory may be written to whatever the descriptor allows. */
	map_file(place, 1, READ_WRITE, MAP_PRIVATE, file.read_only, 0);
	memory_fill(place, 1, 11);
	EXPECT(file_check_page(file.read_only, 0, 10));
	/* Shared memory of a read-only descriptor never becomes writable. */
	map_file(second, 1, PROT_READ, MAP_SHARED, file.read_only, 0);
	EXPECT_EQ(sys_mprotect((u32)second, PAGE_SIZE, READ_WRITE), -EACCES);
	EXPECT_EQ(sys_mprotect((u32)second, PAGE_SIZE, PROT_NONE), 0);
	EXPECT_EQ(sys_mprotect((u32)second, PAGE_SIZE, PROT_WRITE), -EACCES);
	EXPECT_EQ(sys_mprotect((u32)second, PAGE_SIZE, PROT_READ), 0);
	EXPECT(memory_check(second, 1, 10));
	EXPECT_CHILD(memory_write_child, second, KILLED(SIGSEGV));
	file_close_ways(&file);
	memory_unmap(place, 32);
}

static void the_end_of_the_file(void)
{
	int fd = file_create(2, 12);

	EXPECT_EQ(sys_ftruncate(fd, PAGE_SIZE + 100), 0);
	for (int type = MAP_SHARED; type <= MAP_PRIVATE; type++) {
		map_file(place, PAGES, READ_WRITE, type, fd, 0);
		EXPECT(memory_check_part(place, 0, 1, 12));
		/* The rest of the last page is zero. */
		EXPECT(memory_is_zero(place + PAGE_SIZE + 100, PAGE_SIZE - 100));
		EXPECT_CHILD(memory_read_child, place + 2 * PAGE_SIZE - 1, EXITED(0));
		EXPECT_CHILD(memory_read_child, place + 2 * PAGE_SIZE, KILLED(SIGBUS));
		EXPECT_CHILD(memory_write_child, place + 2 * PAGE_SIZE, KILLED(SIGBUS));
		EXPECT_CHILD(memory_read_child, place + 4 * PAGE_SIZE - 1, KILLED(SIGBUS));
		EXPECT_CHILD(memory_read_child, place + 4 * PAGE_SIZE, KILLED(SIGSEGV));
		memory_unmap(place, PAGES);
	}
	EXPECT_EQ(file_size(fd), PAGE_SIZE + 100);
	/* Wholly beyond the end, and the kernel's view of it. */
	map_file(place, 1, PROT_READ, MAP_SHARED, fd, 1000);
	EXPECT_CHILD(memory_read_child, place, KILLED(SIGBUS));
	EXPECT_EQ(sys_open((char *)place, O_RDONLY), -EFAULT);
	finish(fd);
}

/* What a write cannot read from memory leaves the file as it is. */
static void a_write_that_faults(void)
{
	int fd = file_create(2, 6), before = file_byte(fd, 1101), last = file_byte(fd, 4095);

	memory_map_at((u32)place, 1, READ_WRITE);
	memory_fill(place, 1, 7);
	EXPECT_EQ(sys_pwrite64(fd, place + PAGE_SIZE - 101, PAGE_SIZE, 1000), 101);
	EXPECT_EQ(file_byte(fd, 1000), memory_read(place + PAGE_SIZE - 101));
	EXPECT_EQ(file_byte(fd, 1100), memory_read(place + PAGE_SIZE - 1));
	EXPECT_EQ(file_byte(fd, 1101), before);
	EXPECT_EQ(file_byte(fd, 4095), last);
	EXPECT_EQ(sys_pwrite64(fd, place + PAGE_SIZE, PAGE_SIZE, PAGE_SIZE), -EFAULT);
	EXPECT(file_check_page(fd, 1, 6));
	finish(fd);
}

/* Bytes written to the last page beyond the end of the file never reach the file. */
static void bytes_after_the_end(void)
{
	int fd = file_create(1, 13);

	EXPECT_EQ(sys_ftruncate(fd, 10), 0);
	map_file(place, 1, READ_WRITE, MAP_SHARED, fd, 0);
	EXPECT(memory_is_zero(place + 10, PAGE_SIZE - 10));
	memory_write(place + 9, 0x41);
	EXPECT_EQ(file_size(fd), 10);
	EXPECT_EQ(file_byte(fd, 9), 0x41);
	EXPECT_EQ(file_byte(fd, 10), -1);
	finish(fd);
}

static void truncation_unmaps(void)
{
	int fd = file_create(PAGES, 14);

	map_file(place, PAGES, READ_WRITE, MAP_SHARED, fd, 0);
	map_file(second, PAGES, READ_WRITE, MAP_PRIVATE, fd, 0);
	memory_write(second + 3 * PAGE_SIZE, 0x51);
	EXPECT(memory_check(place, PAGES, 14));
	EXPECT_EQ(sys_ftruncate(fd, 2 * PAGE_SIZE), 0);
	EXPECT(memory_check_part(place, 0, 2, 14));
	EXPECT(memory_check_part(second, 0, 2, 14));
	for (u32 i = 2; i < PAGES; i++) {
		EXPECT(!memory_page(place + i * PAGE_SIZE).present);
		EXPECT_CHILD(memory_read_child, place + i * PAGE_SIZE, KILLED(SIGBUS));
		/* Private copies are lost as well. */
		EXPECT_CHILD(memory_read_child, second + i * PAGE_SIZE, KILLED(SIGBUS));
	}
	/* Longer again: zeroes, not the old bytes. */
	EXPECT_EQ(sys_ftruncate(fd, PAGES * PAGE_SIZE), 0);
	EXPECT(memory_is_zero(place + 2 * PAGE_SIZE, 2 * PAGE_SIZE));
	EXPECT(memory_is_zero(second + 2 * PAGE_SIZE, 2 * PAGE_SIZE));
	memory_fill_part(place, 2, 2, 14);
	EXPECT(file_check_page(fd, 3, 14));
	finish(fd);
}

/* The bytes of the last page beyond the new end become zero. */
static void truncation_inside_a_page(void)
{
	int fd = file_create(2, 15);

	map_file(place, 2, READ_WRITE, MAP_SHARED, fd, 0);
	EXPECT(memory_check(place, 2, 15));
	EXPECT_EQ(sys_ftruncate(fd, 1000), 0);
	EXPECT(memory_is_zero(place + 1000, PAGE_SIZE - 1000));
	EXPECT(!memory_is_zero(place + 900, 100));
	EXPECT_EQ(sys_ftruncate(fd, 2 * PAGE_SIZE), 0);
	EXPECT(memory_is_zero(place + 1000, 2 * PAGE_SIZE - 1000));
	EXPECT_EQ(file_byte(fd, 1000), 0);
	EXPECT_EQ(sys_ftruncate(fd, 1000), 0);
	memory_write(place + 1000, 0x52);
	EXPECT_EQ(sys_ftruncate(fd, 1000), 0); /* to the size that it has */
	EXPECT(memory_is_zero(place + 1000, PAGE_SIZE - 1000));
	finish(fd);
}

static void a_growing_file(void)
{
	int fd = file_create(1, 16);

	map_file(place, 3, READ_WRITE, MAP_SHARED, fd, 0);
	EXPECT_CHILD(memory_read_child, place + PAGE_SIZE, KILLED(SIGBUS));
	EXPECT_EQ(sys_pwrite64(fd, "z", 1, 2 * PAGE_SIZE), 1);
	EXPECT(memory_is_zero(place + PAGE_SIZE, PAGE_SIZE));
	EXPECT_EQ(memory_read(place + 2 * PAGE_SIZE), 'z');
	memory_fill_part(place, 1, 1, 16);
	EXPECT(file_check_page(fd, 1, 16));
	EXPECT_EQ(file_size(fd), 2 * PAGE_SIZE + 1);
	finish(fd);
}

/* The name went with file_create(); the descriptor goes here; the mapping keeps the file. */
static void mappings_outlive_descriptors(void)
{
	int fd = file_create(PAGES, 17);

	map_file(place, PAGES, READ_WRITE, MAP_SHARED, fd, 0);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT(memory_check(place, PAGES, 17));
	memory_fill(place, PAGES, 18);
	EXPECT_EQ(sys_madvise(FIXED_PLACE, PAGES * PAGE_SIZE, MADV_DONTNEED), 0);
	EXPECT_EQ(memory_count_present(place, PAGES), 0);
	EXPECT(memory_check(place, PAGES, 18));
	EXPECT_CHILD(memory_write_child, place + 9, EXITED(0));
	EXPECT_EQ(memory_read(place + 9), 0x5A);
	memory_unmap(place, PAGES);
}

/* Parts of one file that lie side by side as in the file are one area. */
static void areas_of_a_file(void)
{
	int fd = file_create(6, 19);

	map_file(place, 2, PROT_READ, MAP_SHARED, fd, 0);
	map_file(place + 2 * PAGE_SIZE, 2, PROT_READ, MAP_SHARED, fd, 2);
	EXPECT_EQ(maps_count(place, 4), 1);
	map_file(place + 4 * PAGE_SIZE, 1, PROT_READ, MAP_SHARED, fd, 5);
	EXPECT_EQ(maps_count(place, 5), 2);
	EXPECT(memory_check(place, 4, 19));
	EXPECT(memory_check_part(place - PAGE_SIZE, 5, 1, 19));
	memory_unmap(place + PAGE_SIZE, 2);
	EXPECT(memory_check_part(place, 3, 1, 19));
	map_file(place + PAGE_SIZE, 2, PROT_READ, MAP_PRIVATE, fd, 1);
	EXPECT(memory_check(place, 4, 19));
	EXPECT_EQ(maps_count(place, 5), 4);
	finish(fd);
}

static void system_calls_on_mapped_files(void)
{
	int fd = file_create(PAGES, 20);
	u8 *shared = place, *copy = second;

	map_file(shared, PAGES, READ_WRITE, MAP_SHARED, fd, 0);
	map_file(copy, PAGES, READ_WRITE, MAP_PRIVATE, fd, 0);
	/* A page of the file onto another page of it, both ways, and onto a private copy. */
	EXPECT_EQ(sys_pwrite64(fd, shared, PAGE_SIZE, 2 * PAGE_SIZE), (long)PAGE_SIZE);
	EXPECT(memory_check(shared + 2 * PAGE_SIZE, 1, 20));
	EXPECT_EQ(sys_pread64(fd, shared + 3 * PAGE_SIZE, PAGE_SIZE, 0), (long)PAGE_SIZE);
	EXPECT(memory_check(copy + 3 * PAGE_SIZE, 1, 20));
	EXPECT_EQ(sys_pread64(fd, copy + PAGE_SIZE, PAGE_SIZE, 0), (long)PAGE_SIZE);
	EXPECT(memory_check(copy + PAGE_SIZE, 1, 20));
	EXPECT(memory_check_part(shared, 1, 1, 20));
	EXPECT(file_check_page(fd, 1, 20));
	finish(fd);
}

static const struct tap_case cases[] = {
	{ "both types show the file", both_types_show_the_file },
	{ "shared writes are the file", shared_writes_are_the_file },
	{ "a child shares the mapping", a_child_shares_the_mapping },
	{ "private writes are private", private_writes_are_private },
	{ "private mappings and fork", private_mappings_and_fork },
	{ "the rights of the descriptor", rights_of_the_descriptor },
	{ "SIGBUS after the end of the file", the_end_of_the_file },
	{ "a write that faults", a_write_that_faults },
	{ "bytes after the end", bytes_after_the_end },
	{ "truncation unmaps", truncation_unmaps },
	{ "truncation inside a page", truncation_inside_a_page },
	{ "a growing file", a_growing_file },
	{ "mappings outlive name and descriptor", mappings_outlive_descriptors },
	{ "areas of a file", areas_of_a_file },
	{ "system calls on mapped files", system_calls_on_mapped_files },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
