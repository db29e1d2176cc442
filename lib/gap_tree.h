/* SPDX-License-Identifier: MIT */
/*
 * The intervals of an address space in order, with the free gap below each. The kernel has two
 * maps of addresses: the areas of a process and those of vmalloc. It asks both for the lowest gap
 * that is large enough. There may be 65,000 intervals, so this is an AVL tree (Adelson-Velsky and
 * Landis 1962). Its nodes lie in the objects.
 *
 *   addresses    ..gap.. a  ..gap.. b  ..gap.. c  ..gap.. d
 *
 *                     c: gap 1, largest 7         The root of each subtree knows the largest
 *                    /                 \          gap in it, so a search skips a subtree
 *         a: gap 2, largest 7         d: gap 3    without a gap that is large enough.
 *                    \
 *                     b: gap 7
 *
 *   (1) the caller decides the order of the nodes, and knows their addresses;
 *   (2) balance is the height of the right subtree less that of the left one: -1, 0 or 1;
 *   (3) child->parent is the parent; the root's is NULL;
 *   (4) largest_gap is the largest gap of the node's subtree.
 *
 * Each call is O(log n) or better, cannot fail, and allocates nothing. Insertion and erasure
 * change one node or two on average on their way up. There is no lock: the caller excludes other
 * users. The caller chooses the unit of gaps.
 */
#ifndef LIB_GAP_TREE_H
#define LIB_GAP_TREE_H

#include "lib/types.h"

struct gap_node {
	union {
		struct {
			struct gap_node *left, *right;
		};
		struct gap_node *child[2]; /* the same two */
	};
	struct gap_node *parent;
	int balance;
	u32 gap;	 /* free below this node, down to the one before it */
	u32 largest_gap; /* of the subtree */
};

struct gap_tree {
	struct gap_node *root; /* NULL: the tree is empty */
};

#define gap_entry(node, type, member) container_of(node, type, member)

/* Inserts `node` directly after `place`, which is in the tree; with NULL as the first. */
void gap_insert_after(struct gap_tree *tree, struct gap_node *place, struct gap_node *node,
		      u32 gap);

void gap_erase(struct gap_tree *tree, struct gap_node *node);

/* Puts `new`, which is in no tree, in the place of `old`, which leaves it, with its gap. O(1). */
void gap_replace(struct gap_tree *tree, struct gap_node *old, struct gap_node *new);

/* Changes the gap of a node that is in a tree. */
void gap_set(struct gap_node *node, u32 gap);

/* The first node after `node` (NULL: of all) with a gap of at least `wanted` (not 0); or NULL. */
struct gap_node *gap_search(const struct gap_tree *tree, struct gap_node *node, u32 wanted);

/* In order; NULL at the end. */
struct gap_node *gap_first(const struct gap_tree *tree);
struct gap_node *gap_last(const struct gap_tree *tree);
struct gap_node *gap_next(struct gap_node *node);
struct gap_node *gap_prev(struct gap_node *node);

/* NULL, or the first violated of (2) to (4). */
const char *gap_tree_validate(const struct gap_tree *tree);

#endif
