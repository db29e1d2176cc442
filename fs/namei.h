/* SPDX-License-Identifier: MIT */
/*
 * The path walk: from a path to an inode. All calls that take a path use this one.
 *
 *   "a/link/../b/"      at: the folder reached so far
 *      ^   ^            last: the next component, not looked up yet
 *
 * A link's text is walked from the folder that contains the link; the rest of the path waits on a
 * small stack:
 *
 *      text       rest waiting           link -> "x/y"
 *      a/link/b   -
 *      x/y        "b"
 *
 * The walk stops before the last component: open(), mkdir(), unlink() and rename() want its
 * folder and its name. Source: path_resolution(7).
 *
 *   (1) nameidata holds references to `at` and to each link whose text is being walked, because
 *       the walk may allocate memory, and other tasks may remove names meanwhile.
 */
#ifndef FS_NAMEI_H
#define FS_NAMEI_H

#include "fs/folder.h"
#include "fs/process.h"

/* The longest path with its NUL, bytes. */
#define PATH_MAX 4096

/* More links than this in one walk are -ELOOP. */
#define LINKS_MAX 40

enum last_kind {
	LAST_NAME,
	LAST_ROOT, /* the path has only slashes */
	LAST_DOT,
	LAST_DOTDOT,
};

struct nameidata {
	struct inode *at; /* the folder of the last component */
	struct name last;
	enum last_kind kind;
	bool slash; /* it ended in a slash: the last component must be a folder */
	const char *text;
	/*
	 * The walk has looked at its root: for a "/" that it begins with, or a "..". Before that
	 * RESOLVE_NO_XDEV follows no link to an absolute path (Linux, nd_jump_root()).
	 */
	bool rooted;
	u32 links, depth;
	u32 resolve;	   /* RESOLVE_*: what the walk may not do */
	struct inode *top; /* with RESOLVE_BENEATH or _IN_ROOT: it does not leave this folder */
	struct inode *holder[LINKS_MAX + 1]; /* [n]: the link of the text at depth n, or NULL */
	const char *rest[LINKS_MAX];	     /* [n]: waits at depth n */
};

/*
 * Walks all but the last component. `base` is where a relative path begins; NULL: the process's
 * cwd. Returns 0; then the caller calls path_end(). Or, with nothing to end: -ENOENT (also for an
 * empty path), -ENOTDIR, -EACCES, -ELOOP, -ENAMETOOLONG, -ENOMEM.
 */
int path_start(struct inode *base, const char *path, struct nameidata *nd);
void path_end(struct nameidata *nd);

/* The same with RESOLVE_* of openat2(2): also -EXDEV, -ELOOP. */
int path_start_resolved(struct inode *base, const char *path, u32 resolve, struct nameidata *nd);

/* Looks up the last component, without following it. 0 and a reference, or -errno. */
int path_last(struct nameidata *nd, struct inode **found);

/*
 * Follows a link that is the last component: walks its text but for its last component. Sets
 * *target to NULL; or to the object, with a reference, if the link leads to no path. Takes over
 * the reference to the link. After an error the caller calls path_end() too.
 */
int path_follow(struct nameidata *nd, struct inode *link, struct inode **target);

enum lookup_flags {
	LOOKUP_FOLLOW = 1, /* the last component too */
	LOOKUP_FOLDER = 2, /* -ENOTDIR if it is none */
};

/*
 * The inode of a path of `length` bytes, with a reference, if it needs no more than a look into
 * folders in memory: all may search them, and there are no links, "." and "..". Else NULL. The
 * folder is found at once if it was the folder of a path before, else name by name.
 */
struct inode *path_quick(struct inode *base, const char *path, u32 length);

/* The inode of a path, with a reference. 0 or an error as above. */
int path_lookup(struct inode *base, const char *path, u32 flags, struct inode **found);

/* The same without the quick look, for a caller that had it. */
int path_resolve(struct inode *base, const char *path, u32 flags, struct inode **found);

/* The same with RESOLVE_* of openat2(2). */
int path_resolve_in(struct inode *base, const char *path, u32 flags, u32 resolve,
		    struct inode **found);

/*
 * The root of all names; and the folders where the process's relative and absolute paths begin.
 * The latter is another than the root of all after chroot(2). No reference.
 */
extern struct inode *root_inode;

static inline struct inode *path_cwd(void)
{
	const struct fs_struct *fs = process_fs();

	return fs ? fs->cwd : root_inode;
}

static inline struct inode *path_root(void)
{
	const struct fs_struct *fs = process_fs();

	return fs ? fs->root : root_inode;
}

#endif
