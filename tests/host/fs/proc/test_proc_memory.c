/* SPDX-License-Identifier: MIT */
/*
 * The files of /proc about the memory of a process, and about frames: their text in pieces of any
 * size, and pagemap entry by entry.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fs/file.h"
#include "fs/names.h"
#include "fs/proc/proc.h"
#include "abi/linux/errno.h"
#include "mm/frames/lru.h"
#include "mm/mman/mman.h"
#include "mm/swap/swap.h"
#include "mm/user_space/swapoff.h"
#include "tests/host/owner.h"
#include "tests/host/fs/proc/proc_rig.h"
#include "tests/host/machine.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

static void maps(void)
{
	const char *expected = "08048000-0804a000 r-xp 00000000 00:00 0\n"
			       "0804a000-0804c000 rw-p 00000000 00:00 0          [heap]\n"
			       "40000000-40001000 ---p 00000000 00:00 0\n"
			       "bffff000-c0000000 rw-p 00000000 00:00 0          [stack]\n";
	const u32 flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	proc_boot();
	do_mmap(proc_mm, 0x08048000, 0x2000, PROT_READ | PROT_EXEC, flags);
	proc_mm->start_brk = proc_mm->brk = 0x0804a000;
	do_brk(proc_mm, 0x0804c000);
	user_map(proc_mm, PAGE_SIZE, PROT_NONE);
	do_mmap(proc_mm, 0xbffff000, PAGE_SIZE, PROT_READ | PROT_WRITE, flags | MAP_GROWSDOWN);
	proc_mm->start_stack = 0xbffffff0;
	for (u32 step = 1; step < 400; step += 7) {
		EXPECT_EQ(read_file("/proc/self/maps", step), strlen(expected));
		if (!EXPECT_TEXT(text, expected))
			break;
	}
	mm_put(proc_mm);
}

/* An area that only touches the heap, or the place of the stack, has no name. */
static void names_at_edges(void)
{
	const char *expected = "40000000-40001000 r--p 00000000 00:00 0\n"
			       "40001000-40002000 rw-p 00000000 00:00 0          [heap]\n"
			       "40002000-40003000 r--p 00000000 00:00 0\n"
			       "40003000-40004000 rw-p 00000000 00:00 0          [stack]\n"
			       "40004000-40005000 r--p 00000000 00:00 0\n";

	proc_boot();
	for (u32 i = 0; i < 5; i++)
		do_mmap(proc_mm, 0x40000000 + i * PAGE_SIZE, PAGE_SIZE,
			i & 1 ? PROT_READ | PROT_WRITE : PROT_READ,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	proc_mm->start_brk = 0x40001000;
	proc_mm->brk = 0x40002000;
	proc_mm->start_stack = 0x40003000;
	read_file("/proc/self/maps", 1000);
	EXPECT_TEXT(text, expected);
	proc_mm->start_brk = 0x40001fff;
	proc_mm->start_stack = 0x40003fff;
	read_file("/proc/self/maps", 1000);
	EXPECT_TEXT(text, expected);
	mm_put(proc_mm);
}

/* A name begins in column 49, or behind what is longer. */
static void wide_columns(void)
{
	static const struct {
		u32 pgoff, ino;
		const char *line;
	} cases[] = {
		{ 0xfffff, 4294967295u, "fffff000 00:10 4294967295 /tmp/mapped\n" },
		{ 0x100000, 4294967295u, "100000000 00:10 4294967295 /tmp/mapped\n" },
		{ 0x1000000, 4294967295u, "1000000000 00:10 4294967295 /tmp/mapped\n" },
		{ 0x1000000, 1, "1000000000 00:10 1        /tmp/mapped\n" },
	};
	struct file *file;

	proc_boot();
	EXPECT_EQ(file_open("/tmp/mapped", O_RDWR | O_CREAT, 0644, &file), 0);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mmap_request request = { .address = 0x50000000,
						.length = PAGE_SIZE,
						.prot = PROT_READ,
						.flags = MAP_SHARED | MAP_FIXED,
						.may = VM_MAYREAD,
						.mapping = file->mapping,
						.pgoff = cases[i].pgoff };

		EXPECT_EQ(do_mmap_pgoff(proc_mm, &request), 0x50000000);
		file->mapping->ino = cases[i].ino;
		read_file("/proc/self/maps", 1000);
		EXPECT(strlen(text) > 23);
		EXPECT_TEXT(text + 23, cases[i].line);
	}
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/mapped"), 0);
	mm_put(proc_mm);
}

