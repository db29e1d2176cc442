/* SPDX-License-Identifier: MIT */
/*
 * AVL trees. One function, rebalance(), walks from a changed place to the root, corrects heights and sums, and rotates
 * where a node leans too far:
 *
 *        x                y
 *       / \              / \
 *      a   y     ->     x   c        rotate_left(x)
 *         / \          / \
 *        b   c        a   b
 */
#include "lib/assert.h"
#include "lib/avl.h"

static int height(const struct avl_node *node)
{
	return node ? node->height : 0;
}

static int lean(const struct avl_node *node)
{
	return height(node->right) - height(node->left);
}

static void recompute(const struct avl_tree *tree, struct avl_node *node)
{
	int left = height(node->left), right = height(node->right);

	node->height = 1 + (left > right ? left : right);
	if (tree->update)
		tree->update(node);
}

/* Makes whatever points at `old` point at `new`. */
static void replace(struct avl_tree *tree, struct avl_node *old, struct avl_node *new)
{
	struct avl_node *parent = old->parent;

	if (!parent)
		tree->root = new;
	else if (parent->left == old)
		parent->left = new;
	else
		parent->right = new;
	if (new)
		new->parent = parent;
}

static struct avl_node *rotate_left(struct avl_tree *tree, struct avl_node *x)
{
	struct avl_node *y = x->right;

	BUG_ON(!y);
	replace(tree, x, y);
	x->right = y->left;
	if (x->right)
		x->right->parent = x;
	y->left = x;
	x->parent = y;
	recompute(tree, x);
	recompute(tree, y);
	return y;
}

static struct avl_node *rotate_right(struct avl_tree *tree, struct avl_node *x)
{
	struct avl_node *y = x->left;

	replace(tree, x, y);
	x->left = y->right;
	if (x->left)
		x->left->parent = x;
	y->right = x;
	x->parent = y;
	recompute(tree, x);
	recompute(tree, y);
	return y;
}

static void rebalance(struct avl_tree *tree, struct avl_node *node)
{
	for (; node; node = node->parent) {
		recompute(tree, node);
		if (lean(node) > 1) {
			if (lean(node->right) < 0)
				rotate_right(tree, node->right);
			node = rotate_left(tree, node);
		} else if (lean(node) < -1) {
			if (lean(node->left) > 0)
				rotate_left(tree, node->left);
			node = rotate_right(tree, node);
		}
	}
}

static void attach(struct avl_tree *tree, struct avl_node *parent, struct avl_node **link,
		   struct avl_node *node)
{
	*node = (struct avl_node){ .parent = parent };
	*link = node;
	rebalance(tree, node);
}

void avl_insert_before(struct avl_tree *tree, struct avl_node *place, struct avl_node *node)
{
	if (!place) {
		attach(tree, NULL, &tree->root, node);
	} else if (!place->left) {
		attach(tree, place, &place->left, node);
	} else {
		place = avl_prev(place);
		attach(tree, place, &place->right, node);
	}
}

void avl_insert_after(struct avl_tree *tree, struct avl_node *place, struct avl_node *node)
{
	if (!place) {
		attach(tree, NULL, &tree->root, node);
	} else if (!place->right) {
		attach(tree, place, &place->right, node);
	} else {
		place = avl_next(place);
		attach(tree, place, &place->left, node);
	}
}

void avl_erase(struct avl_tree *tree, struct avl_node *node)
{
	struct avl_node *changed = node->parent;

	if (node->left && node->right) {
		/* The next node has no left child: it takes this one's place. */
		struct avl_node *next = avl_next(node);

		BUG_ON(!next);
		changed = next->parent == node ? next : next->parent;
		replace(tree, next, next->right);
		next->left = node->left;
		next->right = node->right;
		next->left->parent = next;
		if (next->right)
			next->right->parent = next;
		replace(tree, node, next);
	} else {
		replace(tree, node, node->left ? node->left : node->right);
	}
	rebalance(tree, changed);
}

void avl_changed(struct avl_tree *tree, struct avl_node *node)
{
	for (; node; node = node->parent)
		tree->update(node);
}

struct avl_node *avl_first(const struct avl_tree *tree)
{
	struct avl_node *node = tree->root;

	while (node && node->left)
		node = node->left;
	return node;
}

struct avl_node *avl_last(const struct avl_tree *tree)
{
	struct avl_node *node = tree->root;

	while (node && node->right)
		node = node->right;
	return node;
}

struct avl_node *avl_next(const struct avl_node *node)
{
	if (node->right) {
		for (node = node->right; node->left;)
			node = node->left;
		return (struct avl_node *)node;
	}
	while (node->parent && node->parent->right == node)
		node = node->parent;
	return node->parent;
}

struct avl_node *avl_prev(const struct avl_node *node)
{
	if (node->left) {
		for (node = node->left; node->right;)
			node = node->right;
		return (struct avl_node *)node;
	}
	while (node->parent && node->parent->left == node)
		node = node->parent;
	return node->parent;
}

/* From the top down: what a child says of its parent is not relied on. As deep as the tree is high. */
static const char *validate_subtree(const struct avl_node *node, const struct avl_node *parent)
{
	int left, right;
	const char *violated;

	if (!node)
		return NULL;
	left = height(node->left);
	right = height(node->right);
	if (node->parent != parent)
		return "(3) a node does not know its parent";
	if (node->height != 1 + (left > right ? left : right))
		return "(2) a height is wrong";
	if (left - right > 1 || right - left > 1)
		return "(2) a node leans too far";
	violated = validate_subtree(node->left, node);
	return violated ? violated : validate_subtree(node->right, node);
}

const char *avl_validate(const struct avl_tree *tree)
{
	return validate_subtree(tree->root, NULL);
}
