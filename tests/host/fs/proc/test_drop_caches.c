/* SPDX-License-Identifier: MIT */
/* /proc/sys/vm/drop_caches: what is dropped, in batches, beside other tasks. */
#include <string.h>
#include "abi/linux/errno.h"
#include "fs/file.h"
#include "fs/names.h"
#include "fs/tmpfs/rootfs.h"
#include "fs/tmpfs/tmpfs.h"
#include "mm/frames/page_alloc.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "tests/host/fs/proc/proc_rig.h"
#include "tests/host/machine.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

/* A page that the archive has is dropped; one that is nowhere else stays. */
static void drop_caches(void)
{
	static const char archive[PAGE_SIZE] = "archived";
	const char *only = "only here";
	struct file *kept, *file;
	u64 position = 0;

	proc_boot();
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
	EXPECT_EQ(write_to("/proc/sys/vm/drop_caches", "5"), -EINVAL);
	EXPECT_EQ(write_to("/proc/sys/vm/drop_caches", "one"), -EINVAL);
	EXPECT_EQ(write_to("/proc/sys/vm/drop_caches", "4"), 1);
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
	mm_put(proc_mm);
}

#define MANY 41u /* pages; more than two batches of those that are dropped at once */

static struct file *many;
static bool emptied;

/* Another task makes the file empty while its pages are dropped. */
static void empties_file(void)
{
	struct file *file;

	if (many->mapping->nrpages == MANY || !many->mapping->nrpages)
		return;
	EXPECT_EQ(file_open("/tmp/many", O_WRONLY | O_TRUNC, 0, &file), 0);
	file_put(file);
	emptied = true;
}

static void drop_many(bool beside_another)
{
	static const char archive[MANY * PAGE_SIZE] = "many";

	proc_boot();
	tmpfs_set_archive(rootfs_make("/tmp", "many", S_IFREG | 0644), archive, sizeof(archive));
	many = open_file("/tmp/many");
	emptied = false;
	mapping_read_ahead(many->mapping, 0, MANY);
	EXPECT_EQ(many->mapping->nrpages, MANY);
	host_others = beside_another ? empties_file : NULL;
	EXPECT_EQ(write_to("/proc/sys/vm/drop_caches", "1"), 1);
	host_others = NULL;
	EXPECT_EQ(many->mapping->nrpages, 0);
	EXPECT_EQ(emptied, beside_another);
	file_put(many);
	EXPECT_EQ(path_unlink(NULL, "/tmp/many"), 0);
	mm_put(proc_mm);
}

static void drop_many_pages(void)
{
	drop_many(false);
}

static void drop_pages_that_go(void)
{
	drop_many(true);
}

/* What is kept for reuse, such as page tables, is free afterwards. */
static void drop_idle_caches(void)
{
	struct mm_struct *mm;
	u32 before;

	proc_boot();
	mm = mm_alloc();
	user_poke(mm, user_map(mm, PAGE_SIZE, PROT_READ | PROT_WRITE), 1);
	user_switch(NULL);
	mm_put(mm);
	before = nr_free_pages();
	EXPECT_EQ(write_to("/proc/sys/vm/drop_caches", "1"), 1);
	EXPECT(nr_free_pages() <= before);
	EXPECT_EQ(write_to("/proc/sys/vm/drop_caches", "2"), 1);
	EXPECT(nr_free_pages() > before);
	mm_put(proc_mm);
}

TAP_MAIN({ "drop_caches", drop_caches }, { "many pages", drop_many_pages },
	 { "pages that go", drop_pages_that_go }, { "idle caches", drop_idle_caches })
