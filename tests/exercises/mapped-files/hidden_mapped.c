/* SPDX-License-Identifier: MIT */
/* Hidden cases of the exercise mapped-files: what a first solution may forget. */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)

static u8 *map(u32 pages, int type, int fd, u32 first)
{
	return (u8 *)sys_mmap2(0, pages * PAGE_SIZE, READ_WRITE, type, fd, first);
}

/* A page in the middle of the file, by a private write first. */
static void private_write_first(void)
{
	int fd = file_create(8, 4);
	u8 *pages = map(4, MAP_PRIVATE, fd, 2);

	memory_write(pages + PAGE_SIZE, 0xee);
	EXPECT_EQ(memory_read(pages + PAGE_SIZE), 0xee);
	EXPECT(file_check_page(fd, 3, 4));
	EXPECT(memory_check_part(pages - 2 * PAGE_SIZE, 4, 2, 4));
	memory_unmap(pages, 4);
	sys_close(fd);
}

static void write_shared(void *argument)
{
	memory_write(argument, 0x77);
}

/* Two mappings of one page, and a child: one frame. */
static void one_frame(void)
{
	int fd = file_create(2, 5);
	u8 *first = map(2, MAP_SHARED, fd, 0), *second = map(1, MAP_SHARED, fd, 1);

	memory_write(first + PAGE_SIZE, 0x11);
	EXPECT_EQ(memory_read(second), 0x11);
	EXPECT_CHILD(write_shared, second, EXITED(0));
	EXPECT_EQ(memory_read(first + PAGE_SIZE), 0x77);
	EXPECT_EQ(file_byte(fd, PAGE_SIZE), 0x77);
	memory_unmap(first, 2);
	memory_unmap(second, 1);
	sys_close(fd);
}

/* After the end of the file: SIGBUS, for reads and writes, of both types. */
static void after_the_end(void)
{
	int fd = file_create(1, 6);
	u8 *shared = map(2, MAP_SHARED, fd, 0), *private = map(2, MAP_PRIVATE, fd, 0);

	EXPECT_CHILD(memory_read_child, shared + PAGE_SIZE, KILLED(SIGBUS));
	EXPECT_CHILD(memory_write_child, private + PAGE_SIZE, KILLED(SIGBUS));
	EXPECT(memory_check(shared, 1, 6) && memory_check(private, 1, 6));
	memory_unmap(shared, 2);
	memory_unmap(private, 2);
	sys_close(fd);
}

static const struct tap_case cases[] = {
	{ "a private write first", private_write_first },
	{ "one frame", one_frame },
	{ "after the end", after_the_end },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
