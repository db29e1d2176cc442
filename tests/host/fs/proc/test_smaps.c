/* SPDX-License-Identifier: MIT */
/* /proc/PID/smaps and smaps_rollup: which pages of an area are in memory, shared, and dirty. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fs/file.h"
#include "fs/names.h"
#include "fs/proc/proc.h"
#include "abi/linux/errno.h"
#include "fs/tmpfs/rootfs.h"
#include "fs/tmpfs/tmpfs.h"
#include "mm/frames/huge_pool.h"
#include "mm/mman/mman.h"
#include "mm/swap/swap.h"
#include "mm/user_space/swapoff.h"
#include "tests/host/owner.h"
#include "tests/host/fs/proc/proc_rig.h"
#include "tests/host/machine.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

/* Each page in one of the lines: shared or private, to be written or not. */
static void smaps(void)
{
	static struct swap_disk disk;
	struct mm_struct *child;
	vaddr_t area;
	u32 type;

	proc_boot();
	type = swap_disk_add(&disk, 100, 7);
	area = user_map(proc_mm, 16 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	for (u32 i = 0; i < 12; i++)
		user_poke(proc_mm, area + i * PAGE_SIZE, 1);
	user_peek(proc_mm, area + 12 * PAGE_SIZE);
	EXPECT_EQ(do_madvise(proc_mm, area, 4 * PAGE_SIZE, MADV_FREE), 0);
	user_poke(proc_mm, area, 2);
	EXPECT_EQ(do_madvise(proc_mm, area + 4 * PAGE_SIZE, 4 * PAGE_SIZE, MADV_PAGEOUT), 0);
	user_peek(proc_mm, area + 4 * PAGE_SIZE);
	EXPECT_EQ(do_mlock(proc_mm, area, PAGE_SIZE, 0), 0);
	child = mm_copy(proc_mm);
	user_poke(proc_mm, area + 11 * PAGE_SIZE, 2);
	read_file("/proc/self/smaps", 300);
	EXPECT_TEXT(strstr(text, "\n40001000-") + 1,
		    "40001000-40010000 rw-p 00000000 00:00 0\n"
		    "Size:                 60 kB\nKernelPageSize:        4 kB\n"
		    "MMUPageSize:           4 kB\nRss:                  32 kB\n"
		    "Pss:                  18 kB\nPss_Dirty:            10 kB\n"
		    "Shared_Clean:         16 kB\nShared_Dirty:         12 kB\n"
		    "Private_Clean:         0 kB\nPrivate_Dirty:         4 kB\n"
		    "Referenced:           20 kB\nAnonymous:            32 kB\n"
		    "LazyFree:             12 kB\nShared_Hugetlb:        0 kB\n"
		    "Private_Hugetlb:       0 kB\nSwap:                 12 kB\n"
		    "SwapPss:               6 kB\nLocked:                0 kB\n"
		    "VmFlags: rd wr mr mw me ac \n");
	user_switch(NULL);
	mm_put(child);
	mm_put(proc_mm);
	swap_disk_remove(type);
}

/* Pages of a file that can be read again are clean until they are written, others never. */
static void smaps_of_files(void)
{
	static const char archive[2 * PAGE_SIZE] = "archived";
	static const char *const paths[] = { "/tmp/archived", "/tmp/only" };
	struct mmap_request request = { .length = 2 * PAGE_SIZE,
					.prot = PROT_READ | PROT_WRITE,
					.flags = MAP_SHARED | MAP_FIXED,
					.may = VM_MAYREAD | VM_MAYWRITE };
	struct file *file[2];

	proc_boot();
	tmpfs_set_archive(rootfs_make("/tmp", "archived", S_IFREG | 0644), archive,
			  sizeof(archive));
	for (u32 i = 0; i < 2; i++) {
		EXPECT_EQ(file_open(paths[i], O_CREAT | (i ? O_RDWR : O_RDONLY), 0644, &file[i]),
			  0);
		if (i)
			EXPECT_EQ(file_truncate(file[i], sizeof(archive)), 0);
		request.address = 0x50000000 + i * 0x10000000;
		request.mapping = file[i]->mapping;
		EXPECT_EQ(do_mmap_pgoff(proc_mm, &request), request.address);
	}
	for (u32 i = 0; i < 2; i++)
		user_peek(proc_mm, 0x50000000 + i * 0x10000000);
	EXPECT_EQ(smaps_value(0x50000000, "Private_Clean"), 4);
	EXPECT_EQ(smaps_value(0x50000000, "Private_Dirty"), 0);
	EXPECT_EQ(smaps_value(0x60000000, "Private_Clean"), 0);
	EXPECT_EQ(smaps_value(0x60000000, "Private_Dirty"), 4);
	user_poke(proc_mm, 0x50000000, 1);
	EXPECT_EQ(smaps_value(0x50000000, "Private_Clean"), 0);
	EXPECT_EQ(smaps_value(0x50000000, "Private_Dirty"), 4);
	for (u32 i = 0; i < 2; i++) {
		file_put(file[i]);
		EXPECT_EQ(path_unlink(NULL, paths[i]), 0);
	}
	mm_put(proc_mm);
}

/* All areas in one record, from the first to the last. */
static void smaps_rollup(void)
{
	const char *path = "/proc/self/smaps_rollup";
	const u32 flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	struct file *file;

	proc_boot();
	read_file(path, 100);
	EXPECT(!strncmp(text, "00000000-00000000 ---p ", 23));
	do_mmap(proc_mm, 0x50000000, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE, flags);
	do_mmap(proc_mm, 0x60000000, 2 * PAGE_SIZE, PROT_READ, flags);
	do_mmap(proc_mm, TASK_SIZE - PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE, flags);
	user_poke(proc_mm, 0x50001000, 1);
	user_poke(proc_mm, TASK_SIZE - 1, 1);
	EXPECT_EQ(do_mlock(proc_mm, 0x50001000, PAGE_SIZE, 0), 0);
	read_file(path, 100);
	EXPECT(!strncmp(text,
			"50000000-c0000000 ---p 00000000 00:00 0                          "
			"[rollup]\nRss:                   8 kB\nPss:                   8 kB\n",
			119));
	EXPECT(strstr(text, "\nPrivate_Dirty:         8 kB\n"));
	EXPECT(strstr(text, "\nLocked:                4 kB\n"));
	file = open_file(path);
	user_switch(NULL);
	mm_put(proc_mm);
	EXPECT_EQ(read_at(file, text, 100, 0), -ESRCH);
	proc_mm = NULL;
	file_put(file);
}

#define PART (pgtable_end(0, TASK_SIZE)) /* bytes that are counted at once */

static struct {
	vaddr_t start, end;
} to_unmap;

static void unmaps(void)
{
	if (to_unmap.end)
		EXPECT_EQ(do_munmap(proc_mm, to_unmap.start, to_unmap.end - to_unmap.start), 0);
	to_unmap.end = 0;
}

/* Between two parts of an area the process unmaps the first part, the next, or all the rest. */
static void smaps_of_an_area_that_goes(void)
{
	static const struct {
		u32 from, to, pages; /* parts that are unmapped; pages that are counted */
	} cases[] = { { 0, 1, 4 }, { 1, 2, 1 }, { 1, 4, 1 }, { 2, 3, 2 }, { 0, 4, 1 } };

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		vaddr_t area = 0x50000000;

		if (!i)
			proc_boot();
		EXPECT_EQ(do_mmap(proc_mm, area, 4 * PART, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
			  area);
		for (u32 part = 0; part < 4; part++)
			user_poke(proc_mm, area + part * PART, 1);
		to_unmap.start = area + cases[i].from * PART;
		to_unmap.end = area + cases[i].to * PART;
		host_others = unmaps;
		EXPECT_EQ(smaps_value(area, "Rss"), cases[i].pages * 4);
		host_others = NULL;
		EXPECT_EQ(do_munmap(proc_mm, area, 4 * PART), 0);
	}
	mm_put(proc_mm);
}

/* A large page of one process, and of two. */
static void smaps_of_large_pages(void)
{
	struct mm_struct *child;
	vaddr_t area;

	proc_boot();
	EXPECT_EQ(huge_pool_resize(2), 2);
	area = do_mmap(proc_mm, 0x50000000, LARGE_PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB);
	EXPECT_EQ(user_poke(proc_mm, area, 1), FAULT_OK);
	EXPECT_EQ(smaps_value(area, "Private_Hugetlb"), LARGE_PAGE_SIZE / 1024);
	EXPECT_EQ(smaps_value(area, "Shared_Hugetlb"), 0);
	EXPECT_EQ(smaps_value(area, "Rss"), 0);
	child = mm_copy(proc_mm);
	EXPECT_EQ(smaps_value(area, "Private_Hugetlb"), 0);
	EXPECT_EQ(smaps_value(area, "Shared_Hugetlb"), LARGE_PAGE_SIZE / 1024);
	user_switch(NULL);
	mm_put(child);
	mm_put(proc_mm);
	EXPECT_EQ(huge_pool_resize(0), 0);
}

TAP_MAIN({ "smaps", smaps }, { "files", smaps_of_files }, { "smaps_rollup", smaps_rollup },
	 { "an area that goes", smaps_of_an_area_that_goes },
	 { "large pages", smaps_of_large_pages })
