/* SPDX-License-Identifier: MIT */
/*
 * Core files byte by byte: headers, areas and holes; every limit, and each step that fails. The
 * notes are in test_core_notes.c. The ring-3 program core_files.c compares with Linux what a
 * program can bring about.
 *
 * sources: tests/host/kernel/exec/core_rig.c
 */
#include "tests/host/kernel/exec/core_rig.h"

#include <string.h>

#include "mm/frames/fail_alloc.h"
#include "mm/mman/mman.h"
#include "mm/user_space/vma.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/resched.h"
#include "tests/host/user.h"

static void headers(void)
{
	static const u8 ident[16] = { 0x7f, 'E', 'L', 'F', 1, 1, 1 };

	begin();
	anonymous(MEMORY, 1, PROT_READ);
	anonymous(MEMORY + 0x10000, 2, PROT_READ | PROT_WRITE);
	anonymous(MEMORY + 0x20000, 3, PROT_EXEC);
	anonymous(MEMORY + 0x30000, 1, PROT_NONE);
	dump_core();
	EXPECT(!memcmp(header.ident, ident, sizeof(ident)));
	EXPECT(header.type == 4 && header.machine == 3 && header.version == 1);
	EXPECT(!header.entry && !header.shoff && !header.flags && !header.shnum);
	EXPECT(header.phoff == HEADERS && header.ehsize == HEADERS && header.phentsize == 32);
	EXPECT_EQ(header.phnum, 5);
	EXPECT(areas[0].type == PT_NOTE && areas[0].offset == HEADERS + 5 * 32);
	EXPECT(!areas[0].vaddr && !areas[0].memsz && areas[0].align == 4);
	EXPECT_EQ(areas[1].offset, PAGE_SIZE); /* notes end within the first page */
	for (u32 i = 1; i <= 4; i++) {
		static const u32 rights[] = { 0, PF_R, PF_R | PF_W, PF_X, 0 };
		static const u32 pages[] = { 0, 1, 2, 3, 1 };

		EXPECT(areas[i].type == PT_LOAD && !areas[i].paddr);
		EXPECT_EQ(areas[i].vaddr, MEMORY + (i - 1) * 0x10000);
		EXPECT_EQ(areas[i].memsz, pages[i] * PAGE_SIZE);
		EXPECT_EQ(areas[i].filesz, pages[i] * PAGE_SIZE);
		EXPECT_EQ(areas[i].flags, rights[i]);
		EXPECT_EQ(areas[i].align, PAGE_SIZE);
		if (i > 1)
			EXPECT_EQ(areas[i].offset, areas[i - 1].offset + areas[i - 1].filesz);
	}
	EXPECT_EQ(core_size, 8 * PAGE_SIZE);
	EXPECT_EQ(found("/core")->mode & 07777, 0600);
	finish();
}

/* Pages of zeros and pages that cannot be read are holes; a word at either end is none. */
static void contents(void)
{
	char page[PAGE_SIZE];

	begin();
	anonymous(MEMORY, 6, PROT_READ | PROT_WRITE);
	write_memory(MEMORY, "first", 5);
	write_memory(MEMORY + PAGE_SIZE, "\0\0\0", 3); /* read from memory, and zero */
	write_memory(MEMORY + 3 * PAGE_SIZE - 1, "e", 1);
	write_memory(MEMORY + 3 * PAGE_SIZE + 1, "b", 1);
	dump_core();
	EXPECT(get_core(areas[1].offset, page, sizeof(page)));
	EXPECT(!memcmp(page, "first\0", 6));
	EXPECT(get_core(areas[1].offset + 2 * PAGE_SIZE, page, sizeof(page)));
	EXPECT(page[PAGE_SIZE - 1] == 'e' && !page[0]);
	EXPECT(get_core(areas[1].offset + 3 * PAGE_SIZE, page, sizeof(page)));
	EXPECT(page[1] == 'b' && !page[2]);
	EXPECT_EQ(core_size, 7 * PAGE_SIZE); /* with the hole at the end */
	EXPECT_EQ(found("/core")->mapping.nrpages, 4);
	finish();
}

/* ---- Which bytes ---- */

static u32 file_bytes(u32 area)
{
	return areas[area].filesz / PAGE_SIZE;
}

static void kinds_of_areas(void)
{
	struct file *file;

	begin();
	file = opened("/file", O_CREAT | O_RDWR);
	EXPECT_EQ(put_text(file, "\177ELF"), 4);
	anonymous(MEMORY, 3, PROT_READ | PROT_WRITE);
	anonymous(MEMORY + 0x10000, 3, PROT_READ | PROT_WRITE);
	EXPECT_EQ(do_madvise(current->mm, MEMORY + 0x10000, 3 * PAGE_SIZE, MADV_DONTDUMP), 0);
	map_object(MEMORY + 0x20000, 3, PROT_READ, MAP_PRIVATE, 0, file->mapping);
	map_object(MEMORY + 0x30000, 3, PROT_READ, MAP_PRIVATE, 1, file->mapping);
	map_object(MEMORY + 0x40000, 3, PROT_READ | PROT_WRITE, MAP_PRIVATE, 1, file->mapping);
	map_object(MEMORY + 0x50000, 3, PROT_READ | PROT_WRITE, MAP_SHARED, 0, file->mapping);
	EXPECT_EQ(do_mmap(current->mm, MEMORY + 0x60000, 3 * PAGE_SIZE, PROT_READ,
			  MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED),
		  MEMORY + 0x60000);
	file_put(file);
	dump_core();
	EXPECT_EQ(header.phnum, 8);
	EXPECT_EQ(file_bytes(1), 3);
	EXPECT_EQ(file_bytes(2), 0); /* MADV_DONTDUMP */
	EXPECT_EQ(file_bytes(3), 1); /* names the file */
	EXPECT_EQ(file_bytes(4), 0);
	EXPECT_EQ(file_bytes(5), 3); /* may have changed */
	EXPECT_EQ(file_bytes(6), 0); /* the file has it */
	EXPECT_EQ(file_bytes(7), 3); /* no file has it */
	EXPECT_EQ(areas[2].memsz, 3 * PAGE_SIZE);
	/* Of a file that has no name any more nothing else is left. */
	EXPECT_EQ(path_unlink(NULL, "/file"), 0);
	dump_core();
	EXPECT_EQ(file_bytes(3), 1);
	EXPECT_EQ(file_bytes(6), 3);
	/* Large pages that are shared are not written. */
	find_vma(current->mm, MEMORY + 0x60000)->vm_mapping->huge = true;
	dump_core();
	EXPECT_EQ(file_bytes(7), 0);
	find_vma(current->mm, MEMORY + 0x60000)->vm_mapping->huge = false;
	finish();
}

