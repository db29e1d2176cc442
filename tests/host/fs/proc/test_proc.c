/* SPDX-License-Identifier: MIT */
/*
 * /proc as programs read it: the tree, folders of processes, sums over the machine, settings that
 * are written, and little memory. test_proc_memory.c has the files about a process's memory.
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
#include "mm/mman/mman.h"
#include "mm/user_space/overcommit.h"
#include "mm/slab/slab.h"
#include "mm/kernel_space/vmalloc.h"
#include "tests/host/fs/proc/proc_rig.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"
#include "mm/page_cache/filemap.h"

static void sizes(void)
{
	u32 total, free;
	vaddr_t area;

	proc_boot();
	area = user_map(proc_mm, 10 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	user_poke(proc_mm, area, 1);
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
	mm_put(proc_mm);
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

	proc_boot();
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
	mm_put(proc_mm);
	proc_mm = NULL;
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

	proc_boot();
	user_map(proc_mm, PAGE_SIZE, PROT_READ);
	for (spec.nth = 1; !done && spec.nth < 30; spec.nth++) {
		fail_alloc_set(&spec);
		done = open_and_close(path);
		fail_alloc_set(NULL);
		machine_check();
		EXPECT_EQ(proc_mm->mm_count, 1);
	}
	EXPECT(done && spec.nth > 6);
	mm_put(proc_mm);
}

static int set_mode(const char *number)
{
	return write_to("/proc/sys/vm/overcommit_memory", number);
}

static void settings(void)
{
	proc_boot();
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
	EXPECT_EQ(set_mode("0x1\n"), 4);
	EXPECT_EQ(overcommit_mode, 1);
	EXPECT_EQ(set_mode("2\n\n"), -EINVAL);
	EXPECT_EQ(set_mode("2 "), -EINVAL);
	EXPECT_EQ(set_mode("-1"), -EINVAL);
	EXPECT_EQ(set_mode("4294967296"), -EINVAL);
	EXPECT_EQ(set_mode("18446744073709551615"), -EINVAL);
	EXPECT_EQ(overcommit_mode, 1);
	EXPECT_EQ(set_mode("-0"), 2);
	EXPECT_EQ(overcommit_mode, 0);
	EXPECT_EQ(write_to("/proc/sys/vm/page-cluster", "9"), -EINVAL);
	EXPECT_EQ(write_to("/proc/sys/vm/overcommit_ratio", "2147483647"), 10);
	EXPECT_EQ(write_to("/proc/sys/vm/overcommit_ratio", "2147483648"), -EINVAL);
	EXPECT_EQ(write_to("/proc/sys/vm/overcommit_ratio", "50"), 2);
	mm_put(proc_mm);
}

/* Only the first 127 bytes of a text are looked at. */
static void long_settings(void)
{
	static char number[200];
	const char *from = number;
	struct file *file;
	u64 position = 0;

	proc_boot();
	memset(number, '0', sizeof(number));
	EXPECT_EQ(file_open("/proc/sys/vm/overcommit_memory", O_WRONLY, 0, &file), 0);
	number[126] = '2';
	EXPECT_EQ(file_write(file, &position, sizeof(number), copy_from_buffer, &from), 200);
	EXPECT_EQ(overcommit_mode, 2);
	number[126] = '0';
	number[127] = '2';
	from = number;
	EXPECT_EQ(file_write(file, &position, sizeof(number), copy_from_buffer, &from), 200);
	EXPECT_EQ(overcommit_mode, 0);
	file_put(file);
	mm_put(proc_mm);
}

static u32 copies_nothing(void *kernel, u32 bytes, void *context)
{
	(void)kernel, (void)context;
	return bytes; /* are left */
}

