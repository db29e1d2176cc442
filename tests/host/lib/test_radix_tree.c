/* SPDX-License-Identifier: MIT */
/*
 * Radix trees against a sorted array: insertions, deletions, look-ups and walks at indices of
 * every height, with failing allocations of nodes. The tree is valid after each step, and no
 * node is lost.
 */
#include <stdlib.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "lib/radix_tree.h"
#include "tests/host/tap.h"

#define ITEMS_MAX 400

static struct {
	u32 index;
	char *item;
} items[ITEMS_MAX]; /* ascending */
static u32 count;

static u32 nodes, nodes_left = UINT32_MAX;
static char things[1 << 16];

static struct radix_tree_node *alloc_node(void)
{
	if (!nodes_left)
		return NULL;
	nodes_left--;
	nodes++;
	return calloc(1, sizeof(struct radix_tree_node));
}

static void free_node(struct radix_tree_node *node)
{
	static const struct radix_tree_node empty;

	EXPECT(!memcmp(node, &empty, sizeof(empty)));
	nodes--;
	free(node);
}

static const struct radix_tree_ops ops = { alloc_node, free_node };
static struct radix_tree tree = { .ops = &ops };

/* The position of an index in the array, or the one where it would be inserted. */
static u32 place_of(u32 index)
{
	u32 i = 0;

	while (i < count && items[i].index < index)
		i++;
	return i;
}

static bool model_has(u32 index)
{
	u32 i = place_of(index);

	return i < count && items[i].index == index;
}

static void compare(void)
{
	u32 found, index = 0;

	EXPECT_VALID(radix_tree_validate(&tree, &found));
	EXPECT_EQ(found, count);
	EXPECT_EQ(!tree.root, !count);
	for (u32 i = 0; i < count; i++) {
		if (!EXPECT(radix_tree_next(&tree, &index) == items[i].item))
			return;
		EXPECT_EQ(index, items[i].index);
		EXPECT(radix_tree_lookup(&tree, index) == items[i].item);
		if (index++ == UINT32_MAX)
			return;
	}
	EXPECT(!radix_tree_next(&tree, &index));
}

static void insert(u32 index)
{
	char *item = &things[random_below(sizeof(things))];
	u32 i = place_of(index), nodes_before = nodes;
	int err = radix_tree_insert(&tree, index, item);

	if (model_has(index)) {
		EXPECT_EQ(err, -EEXIST);
		return;
	}
	if (err) {
		EXPECT_EQ(err, -ENOMEM);
		EXPECT_EQ(nodes_left, 0);
		EXPECT_EQ(nodes, nodes_before);
		return;
	}
	memmove(items + i + 1, items + i, (count - i) * sizeof(items[0]));
	items[i].index = index;
	items[i].item = item;
	count++;
}

static void remove_at(u32 index)
{
	u32 i = place_of(index);
	char *item = radix_tree_delete(&tree, index);

	if (!model_has(index)) {
		EXPECT(!item);
		return;
	}
	EXPECT(item == items[i].item);
	count--;
	memmove(items + i, items + i + 1, (count - i) * sizeof(items[0]));
}

/* Indices of every height, often close together and close to the ends. */
static u32 random_index(void)
{
	u32 index = random_u32() >> random_below(32);

	if (count && random_below(2))
		index = items[random_below(count)].index + random_below(3) - 1;
	return random_below(40) ? index : UINT32_MAX - random_below(3);
}

static void delete_all(void)
{
	while (count && !tap_failed()) {
		remove_at(items[random_below(count)].index);
		compare();
	}
	EXPECT_EQ(tree.height, 0);
	EXPECT_EQ(nodes, 0);
}

static void model(void)
{
	for (u32 step = 0; step < tap_scaled(4000) && !tap_failed(); step++) {
		u32 index = random_index();

		nodes_left = random_below(4) ? UINT32_MAX : random_below(4);
		if (count == ITEMS_MAX || (random_below(3) == 0 && step % 1000 < 800))
			remove_at(index);
		else
			insert(index);
		EXPECT_EQ(radix_tree_lookup(&tree, index) != NULL, model_has(index));
		compare();
		if (step % 1000 == 999)
			delete_all();
	}
	delete_all();
}

