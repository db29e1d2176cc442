/* SPDX-License-Identifier: MIT */
/*
 * Page faults, each kind on pages of its own: sample N touches page N of an area, for the first
 * time since the area was prepared. The page table is there, as it is for 1023 pages of 1024.
 */
#include "tests/bench/bench.h"

#define SAMPLES	       200u
#define PAGES	       (WARM_UP + SAMPLES)
#define STACK_DISTANCE (256u << 10) /* more than the stack that execve makes */
#define FILE_PAGES     256u
#define FILE_NAME      "/tmp/bench-pages"

static u8 *page_of(u32 area)
{
	return (u8 *)area + samples_taken() * PAGE_SIZE;
}

static int anon_write_fault(void)
{
	u32 area = map_pages(PAGES);

	if (is_error(area))
		return (int)area;
	while (samples_wanted()) {
		u8 *page = page_of(area);

		samples_add(SAMPLE(touch(page)));
	}
	return 0;
}

static int anon_read_fault(void)
{
	u32 area = map_pages(PAGES);

	if (is_error(area))
		return (int)area;
	while (samples_wanted()) {
		u8 *page = page_of(area);

		samples_add(SAMPLE(look(page)));
	}
	return 0;
}

static int shared_anon_fault(void)
{
	u32 area = map_anonymous(0, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED);

	if (is_error(area))
		return (int)area;
	while (samples_wanted()) {
		u8 *page = page_of(area);

		samples_add(SAMPLE(touch(page)));
	}
	return 0;
}

/*
 * Resident pages that a child was born with. Returns the child's pid, 0 in the child, or -errno.
 */
static long fork_with(u32 area)
{
	for (u32 i = 0; i < PAGES; i++)
		touch((u8 *)area + i * PAGE_SIZE);
	return sys_fork();
}

static void write_each(u32 area)
{
	while (samples_wanted()) {
		u8 *page = page_of(area);

		samples_add(SAMPLE(touch(page)));
	}
}

/* The child writes while its parent, asleep, has the pages too; so it is the child that prints. */
static int cow_fault_copy(void)
{
	u32 area = map_pages(PAGES);
	int status = 0;
	long pid;

	if (is_error(area))
		return (int)area;
	pid = fork_with(area);
	if (pid < 0)
		return (int)pid;
	if (!pid) {
		write_each(area);
		return 0;
	}
	sys_waitpid((int)pid, &status, 0);
	if (status & 0x7f)
		return status;
	sys_exit_group(status >> 8);
}

/* The child is gone: the parent is the last owner. */
static int cow_fault_reuse(void)
{
	u32 area = map_pages(PAGES);
	long pid;

	if (is_error(area))
		return (int)area;
	pid = fork_with(area);
	if (pid < 0)
		return (int)pid;
	if (!pid)
		sys_exit_group(0);
	sys_waitpid((int)pid, NULL, 0);
	write_each(area);
	return 0;
}

/* Each sample makes the stack one page longer. */
static int stack_fault(void)
{
	u32 lowest = ((u32)__builtin_frame_address(0) & ~(PAGE_SIZE - 1)) - STACK_DISTANCE;

	touch((u8 *)lowest);
	while (samples_wanted()) {
		lowest -= PAGE_SIZE;
		samples_add(SAMPLE(touch((u8 *)lowest)));
	}
	return 0;
}

/*
 * A file of FILE_PAGES pages, all of them written and so in the page cache. It has no name any
 * more: memory is as before when the process is gone. Returns the descriptor, or -errno.
 */
static int make_file(void)
{
	static u8 page[PAGE_SIZE];
	bool made = !call2(NR_MKDIR, (long)"/tmp", 0777);
	long fd = call3(NR_open, (long)FILE_NAME, O_RDWR | O_CREAT, 0600);

	call1(NR_unlink, (long)FILE_NAME);
	if (made)
		call1(NR_RMDIR, (long)"/tmp");
	for (u32 i = 0; fd >= 0 && i < FILE_PAGES; i++) {
		long length;

		page[0] = (u8)i;
		length = sys_write((int)fd, page, PAGE_SIZE);
		if (length != PAGE_SIZE)
			return length < 0 ? (int)length : -ENOMEM;
	}
	return (int)fd;
}

/*
 * One sample reads a byte of each page of a mapping that was just made, so it has all the faults
 * that this takes, however many pages each of them maps. `compare, add, compare, jump` is what a
 * page costs without a fault.
 */
static int file_read_fault(void)
{
	int fd = make_file();

	if (fd < 0)
		return fd;
	while (samples_wanted()) {
		u32 area = sys_mmap2(0, FILE_PAGES * PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, 0);

		if (is_error(area))
			return (int)area;
		samples_add(SAMPLE(for (u32 i = 0; i < FILE_PAGES; i++)
					   look((u8 *)area + i * PAGE_SIZE)));
		sys_munmap(area, FILE_PAGES * PAGE_SIZE);
	}
	return 0;
}

const struct operation fault_operations[] = {
	{ "anon_write_fault", anon_write_fault, SAMPLES, 1 },
	{ "anon_read_fault", anon_read_fault, SAMPLES, 1 },
	{ "cow_fault_copy", cow_fault_copy, SAMPLES, 1 },
	{ "cow_fault_reuse", cow_fault_reuse, SAMPLES, 1 },
	{ "shared_anon_fault", shared_anon_fault, SAMPLES, 1 },
	{ "stack_fault", stack_fault, SAMPLES, 1 },
	{ "file_read_fault", file_read_fault, 50, FILE_PAGES },
	{},
};
