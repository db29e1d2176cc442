/* SPDX-License-Identifier: MIT */
/*
 * inotify(7): a file from which a process reads what happens to other files and in folders.
 *
 *   open file --> group --> watch of inode A, watch of inode B
 *                   \-----> event --> event                  not yet read
 *
 *   (1) a watch is in the lists of its group and of its inode, and ends with either: it holds
 *       no reference;
 *   (2) inotify_watches is the number of all watches: while it is 0, an event costs one look.
 */
#ifndef FS_EVENTS_INOTIFY_H
#define FS_EVENTS_INOTIFY_H

#include "fs/file.h"
#include "abi/linux/inotify.h"

extern u32 inotify_watches;

/* Events of a group that wait to be read; one more is lost. /proc/sys/fs/inotify. */
extern u32 inotify_max_queued;

/* Open files of inotify on the whole machine; Linux counts those of each user. */
extern u32 inotify_max_instances;

/* inotify_init1(2). `flags`: O_NONBLOCK. 0, -EMFILE, -ENOMEM. */
int inotify_open(u32 flags, struct file **file);

bool file_is_inotify(const struct file *file);

/*
 * inotify_add_watch(2), for a file that is an inotify. Returns the watch's number; -EEXIST
 * (IN_MASK_CREATE), -ENOTDIR (IN_ONLYDIR), -EACCES, -ENOMEM.
 */
s32 inotify_add(struct file *file, struct inode *inode, u32 mask);

/* inotify_rm_watch(2). 0 or -EINVAL. */
int inotify_remove(struct file *file, s32 number);

/*
 * Something happened to an inode: tells its watches, and with inotify_tell() those of the folder
 * that has its name. A name came, went or moved: tells those of the folder. `cookie` connects the
 * two events of a move; else 0. None of them sleeps.
 */
void inotify_tell_slow(const struct inode *inode, u32 mask);
void inotify_tell_self_slow(const struct inode *inode, u32 mask);
void inotify_tell_name_slow(const struct inode *folder, const struct name *name, u32 mask,
			    u32 cookie);

/* The inode ends, or its folder was unmounted. */
void inotify_inode_ends(struct inode *inode);

u32 inotify_cookie(void);

static inline void inotify_tell(const struct inode *inode, u32 mask)
{
	if (unlikely(inotify_watches))
		inotify_tell_slow(inode, mask);
}

static inline void inotify_tell_self(const struct inode *inode, u32 mask)
{
	if (unlikely(inotify_watches))
		inotify_tell_self_slow(inode, mask);
}

static inline void inotify_tell_name(const struct inode *folder, const struct name *name,
				     const struct inode *inode, u32 mask, u32 cookie)
{
	if (unlikely(inotify_watches))
		inotify_tell_name_slow(folder, name,
				       mask | (is_kind(inode, S_IFDIR) ? IN_ISDIR : 0), cookie);
}

#endif
