/* SPDX-License-Identifier: MIT */
/*
 * Gap trees. A change has two walks towards the root, and each ends where nothing changes above:
 * regap() corrects the largest gaps; grown() and shrunk() correct the balance, and rotate where a
 * node leans too far:
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

/* What one more level on this side adds to a balance. */
static inline int weight(enum side side)
{
	return side == RIGHT ? 1 : -1;
}

static u32 largest_gap(const struct gap_node *node)
{
	return node ? node->largest_gap : 0;
}

static u32 largest_of(const struct gap_node *node)
{
	return max(node->gap, max(largest_gap(node->left), largest_gap(node->right)));
}

/* Corrects the largest gaps after the node's gap or one of its children has changed. */
static void regap(struct gap_node *node)
{
	for (; node; node = node->parent) {
		u32 largest = largest_of(node);

		if (node->largest_gap == largest)
			return;
		node->largest_gap = largest;
	}
}

/* Makes the parent or the tree, whichever points to `old`, point to `new`. */
static void replace(struct gap_tree *tree, struct gap_node *old, struct gap_node *new)
{
	struct gap_node *parent = old->parent;

	if (parent)
		parent->child[parent->right == old] = new;
	else
		tree->root = new;
	if (new)
		new->parent = parent;
}

/* The new balances follow from the old ones, with any heights of a, b and c. */
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
	y->largest_gap = x->largest_gap;
	x->largest_gap = largest_of(x);
	if (side == LEFT) {
		x->balance -= 1 + max(y->balance, 0);
		y->balance -= 1 - min(x->balance, 0);
	} else {
		x->balance += 1 - min(y->balance, 0);
		y->balance += 1 + max(x->balance, 0);
	}
	return y;
}

static bool leans(const struct gap_node *node)
{
	return node->balance > 1 || node->balance < -1;
}

/* Rotates a node that leans too far. Returns the node that takes its place. */
static noinline struct gap_node *upright(struct gap_tree *tree, struct gap_node *node)
{
	enum side high = node->balance > 0 ? RIGHT : LEFT;

	if (node->child[high]->balance == -weight(high))
		rotate(tree, node->child[high], high);
	return rotate(tree, node, !high);
}

/* The node's subtree is one level higher than before. */
static void grown(struct gap_tree *tree, struct gap_node *node)
{
	for (struct gap_node *parent = node->parent; parent; node = parent, parent = node->parent) {
		parent->balance += weight(parent->right == node);
		if (unlikely(leans(parent)))
			parent = upright(tree, parent);
		if (!parent->balance)
			return; /* the other side was higher */
	}
}

/* The node's subtree on this side is one level lower than before. */
static void shrunk(struct gap_tree *tree, struct gap_node *node, enum side side)
{
	while (node) {
		struct gap_node *parent = node->parent;
		enum side above = parent && parent->right == node;

		node->balance -= weight(side);
		if (unlikely(leans(node)))
			node = upright(tree, node);
		if (node->balance)
			return; /* the other side is as high as this one was */
		node = parent;
		side = above;
	}
}

void gap_insert_after(struct gap_tree *tree, struct gap_node *place, struct gap_node *node, u32 gap)
{
	struct gap_node **link = place ? &place->right : &tree->root;

	while (*link) {
		place = *link;
		link = &place->left;
	}
	*node = (struct gap_node){ .parent = place, .gap = gap, .largest_gap = gap };
	*link = node;
	for (; place && place->largest_gap < gap; place = place->parent)
		place->largest_gap = gap;
	grown(tree, node);
}

/* The next node has no left child: it takes the node's place. Returns its old parent. */
static struct gap_node *put_next_in_place(struct gap_tree *tree, struct gap_node *node)
{
	struct gap_node *next = gap_next(node), *parent;

	BUG_ON(!next || next->left);
	parent = next->parent == node ? next : next->parent;
	replace(tree, next, next->right);
	replace(tree, node, next);
	next->left = node->left;
	next->right = node->right;
	next->left->parent = next;
	if (next->right)
		next->right->parent = next;
	next->balance = node->balance;
	next->largest_gap = node->largest_gap; /* as its ancestors know it */
	regap(parent);
	regap(next); /* its own gap is another one */
	return parent;
}

void gap_erase(struct gap_tree *tree, struct gap_node *node)
{
	struct gap_node *parent = node->parent;
	enum side side = parent && parent->right == node;

	if (node->left && node->right) {
		side = node->right->left ? LEFT : RIGHT; /* of the next node */
		parent = put_next_in_place(tree, node);
	} else {
		replace(tree, node, node->left ? node->left : node->right);
		regap(parent);
	}
	shrunk(tree, parent, side);
}

void gap_replace(struct gap_tree *tree, struct gap_node *old, struct gap_node *new)
{
	*new = *old;
	replace(tree, old, new);
	for (u32 i = 0; i < ARRAY_SIZE(new->child); i++)
		if (new->child[i])
			new->child[i]->parent = new;
}

void gap_set(struct gap_node *node, u32 gap)
{
	node->gap = gap;
	regap(node);
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

/*
 * Returns the height of a subtree. Walks from the root down, so it does not rely on `parent`.
 * Recursion is as deep as the tree.
 */
static int validate_subtree(const struct gap_node *node, const struct gap_node *parent,
			    const char **violated)
{
	int left, right;

	if (!node || *violated)
		return 0;
	left = validate_subtree(node->left, node, violated);
	right = validate_subtree(node->right, node, violated);
	if (*violated)
		return 0;
	if (node->parent != parent)
		*violated = "gap tree (3): a node does not know its parent";
	else if (node->balance != right - left)
		*violated = "gap tree (2): a balance is wrong";
	else if (leans(node))
		*violated = "gap tree (2): a node leans too far";
	else if (node->largest_gap != largest_of(node))
		*violated = "gap tree (4): the largest gap of a subtree is wrong";
	return 1 + max(left, right);
}

const char *gap_tree_validate(const struct gap_tree *tree)
{
	const char *violated = NULL;

	validate_subtree(tree->root, NULL, &violated);
	return violated;
}
