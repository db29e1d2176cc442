/* SPDX-License-Identifier: MIT */
/*
 * Radix trees: a sparse array of pointers, by index, that grows upward as larger indices come (as Linux keeps the pages of a file since 2.5).
 *
 *   height 0          1                      2
 *   root = item 0     root                   root          slot n of a node of height h: the items whose index has
 *                     |                      |    \          n in bits [6 (h - 1), 6 h)
 *                     [0 .. 63] items        node  node
 *                                            items items
 *
 *   (1) a tree of height h has room for the indices below 64^h; height 0 with root NULL is the empty tree.
 *   (2) node->count is the number of its slots that are not NULL; no node is empty.
 *   (3) the height is the least one that holds the largest index.
 *
 * So the pages of a small file are found with one or two loads. Nodes come from the user of the tree, cleared, and go back cleared.
 * Only radix_tree_insert() allocates.
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
	/* A node full of zeros, or NULL. */
	struct radix_tree_node *(*alloc)(void);
	/* Takes back a node, which is full of zeros. */
	void (*free)(struct radix_tree_node *node);
};

struct radix_tree {
	u32 height;
	void *root; /* height 0: the item at index 0; else a node */
	const struct radix_tree_ops *ops;
};

static inline void radix_tree_init(struct radix_tree *tree, const struct radix_tree_ops *ops)
{
	*tree = (struct radix_tree){ .ops = ops };
}

static inline bool radix_tree_empty(const struct radix_tree *tree)
{
	return !tree->root;
}

/* radix_tree_lookup() for trees of more than one level. */
void *radix_tree_lookup_deep(const struct radix_tree *tree, u32 index);

/* The item at an index, or NULL. */
static inline void *radix_tree_lookup(const struct radix_tree *tree, u32 index)
{
	if (likely(tree->height == 1)) {
		const struct radix_tree_node *node = tree->root;

		return index < RADIX_TREE_SLOTS ? node->slots[index] : NULL;
	}
	return tree->height ? radix_tree_lookup_deep(tree, index) : index ? NULL : tree->root;
}

/* Enters an item (not NULL) at an index. 0; -EEXIST if there is one; -ENOMEM, and the tree is as it was. */
int radix_tree_insert(struct radix_tree *tree, u32 index, void *item);

/* Takes out the item at an index and returns it; NULL if there is none. */
void *radix_tree_delete(struct radix_tree *tree, u32 index);

/* The first item at *index or behind it, and its index through *index; NULL: no more. The tree may change between two calls. */
void *radix_tree_next(const struct radix_tree *tree, u32 *index);

/* NULL, or the first violated invariant; the number of items through *items. */
const char *radix_tree_validate(const struct radix_tree *tree, u32 *items);

#endif