/* What cannot be written, and what cannot be read. */
static void directions(void)
{
	struct file *file;
	u64 position = 0;
	const char *from = "1";

	proc_boot();
	EXPECT_EQ(file_open("/proc", O_RDONLY, 0, &file), 0);
	EXPECT_EQ(file_seek(file, 0, SEEK_END), 0);
	EXPECT_EQ(file_seek(file, 0, SEEK_DATA), -ENXIO);
	EXPECT_EQ(file_seek(file, 0, SEEK_HOLE), -ENXIO);
	EXPECT_EQ(file_seek(file, 0, SEEK_HOLE + 1), -EINVAL);
	file_put(file);
	EXPECT_EQ(file_open("/proc/meminfo", O_RDWR, 0, &file), 0);
	EXPECT_EQ(file_write(file, &position, 1, copy_from_buffer, &from), -EIO);
	EXPECT_EQ(read_at(file, text, 1, 0), 1);
	file_put(file);
	EXPECT_EQ(file_open("/proc/sys/vm/drop_caches", O_RDONLY, 0, &file), -EACCES);
	EXPECT_EQ(file_open("/proc/sys/vm/drop_caches", O_RDWR, 0, &file), -EACCES);
	EXPECT_EQ(file_open("/proc/sys/vm/swappiness", O_RDONLY, 0, &file), -ENOENT);
	EXPECT_EQ(file_open("/proc/sys/vm/overcommit_memory", O_RDWR, 0, &file), 0);
	EXPECT_EQ(file_write(file, &position, 1, copies_nothing, NULL), -EFAULT);
	EXPECT_EQ(file_read(file, &position, 1, copies_nothing, NULL), -EFAULT);
	EXPECT_EQ(position, 0);
	EXPECT_EQ(read_at(file, text, 9, 0), 2);
	file_put(file);
	mm_put(proc_mm);
}

/* A text from any place, forth and back, and behind its end. */
static void places(void)
{
	static char whole[4096];
	struct file *file;
	u32 length;

	proc_boot();
	length = read_file("/proc/zoneinfo", 4096);
	memcpy(whole, text, length);
	file = open_file("/proc/zoneinfo");
	EXPECT_EQ(read_at(file, text, 100, length), 0);
	EXPECT_EQ(read_at(file, text, 100, length + 1), 0);
	EXPECT_EQ(read_at(file, text, 100, 0), 100);
	EXPECT(!memcmp(text, whole, 12));
	for (u32 place = length - 8; place > length - 300; place--) {
		EXPECT_EQ(read_at(file, text, length, place), length - place);
		if (!EXPECT(!memcmp(text + length - place - 8, whole + length - 8, 8)))
			break;
	}
	file_put(file);
	mm_put(proc_mm);
}

static int pid_of(const char *text)
{
	const struct name name = { text, (u8)strlen(text), 0 };

	return proc_pid_of(&name);
}

/* Names that are numbers of processes, and what the folder of one has. */
static void numbers(void)
{
	static struct folder_entry entry;
	struct inode *folder, *inode;
	u32 position = 0, inos[64], count = 0;

	proc_boot();
	EXPECT_EQ(pid_of("1"), 1);
	EXPECT_EQ(pid_of("9"), 9);
	EXPECT_EQ(pid_of("10"), 10);
	EXPECT_EQ(pid_of("999999999"), 999999999);
	EXPECT_EQ(pid_of("1000000000"), 0);
	EXPECT_EQ(pid_of("0"), 0);
	EXPECT_EQ(pid_of("017"), 0);
	EXPECT_EQ(pid_of(""), 0);
	EXPECT_EQ(pid_of("1:"), 0);
	EXPECT_EQ(pid_of("1/"), 0);
	EXPECT_EQ(path_lookup(NULL, "/proc/17", 0, &folder), 0);
	EXPECT_EQ(folder->mapping.ino, 17 << 16 | 1);
	EXPECT_EQ(folder->nlink, 2);
	inos[count++] = folder->mapping.ino;
	while (folder->operations->next(folder, &position, &entry)) {
		EXPECT_EQ(position, FIRST_ORDER + count);
		EXPECT_EQ(path_lookup(folder, entry.text, 0, &inode), 0);
		EXPECT_EQ(inode->mapping.ino, entry.ino);
		EXPECT_EQ(inode->mode, entry.mode);
		EXPECT_EQ(inode->nlink, 1);
		EXPECT_EQ(entry.length, strlen(entry.text));
		inode_put(inode);
		for (u32 i = 0; i < count; i++)
			EXPECT(inos[i] != entry.ino);
		inos[count++] = entry.ino;
	}
	EXPECT_EQ(count, 1 + 6);
	EXPECT_EQ(path_lookup(folder, "map", 0, &inode), -ENOENT);
	EXPECT_EQ(path_lookup(folder, "mapsx", 0, &inode), -ENOENT);
	EXPECT(proc_process_of(folder) == proc_subject_of(folder));
	inode_put(folder);
	EXPECT_EQ(path_lookup(NULL, "/proc", 0, &folder), 0);
	EXPECT(!proc_process_of(folder));
	inode_put(folder);
	mm_put(proc_mm);
}

