/* SPDX-License-Identifier: MIT */
/*
 * /proc as programs read it: the text of each file, in pieces of any size, and pagemap entry by
 * entry.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/file.h"
#include "fs/names.h"
#include "fs/folder.h"
#include "fs/proc/proc.h"
#include "fs/tmpfs/rootfs.h"
#include "fs/tmpfs/tmpfs.h"
#include "abi/linux/errno.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/page_alloc.h"
#include "mm/user_space/overcommit.h"
#include "mm/slab/slab.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/mman/mman.h"
#include "mm/swap/swap.h"
#include "mm/user_space/swapoff.h"
#include "tests/host/owner.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/swap_disk.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"
#include "tests/kernel/copy_from_buffer.h"

static struct mm_struct *mm;
static char text[262144];

/* One process, 17, with the address space `mm`. */
enum { PID = 17, BIRTH = 5 };

static bool may_look;

static int self(void)
{
	return PID;
}

static int next(int after)
{
	return after < PID ? PID : 0;
}

static bool find(int pid, struct proc_subject *subject, u32 *uid, u32 *gid)
{
	if (pid != PID || !mm)
		return false;
	subject->pid = PID;
	subject->birth = BIRTH;
	*uid = 7;
	*gid = 8;
	return true;
}

static struct mm_struct *grab(const struct proc_subject *subject)
{
	(void)subject;
	mm_grab(mm);
	return mm;
}

static bool may_inspect(const struct proc_subject *subject)
{
	(void)subject;
	return may_look;
}

static const struct proc_processes one_process = { self, next, find, grab, may_inspect };

static void start(void)
{
	machine_boot();
	file_init();
	proc_set_processes(&one_process);
	may_look = true;
	machine_settle();
	mm = mm_alloc();
}

static struct file *open_file(const char *path)
{
	struct file *file = NULL;

	EXPECT_EQ(file_open(path, O_RDONLY, 0, &file), 0);
	return file;
}

/* Reads into a kernel buffer. */
static s32 read_at(struct file *file, void *buffer, u32 bytes, u64 position)
{
	char *to = buffer;

	return file_read(file, &position, bytes, copy_to_buffer, &to);
}

/* The whole file, read `step` bytes at a time. */
static u32 read_file(const char *path, u32 step)
{
	struct file *file = open_file(path);
	u32 length = 0;
	s32 got;

	while ((got = read_at(file, text + length, step, length)) > 0) {
		EXPECT((u32)got <= step);
		length += (u32)got;
	}
	EXPECT_EQ(got, 0);
	text[length] = '\0';
	file_put(file);
	return length;
}

static void maps(void)
{
	const char *expected = "08048000-0804a000 r-xp 00000000 00:00 0\n"
			       "0804a000-0804c000 rw-p 00000000 00:00 0          [heap]\n"
			       "40000000-40001000 ---p 00000000 00:00 0\n"
			       "bffff000-c0000000 rw-p 00000000 00:00 0          [stack]\n";
	const u32 flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	start();
	do_mmap(mm, 0x08048000, 0x2000, PROT_READ | PROT_EXEC, flags);
	mm->start_brk = mm->brk = 0x0804a000;
	do_brk(mm, 0x0804c000);
	user_map(mm, PAGE_SIZE, PROT_NONE);
	do_mmap(mm, 0xbffff000, PAGE_SIZE, PROT_READ | PROT_WRITE, flags | MAP_GROWSDOWN);
	mm->start_stack = 0xbffffff0;
	for (u32 step = 1; step < 400; step += 7) {
		EXPECT_EQ(read_file("/proc/self/maps", step), strlen(expected));
		if (!EXPECT_TEXT(text, expected))
			break;
	}
	mm_put(mm);
}

