/* SPDX-License-Identifier: MIT */
/*
 * Radix trees: sparse arrays of pointers. Linux kept the pages of files so from 2.5 on.
 *
 * A file may have a million pages, or one. The tree has only as many levels as its largest index
 * needs, so a page of a small file is found with one or two loads.
 *
 *   height 0          1                2
 *   root = item 0     root             root        slot n of a node of height h: the items with
 *                     |                |    \        index n in bits [6 (h - 1), 6 h)
 *                     [0 .. 63] items  node  node
 *                                      items items
 *
 *   (1) a tree of height h holds indices below 64^h; the empty tree has height 0 and root NULL.
 *   (2) node->count is the number of its slots that are not NULL; no node is empty.
 *   (3) the height is the least that holds the largest index.
 *
 * Only radix_tree_insert() allocates, and may fail. Nodes come from the tree's radix_tree_ops.
 */
#ifndef LIB_RADIX_TREE_H
#define LIB_RADIX_TREE_H

#include "lib/types.h"

#define RADIX_TREE_SHIFT      6
#define RADIX_TREE_SLOTS      (1u << RADIX_TREE_SHIFT)
#define RADIX_TREE_MAX_HEIGHT 6 /* holds every u32 */

struct radix_tree_node {
	u32 count;
	void *slots[RADIX_TREE_SLOTS];
};

struct radix_tree_ops {
	/* Allocates a node, all zero, or returns NULL. */
	struct radix_tree_node *(*alloc)(void);
	/* Frees a node, which is all zero again. */
	void (*free)(struct radix_tree_node *node);
};

/* An empty tree is all zero but for `ops`. */
struct radix_tree {
	u32 height;
	void *root; /* height 0: the item at index 0; else a node */
	const struct radix_tree_ops *ops;
};

/* radix_tree_lookup() for other trees than those of one or two levels. */
void *radix_tree_lookup_deep(const struct radix_tree *tree, u32 index);

/* The item at an index, or NULL. */
static inline void *radix_tree_lookup(const struct radix_tree *tree, u32 index)
{
	if (likely(tree->height == 1)) {
		const struct radix_tree_node *node = tree->root;

		return index < RADIX_TREE_SLOTS ? node->slots[index] : NULL;
	}
	if (likely(tree->height == 2 && index < RADIX_TREE_SLOTS * RADIX_TREE_SLOTS)) {
		const struct radix_tree_node *node = tree->root;

		node = node->slots[index >> RADIX_TREE_SHIFT];
		return node ? node->slots[index & (RADIX_TREE_SLOTS - 1)] : NULL;
	}
	return tree->height ? radix_tree_lookup_deep(tree, index) : index ? NULL : tree->root;
}

/* Inserts an item (not NULL). Returns 0, -EEXIST, or -ENOMEM; an error changes nothing. */
int radix_tree_insert(struct radix_tree *tree, u32 index, void *item);

/* Puts another item (not NULL) in place of the one at an index. There must be one. */
void radix_tree_replace(struct radix_tree *tree, u32 index, void *item);

/* Removes the item at an index and returns it, or NULL if there is none. */
void *radix_tree_delete(struct radix_tree *tree, u32 index);

/*
 * The first item at or after *index; sets *index to its index. NULL: no more. The tree may change
 * between two calls.
 */
void *radix_tree_next(const struct radix_tree *tree, u32 *index);

/* NULL, or the first violated invariant. Sets *items to the number of items. */
const char *radix_tree_validate(const struct radix_tree *tree, u32 *items);

#endif
