/* SPDX-License-Identifier: MIT */
/*
 * Operations on much memory: more frames than the kernel keeps at hand, files that nothing has
 * read yet, large programs, and what reports about many pages or areas.
 */
#include "tests/bench/bench.h"
#include "tests/ring3/runtime/lines.h"

#define LARGE_PAGES   8192u /* 32 MiB */
#define MINCORE_PAGES 256u

/* A file of the initramfs that no operation uses but these; some of its pages for each. */
#define ARCHIVE_FILE  "/tests/glibc"
#define ARCHIVE_PAGES 96u

static u32 touch_all(u32 area)
{
	return SAMPLE(for (u32 i = 0; i < LARGE_PAGES; i++) touch((u8 *)area + i * PAGE_SIZE));
}

enum wanted { WRITES, UNMAPPING, TABLES };

/* Read to the stack: another area in the small process would cost each fork something. */
static u32 page_tables(void)
{
	char text[PAGE_SIZE / 2];
	long fd = call3(NR_open, (long)"/proc/self/status", O_RDONLY, 0);
	long length = call3(NR_read, fd, (long)text, sizeof(text) - 1);

	sys_close((int)fd);
	text[max(length, 0l)] = 0;
	return field_in(text, "VmPTE") / (PAGE_SIZE / 1024);
}

/* Writes to each page of an area that is made anew each time, and ends it. */
static int write_and_unmap(int flags, enum wanted wanted)
{
	samples_without_warm_up();
	for (u32 round = 0; samples_wanted(); round++) {
		u32 area = sys_mmap2(0, LARGE_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
		u32 written, unmapped, tables = wanted == TABLES ? page_tables() : 0;
		long err;

		if (is_error(area))
			return (int)area;
		written = touch_all(area);
		if (wanted == TABLES)
			tables = page_tables() - tables;
		unmapped = SAMPLE(err = call2(NR_munmap, (long)area, LARGE_PAGES * PAGE_SIZE));
		if (err)
			return (int)err;
		if (wanted == TABLES)
			samples_add_count(tables);
		else if (round) /* the first one is the warm-up */
			samples_add(wanted == WRITES ? written : unmapped);
	}
	return 0;
}

static int write_fault_32m(void)
{
	return write_and_unmap(0, WRITES);
}

static int munmap_32m(void)
{
	return write_and_unmap(0, UNMAPPING);
}

/* The same by large pages: a fault for each, as /proc/sys/vm/nr_hugepages sets them aside. */
static int by_large_pages(enum wanted wanted)
{
	long fd = call3(NR_open, (long)"/proc/sys/vm/nr_hugepages", O_RDWR, 0);
	int err;

	if (fd < 0)
		return (int)fd;
	call3(NR_write, fd, (long)"16", 2);
	err = write_and_unmap(MAP_HUGETLB, wanted);
	call3(NR_write, fd, (long)"0", 1);
	return err;
}

static int write_fault_32m_huge(void)
{
	return by_large_pages(WRITES);
}

static int munmap_32m_huge(void)
{
	return by_large_pages(UNMAPPING);
}

static int frames_tables_32m(void)
{
	return write_and_unmap(0, TABLES);
}

static int frames_tables_32m_huge(void)
{
	return by_large_pages(TABLES);
}

/* One sample: a second time the pages would be in the page cache. */
static int archive_fault(u32 first, int protection)
{
	long fd = call3(NR_open, (long)ARCHIVE_FILE, O_RDONLY, 0);
	u32 area;

	if (fd < 0)
		return (int)fd;
	area = sys_mmap2(0, ARCHIVE_PAGES * PAGE_SIZE, protection, MAP_PRIVATE, (int)fd, first);
	if (is_error(area))
		return (int)area;
	samples_without_warm_up();
	if (protection & PROT_WRITE)
		samples_add(SAMPLE(for (u32 i = 0; i < ARCHIVE_PAGES; i++)
					   touch((u8 *)area + i * PAGE_SIZE)));
	else
		samples_add(SAMPLE(for (u32 i = 0; i < ARCHIVE_PAGES; i++)
					   look((u8 *)area + i * PAGE_SIZE)));
	return 0;
}

static int archive_read_fault(void)
{
	return archive_fault(0, PROT_READ);
}

static int archive_cow_fault(void)
{
	return archive_fault(ARCHIVE_PAGES, PROT_READ | PROT_WRITE);
}

static int mincore_256(void)
{
	static u8 vector[MINCORE_PAGES];
	u32 area = map_pages(MINCORE_PAGES);
	long err = 0;

	if (is_error(area))
		return (int)area;
	for (u32 i = 0; i < MINCORE_PAGES; i += 2)
		touch((u8 *)area + i * PAGE_SIZE);
	while (!err && samples_wanted())
		samples_add(SAMPLE(err = call3(NR_mincore, (long)area, MINCORE_PAGES * PAGE_SIZE,
					       (long)vector)));
	return (int)err;
}

const struct operation large_operations[] = {
	{ "write_fault_32m", write_fault_32m, 3, LARGE_PAGES },
	{ "munmap_32m", munmap_32m, 3, LARGE_PAGES },
	{ "archive_read_fault", archive_read_fault, 1, ARCHIVE_PAGES },
	{ "archive_cow_fault", archive_cow_fault, 1, ARCHIVE_PAGES },
	{ "write_fault_32m_huge", write_fault_32m_huge, 3, LARGE_PAGES },
	{ "munmap_32m_huge", munmap_32m_huge, 3, LARGE_PAGES },
	{ "mincore_256", mincore_256, 200, 1 },
	{ "frames_tables_32m", frames_tables_32m, 1, 1 },
	{ "frames_tables_32m_huge", frames_tables_32m_huge, 1, 1 },
	{},
};
