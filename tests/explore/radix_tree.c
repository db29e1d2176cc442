/* SPDX-License-Identifier: MIT */
/*
 * A radix tree with indices at the edges of its heights: each is inserted, with the nth node that
 * is not to be had, replaced and deleted.
 *
 *   model: whether there is an item at each index, and which of two
 *
 * The model also counts the nodes that a tree of these items needs, so none is lost or kept.
 */
#include "lib/radix_tree.h"
#include "abi/linux/errno.h"
#include "tests/explore/explore.h"

#define INDICES	  10u
#define NTH	  7u /* 0: none fails */
#define NODES	  (INDICES * RADIX_TREE_MAX_HEIGHT)
#define INSERTION (NTH * INDICES)

enum { OPERATIONS = INSERTION + 2 * INDICES };

const struct world world = { "radix_tree", "indices", 1, INDICES, 6, INDICES, OPERATIONS };

static const u32 indices[INDICES] = { 0,    1,	    63,		64,	    4095,
				      4096, 262143, 0x3fffffff, UINT32_MAX, 0x40000000 };
static struct radix_tree_node nodes[NODES];
static bool used[NODES];
static u32 nodes_used, allocations, failing, most;
static u8 items[INDICES];	    /* of the model: 0 none, 1 or 2 */
static char values[INDICES][2 + 1]; /* what the items point to */

static struct radix_tree_node *node_alloc(void)
{
	u32 i = 0;

	if (++allocations == failing)
		return NULL;
	while (used[i])
		i++;
	used[i] = true;
	nodes_used++;
	return &nodes[i];
}

static void node_free(struct radix_tree_node *node)
{
	u32 i = (u32)(node - nodes);

	EXPLORE_CHECK(used[i] && !node->count);
	for (u32 slot = 0; slot < RADIX_TREE_SLOTS; slot++)
		EXPLORE_CHECK(!node->slots[slot]);
	used[i] = false;
	nodes_used--;
}

static const struct radix_tree_ops ops = { node_alloc, node_free };
static struct radix_tree tree = { .ops = &ops };

void world_start(u32 size)
{
	most = size;
}

/* The first `height` levels of nodes above an index are those of an index before it. */
static bool shares_node(u32 at, u32 height)
{
	for (u32 i = 0; i < at; i++)
		if (items[i] && !(((u64)indices[i] ^ indices[at]) >> height * RADIX_TREE_SHIFT))
			return true;
	return false;
}

static u32 height_wanted(void)
{
	u32 largest = 0, height = 0;

	for (u32 i = 0; i < most; i++)
		if (items[i])
			largest = max(largest, indices[i]);
	while (largest && (u64)largest >> height * RADIX_TREE_SHIFT)
		height++;
	return height;
}

static u32 nodes_wanted(void)
{
	u32 wanted = 0;

	for (u32 at = 0; at < most; at++)
		for (u32 height = 1; items[at] && height <= height_wanted(); height++)
			wanted += !shares_node(at, height);
	return wanted;
}

static bool insert(u32 at, u32 nth)
{
	int error;

	if (nth && items[at])
		return false;
	allocations = 0;
	failing = nth;
	error = radix_tree_insert(&tree, indices[at], &values[at][1]);
	failing = 0;
	/* An insertion that needs fewer nodes is that without a failure. */
	if (nth && !error)
		return explore_undo(0);
	EXPLORE_EQUAL(error, items[at] ? -EEXIST : nth ? -ENOMEM : 0);
	if (!error)
		items[at] = 1;
	return true;
}

bool world_apply(u32 operation)
{
	u32 at = operation % INDICES;

	if (at >= most)
		return false;
	if (operation < INSERTION)
		return insert(at, operation / INDICES);
	if (operation >= INSERTION + INDICES) {
		void *item = radix_tree_delete(&tree, indices[at]);

		EXPLORE_CHECK(item == (items[at] ? &values[at][items[at]] : NULL));
		items[at] = 0;
		return true;
	}
	if (items[at] != 1)
		return false;
	radix_tree_replace(&tree, indices[at], &values[at][2]);
	items[at] = 2;
	return true;
}

void world_text(u32 operation, char *buffer, u32 size)
{
	u32 index = indices[operation % INDICES];

	if (operation >= INSERTION)
		scnprintf(buffer, size, "radix_tree_%s(&tree, %#x);",
			  operation >= INSERTION + INDICES ? "delete" : "replace", index);
	else
		scnprintf(buffer, size, "radix_tree_insert(&tree, %#x); /* node %u fails */", index,
			  operation / INDICES);
}

void world_check(void)
{
	u32 found, count = 0, index = 0, visited = 0;
	const char *violated = radix_tree_validate(&tree, &found);

	if (violated)
		panic("radix_tree_validate: %s", violated);
	for (u32 at = 0; at < most; at++) {
		EXPLORE_CHECK(radix_tree_lookup(&tree, indices[at]) ==
			      (items[at] ? &values[at][items[at]] : NULL));
		count += items[at] != 0;
	}
	EXPLORE_EQUAL(found, count);
	EXPLORE_EQUAL(tree.height, height_wanted());
	EXPLORE_EQUAL(nodes_used, nodes_wanted());
	while (radix_tree_next(&tree, &index) && ++visited < count)
		index++;
	EXPLORE_EQUAL(visited, count);
}

void world_describe(void)
{
	for (u32 at = 0; at < most; at++)
		explore_put(items[at]);
}
