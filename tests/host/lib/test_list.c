/* SPDX-License-Identifier: MIT */
/* Lists: what a removed link is, and what the checker finds. tests/explore/list.c has the rest. */
#include "lib/list.h"
#include "tests/host/tap.h"

static struct list_head head, links[3];

static void fill(void)
{
	list_init(&head);
	for (u32 i = 0; i < ARRAY_SIZE(links); i++)
		list_add_tail(&links[i], &head);
}

static void order(void)
{
	const struct list_head *link;
	u32 seen = 0;

	fill();
	list_move(&links[2], &head);
	list_move_tail(&links[0], &head);
	list_for_each (link, &head)
		seen = 10 * seen + (u32)(link - links);
	EXPECT_EQ(seen, 210);
	EXPECT_VALID(list_validate(&head));
}

static void removed(void)
{
	fill();
	list_del(&links[0]);
	EXPECT(!links[0].next && !links[0].prev);
	list_del_init(&links[1]);
	EXPECT(list_empty(&links[1]) && !list_validate(&links[1]));
	list_del(&links[2]);
	EXPECT(list_empty(&head) && head.prev == &head);
	EXPECT_VALID(list_validate(&head));
}

static void checker(void)
{
	fill();
	links[1].prev = &head;
	EXPECT_TEXT(list_validate(&head), "list (1): a link's neighbour does not point back");
	fill();
	links[2].next = NULL;
	EXPECT_TEXT(list_validate(&head), "list (1): a link's neighbour does not point back");
	fill();
	head.next = &head;
	EXPECT_TEXT(list_validate(&head), "list (2): an empty list does not point to itself");
	fill();
	head.prev = &head;
	EXPECT_TEXT(list_validate(&head), "list (2): an empty list does not point to itself");
}

TAP_MAIN({ "links are moved", order }, { "links are removed", removed }, { "the checker", checker })