/* /proc from each place: its names first, then processes by number. */
static void listed_from_anywhere(void)
{
	static struct folder_entry entry;
	struct inode *folder;
	u32 position = 0xffff;

	proc_boot();
	EXPECT_EQ(path_lookup(NULL, "/proc", 0, &folder), 0);
	EXPECT(folder->operations->next(folder, &position, &entry));
	EXPECT_TEXT(entry.text, "17");
	EXPECT_EQ(entry.ino, 17 << 16 | 1);
	EXPECT_EQ(entry.mode, S_IFDIR | 0555);
	EXPECT_EQ(position, 0x10000 + 17);
	EXPECT(!folder->operations->next(folder, &position, &entry));
	position = 0x10000 + 16;
	EXPECT(folder->operations->next(folder, &position, &entry));
	EXPECT_EQ(position, 0x10000 + 17);
	inode_put(folder);
	mm_put(proc_mm);
}

/* The reserve is divided by the sizes of the zones, and moves all three marks. */
static void min_free(void)
{
	const char *path = "/proc/sys/vm/min_free_kbytes";
	const struct zone *normal = &zones[ZONE_NORMAL];

	proc_boot();
	EXPECT_EQ(write_to(path, "4096"), 4);
	EXPECT(zones_min_free() > 1020 && zones_min_free() <= 1024);
	EXPECT_EQ(normal->pages_min,
		  1024ull * normal->present_pages /
			  (normal->present_pages + zones[ZONE_DMA].present_pages));
	EXPECT_EQ(normal->pages_low, 2 * normal->pages_min);
	EXPECT_EQ(normal->pages_high, 3 * normal->pages_min);
	EXPECT_EQ(write_to(path, "-1"), -EINVAL);
	EXPECT_EQ(write_to(path, "100000000"), -EINVAL);
	EXPECT_EQ(write_to(path, "4294967296"), -EINVAL);
	EXPECT_EQ(write_to(path, "4096 kB"), -EINVAL);
	EXPECT(zones_min_free() > 1020);
	EXPECT_EQ(write_to(path, "0"), 1);
	read_file(path, 100);
	EXPECT_TEXT(text, "0\n");
	mm_put(proc_mm);
}

static void descriptor_links(void)
{
	static const char *const links[] = { "/dev/fd",		"/proc/self/fd",  "/dev/stdin",
					     "/proc/self/fd/0", "/dev/stdout",	  "/proc/self/fd/1",
					     "/dev/stderr",	"/proc/self/fd/2" };
	struct inode *inode;

	proc_boot();
	for (u32 i = 0; i < ARRAY_SIZE(links); i += 2) {
		EXPECT_EQ(path_lookup(root_inode, links[i], 0, &inode), 0);
		EXPECT(is_kind(inode, S_IFLNK) && !strcmp(inode->target, links[i + 1]));
		inode_put(inode);
	}
	mm_put(proc_mm);
}

/* The sums over the records are the manager's counts. */
static void sums(void)
{
	u32 free = 0, pages = 0;
	void *area;

	proc_boot();
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
	mm_put(proc_mm);
}

/* A few frames are enough for a short text. */
static void little_memory(void)
{
	static struct page *frames[MACHINE_FRAMES];
	struct file *file;
	u32 count = 0;

	proc_boot();
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
	mm_put(proc_mm);
}

TAP_MAIN(

	{ "settings", settings }, { "min_free_kbytes", min_free },
	{ "long settings", long_settings }, { "directions", directions }, { "places", places },
	{ "numbers", numbers }, { "listed from anywhere", listed_from_anywhere }, { "sums", sums },
	{ "links in /dev", descriptor_links }, { "processes", processes },
	{ "no memory", no_memory }, { "statm, meminfo, buddyinfo, slabinfo", sizes },
	{ "little memory", little_memory })
