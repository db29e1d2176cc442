/* SPDX-License-Identifier: MIT */
/* Seals: which may be added, and what each forbids, at the sizes and positions where it begins. */
#include "abi/linux/errno.h"
#include "fs/seals.h"
#include "mm/mman/mman.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/user.h"

static struct file *file;
static struct inode *inode;

static void start_sealed(void)
{
	start();
	file = opened("/tmp/f", O_RDWR | O_CREAT);
	inode = file->inode;
	inode->seals = 0; /* as of memfd_create() with MFD_ALLOW_SEALING */
}

static void end_sealed(void)
{
	file_put(file);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
}

static void adding(void)
{
	struct file *reader;

	start_sealed();
	reader = opened("/tmp/f", O_RDONLY);
	EXPECT_EQ(seals_add(reader, F_SEAL_GROW), -EPERM);
	EXPECT_EQ(seals_add(file, 1u << 30), -EINVAL);
	inode->seals_allowed = false;
	EXPECT_EQ(seals_add(file, F_SEAL_GROW), -EINVAL);
	EXPECT_EQ(seals_get(file), -EINVAL);
	inode->seals_allowed = true;
	EXPECT_EQ(seals_add(file, F_SEAL_GROW), 0);
	EXPECT_EQ(seals_add(file, F_SEAL_SHRINK), 0);
	EXPECT_EQ(seals_get(reader), F_SEAL_GROW | F_SEAL_SHRINK);
	EXPECT_EQ(seals_add(file, F_SEAL_SEAL), 0);
	EXPECT_EQ(seals_add(file, F_SEAL_WRITE), -EPERM);
	EXPECT_EQ(seals_get(file), F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
	file_put(reader);
	end_sealed();
}

static vaddr_t map(struct mm_struct *mm, u32 flags, u32 may)
{
	const struct mmap_request request = { .length = PAGE_SIZE,
					      .prot = PROT_READ,
					      .flags = flags,
					      .mapping = &inode->mapping,
					      .may = may };

	return do_mmap_pgoff(mm, &request);
}

/* Not while an area can write to the file, or could after mprotect(), or is about to be made. */
static void mapped_for_writing(void)
{
	struct mm_struct *mm;
	vaddr_t private, reading, writing;

	start_sealed();
	EXPECT_EQ(file_truncate(file, PAGE_SIZE), 0);
	mm = mm_alloc();
	private = map(mm, MAP_PRIVATE, VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC);
	reading = map(mm, MAP_SHARED, VM_MAYREAD | VM_MAYEXEC);
	EXPECT_EQ(seals_add(file, F_SEAL_WRITE), 0);
	inode->seals = 0;
	writing = map(mm, MAP_SHARED, VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC);
	EXPECT_EQ(seals_add(file, F_SEAL_WRITE), -EBUSY);
	EXPECT_EQ(seals_add(file, F_SEAL_FUTURE_WRITE), 0);
	EXPECT_EQ(seals_add(file, F_SEAL_WRITE | F_SEAL_GROW), -EBUSY);
	EXPECT_EQ(do_munmap(mm, writing, PAGE_SIZE), 0);
	seals_begin_area(&inode->mapping);
	EXPECT_EQ(seals_add(file, F_SEAL_WRITE), -EBUSY);
	seals_end_area(&inode->mapping);
	EXPECT_EQ(seals_add(file, F_SEAL_WRITE), 0);
	/* It has the seal: nothing is looked at again. */
	seals_begin_area(&inode->mapping);
	EXPECT_EQ(seals_add(file, F_SEAL_WRITE), 0);
	seals_end_area(&inode->mapping);
	EXPECT_EQ(do_munmap(mm, private, PAGE_SIZE), 0);
	EXPECT_EQ(do_munmap(mm, reading, PAGE_SIZE), 0);
	mm_put(mm);
	end_sealed();
}

static void sizes(void)
{
	start_sealed();
	EXPECT_EQ(file_truncate(file, 100), 0);
	inode->seals = F_SEAL_GROW;
	EXPECT_EQ(seals_allow_size(inode, 101), -EPERM);
	EXPECT_EQ(seals_allow_size(inode, 100), 0);
	EXPECT_EQ(seals_allow_size(inode, 99), 0);
	inode->seals = F_SEAL_SHRINK;
	EXPECT_EQ(seals_allow_size(inode, 101), 0);
	EXPECT_EQ(seals_allow_size(inode, 100), 0);
	EXPECT_EQ(seals_allow_size(inode, 99), -EPERM);
	end_sealed();
}

/* A write that would grow the file ends with the last page that need not. */
static void writes(void)
{
	const u32 size = 2 * PAGE_SIZE + 100;

	start_sealed();
	EXPECT_EQ(file_truncate(file, size), 0);
	inode->seals = F_SEAL_SHRINK;
	EXPECT_EQ(seals_allow_write(inode, size, 1), 1);
	inode->seals = F_SEAL_GROW;
	EXPECT_EQ(seals_allow_write(inode, size - 1, 1), 1);
	EXPECT_EQ(seals_allow_write(inode, 0, size), size);
	EXPECT_EQ(seals_allow_write(inode, 0, size + 1), 2 * PAGE_SIZE);
	EXPECT_EQ(seals_allow_write(inode, 2 * PAGE_SIZE - 1, 102), 1);
	EXPECT_EQ(seals_allow_write(inode, 2 * PAGE_SIZE, 101), -EPERM);
	EXPECT_EQ(seals_allow_write(inode, size, 1), -EPERM);
	inode->seals = F_SEAL_WRITE;
	EXPECT_EQ(seals_allow_write(inode, 0, 1), -EPERM);
	inode->seals = F_SEAL_FUTURE_WRITE;
	EXPECT_EQ(seals_allow_write(inode, 0, 1), -EPERM);
	end_sealed();
}

static void maps(void)
{
	start_sealed();
	inode->seals = F_SEAL_GROW | F_SEAL_SHRINK;
	EXPECT_EQ(seals_allow_map(file, true, true), 0);
	inode->seals = F_SEAL_FUTURE_WRITE;
	EXPECT_EQ(seals_allow_map(file, true, true), -EPERM);
	EXPECT_EQ(seals_allow_map(file, true, false), VM_MAYWRITE);
	EXPECT_EQ(seals_allow_map(file, false, true), 0);
	end_sealed();
}

TAP_MAIN({ "adding", adding }, { "mapped for writing", mapped_for_writing }, { "sizes", sizes },
	 { "writes", writes }, { "maps", maps })
