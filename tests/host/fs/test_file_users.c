/* SPDX-License-Identifier: MIT */
/*
 * Files in use: one that a program runs from is not written to, and one that is truncated may be
 * closed, unlinked or executed meanwhile.
 */
#include "abi/linux/errno.h"
#include "mm/slab/slab.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/resched.h"

/* A running file cannot be opened for writing, and the reverse. */
static void programs(void)
{
	struct address_space *program;
	struct file *file;

	start();
	file = opened("/tmp/f", O_RDWR | O_CREAT);
	EXPECT_EQ(path_program(NULL, "/tmp/f", &program), -EACCES);
	EXPECT_EQ(path_program(NULL, "/tmp", &program), -EACCES);
	EXPECT_EQ(path_program(NULL, "/dev/null", &program), -EACCES);
	EXPECT_EQ(path_program(NULL, "/tmp/f/x", &program), -ENOTDIR);
	EXPECT_EQ(path_program(NULL, "/tmp/x", &program), -ENOENT);
	inode_of(file->mapping)->mode |= S_IXUGO;
	EXPECT_EQ(path_program(NULL, "//tmp/./f", &program), 0);
	EXPECT(program == file->mapping && !mapping_deny_write(program));
	file_put(file);
	EXPECT(mapping_deny_write(program));
	EXPECT_EQ(try("/tmp/f", O_WRONLY), -ETXTBSY);
	EXPECT_EQ(try("/tmp/f", O_RDONLY | O_TRUNC), -ETXTBSY);
	EXPECT_EQ(try("/tmp/f", O_RDONLY), 0);
	EXPECT_EQ(path_truncate(NULL, "/tmp/f", 0), -ETXTBSY);
	mapping_allow_write(program);
	EXPECT_EQ(try("/tmp/f", O_WRONLY), 0);
	mapping_put(program);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

static struct file *closed_meanwhile;

static void close_and_unlink(void)
{
	if (!closed_meanwhile)
		return;
	file_put(closed_meanwhile);
	closed_meanwhile = NULL;
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

/*
 * The last reference to the file is dropped during truncation. A write after its end is seen
 * when its memory is reused.
 */
static void truncate_beside_unlink(bool by_path)
{
	static const struct mem_range ram = { 0, MACHINE_RAM, MEM_USABLE };
	struct boot_layout layout = machine_layout();

	layout.slab_debug = SLAB_POISON;
	EXPECT_EQ(machine_boot_map(&ram, 1, &layout), 0);
	start_files();
	closed_meanwhile = opened("/tmp/f", O_RDWR | O_CREAT);
	EXPECT_EQ(file_truncate(closed_meanwhile, MiB(1)), 0);
	for (u32 i = 0; i < 100; i++) {
		closed_meanwhile->position = i * PAGE_SIZE;
		EXPECT_EQ(put_text(closed_meanwhile, "text"), 4);
	}
	host_others = close_and_unlink;
	EXPECT_EQ(by_path ? path_truncate(NULL, "/tmp/f", 0) : file_truncate(closed_meanwhile, 0),
		  0);
	host_others = NULL;
	EXPECT(!closed_meanwhile);
	EXPECT_EQ(try("/tmp/f", O_RDONLY), -ENOENT);
	EXPECT(list_empty(&mapping_list));
	EXPECT_EQ(try("/tmp/g", O_RDWR | O_CREAT), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/g"), 0);
}

static void truncated_beside_unlink(void)
{
	truncate_beside_unlink(true);
}

/* ftruncate() has a descriptor that another thread closes. */
static void truncated_beside_close(void)
{
	truncate_beside_unlink(false);
}

static bool started_meanwhile;

static void start_program(void)
{
	struct inode *inode = found("/tmp/f");

	if (!mapping_deny_write(&inode->mapping))
		return;
	started_meanwhile = true;
	mapping_allow_write(&inode->mapping);
}

/* No program can be started from a file while it is truncated, by any of the ways to truncate. */
static void truncated_beside_exec(void)
{
	struct file *file;

	start();
	for (u32 way = 0; way < 3; way++) {
		file = opened("/tmp/f", O_RDWR | O_CREAT);
		for (u32 i = 0; i < 10; i++) {
			file->position = i * PAGE_SIZE;
			EXPECT_EQ(put_text(file, "text"), 4);
		}
		host_others = start_program;
		if (way == 0)
			EXPECT_EQ(file_truncate(file, 0), 0);
		file_put(file);
		if (way == 1)
			EXPECT_EQ(path_truncate(NULL, "/tmp/f", 0), 0);
		else if (way == 2)
			EXPECT_EQ(try("/tmp/f", O_RDONLY | O_TRUNC), 0);
		host_others = NULL;
		EXPECT(!started_meanwhile);
	}
	/* Nothing stays counted. */
	start_program();
	EXPECT(started_meanwhile);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

TAP_MAIN({ "programs", programs }, { "truncated beside unlink", truncated_beside_unlink },
	 { "truncated beside close", truncated_beside_close },
	 { "truncated beside exec", truncated_beside_exec })
