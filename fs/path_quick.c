/* SPDX-License-Identifier: MIT */
/*
 * The quick walk: for paths through folders in memory that all may search, without links, "." and
 * "..". Most paths are such. Nothing changes while it looks, so it takes no references.
 *
 * Programs use many files of a few folders. So the folder of a path is looked up as a whole, by
 * the text before the last slash:
 *
 *   "/usr/lib/os.py"      known_folders["/usr/lib"] ---> folder ---> "os.py"
 *                                 \-> not there: name by name, then it is
 *
 *   (1) a known folder is the one that a walk from `start` along `text` finds, if `changes` is
 *       folder_changes (fs/folder.h).
 */
#include "fs/namei.h"
#include "lib/string.h"

#define KNOWN_BITS 6
#define KNOWN_TEXT 48u /* bytes; the names of a longer text are looked up one by one */

static struct known_folder {
	const struct inode *start;
	struct inode *folder;
	u32 changes, length;
	char text[KNOWN_TEXT];
} known_folders[1 << KNOWN_BITS], *recent = known_folders;

/* A folder in memory that all may search. */
static inline bool is_plain(const struct inode *inode)
{
	return (inode->mode & (S_IFMT | S_IXUGO)) == (S_IFDIR | S_IXUGO) &&
	       !inode->operations->lookup;
}

/* The plain folder that these names lead to, or NULL. */
static struct inode *walk(struct inode *at, const char *path, u32 length)
{
	const char *end = path + length;

	while (is_plain(at)) {
		const struct dentry *dentry;
		struct name name;

		while (path < end && *path == '/')
			path++;
		if (path == end)
			return at;
		name = name_at(path);
		dentry = *path == '.' ? NULL : folder_find(at, &name);
		if (!dentry)
			return NULL;
		at = dentry->inode;
		path += name.length;
	}
	return NULL;
}

/* (1) */
static inline bool is_known(const struct known_folder *known, const struct inode *start,
			    const char *path, u32 length)
{
	return known->length == length && known->start == start &&
	       known->changes == folder_changes && names_equal(known->text, path, length);
}

/* Another folder than the last time. */
static noinline struct inode *change_folder(struct inode *start, const char *path, u32 length)
{
	struct known_folder *known = &known_folders[name_hash(path, length) >> (32 - KNOWN_BITS)];
	struct inode *folder;

	if (!is_known(known, start, path, length)) {
		folder = walk(start, path, length);
		if (!folder || length > KNOWN_TEXT || folder_changes == FOLDER_CHANGES_END)
			return folder;
		*known = (struct known_folder){ .start = start,
						.folder = folder,
						.changes = folder_changes,
						.length = length };
		memcpy(known->text, path, length);
	}
	recent = known;
	return known->folder;
}

static inline struct inode *folder_of(struct inode *start, const char *path, u32 length)
{
	if (!length)
		return is_plain(start) ? start : NULL;
	return likely(is_known(recent, start, path, length)) ? recent->folder
							     : change_folder(start, path, length);
}

struct inode *path_quick(struct inode *base, const char *path, u32 length)
{
	struct inode *at = *path == '/' ? path_root() : base ? base : path_cwd();
	const char *slash = memrchr(path, '/', length), *last = slash ? slash + 1 : path;
	const struct dentry *dentry;
	struct name name;

	if (!*last || *last == '.')
		return NULL;
	at = folder_of(at, path, slash ? (u32)(slash - path) : 0);
	if (unlikely(!at))
		return NULL;
	name = name_with(last, length - (u32)(last - path));
	dentry = folder_find(at, &name);
	if (unlikely(!dentry || is_kind(dentry->inode, S_IFLNK)))
		return NULL;
	inode_get(dentry->inode);
	return dentry->inode;
}