/* The nodes of a tree: none for one page, one for a small file. */
static void heights(void)
{
	insert(0);
	insert(0); /* a tree without a node refuses too */
	EXPECT_EQ(nodes, 0);
	insert(63);
	EXPECT_EQ(tree.height, 1);
	EXPECT_EQ(nodes, 1);
	insert(64);
	EXPECT_EQ(tree.height, 2);
	EXPECT_EQ(nodes, 3);
	insert(UINT32_MAX);
	EXPECT_EQ(tree.height, RADIX_TREE_MAX_HEIGHT);
	compare();
	EXPECT(!radix_tree_lookup(&tree, 1u << 31));
	remove_at(UINT32_MAX);
	EXPECT_EQ(nodes, 3);
	remove_at(64);
	EXPECT_EQ(nodes, 1);
	remove_at(63);
	EXPECT_EQ(nodes, 0);
	EXPECT(!radix_tree_lookup(&tree, 1));
	EXPECT(!radix_tree_lookup(&tree, 64));
	delete_all();
}

/* Each allocation of an insertion fails once; the tree is unchanged. */
static void no_memory(void)
{
	static const u32 indices[] = { 5, 70, 5000, 1u << 30, UINT32_MAX };

	for (u32 i = 0; i < ARRAY_SIZE(indices); i++) {
		u32 step = 0, before = count;

		do {
			nodes_left = step++;
			insert(indices[i]);
			compare();
		} while (count == before && step < 20);
		EXPECT(i == 0 || step > 1);
	}
	delete_all();
}

/* As truncation does: deletes the first remaining item until there is none. */
static void truncation(void)
{
	u32 index = 100, removed = 0;

	for (u32 i = 0; i < 300; i++)
		insert(i * 7);
	while (radix_tree_next(&tree, &index)) {
		remove_at(index);
		removed++;
	}
	EXPECT_EQ(removed, 300 - 15);
	EXPECT_EQ(count, 15);
	compare();
	delete_all();
}

static void expect_violated(const char *text)
{
	u32 found;

	EXPECT_TEXT(radix_tree_validate(&tree, &found), text);
}

static void planted(void)
{
	static const char *const height = "(1) the height is not that of the tree";
	struct radix_tree_node *root;
	void *item;

	insert(1);
	insert(4096);
	root = tree.root;
	tree.height = RADIX_TREE_MAX_HEIGHT + 1;
	expect_violated(height);
	tree.height = 3;
	tree.root = NULL;
	expect_violated(height);
	tree.root = root;
	root->count++;
	expect_violated("(2) a node's count is not its slots'");
	root->count -= 2;
	expect_violated("(3) the tree is too high");
	root->count++;
	/* In a node of the second height. */
	root = root->slots[1];
	root->count++;
	expect_violated("(2) a node's count is not its slots'");
	root->count = 0;
	item = root->slots[0];
	root->slots[0] = NULL;
	expect_violated("(2) a node is empty");
	root->slots[0] = item;
	root->count = 1;
	delete_all();
}

/* Another item takes the place of one that is there: in the root alone, and in a leaf. */
static void replace(void)
{
	static const u32 indices[] = { 0, 5, 70, UINT32_MAX };

	EXPECT_PANIC("BUG", radix_tree_replace(&tree, 0, things));
	for (u32 i = 0; i < ARRAY_SIZE(indices); i++) {
		EXPECT_EQ(radix_tree_insert(&tree, indices[i], things), 0);
		radix_tree_replace(&tree, indices[i], things + 1 + i);
	}
	for (u32 i = 0; i < ARRAY_SIZE(indices); i++)
		EXPECT(radix_tree_lookup(&tree, indices[i]) == things + 1 + i);
	EXPECT_PANIC("BUG", radix_tree_replace(&tree, 6, things));
	for (u32 i = 0; i < ARRAY_SIZE(indices); i++)
		EXPECT(radix_tree_delete(&tree, indices[i]) == things + 1 + i);
	EXPECT_EQ(nodes, 0);
}

TAP_MAIN({ "heights", heights }, { "model", model }, { "no memory", no_memory },
	 { "truncation", truncation }, { "replace", replace },
	 { "planted violations are seen", planted })