/* However many areas there are, each is listed, at the same cost. */
static void many_areas(void)
{
	char expected[64];
	u32 length;

	start();
	for (u32 i = 0; i < 4000; i++)
		do_mmap(mm, 0x50000000 + i * 2 * PAGE_SIZE, PAGE_SIZE, PROT_READ,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	length = (u32)snprintf(expected, sizeof(expected),
			       "50000000-50001000 r--p 00000000 00:00 0\n");
	EXPECT_EQ(read_file("/proc/self/maps", 1000), 4000 * length);
	EXPECT(!strncmp(text, expected, length));
	snprintf(expected, sizeof(expected), "%08x-", 0x50000000 + 3999 * 2 * PAGE_SIZE);
	EXPECT(!strncmp(text + 3999 * length, expected, 9));
	mm_put(mm);
}

static void sizes(void)
{
	u32 total, free;
	vaddr_t area;

	start();
	area = user_map(mm, 10 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	user_poke(mm, area, 1);
	read_file("/proc/self/statm", 100);
	EXPECT_TEXT(text, "10 1 0 0 0 10 0\n");
	read_file("/proc/meminfo", 100);
	EXPECT_EQ(sscanf(text, "MemTotal: %u kB\nMemFree: %u kB\n", &total, &free), 2);
	EXPECT_EQ(total, nr_present_pages() * 4);
	EXPECT(free <= nr_free_pages() * 4 && free + 64 >= nr_free_pages() * 4);
	EXPECT(strstr(text, "\nInactive(anon):        4 kB\n"));
	EXPECT(strstr(text, "\nAnonPages:             4 kB\n"));
	read_file("/proc/buddyinfo", 100);
	EXPECT(!strncmp(text, "Node 0, zone      DMA ", 22));
	EXPECT(strstr(text, "\nNode 0, zone   Normal "));
	EXPECT(read_file("/proc/slabinfo", 64) > 500);
	EXPECT(!strncmp(text, "slabinfo - version: 2.1\n# name ", 31));
	EXPECT(strstr(text, "\nvm_area_struct "));
	mm_put(mm);
}

static void pagemap(void)
{
	struct mm_struct *child;
	struct file *file, *other;
	vaddr_t area;
	u64 entry[4];

	start();
	area = user_map(mm, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	user_poke(mm, area, 1);
	user_poke(mm, area + PAGE_SIZE, 1);
	user_peek(mm, area + 2 * PAGE_SIZE);
	child = mm_copy(mm);
	user_poke(child, area, 2);
	file = open_file("/proc/self/pagemap");
	EXPECT_EQ(read_at(file, entry, 32, (u64)(area >> PAGE_SHIFT) * 8), 32);
	EXPECT_EQ(entry[0] >> 56, 0x81); /* present, not shared */
	EXPECT_EQ(entry[1] >> 56, 0x80); /* shared with the child */
	EXPECT_EQ(entry[2], 1ull << 63 | page_to_pfn(zero_page));
	EXPECT_EQ(entry[3], 0);
	EXPECT_EQ(entry[0] & 0xfffff, pte_pfn(*pte_lookup(mm->pgd, area)));
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
	mm_put(mm);
	mm = NULL;
	EXPECT_EQ(read_at(file, entry, 32, 0), 0);
	file_put(file);
	EXPECT_EQ(read_at(other, text, 100, 0), -ESRCH);
	file_put(other);
}

static void names_and_memory(void)
{
	struct file *file;

	start();
	EXPECT_EQ(file_open("/proc/meminfo/", O_RDONLY, 0, &file), -ENOTDIR);
	host_fsuid = 1;
	EXPECT_EQ(file_open("/proc/meminfo", O_RDWR, 0, &file), -EACCES);
	host_fsuid = 0;
	EXPECT_EQ(file_open("/proc/new", O_RDWR | O_CREAT, 0, &file), -ENOENT);
	EXPECT_EQ(file_open("/proc/meminfo2", O_RDONLY, 0, &file), -ENOENT);
	EXPECT_EQ(file_open("/tests/nothing", O_RDONLY, 0, &file), -ENOENT);
	EXPECT_EQ(mm->mm_count, 1);
	file = open_file("/proc/self/maps");
	EXPECT_EQ(mm->mm_count, 2);
	machine_exhaust();
	EXPECT_EQ(read_at(file, text, 100, 0), -ENOMEM);
	machine_relax();
	file_put(file);
	EXPECT_EQ(mm->mm_count, 1);
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

	start();
	EXPECT_EQ(file_open("/tmp/mapped", O_RDWR | O_CREAT, 0644, &file), 0);
	EXPECT_EQ(file_truncate(file, 8 * PAGE_SIZE), 0);
	request.mapping = file->mapping;
	request.pgoff = 6;
	EXPECT_EQ(do_mmap_pgoff(mm, &request), 0x50000000);
	snprintf(expected, sizeof(expected),
		 "50000000-50002000 rw-s 00006000 00:10 %-11u/tmp/mapped\n", file->mapping->ino);
	read_file("/proc/self/maps", 1000);
	EXPECT_TEXT(text, expected);
	user_poke(mm, 0x50001000, 1);
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
	mm_put(mm);
	EXPECT(list_empty(&mapping_list));
}

/* Each page in one of the lines: shared or private, to be written or not. */
static void smaps(void)
{
	static struct swap_disk disk;
	struct mm_struct *child;
	vaddr_t area;
	u32 type;

	start();
	type = swap_disk_add(&disk, 100, 7);
	area = user_map(mm, 16 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	for (u32 i = 0; i < 12; i++)
		user_poke(mm, area + i * PAGE_SIZE, 1);
	user_peek(mm, area + 12 * PAGE_SIZE);
	EXPECT_EQ(do_madvise(mm, area, 4 * PAGE_SIZE, MADV_FREE), 0);
	user_poke(mm, area, 2);
	EXPECT_EQ(do_madvise(mm, area + 4 * PAGE_SIZE, 4 * PAGE_SIZE, MADV_PAGEOUT), 0);
	user_peek(mm, area + 4 * PAGE_SIZE);
	EXPECT_EQ(do_mlock(mm, area, PAGE_SIZE, 0), 0);
	child = mm_copy(mm);
	user_poke(mm, area + 11 * PAGE_SIZE, 2);
	read_file("/proc/self/smaps", 300);
	EXPECT_TEXT(strstr(text, "\n40001000-") + 1,
		    "40001000-40010000 rw-p 00000000 00:00 0\n"
		    "Size:                 60 kB\nKernelPageSize:        4 kB\n"
		    "MMUPageSize:           4 kB\nRss:                  32 kB\n"
		    "Pss:                  18 kB\nPss_Dirty:            10 kB\n"
		    "Shared_Clean:         16 kB\nShared_Dirty:         12 kB\n"
		    "Private_Clean:         0 kB\nPrivate_Dirty:         4 kB\n"
		    "Referenced:           20 kB\nAnonymous:            32 kB\n"
		    "LazyFree:             12 kB\nSwap:                 12 kB\n"
		    "SwapPss:               6 kB\nLocked:                0 kB\n"
		    "VmFlags: rd wr mr mw me ac \n");
	user_switch(NULL);
	mm_put(child);
	mm_put(mm);
	swap_disk_remove(type);
}

static s32 write_to(const char *path, const char *number)
{
	struct file *file;
	u64 position = 0;
	s32 result;

	EXPECT_EQ(file_open(path, O_WRONLY, 0, &file), 0);
	result = file_write(file, &position, (u32)strlen(number), copy_from_buffer, &number);
	file_put(file);
	return result;
}

/* The names in a folder, each followed by a blank, in `text`. */
static void list(const char *path)
{
	static struct folder_entry entry;
	struct inode *folder;
	u32 position = FIRST_ORDER;

	*text = '\0';
	EXPECT_EQ(path_lookup(NULL, path, LOOKUP_FOLLOW | LOOKUP_FOLDER, &folder), 0);
	while (folder->operations->next(folder, &position, &entry)) {
		strcat(text, entry.text);
		strcat(text, " ");
	}
	inode_put(folder);
}

/* Folders of processes come and go with them. */
static void processes(void)
{
	struct inode *inode, *folder;
	struct file *file;
	char path[PATH_MAX];

	start();
	list("/proc");
	EXPECT(strstr(text, "meminfo ") && strstr(text, " sys ") && strstr(text, " 17 "));
	list("/proc/self");
	EXPECT(strstr(text, "maps ") && strstr(text, "statm "));
	EXPECT_EQ(path_lookup(NULL, "/proc/17/maps", 0, &inode), 0);
	EXPECT_EQ(inode->uid, 7);
	EXPECT_EQ(inode->gid, 8);
	EXPECT_TEXT(inode_path(inode, path, sizeof(path)), "/proc/17/maps");
	inode_put(inode);
	EXPECT_EQ(path_lookup(NULL, "/proc/17/../17/./statm", 0, &inode), 0);
	inode_put(inode);
	EXPECT_EQ(path_lookup(NULL, "/proc/16", 0, &inode), -ENOENT);
	EXPECT_EQ(path_lookup(NULL, "/proc/017", 0, &inode), -ENOENT);
	EXPECT_EQ(path_lookup(NULL, "/proc/170", 0, &inode), -ENOENT);
	EXPECT_EQ(path_lookup(NULL, "/proc/99999999999", 0, &inode), -ENOENT);
	may_look = false;
	EXPECT_EQ(file_open("/proc/17/maps", O_RDONLY, 0, &file), -EACCES);
	EXPECT_EQ(file_open("/proc/17/statm", O_RDONLY, 0, &file), 0);
	file_put(file);
	EXPECT_EQ(path_lookup(NULL, "/proc/17", 0, &folder), 0);
	mm_put(mm);
	mm = NULL;
	EXPECT_EQ(path_lookup(folder, "maps", 0, &inode), -ENOENT);
	EXPECT_EQ(path_lookup(NULL, "/proc/self", LOOKUP_FOLLOW, &inode), -ENOENT);
	inode_put(folder);
}

static bool open_and_close(void *path)
{
	struct file *file;
	int err = file_open(path, O_RDONLY, 0, &file);

	if (err) {
		EXPECT_EQ(err, -ENOMEM);
		return false;
	}
	err = (int)read_at(file, text, 100, 0);
	file_put(file);
	EXPECT(err >= 0 || err == -ENOMEM);
	return err >= 0;
}

/* Each allocation on the way to the text of a process fails once. */
static void no_memory(void)
{
	char path[] = "/proc/self/smaps";
	struct fail_spec spec = { .kinds = FAIL_ANY, .mode = FAIL_ONCE };
	bool done = false;

	start();
	user_map(mm, PAGE_SIZE, PROT_READ);
	for (spec.nth = 1; !done && spec.nth < 30; spec.nth++) {
		fail_alloc_set(&spec);
		done = open_and_close(path);
		fail_alloc_set(NULL);
		machine_check();
		EXPECT_EQ(mm->mm_count, 1);
	}
	EXPECT(done && spec.nth > 6);
	mm_put(mm);
}

static int set_mode(const char *number)
{
	return write_to("/proc/sys/vm/overcommit_memory", number);
}

static void settings(void)
{
	start();
	EXPECT_EQ(set_mode("2\n"), 2);
	EXPECT_EQ(overcommit_mode, 2);
	read_file("/proc/sys/vm/overcommit_memory", 100);
	EXPECT_TEXT(text, "2\n");
	EXPECT_EQ(set_mode("3"), -EINVAL);
	EXPECT_EQ(set_mode("1x"), -EINVAL);
	EXPECT_EQ(set_mode(""), 0);
	EXPECT_EQ(set_mode("no"), -EINVAL);
	EXPECT_EQ(overcommit_mode, 2);
	EXPECT_EQ(set_mode("0"), 1);
	EXPECT_EQ(overcommit_mode, 0);
	mm_put(mm);
}

/* The reserve is divided by the sizes of the zones, and moves all three marks. */
static void min_free(void)
{
	const char *path = "/proc/sys/vm/min_free_kbytes";
	const struct zone *normal = &zones[ZONE_NORMAL];

	start();
	EXPECT_EQ(write_to(path, "4096"), 4);
	EXPECT(zones_min_free() > 1020 && zones_min_free() <= 1024);
	EXPECT_EQ(normal->pages_min,
		  1024ull * normal->present_pages /
			  (normal->present_pages + zones[ZONE_DMA].present_pages));
	EXPECT_EQ(normal->pages_low, 2 * normal->pages_min);
	EXPECT_EQ(normal->pages_high, 3 * normal->pages_min);
	EXPECT_EQ(write_to(path, "-1"), -EINVAL);
	EXPECT_EQ(write_to(path, "100000000"), -EINVAL);
	EXPECT_EQ(write_to(path, "0"), 1);
	read_file(path, 100);
	EXPECT_TEXT(text, "0\n");
	mm_put(mm);
}

/* A page that the archive has is dropped; one that is nowhere else stays. */
static void drop_caches(void)
{
	static const char archive[PAGE_SIZE] = "archived";
	const char *only = "only here";
	struct file *kept, *file;
	u64 position = 0;

	start();
	tmpfs_set_archive(rootfs_make("/tmp", "archived", S_IFREG | 0644), archive,
			  sizeof(archive));
	file = open_file("/tmp/archived");
	mapping_read_ahead(file->mapping, 0, 1);
	EXPECT_EQ(file_open("/tmp/kept", O_RDWR | O_CREAT, 0644, &kept), 0);
	EXPECT_EQ(file_write(kept, &position, 9, copy_from_buffer, &only), 9);
	read_file("/proc/meminfo", 1000);
	EXPECT(strstr(text, "\nCached:                8 kB\n"));
	EXPECT_EQ(write_to("/proc/sys/vm/drop_caches", "2"), 1);
	EXPECT_EQ(write_to("/proc/sys/vm/drop_caches", "0"), -EINVAL);
	read_file("/proc/meminfo", 1000);
	EXPECT(strstr(text, "\nCached:                8 kB\n"));
	EXPECT_EQ(write_to("/proc/sys/vm/drop_caches", "1\n"), 2);
	read_file("/proc/meminfo", 1000);
	EXPECT(strstr(text, "\nCached:                4 kB\n"));
	EXPECT_EQ(read_at(file, text, 100, 0), 100);
	EXPECT_EQ(read_at(kept, text + 8, 100, 0), 9);
	EXPECT(!memcmp(text, "archivedonly here", 17));
	file_put(file);
	file_put(kept);
	EXPECT_EQ(path_unlink(NULL, "/tmp/archived"), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/kept"), 0);
	mm_put(mm);
}

static void descriptor_links(void)
{
	static const char *const links[] = { "/dev/fd",		"/proc/self/fd",  "/dev/stdin",
					     "/proc/self/fd/0", "/dev/stdout",	  "/proc/self/fd/1",
					     "/dev/stderr",	"/proc/self/fd/2" };
	struct inode *inode;

	start();
	for (u32 i = 0; i < ARRAY_SIZE(links); i += 2) {
		EXPECT_EQ(path_lookup(root_inode, links[i], 0, &inode), 0);
		EXPECT(is_kind(inode, S_IFLNK) && !strcmp(inode->target, links[i + 1]));
		inode_put(inode);
	}
	mm_put(mm);
}

/* The sums over the records are the manager's counts. */
static void sums(void)
{
	u32 free = 0, pages = 0;
	void *area;

	start();
	area = vmalloc(3 * PAGE_SIZE);
	read_file("/proc/zoneinfo", 50);
	for (const char *at = text; (at = strstr(at, "pages free")); at++)
		free += (u32)strtoul(at + 10, NULL, 10);
	read_file("/proc/vmallocinfo", 50);
	EXPECT(strstr(text, "   16384 pages=3 vmalloc\n"));
	for (const char *at = text; (at = strstr(at, "pages=")); at++)
		pages += (u32)strtoul(at + 6, NULL, 10);
	EXPECT_EQ(pages, vmalloc_space.pages);
	EXPECT(free + 8 > nr_free_pages() && free < nr_free_pages() + 8); /* the reader has some */
	vfree(area);
	mm_put(mm);
}

/* One page in swap: each file that counts it. */
static void swap(void)
{
	const char *expected = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
			       "model                                   partition\t396\t\t4\t\t7\n";
	static struct swap_disk disk;
	u32 type, out, value;
	vaddr_t area;

	start();
	type = swap_disk_add(&disk, 100, 7);
	area = user_map(mm, 10 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	user_poke(mm, area, 1);
	out = swap_counters.pswpout;
	EXPECT_EQ(do_madvise(mm, area, PAGE_SIZE, MADV_PAGEOUT), 0);
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
	user_peek(mm, area);
	read_file("/proc/meminfo", 100);
	EXPECT(strstr(text, "\nSwapCached:            4 kB\n"));
	EXPECT_EQ(swapoff_area(type), 0);
	read_file("/proc/meminfo", 100);
	EXPECT(strstr(text, "\nSwapCached:            0 kB\n"));
	EXPECT(strstr(text, "\nSwapTotal:             0 kB\n"));
	mm_put(mm);
}

/* A few frames are enough for a short text. */
static void little_memory(void)
{
	static struct page *frames[MACHINE_FRAMES];
	struct file *file;
	u32 count = 0;

	start();
	file = open_file("/proc/meminfo");
	while ((frames[count] = alloc_page(GFP_HIGHUSER)))
		count++;
	for (u32 i = 0; i < 3; i++)
		put_page(frames[--count]);
	EXPECT(!alloc_pages(GFP_KERNEL, 2));
	EXPECT(read_at(file, text, sizeof(text), 0) > 0);
	while (count)
		put_page(frames[--count]);
	file_put(file);
	mm_put(mm);
}

/* /proc/frames: every frame once, by its owner, in pieces of any size. */
static void frames(void)
{
	static char whole[sizeof(text)];
	u32 length, found = 0;

	start();
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
	mm_put(mm);
}

/* The page tables of a process: two adjacent frames are one run, other rights another one. */
static void page_tables(void)
{
	char expected[256];
	pfn_t first;

	start();
	do_mmap(mm, 0x08048000, 3 * PAGE_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	EXPECT_EQ(read_file("/proc/self/pagetables", 100), 0);
	EXPECT_EQ(access_process_vm(mm, 0x08049000, "x", 1, FAULT_WRITE), 1);
	first = pte_pfn(*pte_lookup(mm->pgd, 0x08049000));
	sprintf(expected, "08049000-0804a000 uw--- frame %06x pages 1\n", (u32)first);
	for (u32 step = 1; step < 100; step += 49) {
		read_file("/proc/self/pagetables", step);
		EXPECT_TEXT(text, expected);
	}
	EXPECT(read_file("/proc/kpagetables", 4096));
	EXPECT(!strncmp(text, "c0000000-", 9) && !strstr(text, " u"));
	mm_put(mm);
}

TAP_MAIN({ "frames", frames }, { "page tables", page_tables }, { "maps", maps }, { "swap", swap },
	 { "mapped files", mapped_files }, { "settings", settings },
	 { "min_free_kbytes", min_free }, { "drop_caches", drop_caches }, { "sums", sums },
	 { "links in /dev", descriptor_links }, { "smaps", smaps }, { "processes", processes },
	 { "no memory", no_memory }, { "thousands of areas", many_areas },
	 { "statm, meminfo, buddyinfo, slabinfo", sizes }, { "pagemap", pagemap },
	 { "names, and no memory", names_and_memory }, { "little memory", little_memory })
