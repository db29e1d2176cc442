/* SPDX-License-Identifier: MIT */
/*
 * The names in a folder.
 *
 * A folder may have 100,000 names, and each step of each path looks for one. getdents() reads
 * them in parts, and a name that stays must come exactly once, whatever is made and removed
 * between two parts. So a name is in two places: in a hash table of the names of all folders, and
 * in an AVL tree of its folder, in order of the numbers that names get when they are made.
 *
 *   bucket of (folder, hash) ---> "x" of /tmp ---> "k" of /etc   lookup: see NAME_BUCKETS
 *   folder --by_order--> "a" 2    "b" 3    "k" 5    "x" 6        getdents: 4 goes on at "k"
 *
 *   (1) each name of a folder is in its bucket and in the tree; it holds a reference to its inode
 *       and one to the folder;
 *   (2) no two names of a folder are equal;
 *   (3) by_order is in order of `order`, from FIRST_ORDER on; a folder uses each number once;
 *   (4) a folder has at most one name: it is in one folder only. The root has none.
 *
 * Nothing here sleeps, but the functions that allocate may end processes meanwhile. They allocate
 * first, then look again.
 */
#ifndef FS_FOLDER_H
#define FS_FOLDER_H

#include "fs/inode.h"
#include "lib/string.h"

#define NAME_MAX    255u
#define FIRST_ORDER 2u /* 0 and 1 are "." and ".." */

/*
 * A lookup looks at one bucket: one name, and one more for each NAME_BUCKETS names of all
 * folders. A program that makes names of one hash on purpose makes lookups of these long, at 4
 * instructions a name.
 */
#define NAME_BUCKET_BITS 12
#define NAME_BUCKETS	 (1u << NAME_BUCKET_BITS)

/* A component of a path; not followed by a NUL. */
struct name {
	const char *text;
	u32 length, hash;
};

struct dentry {
	struct dentry *next;	  /* in its bucket, unless removed */
	struct gap_node by_order; /* in the folder's tree, unless removed */
	struct list_head same;	  /* in inode->names */
	struct inode *inode;
	struct inode *folder; /* with a reference, also after the removal */
	u32 hash, order;
	bool permanent; /* made at boot: no leftover of a program */
	u8 length;
	char text[]; /* ends in NUL */
};

/* One entry, as getdents(2) reports it. */
struct folder_entry {
	u32 ino, mode, length;
	char text[NAME_MAX + 1];
};

static inline u32 name_word(const char *text)
{
	u32 word;

	__builtin_memcpy(&word, text, sizeof(word));
	return word;
}

/*
 * The end of a name (not empty) as a word: its last four bytes, or all of fewer. With the words
 * before it, which it may overlap, it is the whole name; nothing after the name is read.
 */
static inline u32 name_tail(const char *text, u32 length)
{
	const u8 *bytes = (const u8 *)text;

	if (likely(length >= sizeof(u32)))
		return name_word(text + length - sizeof(u32));
	return bytes[0] | (u32)bytes[length / 2] << 8 | (u32)bytes[length - 1] << 16;
}

/*
 * The 32-bit FNV-1a hash (Fowler, Noll, Vo), but of words: a path is hashed at each call that
 * takes one. Names of one length that differ in one word only have different hashes.
 */
static inline u32 name_hash(const char *text, u32 length)
{
	const u32 prime = 16777619u;
	u32 hash = 2166136261u ^ length;

	for (u32 at = 0; at + sizeof(u32) < length; at += sizeof(u32))
		hash = (hash ^ name_word(text + at)) * prime;
	return (hash ^ name_tail(text, length)) * prime;
}

static inline bool names_equal(const char *a, const char *b, u32 length)
{
	for (u32 at = 0; at + sizeof(u32) < length; at += sizeof(u32))
		if (name_word(a + at) != name_word(b + at))
			return false;
	return name_tail(a, length) == name_tail(b, length);
}

static inline struct name name_with(const char *text, u32 length)
{
	return (struct name){ text, length, length ? name_hash(text, length) : 0 };
}

