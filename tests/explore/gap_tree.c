/* SPDX-License-Identifier: MIT */
/*
 * A gap tree of a few nodes: each node is inserted at each place, erased, replaced, and given
 * each gap. So every shape that an AVL tree of so many nodes can have is reached on every way.
 *
 *   model: the gaps in order      | 2 | 0 | 1 | 1 |
 */
#include "lib/gap_tree.h"
#include "tests/explore/explore.h"

#define NODES_MAX 8u
#define GAPS	  3u

enum kind { INSERT, ERASE, SET, REPLACE, KINDS };
enum { OPERATIONS = KINDS * GAPS * NODES_MAX };

const struct world world = { "gap_tree", "nodes", 1, NODES_MAX, 5, 7, OPERATIONS };

static struct gap_tree tree;
static struct gap_node nodes[NODES_MAX + 1]; /* one more, to replace */
static struct gap_node *order[NODES_MAX];
static u32 gaps[NODES_MAX], count, most;
static bool used[NODES_MAX + 1];

void world_start(u32 size)
{
	most = size;
}

static struct gap_node *unused(void)
{
	u32 i = 0;

	while (used[i])
		i++;
	used[i] = true;
	return &nodes[i];
}

static void insert(u32 at, u32 gap)
{
	struct gap_node *node = unused();

	gap_insert_after(&tree, at ? order[at - 1] : NULL, node, gap);
	for (u32 i = count++; i > at; i--) {
		order[i] = order[i - 1];
		gaps[i] = gaps[i - 1];
	}
	order[at] = node;
	gaps[at] = gap;
}

static void erase(u32 at)
{
	gap_erase(&tree, order[at]);
	used[order[at] - nodes] = false;
	count--;
	for (; at < count; at++) {
		order[at] = order[at + 1];
		gaps[at] = gaps[at + 1];
	}
}

bool world_apply(u32 operation)
{
	u32 at = operation % NODES_MAX, gap = operation / NODES_MAX % GAPS;
	enum kind kind = operation / (NODES_MAX * GAPS);
	struct gap_node *node;

	if (kind == INSERT ? at > count || count == most : at >= count)
		return false;
	if (gap && (kind == ERASE || kind == REPLACE))
		return false;
	switch (kind) {
	case INSERT:
		insert(at, gap);
		break;
	case ERASE:
		erase(at);
		break;
	case SET:
		gap_set(order[at], gap);
		gaps[at] = gap;
		break;
	default:
		node = unused();
		gap_replace(&tree, order[at], node);
		used[order[at] - nodes] = false;
		order[at] = node;
	}
	return true;
}

void world_text(u32 operation, char *buffer, u32 size)
{
	u32 at = operation % NODES_MAX, gap = operation / NODES_MAX % GAPS;

	switch (operation / (NODES_MAX * GAPS)) {
	case INSERT:
		scnprintf(buffer, size, "insert(%u, %u);", at, gap);
		break;
	case ERASE:
		scnprintf(buffer, size, "erase(%u);", at);
		break;
	case SET:
		scnprintf(buffer, size, "gap_set(order[%u], %u);", at, gap);
		break;
	default:
		scnprintf(buffer, size, "replace(%u);", at);
	}
}

/* Each search, from each place. */
static void check_searches(void)
{
	for (u32 wanted = 1; wanted <= GAPS; wanted++)
		for (u32 from = 0; from <= count; from++) {
			u32 at = from;

			while (at < count && gaps[at] < wanted)
				at++;
			EXPLORE_CHECK(gap_search(&tree, from ? order[from - 1] : NULL, wanted) ==
				      (at < count ? order[at] : NULL));
		}
}

void world_check(void)
{
	const char *violated = gap_tree_validate(&tree);
	struct gap_node *node = gap_first(&tree);

	if (violated)
		panic("gap_tree_validate: %s", violated);
	for (u32 i = 0; i < count; i++, node = gap_next(node)) {
		EXPLORE_CHECK(node == order[i] && node->gap == gaps[i]);
		EXPLORE_CHECK(gap_prev(node) == (i ? order[i - 1] : NULL));
	}
	EXPLORE_CHECK(!node && gap_last(&tree) == (count ? order[count - 1] : NULL));
	check_searches();
}

/* The shape, and the gaps in it. */
static void describe(const struct gap_node *node)
{
	explore_put(node ? 1 + node->gap : 0);
	if (!node)
		return;
	describe(node->left);
	describe(node->right);
}

void world_describe(void)
{
	describe(tree.root);
}
