/* SPDX-License-Identifier: MIT */
/*
 * AVL trees against an array: random insertions before and behind, erasures, and a sum over each
 * subtree. After each step the shape is validated; the height is that of an AVL tree.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/avl.h"
#include "tests/host/tap.h"

#define ITEMS_MAX 300

struct item {
	struct avl_node node;
	u32 value, largest; /* of the subtree */
};

static struct item *items[ITEMS_MAX]; /* in order */
static u32 count;

static struct item *item_of(struct avl_node *node)
{
	return node ? avl_entry(node, struct item, node) : NULL;
}

static u32 largest_of(struct avl_node *node)
{
	return node ? item_of(node)->largest : 0;
}

static void update(struct avl_node *node)
{
	struct item *item = item_of(node);

	item->largest = max(item->value, max(largest_of(node->left), largest_of(node->right)));
}

static struct avl_tree tree = { .update = update };

/* The sum of each subtree, computed anew; returns its height. */
static int check_sums(struct avl_node *node)
{
	u32 largest;
	int left, right;

	if (!node)
		return 0;
	left = check_sums(node->left);
	right = check_sums(node->right);
	largest = max(largest_of(node->left), largest_of(node->right));
	EXPECT_EQ(item_of(node)->largest, max(largest, item_of(node)->value));
	EXPECT_EQ(node->height, 1 + max(left, right));
	return 1 + max(left, right);
}

static void compare(void)
{
	struct avl_node *node = avl_first(&tree), *previous = NULL;
	u32 nodes = 1, larger = 2;
	int height = check_sums(tree.root);

	EXPECT_VALID(avl_validate(&tree));
	for (u32 i = 0; i < count; i++) {
		if (!EXPECT(node == &items[i]->node))
			return;
		EXPECT(avl_prev(node) == previous);
		previous = node;
		node = avl_next(node);
	}
	EXPECT(!node);
	EXPECT(avl_last(&tree) == previous);
	/* The smallest AVL trees are Fibonacci's: a height of h needs at least so many nodes. */
	for (int h = 1; h < height; h++) {
		u32 next = nodes + larger + 1;

		nodes = larger;
		larger = next;
	}
	EXPECT(!count || count >= nodes);
}

static void insert(void)
{
	struct item *item = malloc(sizeof(*item));
	u32 at = random_below(count + 1);

	memset(item, 0xa5, sizeof(*item));
	item->value = random_u32();
	if (!count)
		random_one_in(2) ? avl_insert_after(&tree, NULL, &item->node)
				 : avl_insert_before(&tree, NULL, &item->node);
	else if (at < count && (!at || random_one_in(2)))
		avl_insert_before(&tree, &items[at]->node, &item->node);
	else
		avl_insert_after(&tree, &items[at - 1]->node, &item->node);
	memmove(items + at + 1, items + at, (count - at) * sizeof(items[0]));
	items[at] = item;
	count++;
}

static void erase(u32 at)
{
	avl_erase(&tree, &items[at]->node);
	free(items[at]);
	memmove(items + at, items + at + 1, (--count - at) * sizeof(items[0]));
}

static void random_operations(void)
{
	bool filling = true;

	for (u32 step = 0; step < tap_scaled(30000) && !tap_failed(); step++) {
		if (random_one_in(400))
			filling = !filling;
		if (count && random_one_in(6)) {
			u32 at = random_below(count);

			items[at]->value = random_u32();
			avl_changed(&tree, &items[at]->node);
		} else if (count && (count == ITEMS_MAX || random_below(8) < (filling ? 2 : 6))) {
			erase(random_below(count));
		} else {
			insert();
		}
		compare();
	}
	while (count)
		erase(0);
	EXPECT(!tree.root && !avl_first(&tree) && !avl_last(&tree));
}

static void ascending_and_descending(void)
{
	static struct item many[1024];

	for (u32 way = 0; way < 2; way++) {
		struct avl_node *node;
		u32 seen = 0;

		tree.root = NULL;
		for (u32 i = 0; i < ARRAY_SIZE(many); i++) {
			struct avl_node *place = way ? avl_first(&tree) : avl_last(&tree);

			many[i].value = i;
			way ? avl_insert_before(&tree, place, &many[i].node)
			    : avl_insert_after(&tree, place, &many[i].node);
		}
		EXPECT_VALID(avl_validate(&tree));
		EXPECT(tree.root->height <= 14);
		for (node = avl_first(&tree); node; node = avl_next(node))
			EXPECT(item_of(node) == &many[way ? 1023 - seen++ : seen++]);
		EXPECT_EQ(seen, 1024);
	}
	tree.root = NULL;
}

static void planted(void)
{
	static struct item items_of_three[3];
	struct avl_node *root;

	for (u32 i = 0; i < 3; i++)
		avl_insert_after(&tree, avl_last(&tree), &items_of_three[i].node);
	root = tree.root;
	EXPECT_VALID(avl_validate(&tree));
	root->height++;
	EXPECT(avl_validate(&tree) != NULL);
	root->height--;
	root->left->parent = root->right;
	EXPECT(avl_validate(&tree) != NULL);
	root->left->parent = root;
	root->parent = root->left;
	EXPECT(avl_validate(&tree) != NULL);
	root->parent = NULL;
	EXPECT_VALID(avl_validate(&tree));
}

TAP_MAIN({ "ascending and descending", ascending_and_descending },
	 { "random operations against an array", random_operations },
	 { "planted violations are seen", planted })
