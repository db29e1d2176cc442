/* SPDX-License-Identifier: MIT */
/*
 * AVL trees (Adelson-Velsky and Landis 1962) whose nodes lie in the objects, with a sum over each subtree if the user
 * wants one.
 *
 *            d
 *          /   \          heights of the two subtrees of a node differ by one at most
 *         b     e
 *        / \
 *       a   c
 *
 *   (1) in order, nodes are as their user inserted them: it is the user who knows the keys;
 *   (2) height is 1 + the larger height below, and the subtrees' heights differ by at most 1;
 *   (3) child->parent is the parent; the root's is NULL;
 *   (4) what update() keeps of a node is right for its subtree.
 *
 * update(node) computes a node's sum from its own object and its two children; NULL where nothing is summed.
 */
#ifndef LIB_AVL_H
#define LIB_AVL_H

#include "lib/types.h"

struct avl_node {
	struct avl_node *left, *right, *parent;
	int height;
};

struct avl_tree {
	struct avl_node *root;
	void (*update)(struct avl_node *node);
};

#define avl_entry(node, type, member) container_of(node, type, member)

/* Puts `node` in order directly before or behind `place`, which is in the tree; into an empty tree with place NULL. */
void avl_insert_before(struct avl_tree *tree, struct avl_node *place, struct avl_node *node);
void avl_insert_after(struct avl_tree *tree, struct avl_node *place, struct avl_node *node);

void avl_erase(struct avl_tree *tree, struct avl_node *node);

/* The node's own object has changed: corrects the sums above it. */
void avl_changed(struct avl_tree *tree, struct avl_node *node);

/* In order; NULL at the end. */
struct avl_node *avl_first(const struct avl_tree *tree);
struct avl_node *avl_last(const struct avl_tree *tree);
struct avl_node *avl_next(const struct avl_node *node);
struct avl_node *avl_prev(const struct avl_node *node);

/* NULL, or the first of (2) and (3) that is violated. */
const char *avl_validate(const struct avl_tree *tree);

#endif
