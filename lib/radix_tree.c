/* SPDX-License-Identifier: MIT */
/* Radix trees. Numbers cite the invariants of the header. */
#include "lib/radix_tree.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"

/* The largest index that a tree of this height holds. */
static const u32 last_index[RADIX_TREE_MAX_HEIGHT + 1] = {
	0, 63, 4095, 262143, 16777215, 1073741823, UINT32_MAX,
};

/* The slot that leads to an index in a node of this height. */
static inline u32 slot_of(u32 index, u32 height)
{
	return index >> ((height - 1) * RADIX_TREE_SHIFT) & (RADIX_TREE_SLOTS - 1);
}

/* The node of height 1 on the path to an index, or NULL. */
static inline struct radix_tree_node *leaf_of(const struct radix_tree *tree, u32 index)
{
	struct radix_tree_node *node = tree->root;
	u32 shift = tree->height * RADIX_TREE_SHIFT;

	if (index > last_index[tree->height] || !shift)
		return NULL;
	while (node && (shift -= RADIX_TREE_SHIFT))
		node = node->slots[index >> shift & (RADIX_TREE_SLOTS - 1)];
	return node;
}

void *radix_tree_lookup_deep(const struct radix_tree *tree, u32 index)
{
	const struct radix_tree_node *leaf = leaf_of(tree, index);

	return leaf ? leaf->slots[index & (RADIX_TREE_SLOTS - 1)] : NULL;
}

/* Restores (3) after a deletion, or after a failed insertion that grew the tree. */
static void shrink(struct radix_tree *tree)
{
	while (tree->height) {
		struct radix_tree_node *root = tree->root;

		if (root->count > 1 || !root->slots[0])
			return;
		tree->root = root->slots[0];
		tree->height--;
		root->slots[0] = NULL;
		root->count = 0;
		tree->ops->free(root);
	}
}

/* Grows the tree at the root until it can hold `index`. An empty tree needs no nodes for that. */
static int grow(struct radix_tree *tree, u32 index)
{
	while (index > last_index[tree->height]) {
		struct radix_tree_node *node;

		if (tree->root) {
			node = tree->ops->alloc();
			if (!node)
				return -ENOMEM;
			node->slots[0] = tree->root;
			node->count = 1;
			tree->root = node;
		}
		tree->height++;
	}
	return 0;
}

/* Frees the empty nodes of a path, the lowest first. path[h] is a node of height h. */
static void prune(struct radix_tree *tree, struct radix_tree_node **path, u32 index, u32 height)
{
	while (!path[height]->count) {
		tree->ops->free(path[height]);
		if (height == tree->height) {
			tree->root = NULL;
			tree->height = 0;
			return;
		}
		height++;
		path[height]->slots[slot_of(index, height)] = NULL;
		path[height]->count--;
	}
	shrink(tree);
}

/* Rolls back an insertion that got no memory for the node of `height`. */
static int undo_insert(struct radix_tree *tree, struct radix_tree_node **path, u32 index,
		       u32 height)
{
	if (!tree->root)
		tree->height = 0;
	else if (height < tree->height)
		prune(tree, path, index, height + 1);
	else
		shrink(tree);
	return -ENOMEM;
}

/* Inserts when the tree has no leaf for the index, or is a single item. */
static int insert_slow(struct radix_tree *tree, u32 index, void *item)
{
	struct radix_tree_node *path[RADIX_TREE_MAX_HEIGHT + 1], *above = NULL;
	void **slot = &tree->root;

	if (grow(tree, index))
		return undo_insert(tree, path, index, tree->height);
	for (u32 height = tree->height; height; height--) {
		if (!*slot) {
			*slot = tree->ops->alloc();
			if (!*slot)
				return undo_insert(tree, path, index, height);
			if (above)
				above->count++;
		}
		above = path[height] = *slot;
		slot = &above->slots[slot_of(index, height)];
	}
	if (*slot)
		return -EEXIST;
	*slot = item;
	if (above)
		above->count++;
	return 0;
}

int radix_tree_insert(struct radix_tree *tree, u32 index, void *item)
{
	struct radix_tree_node *leaf = leaf_of(tree, index);
	void **slot;

	if (unlikely(!leaf))
		return insert_slow(tree, index, item);
	slot = &leaf->slots[index & (RADIX_TREE_SLOTS - 1)];
	if (*slot)
		return -EEXIST;
	*slot = item;
	leaf->count++;
	return 0;
}

void radix_tree_replace(struct radix_tree *tree, u32 index, void *item)
{
	struct radix_tree_node *leaf = leaf_of(tree, index);
	void **slot = leaf ? &leaf->slots[index & (RADIX_TREE_SLOTS - 1)] : &tree->root;

	BUG_ON(!*slot || (!leaf && (tree->height || index)));
	*slot = item;
}

void *radix_tree_delete(struct radix_tree *tree, u32 index)
{
	struct radix_tree_node *path[RADIX_TREE_MAX_HEIGHT + 1];
	void **slot = &tree->root;
	void *item;

	if (index > last_index[tree->height])
		return NULL;
	for (u32 height = tree->height; height; height--) {
		path[height] = *slot;
		if (!path[height])
			return NULL;
		slot = &path[height]->slots[slot_of(index, height)];
	}
	item = *slot;
	if (!item)
		return NULL;
	*slot = NULL;
	if (tree->height) {
		path[1]->count--;
		prune(tree, path, index, 1);
	}
	return item;
}

void *radix_tree_next(const struct radix_tree *tree, u32 *index)
{
	u64 at = *index;

	while (at <= last_index[tree->height]) {
		void *entry = tree->root;
		u32 height = tree->height;

		for (; height && entry; height--) {
			u32 shift = (height - 1) * RADIX_TREE_SHIFT;
			u32 slot = slot_of((u32)at, height), first = slot;
			struct radix_tree_node *node = entry;

			while (slot < RADIX_TREE_SLOTS && !node->slots[slot])
				slot++;
			/* The first index of that slot's subtree, or after this node. */
			if (slot != first)
				at = ((at >> shift) + (slot - first)) << shift;
			entry = slot < RADIX_TREE_SLOTS ? node->slots[slot] : NULL;
		}
		if (entry) {
			*index = (u32)at;
			return entry;
		}
		if (!tree->root)
			break;
	}
	return NULL;
}

static const char *validate_node(const struct radix_tree_node *node, u32 height, u32 *items)
{
	u32 count = 0;

	for (u32 i = 0; i < RADIX_TREE_SLOTS; i++) {
		const char *violated = NULL;

		if (!node->slots[i])
			continue;
		count++;
		if (height == 1)
			(*items)++;
		else
			violated = validate_node(node->slots[i], height - 1, items);
		if (violated)
			return violated;
	}
	if (count != node->count)
		return "(2) a node's count is not its slots'";
	return count ? NULL : "(2) a node is empty";
}

const char *radix_tree_validate(const struct radix_tree *tree, u32 *items)
{
	const struct radix_tree_node *root = tree->root;

	*items = 0;
	if (!tree->height) {
		*items = root != NULL;
		return NULL;
	}
	if (tree->height > RADIX_TREE_MAX_HEIGHT || !root)
		return "(1) the height is not that of the tree";
	if (root->count == 1 && root->slots[0])
		return "(3) the tree is too high";
	return validate_node(root, tree->height, items);
}
