/* SPDX-License-Identifier: MIT */
/*
 * Inodes: files, folders, links and devices as objects, apart from their names.
 *
 *   folder's inode --name--> inode <--name-- folder's inode        names: fs/folder.h
 *                              ^  ^
 *            open file, cwd ---/  \--- mapping                     each holds a reference
 *
 *   (1) an inode lives as long as mapping.count, the number of references, is not 0;
 *   (2) the contents of a regular file are the page cache of `mapping` (mm/page_cache/filemap.h);
 *       of other kinds, and of files of /proc, only count, dev, ino, i_size and a_ops of `mapping`
 *       are used, and it is not in mapping_list;
 *   (3) nlink is the number of names; a folder has 2, and one more for each folder in it. 0: the
 *       last name was removed. `names` keeps that one, as the place where the inode was.
 */
#ifndef FS_INODE_H
#define FS_INODE_H

#include "abi/linux/fcntl.h"
#include "abi/linux/stat.h"
#include "lib/clock.h"
#include "lib/gap_tree.h"
#include "mm/page_cache/filemap.h"

/* st_dev of file systems: numbers of unnamed devices, as in Linux. */
enum { PROC_DEV = 4, DEVICES_DEV = 5, PIPE_DEV = 13, TMPFS_DEV = 16, SHM_DEV = 17 };

struct dentry;
struct file;
struct file_operations;
struct folder_entry;
struct inode;
struct inotify_watch;
struct name;

/* Nanoseconds since 1970: last read, last change of the contents, last change of anything. */
struct file_times {
	u64 access, modify, change;
};

/* What a file system does in another way than by the names in memory. Any may be NULL. */
struct inode_operations {
	/*
	 * Finds a name in a folder: 0 and a reference, -ENOENT, -ENOMEM. NULL: folder_lookup().
	 */
	int (*lookup)(struct inode *folder, const struct name *name, struct inode **found);
	/*
	 * The entry at or after *position: fills *entry and returns true; false at the end. Sets
	 * *position to a place after it. NULL: folder_next().
	 */
	bool (*next)(struct inode *folder, u32 *position, struct folder_entry *entry);
	/* A link that leads to an object and not to a path: 0 and a reference, or -errno. */
	int (*follow)(struct inode *link, struct inode **target);
	/* Writes the text of such a link, without a NUL; returns its length or -errno. */
	s32 (*readlink)(struct inode *link, char *buffer, u32 size);
	bool follows_text; /* that path, from the link's folder, leads to the same object */
	/*
	 * Sets the size of a regular file, with the lock of its object. Returns 0 or -errno.
	 * NULL: mapping_truncate().
	 */
	int (*set_size)(struct inode *inode, u64 size);
	/* Frees what `data` refers to. */
	void (*release)(struct inode *inode);
};

struct file_system {
	const char *type;
	u32 dev, magic; /* st_dev, f_type of statfs() */
	u32 max_pages;	/* 0: no limit */
	u32 pages;	/* in use */
	u32 max_inodes, inodes;
	bool writable;				 /* names can be made and removed */
	bool readonly;				 /* it is mounted so: changes are -EROFS */
	void (*release)(struct file_system *fs); /* after its last inode; may be NULL */
};

/* The names in a folder. fs/folder.c */
struct folder {
	struct gap_tree by_order; /* of struct dentry */
	u32 next_order;
};

struct inode {
	struct address_space mapping;
	const struct inode_operations *operations;
	const struct file_operations *file_operations;
	struct file_system *fs;
	u32 mode, uid, gid, nlink;
	u32 rdev; /* of a device: major << 8 | minor */
	bool mount_point;
	bool linkable;	    /* it has no name yet, and may get one: O_TMPFILE */
	bool seals_allowed; /* it is a file in memory */
	u8 seals;	    /* F_SEAL_* (fs/seals.h) */
	u32 new_areas;	    /* calls that are making an area which can write to the file */
	struct file_times times;
	struct list_head names;	       /* by dentry.same */
	struct list_head locks;	       /* of struct file_lock (fs/locks.h) */
	struct list_head leases;       /* fs/lease.h */
	struct inotify_watch *watches; /* fs/events/inotify.h */
	u32 opens;		       /* open files with its mapping, and waits for leases */
	union {
		struct folder folder;
		char *target; /* of a symbolic link, from kmalloc() */
		struct {
			const char *archive; /* the initramfs's contents, or NULL */
			u64 archive_bytes;
		};
		struct pipe *pipe; /* of a FIFO that is open */
		const void *data;  /* of the file system, or of the device's driver */
	};
};

static inline struct inode *inode_of(struct address_space *mapping)
{
	return container_of(mapping, struct inode, mapping);
}

