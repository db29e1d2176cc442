/* SPDX-License-Identifier: MIT */
/*
 * Gap trees. One function, rebalance(), walks from a changed place towards the root, corrects
 * heights and largest gaps, and rotates where a node leans too far:
 *
 *        x                y
 *       / \              / \
 *      a   y     ->     x   c        rotate(x, LEFT)
 *         / \          / \
 *        b   c        a   b
 */
#include "lib/gap_tree.h"
#include "lib/assert.h"

enum side { LEFT, RIGHT };

static int height(const struct gap_node *node)
{
	return node ? node->height : 0;
}

static u32 largest_gap(const struct gap_node *node)
{
	return node ? node->largest_gap : 0;
}

static u32 largest_of(const struct gap_node *node)
{
	return max(node->gap, max(largest_gap(node->left), largest_gap(node->right)));
}

static void recompute(struct gap_node *node)
{
	node->height = 1 + max(height(node->left), height(node->right));
	node->largest_gap = largest_of(node);
}

/* Makes the parent or the tree, whichever points to `old`, point to `new`. */
static void replace(struct gap_tree *tree, struct gap_node *old, struct gap_node *new)
{
	struct gap_node *parent = old->parent;

	if (!parent)
		tree->root = new;
	else if (parent->left == old)
		parent->left = new;
	else
		parent->right = new;
	if (new)
		new->parent = parent;
}

static struct gap_node *rotate(struct gap_tree *tree, struct gap_node *x, enum side side)
{
	struct gap_node *y = x->child[!side];

	BUG_ON(!y);
	replace(tree, x, y);
	x->child[!side] = y->child[side];
	if (y->child[side])
		y->child[side]->parent = x;
	y->child[side] = x;
	x->parent = y;
	recompute(x);
	recompute(y);
	return y;
}

/* The node's subtree on this side is too high. Returns the node that takes its place. */
static noinline struct gap_node *upright(struct gap_tree *tree, struct gap_node *node,
					 enum side high)
{
	struct gap_node *child = node->child[high];

	if (height(child->child[!high]) > height(child->child[high]))
		rotate(tree, child, high);
	return rotate(tree, node, !high);
}

/*
 * Walks up from a changed node. What an ancestor knows of a subtree is its height and its largest
 * gap: where both are as before, nothing changes above.
 */
static void rebalance(struct gap_tree *tree, struct gap_node *node)
{
	for (; node; node = node->parent) {
		const int left = height(node->left), right = height(node->right);
		const int height_before = node->height, height_now = 1 + max(left, right);
		const u32 gap_before = node->largest_gap, gap_now = largest_of(node);

		if (unlikely(left > right + 1 || right > left + 1)) {
			node = upright(tree, node, right > left ? RIGHT : LEFT);
		} else {
			node->height = height_now;
			node->largest_gap = gap_now;
		}
		if (node->height == height_before && node->largest_gap == gap_before)
			return;
	}
}

void gap_insert_after(struct gap_tree *tree, struct gap_node *place, struct gap_node *node, u32 gap)
{
	struct gap_node **link = place ? &place->right : &tree->root;

	while (*link) {
		place = *link;
		link = &place->left;
	}
	*node = (struct gap_node){ .parent = place, .gap = gap };
	*link = node;
	rebalance(tree, node);
}

void gap_erase(struct gap_tree *tree, struct gap_node *node)
{
	struct gap_node *changed = node->parent;

	if (node->left && node->right) {
		/* The next node has no left child: it takes this one's place. */
		struct gap_node *next = gap_next(node);

		BUG_ON(!next || next->left);
		changed = next->parent == node ? next : next->parent;
		replace(tree, next, next->right);
		next->left = node->left;
		next->right = node->right;
		next->left->parent = next;
		if (next->right)
			next->right->parent = next;
		replace(tree, node, next);
		/* As its ancestors knew the subtree. Its own gap is another one. */
		next->height = node->height;
		next->largest_gap = node->largest_gap;
		rebalance(tree, changed);
		changed = next;
	} else {
		replace(tree, node, node->left ? node->left : node->right);
	}
	rebalance(tree, changed);
}

void gap_set(struct gap_node *node, u32 gap)
{
	node->gap = gap;
	for (; node && node->largest_gap != largest_of(node); node = node->parent)
		node->largest_gap = largest_of(node);
}

/* The first node of a subtree, in order, with a gap of at least `wanted`. There must be one. */
static struct gap_node *first_gap(struct gap_node *node, u32 wanted)
{
	while (largest_gap(node->left) >= wanted || node->gap < wanted) {
		node = largest_gap(node->left) >= wanted ? node->left : node->right;
		BUG_ON(!node); /* (4) */
	}
	return node;
}

struct gap_node *gap_search(const struct gap_tree *tree, struct gap_node *node, u32 wanted)
{
	BUG_ON(!wanted);
	if (!node)
		return largest_gap(tree->root) >= wanted ? first_gap(tree->root, wanted) : NULL;
	while (largest_gap(node->right) < wanted) {
		/* Up to the first ancestor with this in its left subtree: the next in order. */
		while (node->parent && node->parent->right == node)
			node = node->parent;
		node = node->parent;
		if (!node || node->gap >= wanted)
			return node;
	}
	return first_gap(node->right, wanted);
}

/* The last node of a subtree (NULL: an empty one) on this side. */
static struct gap_node *outermost(struct gap_node *node, enum side side)
{
	while (node && node->child[side])
		node = node->child[side];
	return node;
}

/* The node after this one in order, or before it. */
static struct gap_node *neighbour(struct gap_node *node, enum side side)
{
	if (node->child[side])
		return outermost(node->child[side], !side);
	while (node->parent && node->parent->child[side] == node)
		node = node->parent;
	return node->parent;
}

struct gap_node *gap_first(const struct gap_tree *tree)
{
	return outermost(tree->root, LEFT);
}

struct gap_node *gap_last(const struct gap_tree *tree)
{
	return outermost(tree->root, RIGHT);
}

struct gap_node *gap_next(struct gap_node *node)
{
	return neighbour(node, RIGHT);
}

struct gap_node *gap_prev(struct gap_node *node)
{
	return neighbour(node, LEFT);
}

/* Walks from the root down, so it does not rely on `parent`. Recursion is as deep as the tree. */
static const char *validate_subtree(const struct gap_node *node, const struct gap_node *parent)
{
	const char *violated;
	int left, right;

	if (!node)
		return NULL;
	left = height(node->left);
	right = height(node->right);
	if (node->parent != parent)
		return "gap tree (3): a node does not know its parent";
	if (node->height != 1 + max(left, right))
		return "gap tree (2): a height is wrong";
	if (left - right > 1 || right - left > 1)
		return "gap tree (2): a node leans too far";
	if (node->largest_gap != largest_of(node))
		return "gap tree (4): the largest gap of a subtree is wrong";
	violated = validate_subtree(node->left, node);
	return violated ? violated : validate_subtree(node->right, node);
}

const char *gap_tree_validate(const struct gap_tree *tree)
{
	return validate_subtree(tree->root, NULL);
}
