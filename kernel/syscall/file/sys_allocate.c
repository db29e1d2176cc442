/* SPDX-License-Identifier: MIT */
/* fallocate(): memory for a range of a file before it is written, and holes in place of it. */
#include "abi/linux/errno.h"
#include "fs/events/inotify.h"
#include "fs/process.h"
#include "fs/seals.h"
#include "kernel/task/task.h"
#include "kernel/syscall/syscall.h"
#include "lib/resched.h"
#include "lib/string.h"
#include "mm/user_space/truncate.h"

#define FALLOC_FL_KEEP_SIZE	 1u
#define FALLOC_FL_PUNCH_HOLE	 2u
#define FALLOC_FL_COLLAPSE_RANGE 8u
#define FALLOC_FL_ZERO_RANGE	 16u
#define FALLOC_FL_INSERT_RANGE	 32u
#define FALLOC_FL_UNSHARE_RANGE	 64u

static u32 zeros(void *kernel, u32 bytes, void *context)
{
	(void)context;
	memset(kernel, 0, bytes);
	return 0;
}

/* Clears a part of one page, if the file has that page. */
static s32 clear_part(struct inode *inode, u64 start, u64 end)
{
	end = min(end, inode->mapping.i_size);
	if (start >= end || !radix_tree_lookup(&inode->mapping.pages, (u32)(start >> PAGE_SHIFT)))
		return 0;
	return min(mapping_copy_to(&inode->mapping, start, (u32)(end - start), zeros, NULL), 0);
}

/* With the lock, so that a seal comes before or after. */
static s32 punch_locked(struct inode *inode, u64 start, u64 end)
{
	u64 first = ALIGN_UP(start, (u64)PAGE_SIZE), last = ALIGN_DOWN(end, (u64)PAGE_SIZE);
	s32 err;

	if (inode->seals & SEALS_OF_WRITES)
		return -EPERM;
	err = clear_part(inode, start, min(first, end));
	if (!err && last >= first)
		err = clear_part(inode, last, end);
	if (!err && first < last)
		mapping_punch_hole(&inode->mapping, (u32)(first >> PAGE_SHIFT),
				   (u32)(last >> PAGE_SHIFT));
	return err;
}

static s32 punch_hole(struct inode *inode, u64 start, u64 end)
{
	s32 err;

	if (inode->archive)
		return -EOPNOTSUPP; /* its pages would be filled again */
	mutex_lock(&inode->mapping.lock);
	err = punch_locked(inode, start, end);
	mutex_unlock(&inode->mapping.lock);
	return err;
}

/* Pages before the end of the file only: behind it the page cache has none. */
static s32 fill(struct inode *inode, u64 start, u64 end)
{
	u32 index = (u32)(start >> PAGE_SHIFT);

	for (; (u64)index << PAGE_SHIFT < min(end, inode->mapping.i_size); index++) {
		struct page *page;
		int err = get_cache_page(&inode->mapping, index, &page);

		if (err)
			return err == -ENOMEM ? -ENOSPC : err;
		if (task_killed())
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static s32 allocate(struct inode *inode, u64 start, u64 end, bool keep_size)
{
	u64 size = inode->mapping.i_size;
	s32 err;

	/* As on Linux, the limit and a seal of the size forbid pages behind the end too. */
	if (end > size && keep_size && end > process_file_limit()) {
		process_exceeds_file_limit();
		return -EFBIG;
	}
	if (end > size) {
		err = keep_size ? seals_allow_size(inode, end) : inode_resize(inode, end);
		if (err)
			return err;
	}
	err = fill(inode, start, end);
	if (err && inode->mapping.i_size > size)
		inode_resize(inode, size);
	return err;
}

/*
 * As on Linux a mode is one operation. Punching a hole needs FALLOC_FL_KEEP_SIZE; collapsing and
 * inserting a range must not have it. Whether the file system can do it is asked last.
 */
static bool is_known_mode(u32 mode)
{
	switch (mode & ~FALLOC_FL_KEEP_SIZE) {
	case 0:
	case FALLOC_FL_ZERO_RANGE:
	case FALLOC_FL_UNSHARE_RANGE:
		return true;
	case FALLOC_FL_PUNCH_HOLE:
		return mode & FALLOC_FL_KEEP_SIZE;
	case FALLOC_FL_COLLAPSE_RANGE:
	case FALLOC_FL_INSERT_RANGE:
		return !(mode & FALLOC_FL_KEEP_SIZE);
	}
	return false;
}

s32 sys_fallocate(struct pt_regs *regs)
{
	struct file *file = fd_file(regs->ebx);
	u64 start = regs->edx | (u64)regs->esi << 32, length = regs->edi | (u64)regs->ebp << 32;
	u32 mode = regs->ecx;
	s32 result;

	if (!file)
		return -EBADF;
	if ((s64)start < 0 || (s64)length <= 0)
		return -EINVAL;
	if (!is_known_mode(mode))
		return -EOPNOTSUPP;
	if (!file_writable(file))
		return -EBADF;
	if (!file->inode)
		return file->pipe ? -ESPIPE : -ENODEV;
	if (!file->mapping)
		return is_kind(file->inode, S_IFDIR)   ? -EISDIR
		       : is_kind(file->inode, S_IFIFO) ? -ESPIPE
						       : -ENODEV;
	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	if (start + length > MAPPING_SIZE_MAX)
		return -EFBIG;
	file_get(file);
	if (mode & FALLOC_FL_PUNCH_HOLE)
		result = punch_hole(file->inode, start, start + length);
	else
		result = allocate(file->inode, start, start + length, mode);
	if (!result) {
		inode_drop_set_id(file->inode);
		inode_modified(file->inode);
		inotify_tell(file->inode, IN_MODIFY);
	}
	file_put(file);
	return result;
}
