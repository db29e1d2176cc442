/* SPDX-License-Identifier: MIT */
/*
 * Gap trees against an array: random insertions, erasures, other gaps, and searches for a gap.
 * After each step the shape is validated; the height is that of an AVL tree.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/gap_tree.h"
#include "tests/host/tap.h"

#define NODES_MAX 300

/* Gaps are small numbers, 0 too, so that many are equal. */
#define GAPS 50

static struct gap_node *nodes[NODES_MAX]; /* in order */
static u32 count;
static struct gap_tree tree;

/* Checks the largest gap of each subtree, computed anew, and returns the height. */
static int check_largest(const struct gap_node *node, u32 *largest)
{
	u32 left_gap = 0, right_gap = 0;
	int left, right;

	if (!node)
		return 0;
	left = check_largest(node->left, &left_gap);
	right = check_largest(node->right, &right_gap);
	*largest = max(node->gap, max(left_gap, right_gap));
	EXPECT_EQ(node->largest_gap, *largest);
	EXPECT_EQ(node->balance, right - left);
	return 1 + max(left, right);
}

/* The search from a random node, or from the start, against a walk. */
static void check_search(void)
{
	u32 from = random_below(count + 1), wanted = 1 + random_below(GAPS), i = from;

	while (i < count && nodes[i]->gap < wanted)
		i++;
	EXPECT(gap_search(&tree, from ? nodes[from - 1] : NULL, wanted) ==
	       (i < count ? nodes[i] : NULL));
}

static void compare(void)
{
	struct gap_node *node = gap_first(&tree), *previous = NULL;
	u32 smallest = 1, larger = 2, largest = 0;
	int height = check_largest(tree.root, &largest);

	EXPECT_VALID(gap_tree_validate(&tree));
	for (u32 i = 0; i < count; i++) {
		if (!EXPECT(node == nodes[i]))
			return;
		EXPECT(gap_prev(node) == previous);
		previous = node;
		node = gap_next(node);
	}
	EXPECT(!node);
	EXPECT(gap_last(&tree) == previous);
	/* The smallest AVL trees are Fibonacci's: a height of h needs at least so many nodes. */
	for (int h = 1; h < height; h++) {
		u32 next = smallest + larger + 1;

		smallest = larger;
		larger = next;
	}
	EXPECT(!count || count >= smallest);
	check_search();
}

static void insert(void)
{
	struct gap_node *node = malloc(sizeof(*node));
	u32 at = random_below(count + 1), gap = random_below(GAPS);

	memset(node, 0xa5, sizeof(*node));
	gap_insert_after(&tree, at ? nodes[at - 1] : NULL, node, gap);
	EXPECT_EQ(node->gap, gap);
	memmove(nodes + at + 1, nodes + at, (count - at) * sizeof(nodes[0]));
	nodes[at] = node;
	count++;
}

static void erase(u32 at)
{
	gap_erase(&tree, nodes[at]);
	free(nodes[at]);
	memmove(nodes + at, nodes + at + 1, (--count - at) * sizeof(nodes[0]));
}

static void exchange(u32 at)
{
	struct gap_node *node = malloc(sizeof(*node));

	memset(node, 0xa5, sizeof(*node));
	gap_replace(&tree, nodes[at], node);
	free(nodes[at]);
	nodes[at] = node;
}

static void change(u32 at, u32 gap)
{
	gap_set(nodes[at], gap);
	EXPECT_EQ(nodes[at]->gap, gap);
}

static void random_operations(void)
{
	bool filling = true;

	for (u32 step = 0; step < tap_scaled(30000) && !tap_failed(); step++) {
		if (random_one_in(400))
			filling = !filling;
		if (count && random_one_in(6))
			change(random_below(count), random_below(GAPS));
		else if (count && random_one_in(6))
			exchange(random_below(count));
		else if (count && (count == NODES_MAX || random_below(8) < (filling ? 2 : 6)))
			erase(random_below(count));
		else
			insert();
		compare();
	}
	while (count)
		erase(0);
	EXPECT(!tree.root && !gap_first(&tree) && !gap_last(&tree));
}

static void ascending_and_descending(void)
{
	static struct gap_node many[1024];

	for (u32 way = 0; way < 2; way++) {
		u32 seen = 0, largest;

		tree.root = NULL;
		for (u32 i = 0; i < ARRAY_SIZE(many); i++)
			gap_insert_after(&tree, way ? NULL : gap_last(&tree), &many[i], i);
		EXPECT_VALID(gap_tree_validate(&tree));
		EXPECT(check_largest(tree.root, &largest) <= 14);
		for (struct gap_node *node = gap_first(&tree); node; node = gap_next(node))
			EXPECT(node == &many[way ? 1023 - seen++ : seen++]);
		EXPECT_EQ(seen, 1024);
	}
	tree.root = NULL;
}

static void planted(void)
{
	static struct gap_node three[3];
	struct gap_node *root;

	for (u32 i = 0; i < 3; i++)
		gap_insert_after(&tree, gap_last(&tree), &three[i], 5);
	root = tree.root;
	EXPECT_VALID(gap_tree_validate(&tree));
	root->balance++;
	EXPECT(gap_tree_validate(&tree) != NULL);
	root->balance--;
	root->left->parent = root->right;
	EXPECT(gap_tree_validate(&tree) != NULL);
	root->left->parent = root;
	root->parent = root->left;
	EXPECT(gap_tree_validate(&tree) != NULL);
	root->parent = NULL;
	root->right->gap++;
	EXPECT_TEXT(gap_tree_validate(&tree),
		    "gap tree (4): the largest gap of a subtree is wrong");
	root->right->gap--;
	EXPECT_VALID(gap_tree_validate(&tree));
	tree.root = NULL;
}

/* Three nodes in a row to the right: each balance is right, and the first node leans too far. */
static void planted_lean(void)
{
	static struct gap_node row[3];

	for (u32 i = 0; i < 3; i++) {
		row[i].parent = i ? &row[i - 1] : NULL;
		row[i].right = i < 2 ? &row[i + 1] : NULL;
		row[i].balance = (int)(2 - i);
	}
	tree.root = &row[0];
	EXPECT_TEXT(gap_tree_validate(&tree), "gap tree (2): a node leans too far");
	tree.root = NULL;
}

TAP_MAIN({ "ascending and descending", ascending_and_descending },
	 { "random operations against an array", random_operations },
	 { "planted violations are seen", planted }, { "a planted lean is seen", planted_lean })