static inline bool is_kind(const struct inode *inode, u32 kind)
{
	return (inode->mode & S_IFMT) == kind;
}

/* Sets up the slab cache of inodes. */
void inodes_init(void);

/*
 * Allocates an inode with one reference, without a name. All three times are the current one. The
 * owner is root. NULL: no memory.
 */
struct inode *inode_alloc(struct file_system *fs, u32 mode);

/* The release operation of every inode's mapping, and of no other object. */
void inode_release(struct address_space *mapping);

static inline bool is_inode(const struct address_space *mapping)
{
	return mapping->a_ops->release == inode_release;
}

static inline void inode_get(struct inode *inode)
{
	mapping_get(&inode->mapping);
}

static inline void inode_put(struct inode *inode)
{
	mapping_put(&inode->mapping);
}

/* The result of stat(2). */
struct file_stat {
	u32 dev, ino, mode, nlink, uid, gid, rdev;
	u64 size;   /* bytes */
	u64 blocks; /* allocated, of 512 bytes */
	struct file_times times;
};

/* Sets all three times to `time`. */
static inline struct file_times times_all(u64 time)
{
	return (struct file_times){ time, time, time };
}

/* Inline: the caller of stat(2) puts what it fills directly into the form of its call. */
static inline void inode_stat(const struct inode *inode, struct file_stat *stat)
{
	const struct address_space *mapping = &inode->mapping;

	*stat = (struct file_stat){
		.dev = mapping->dev,
		.ino = mapping->ino,
		.mode = inode->mode,
		.nlink = inode->nlink,
		.uid = inode->uid,
		.gid = inode->gid,
		.rdev = inode->rdev,
		.size = mapping->i_size,
		.blocks = (u64)(mapping->nrpages + mapping->nrabsent) * (PAGE_SIZE / 512),
		.times = inode->times,
	};
}

/* Update the times after a change of the contents, of the attributes, and after a read. */
static inline void inode_modified(struct inode *inode)
{
	inode->times.modify = inode->times.change = clock_coarse();
}

static inline void inode_changed(struct inode *inode)
{
	inode->times.change = clock_coarse();
}

void inode_accessed(struct inode *inode);

/* MAY_READ and so on are the bits of one digit of the mode. */
enum { MAY_EXEC = 1, MAY_WRITE = 2, MAY_READ = 4 };

/*
 * May the process do all of `may`? 0 or -EACCES. The owner's bits decide for the owner, the
 * group's for its members, the others' for the rest. CAP_DAC_OVERRIDE allows all, but to execute
 * a file that has no execute bit; CAP_DAC_READ_SEARCH to read, and to find names.
 */
int inode_permission_slow(const struct inode *inode, u32 may);

static inline int inode_permission(const struct inode *inode, u32 may)
{
	/* All three digits allow it: no need to ask for the process. */
	u32 all = may * 0111;

	if (unlikely(may & MAY_WRITE && inode->fs->readonly))
		return inode_permission_slow(inode, may);
	return likely((inode->mode & all) == all) ? 0 : inode_permission_slow(inode, may);
}

/* The process is the owner, or has CAP_FOWNER. */
bool inode_owned(const struct inode *inode);

/* chmod(2). 0, -EPERM. */
int inode_chmod(struct inode *inode, u32 mode);

/* chown(2); UINT32_MAX keeps an ID. 0, -EPERM. */
int inode_chown(struct inode *inode, u32 uid, u32 gid);

/*
 * The contents change: drops the rights to become owner and group, as the file is no longer what
 * its owner made it for. CAP_FSETID keeps them.
 */
void inode_drop_set_id_slow(struct inode *inode);

static inline void inode_drop_set_id(struct inode *inode)
{
	if (unlikely(inode->mode & (S_ISUID | S_ISGID)))
		inode_drop_set_id_slow(inode);
}

/* A time of utimensat(2) beside nanoseconds since 1970. */
#define TIME_NOW  UINT64_MAX
#define TIME_OMIT (UINT64_MAX - 1)

/* utimensat(2). 0, -EPERM, -EACCES. */
int inode_set_times(struct inode *inode, u64 access, u64 modify);

/*
 * Sets the size of a regular file, within RLIMIT_FSIZE. 0, -EFBIG; -ETXTBSY: a program runs from
 * it.
 */
int inode_resize(struct inode *inode, u64 size);

/*
 * The path of an inode from the process's root, written to the end of the buffer; with
 * " (deleted)" if it has no name any more. Of several names the oldest one. Returns its start in
 * the buffer, or NULL if it is too long. If the inode does not lie below that root, the path
 * begins at the root of all.
 */
char *inode_path(const struct inode *inode, char *buffer, u32 size);

#endif
