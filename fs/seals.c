/* SPDX-License-Identifier: MIT */
/* Seals of a file. Numbers cite the invariants of the header. */
#include "fs/seals.h"
#include "mm/user_space/vma.h"

#define ALL_SEALS                                                                               \
	((u32)(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | \
	       F_SEAL_EXEC))

/* Can an area write to the file, now or after mprotect()? */
static bool is_mapped_for_writing(const struct inode *inode)
{
	struct vm_area_struct *vma = NULL;

	if (inode->new_areas)
		return true;
	while ((vma = next_sharing_area(&inode->mapping, vma, 0)))
		if ((vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) == (VM_SHARED | VM_MAYWRITE))
			return true;
	return false;
}

static int add(struct inode *inode, u32 seals)
{
	if (inode->seals & F_SEAL_SEAL)
		return -EPERM;
	if (seals & F_SEAL_WRITE && !(inode->seals & F_SEAL_WRITE) && is_mapped_for_writing(inode))
		return -EBUSY;
	/* A program that cannot lose its right to run must not change either. */
	if (seals & F_SEAL_EXEC && inode->mode & S_IXUGO)
		seals |= F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
	inode->seals |= seals;
	return 0;
}

int seals_add(const struct file *file, u32 seals)
{
	struct inode *inode = file->inode;
	int err;

	if (!file_writable(file))
		return -EPERM;
	if (!inode || !inode->seals_allowed || seals & ~ALL_SEALS)
		return -EINVAL;
	mutex_lock(&inode->mapping.lock); /* a write that began before ends before */
	err = add(inode, seals);
	mutex_unlock(&inode->mapping.lock);
	return err;
}

s32 seals_get(const struct file *file)
{
	return file->inode && file->inode->seals_allowed ? (s32)file->inode->seals : -EINVAL;
}

/* As on Linux, a write that would grow a sealed file ends with the last page that need not. */
s32 seals_allow_write(const struct inode *inode, u64 position, u32 bytes)
{
	u64 end = position + bytes, size = inode->mapping.i_size;

	if (inode->seals & SEALS_OF_WRITES)
		return -EPERM;
	if (!(inode->seals & F_SEAL_GROW) || end <= size)
		return (s32)bytes;
	end = ALIGN_DOWN(size, (u64)PAGE_SIZE);
	return position < end ? (s32)(end - position) : -EPERM;
}

s32 seals_allow_map(const struct file *file, bool shared, bool write)
{
	if (!shared || !file->inode || !(file->inode->seals & SEALS_OF_WRITES))
		return 0;
	return write ? -EPERM : VM_MAYWRITE;
}

void seals_begin_area(struct address_space *mapping)
{
	if (is_inode(mapping))
		inode_of(mapping)->new_areas++;
}

void seals_end_area(struct address_space *mapping)
{
	if (is_inode(mapping))
		inode_of(mapping)->new_areas--;
}