/* However many areas there are, each is listed, at the same cost. */
static void many_areas(void)
{
	char expected[64];
	u32 length;

	proc_boot();
	for (u32 i = 0; i < 4000; i++)
		do_mmap(proc_mm, 0x50000000 + i * 2 * PAGE_SIZE, PAGE_SIZE, PROT_READ,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	length = (u32)snprintf(expected, sizeof(expected),
			       "50000000-50001000 r--p 00000000 00:00 0\n");
	EXPECT_EQ(read_file("/proc/self/maps", 1000), 4000 * length);
	EXPECT(!strncmp(text, expected, length));
	snprintf(expected, sizeof(expected), "%08x-", 0x50000000 + 3999 * 2 * PAGE_SIZE);
	EXPECT(!strncmp(text + 3999 * length, expected, 9));
	mm_put(proc_mm);
}

static void pagemap(void)
{
	struct mm_struct *child;
	struct file *file, *other;
	vaddr_t area;
	u64 entry[4];

	proc_boot();
	area = user_map(proc_mm, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	user_poke(proc_mm, area, 1);
	user_poke(proc_mm, area + PAGE_SIZE, 1);
	user_peek(proc_mm, area + 2 * PAGE_SIZE);
	child = mm_copy(proc_mm);
	user_poke(child, area, 2);
	file = open_file("/proc/self/pagemap");
	EXPECT_EQ(read_at(file, entry, 32, (u64)(area >> PAGE_SHIFT) * 8), 32);
	EXPECT_EQ(entry[0] >> 56, 0x81); /* present, not shared */
	EXPECT_EQ(entry[1] >> 56, 0x80); /* shared with the child */
	EXPECT_EQ(entry[2], 1ull << 63 | page_to_pfn(zero_page));
	EXPECT_EQ(entry[3], 0);
	EXPECT_EQ(entry[0] & 0xfffff, pte_pfn(*pte_lookup(proc_mm->pgd, area)));
	host_privileged = false;
	EXPECT_EQ(read_at(file, entry, 32, (u64)(area >> PAGE_SHIFT) * 8), 32);
	EXPECT_EQ(entry[0], 0x81ull << 56);
	EXPECT_EQ(entry[2], 1ull << 63);
	host_privileged = true;
	EXPECT_EQ(read_at(file, entry, 32, 4), -EINVAL);
	EXPECT_EQ(read_at(file, entry, 31, 8), -EINVAL);
	EXPECT_EQ(read_at(file, entry, 32, (TASK_SIZE >> PAGE_SHIFT) * 8ull - 8), 8);
	EXPECT_EQ(read_at(file, entry, 32, (TASK_SIZE >> PAGE_SHIFT) * 8ull), 0);
	EXPECT_EQ(read_at(file, entry, 32, ~0ull - 7), 0);
	mm_put(child);
	/* The process is gone, the file is still open. */
	other = open_file("/proc/self/statm");
	mm_put(proc_mm);
	proc_mm = NULL;
	EXPECT_EQ(read_at(file, entry, 32, 0), 0);
	file_put(file);
	EXPECT_EQ(read_at(other, text, 100, 0), -ESRCH);
	file_put(other);
}

static void names_and_memory(void)
{
	struct file *file;

	proc_boot();
	EXPECT_EQ(file_open("/proc/meminfo/", O_RDONLY, 0, &file), -ENOTDIR);
	host_fsuid = 1;
	EXPECT_EQ(file_open("/proc/meminfo", O_RDWR, 0, &file), -EACCES);
	host_fsuid = 0;
	EXPECT_EQ(file_open("/proc/new", O_RDWR | O_CREAT, 0, &file), -ENOENT);
	EXPECT_EQ(file_open("/proc/meminfo2", O_RDONLY, 0, &file), -ENOENT);
	EXPECT_EQ(file_open("/tests/nothing", O_RDONLY, 0, &file), -ENOENT);
	EXPECT_EQ(proc_mm->mm_count, 1);
	file = open_file("/proc/self/maps");
	EXPECT_EQ(proc_mm->mm_count, 2);
	machine_exhaust();
	EXPECT_EQ(read_at(file, text, 100, 0), -ENOMEM);
	machine_relax();
	file_put(file);
	EXPECT_EQ(proc_mm->mm_count, 1);
	mm_put(proc_mm);
}

/* The areas of a process that ends are not shown any more; of one that is gone nothing is. */
static void process_ends(void)
{
	static const char *const paths[] = { "/proc/self/maps", "/proc/self/smaps" };
	const struct mmap_request request = { .address = 0x50000000,
					      .length = PAGE_SIZE,
					      .prot = PROT_READ,
					      .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED };
	struct mm_struct *mm;

	proc_boot();
	mm = proc_mm;
	EXPECT_EQ(do_mmap_pgoff(mm, &request), 0x50000000);
	for (u32 i = 0; i < ARRAY_SIZE(paths); i++) {
		struct file *file = open_file(paths[i]);

		EXPECT(read_at(file, text, 100, 0) > 0);
		mm->mm_users = 0;
		EXPECT_EQ(read_at(file, text, 100, 0), 0);
		mm->mm_users = 1;
		proc_mm = NULL;
		EXPECT_EQ(read_at(file, text, 100, 0), -ESRCH);
		proc_mm = mm;
		file_put(file);
	}
	mm_put(mm);
}

/* A mapped file with its name and offset; shared memory likewise. */
static void mapped_files(void)
{
	struct mmap_request request = { .address = 0x50000000,
					.length = 2 * PAGE_SIZE,
					.prot = PROT_READ | PROT_WRITE,
					.flags = MAP_SHARED | MAP_FIXED,
					.may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC };
	struct file *file;
	u64 entry;
	char expected[200];

	proc_boot();
	EXPECT_EQ(file_open("/tmp/mapped", O_RDWR | O_CREAT, 0644, &file), 0);
	EXPECT_EQ(file_truncate(file, 8 * PAGE_SIZE), 0);
	request.mapping = file->mapping;
	request.pgoff = 6;
	EXPECT_EQ(do_mmap_pgoff(proc_mm, &request), 0x50000000);
	snprintf(expected, sizeof(expected),
		 "50000000-50002000 rw-s 00006000 00:10 %-11u/tmp/mapped\n", file->mapping->ino);
	read_file("/proc/self/maps", 1000);
	EXPECT_TEXT(text, expected);
	user_poke(proc_mm, 0x50001000, 1);
	read_file("/proc/meminfo", 1000);
	EXPECT(strstr(text, "\nCached:                4 kB\n"));
	EXPECT(strstr(text, "\nShmem:                 4 kB\n"));
	file_put(file);
	file = open_file("/proc/self/pagemap");
	EXPECT_EQ(read_at(file, &entry, 8, (0x50001000 >> PAGE_SHIFT) * 8), 8);
	EXPECT_EQ(entry >> 56, 0xa1);
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/mapped"), 0);
	read_file("/proc/self/maps", 1000);
	EXPECT(strstr(text, "/tmp/mapped (deleted)\n"));
	EXPECT_EQ(mapping_list.next != &mapping_list, 1);
	mm_put(proc_mm);
	EXPECT(list_empty(&mapping_list));
}

/* One page in swap: each file that counts it. */
static void swap(void)
{
	const char *expected = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
			       "model                                   partition\t396\t\t4\t\t7\n";
	static struct swap_disk disk;
	u32 type, out, value;
	const char *one = "1";
	struct file *file;
	u64 position = 0;
	struct page *pages[2];
	vaddr_t area, shared;

	proc_boot();
	type = swap_disk_add(&disk, 100, 7);
	area = user_map(proc_mm, 10 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	user_poke(proc_mm, area, 1);
	out = swap_counters.pswpout;
	EXPECT_EQ(do_madvise(proc_mm, area, PAGE_SIZE, MADV_PAGEOUT), 0);
	read_file("/proc/swaps", 30);
	EXPECT_TEXT(text, expected);
	read_file("/proc/self/smaps", 100);
	EXPECT(strstr(text, "\nRss:                   0 kB\n"));
	EXPECT(strstr(text, "\nSwap:                  4 kB\nSwapPss:               4 kB\n"));
	read_file("/proc/meminfo", 100);
	EXPECT(strstr(text, "\nSwapCached:            0 kB\n"));
	EXPECT(strstr(text, "\nAnonPages:             0 kB\n"));
	EXPECT(strstr(text, "\nSwapTotal:           396 kB\nSwapFree:            392 kB\n"));
	read_file("/proc/vmstat", 100);
	EXPECT(strstr(text, "\npswpout ") &&
	       sscanf(strstr(text, "\npswpout "), " pswpout %u", &value) == 1);
	EXPECT_EQ(value, out + 1);
	shared = do_mmap(proc_mm, 0x70000000, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
	user_poke(proc_mm, shared, 1);
	user_poke(proc_mm, shared + PAGE_SIZE, 1);
	for (u32 i = 0; i < 2; i++)
		pages[i] = pfn_to_page(pte_pfn(*pte_lookup(proc_mm->pgd, shared + i * PAGE_SIZE)));
	EXPECT_EQ(evict_pages(pages, 2), 2);
	EXPECT_EQ(smaps_value(shared, "Swap"), 8);
	EXPECT_EQ(smaps_value(shared, "SwapPss"), 0);
	EXPECT_EQ(do_munmap(proc_mm, shared, 2 * PAGE_SIZE), 0);
	user_peek(proc_mm, area);
	read_file("/proc/meminfo", 100);
	EXPECT(strstr(text, "\nSwapCached:            4 kB\n"));
	EXPECT_EQ(file_open("/proc/sys/vm/drop_caches", O_WRONLY, 0, &file), 0);
	EXPECT_EQ(file_write(file, &position, 1, copy_from_buffer, &one), 1);
	file_put(file);
	read_file("/proc/meminfo", 100);
	EXPECT(strstr(text, "\nSwapCached:            0 kB\n"));
	EXPECT(strstr(text, "\nSwapTotal:           396 kB\nSwapFree:            396 kB\n"));
	EXPECT_EQ(swapoff_area(type), 0);
	read_file("/proc/meminfo", 100);
	EXPECT(strstr(text, "\nSwapCached:            0 kB\n"));
	EXPECT(strstr(text, "\nSwapTotal:             0 kB\n"));
	mm_put(proc_mm);
}

/* /proc/frames: every frame once, by its owner, in pieces of any size. */
static void frames(void)
{
	static char whole[sizeof(text)];
	u32 length, found = 0;

	proc_boot();
	length = read_file("/proc/frames", 4096);
	memcpy(whole, text, length + 1);
	EXPECT_EQ(length, DIV_ROUND_UP(max_pfn, 64) * 10 + max_pfn);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		EXPECT_EQ(strtoul(line, NULL, 16), found << PAGE_SHIFT);
		for (char *c = line + 9; *c; c++, found++)
			EXPECT_EQ(*c == '.', frame_owner(found) == OWNER_FREE);
	}
	EXPECT_EQ(found, max_pfn);
	for (u32 step = 1; step < 200; step += 66) {
		EXPECT_EQ(read_file("/proc/frames", step), length);
		EXPECT(!memcmp(text, whole, length));
	}
	mm_put(proc_mm);
}

/* The page tables of a process: two adjacent frames are one run, other rights another one. */
static void page_tables(void)
{
	struct file *gone[2];
	char expected[256];
	pfn_t first;

	proc_boot();
	do_mmap(proc_mm, 0x08048000, 3 * PAGE_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	EXPECT_EQ(read_file("/proc/self/pagetables", 100), 0);
	EXPECT_EQ(access_process_vm(proc_mm, 0x08049000, "x", 1, FAULT_WRITE), 1);
	first = pte_pfn(*pte_lookup(proc_mm->pgd, 0x08049000));
	sprintf(expected, "08049000-0804a000 uw--- frame %06x pages 1\n", (u32)first);
	for (u32 step = 1; step < 100; step += 49) {
		read_file("/proc/self/pagetables", step);
		EXPECT_TEXT(text, expected);
	}
	do_mmap(proc_mm, TASK_SIZE - PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	EXPECT_EQ(access_process_vm(proc_mm, TASK_SIZE - 1, "x", 1, FAULT_WRITE), 1);
	first = pte_pfn(*pte_lookup(proc_mm->pgd, TASK_SIZE - PAGE_SIZE));
	sprintf(expected + strlen(expected), "bffff000-c0000000 uw--- frame %06x pages 1\n",
		(u32)first);
	read_file("/proc/self/pagetables", 100);
	EXPECT_TEXT(text, expected);
	EXPECT(read_file("/proc/kpagetables", 4096));
	EXPECT(!strncmp(text, "c0000000-", 9) && !strstr(text, " u"));
	/* A process that ended has no memory. */
	gone[0] = open_file("/proc/self/statm");
	gone[1] = open_file("/proc/self/pagetables");
	mm_put(proc_mm);
	EXPECT_EQ(read_at(gone[0], text, 100, 0), 14);
	EXPECT(!strncmp(text, "0 0 0 0 0 0 0\n", 14));
	EXPECT_EQ(read_at(gone[1], text, 100, 0), 0);
	proc_mm = NULL;
	file_put(gone[0]);
	file_put(gone[1]);
}

TAP_MAIN({ "frames", frames }, { "page tables", page_tables }, { "maps", maps }, { "swap", swap },
	 { "mapped files", mapped_files },

	 { "names at edges", names_at_edges }, { "wide columns", wide_columns },
	 { "thousands of areas", many_areas }, { "pagemap", pagemap },
	 { "names, and no memory", names_and_memory }, { "a process ends", process_ends })
