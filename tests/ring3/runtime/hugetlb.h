/* SPDX-License-Identifier: MIT */
/*
 * What the tests of large pages share. The size of a large page and the number in the pool are the
 * machine's. On Pagewright a test changes that number; on a Linux in use it is not the test's.
 */
#ifndef RING3_RUNTIME_HUGETLB_H
#define RING3_RUNTIME_HUGETLB_H

#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PRIVATE	   (MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB)
#define SHARED	   (MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB)
#define NR_HUGE	   "/proc/sys/vm/nr_hugepages"

static u32 size; /* of a large page, bytes */

static inline bool is_pagewright(void)
{
	struct stat64 stat;

	return !sys_stat64("/proc/frames", &stat);
}

static inline u32 pool(const char *field)
{
	return field_in(file_text("/proc/meminfo"), field);
}

static inline u32 map(u32 address, u32 pages, int protection, int flags)
{
	return sys_mmap2(address, pages * size, protection, flags, -1, 0);
}

static inline long unmap(u32 address, u32 pages)
{
	return sys_munmap(address, pages * size);
}

static inline void read_child(void *address)
{
	memory_read(address);
}

static inline void write_child(void *address)
{
	memory_write(address, 1);
}

static inline const char *area_line(u32 address)
{
	const char *line = file_text("/proc/self/smaps");

	while (line && !(line[8] == '-' && number_in(line, 16) == address))
		line = next_line(line);
	EXPECT(line);
	return line ?: "";
}

static inline u32 field(u32 address, const char *name)
{
	return field_in(area_line(address), name);
}

/* Runs the cases with an empty pool, and leaves the one that was there. */
static inline int run_with_empty_pool(const struct tap_case *cases, u32 count)
{
	char before[16] = "";
	int status;

	size = pool("Hugepagesize") * 1024;
	memcpy(before, file_text(NR_HUGE), sizeof(before) - 1);
	if (is_pagewright())
		file_write_text(NR_HUGE, "0");
	status = tap_run(cases, count);
	if (is_pagewright())
		file_write_text(NR_HUGE, before);
	return status;
}

#endif