/* The name that begins at `text` and ends before a slash or a NUL; its length may be 0. */
static inline struct name name_at(const char *text)
{
	const u8 *end = (const u8 *)text;

	/* Most bytes of names are letters and digits, which come after the slash. */
	while (*end > '/' || (*end && *end != '/'))
		end++;
	return name_with(text, (u32)(end - (const u8 *)text));
}

/*
 * Counts the changes after which a path through folders may lead elsewhere: a folder lost its
 * name, moved, was covered by a mount or uncovered, got other rights, or was freed. A new name is
 * none: only folders that were found are remembered. At its end the count stays:
 * no path is remembered any more.
 */
#define FOLDER_CHANGES_END UINT32_MAX
extern u32 folder_changes;

static inline void folder_changed(bool changed)
{
	folder_changes += changed && folder_changes != FOLDER_CHANGES_END;
}

/* Empties the hash table. Before the first folder. */
void folders_init(void);

/* A name from a string that ends in NUL. */
struct name name_of(const char *text);

extern struct dentry *name_buckets[NAME_BUCKETS];

/* Multiplicative hashing: the upper bits of the product depend on all bits (Knuth, 6.4). */
static inline struct dentry **name_bucket(const struct inode *folder, u32 hash)
{
	return &name_buckets[(hash + folder->mapping.ino) * 0x9e3779b1u >> (32 - NAME_BUCKET_BITS)];
}

/* The entry with this name, or NULL. */
static inline struct dentry *folder_find(const struct inode *folder, const struct name *name)
{
	struct dentry *dentry = *name_bucket(folder, name->hash);

	for (; dentry; dentry = dentry->next)
		if (dentry->hash == name->hash && dentry->folder == folder &&
		    dentry->length == name->length &&
		    names_equal(dentry->text, name->text, name->length))
			return dentry;
	return NULL;
}

/* The same as a lookup operation: 0 and a reference, or -ENOENT. */
int folder_lookup(struct inode *folder, const struct name *name, struct inode **found);

/*
 * Allocates an entry that is in no folder yet; free it with dentry_free(). NULL: no memory.
 */
struct dentry *dentry_alloc(const struct name *name);
void dentry_free(struct dentry *dentry);

/*
 * Adds the entry as a name of the inode. The name must not be there, and the folder must exist
 * (nlink). Takes the references of (1), counts links and updates the folder's times.
 */
void folder_add(struct inode *folder, struct dentry *dentry, struct inode *inode);

/*
 * Removes an entry from its folder; the opposite of folder_add(). It may free the inode. The last
 * name of an inode stays in its list, for inode_path().
 */
void folder_remove(struct dentry *dentry);

/*
 * Makes the entry the last name of an inode that never was in the folder, as if it had been
 * removed: the inode is shown there. folder_forget() undoes it when it has got its first name.
 */
void folder_show(struct inode *folder, struct dentry *dentry, struct inode *inode);
void folder_forget(struct inode *inode);

/* Puts the entry into another folder under the name of `as`, which it frees. Cannot fail. */
void folder_move(struct dentry *dentry, struct inode *folder, struct dentry *as);

/* Exchanges the inodes of two entries. Neither may lie below the other. */
void folder_exchange(struct dentry *a, struct dentry *b);

/* The folder is this inode or lies below it. */
bool folder_lies_in(struct inode *folder, const struct inode *inode);

/* The folder has no names. */
static inline bool folder_empty(const struct inode *folder)
{
	return !folder->folder.by_order.root;
}

/* The next operation of folders whose names are all in memory. */
bool folder_next(struct inode *folder, u32 *position, struct folder_entry *entry);

/* The first entry at or after this number, or NULL. */
struct dentry *folder_entry_from(const struct inode *folder, u32 order);

/* The name of a folder; NULL: the root's, and of inodes that never had one. */
static inline struct dentry *inode_dentry(const struct inode *inode)
{
	return list_empty(&inode->names) ? NULL
					 : list_first_entry(&inode->names, struct dentry, same);
}

/* The folder that contains this one; of the root itself. No reference. */
static inline struct inode *folder_parent(struct inode *folder)
{
	struct dentry *dentry = inode_dentry(folder);

	return dentry ? dentry->folder : folder;
}

/* NULL, or the first violated of (1) to (4). */
const char *folder_validate(const struct inode *folder);

#endif
