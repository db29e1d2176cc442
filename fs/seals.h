/* SPDX-License-Identifier: MIT */
/*
 * Seals of a file in memory, memfd_create(2) and fcntl(2): what may not be done with the file any
 * more, by any process. A receiver of a shared file then need not fear that it changes or
 * shrinks.
 *
 *   (1) a seal is never removed;
 *   (2) with F_SEAL_WRITE no area can write to the file;
 *   (3) a file that was not made to be sealed has F_SEAL_SEAL, and no other.
 *
 * Other tasks run in the middle of a long call, and may add a seal. So a change of the size, a
 * hole or a write looks at the seals under the lock of the object, which adding one takes too. A
 * call that maps cannot take that lock: it is counted until the area is there.
 */
#ifndef FS_SEALS_H
#define FS_SEALS_H

#include "abi/linux/errno.h"
#include "fs/file.h"

#define SEALS_OF_WRITES ((u32)(F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))

/*
 * F_ADD_SEALS. 0; -EINVAL: unknown seals, or the file can have none; -EPERM: F_SEAL_SEAL, or the
 * file is not open for writing; -EBUSY: it is mapped to be written, or is just being mapped.
 */
int seals_add(const struct file *file, u32 seals);

/* F_GET_SEALS. -EINVAL: the file can have none. */
s32 seals_get(const struct file *file);

/* May the size become this? 0 or -EPERM. With the lock of the object. */
static inline int seals_allow_size(const struct inode *inode, u64 size)
{
	u32 forbidden = size < inode->mapping.i_size   ? F_SEAL_SHRINK
			: size > inode->mapping.i_size ? F_SEAL_GROW
						       : 0;

	return inode->seals & forbidden ? -EPERM : 0;
}

/* The part of `bytes` (not 0) that may be written at a position; -EPERM. */
s32 seals_allow_write(const struct inode *inode, u64 position, u32 bytes);

/*
 * May the file be mapped? `shared` and `write` are as in mmap(). Returns VM_MAYWRITE if the area
 * may not become writable later; 0; -EPERM.
 */
s32 seals_allow_map(const struct file *file, bool shared, bool write);

/*
 * An area that can write to the object comes into being between these two. The first one comes
 * right after seals_allow_map().
 */
void seals_begin_area(struct address_space *mapping);
void seals_end_area(struct address_space *mapping);

#endif