/* ---- What writes none ---- */

static void expect_none(void)
{
	EXPECT(!core_dump(&info));
	EXPECT(!found("/core"));
}

static void not_wanted(void)
{
	begin();
	host_rlim[RLIMIT_CORE].cur = PAGE_SIZE - 1;
	expect_none();
	host_rlim[RLIMIT_CORE].cur = 0;
	expect_none();
	host_rlim[RLIMIT_CORE].cur = RLIM_INFINITY;
	group.flags.not_dumpable = true;
	expect_none();
	EXPECT_EQ(marks, 0);
	group.flags.not_dumpable = false;
	dump_core();
	finish();
}

/* What is in the file counts, the holes do not. */
static void limits(void)
{
	u32 whole;

	begin();
	anonymous(MEMORY, 4, PROT_READ | PROT_WRITE);
	write_memory(MEMORY, "a", 1);
	write_memory(MEMORY + 2 * PAGE_SIZE, "c", 1);
	dump_core();
	whole = HEADERS + 2 * 32 + areas[0].filesz + 2 * PAGE_SIZE;
	host_rlim[RLIMIT_CORE].cur = whole;
	dump_core();
	EXPECT_EQ(core_size, 5 * PAGE_SIZE);
	host_rlim[RLIMIT_CORE].cur = whole - 1;
	dump_core();
	EXPECT_EQ(core_size, 2 * PAGE_SIZE); /* the page that is too much is not there in part */
	host_rlim[RLIMIT_CORE].cur = PAGE_SIZE;
	dump_core();
	EXPECT_EQ(core_size, HEADERS + 2 * 32 + areas[0].filesz);
	finish();
}

/* A second file takes the name; one that cannot be removed keeps it. */
static void the_name(void)
{
	struct file *file;
	struct inode *folder;

	begin();
	EXPECT_EQ(try("/core", O_CREAT | O_WRONLY), 0);
	file = opened("/core", O_RDWR);
	EXPECT_EQ(put_text(file, "old"), 3);
	dump_core();
	EXPECT(file->inode != found("/core"));
	expect_text(file, "old");
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "core"), 0);
	EXPECT_EQ(path_make(NULL, "core", S_IFDIR | 0755, 0), 0);
	folder = found("/core");
	EXPECT(!core_dump(&info));
	EXPECT(found("/core") == folder);
	EXPECT_EQ(path_rmdir(NULL, "core"), 0);
	finish();
}

/* SIGKILL ends it between two pages. */
static void killed(void)
{
	begin();
	anonymous(MEMORY, 2, PROT_READ | PROT_WRITE);
	write_memory(MEMORY, "a", 1);
	host_killed = true;
	dump_core();
	EXPECT_EQ(core_size, HEADERS + 2 * 32 + areas[0].filesz);
	finish();
}

static u32 turns;

static void others(void)
{
	turns++;
}

/* Holes are not quick either: 3 GiB have 786,432 pages. */
static void others_run(void)
{
	begin();
	anonymous(MEMORY, 40, PROT_READ);
	host_others = others;
	turns = 0;
	dump_core();
	host_others = NULL;
	EXPECT(turns >= 40);
	finish();
}

static void no_memory(void)
{
	bool whole = false;
	u32 none = 0;

	begin();
	anonymous(MEMORY, 1, PROT_READ | PROT_WRITE);
	write_memory(MEMORY, "a", 1);
	for (u32 nth = 1; !whole; nth++) {
		const struct fail_spec spec = { FAIL_ANY, FAIL_ONCE, nth };
		bool written;

		path_unlink(NULL, "core");
		fail_alloc_set(&spec);
		written = core_dump(&info);
		whole = !fail_alloc_failed();
		fail_alloc_set(NULL);
		EXPECT_EQ(written, found("/core") != NULL);
		EXPECT(written || !whole);
		none += !written;
	}
	EXPECT(none >= 4); /* a buffer, notes, headers, the file */
	finish();
}

TAP_MAIN({ "headers", headers }, { "contents and holes", contents },
	 { "how much of each kind of area", kinds_of_areas },
	 { "processes that leave none", not_wanted }, { "RLIMIT_CORE", limits },
	 { "the name", the_name }, { "SIGKILL", killed }, { "no memory", no_memory },
	 { "others run meanwhile", others_run })
