/* SPDX-License-Identifier: MIT */
/*
 * Lists: two heads and a few links, which are inserted at both ends, moved and removed.
 *
 *   head 0 <-> b <-> a        head 1 (empty)        c: on no list
 *
 * The model is an array of names for each head.
 */
#include "lib/list.h"
#include "tests/explore/explore.h"

#define LINKS_MAX 5u
#define HEADS	  2u
#define NOWHERE	  HEADS

/* link x head x which */
enum kind { ADD, ADD_TAIL, MOVE, MOVE_TAIL, DEL, DEL_INIT, KINDS };
enum { OPERATIONS = KINDS * HEADS * LINKS_MAX };

const struct world world = { "list", "links", 1, LINKS_MAX, 4, 5, OPERATIONS };

static struct list_head heads[HEADS], links[LINKS_MAX];
static u8 order[HEADS][LINKS_MAX]; /* the model */
static u32 lengths[HEADS], links_used;
static bool is_own_list[LINKS_MAX]; /* on no list, by list_del_init() */

void world_start(u32 size)
{
	links_used = size;
	for (u32 i = 0; i < HEADS; i++)
		list_init(&heads[i]);
}

/* The head of a link, or NOWHERE. */
static u32 head_of(u32 link)
{
	for (u32 head = 0; head < HEADS; head++)
		for (u32 i = 0; i < lengths[head]; i++)
			if (order[head][i] == link)
				return head;
	return NOWHERE;
}

static void model_remove(u32 link, u32 head)
{
	u32 at = 0;

	while (order[head][at] != link)
		at++;
	lengths[head]--;
	for (; at < lengths[head]; at++)
		order[head][at] = order[head][at + 1];
}

static void model_add(u32 link, u32 head, bool tail)
{
	u32 at = lengths[head]++;

	for (; !tail && at; at--)
		order[head][at] = order[head][at - 1];
	order[head][at] = (u8)link;
}

bool world_apply(u32 operation)
{
	u32 link = operation % LINKS_MAX, head = operation / LINKS_MAX % HEADS;
	enum kind kind = operation / (LINKS_MAX * HEADS);
	u32 now = head_of(link);

	if (link >= links_used || (now == NOWHERE) != (kind == ADD || kind == ADD_TAIL))
		return false;
	if ((kind == DEL || kind == DEL_INIT) && head != now)
		return false;
	if (now != NOWHERE)
		model_remove(link, now);
	is_own_list[link] = kind == DEL_INIT;
	if (kind < DEL)
		model_add(link, head, kind == ADD_TAIL || kind == MOVE_TAIL);
	switch (kind) {
	case ADD:
		list_add(&links[link], &heads[head]);
		break;
	case ADD_TAIL:
		list_add_tail(&links[link], &heads[head]);
		break;
	case MOVE:
		list_move(&links[link], &heads[head]);
		break;
	case MOVE_TAIL:
		list_move_tail(&links[link], &heads[head]);
		break;
	case DEL:
		list_del(&links[link]);
		break;
	default:
		list_del_init(&links[link]);
	}
	return true;
}

void world_text(u32 operation, char *buffer, u32 size)
{
	static const char *const names[] = { "add",	  "add_tail", "move",
					     "move_tail", "del",      "del_init" };
	u32 link = operation % LINKS_MAX, kind = operation / (LINKS_MAX * HEADS);

	if (kind < DEL)
		scnprintf(buffer, size, "list_%s(&links[%u], &heads[%u]);", names[kind], link,
			  operation / LINKS_MAX % HEADS);
	else
		scnprintf(buffer, size, "list_%s(&links[%u]);", names[kind], link);
}

void world_check(void)
{
	for (u32 head = 0; head < HEADS; head++) {
		const char *violated = list_validate(&heads[head]);
		const struct list_head *link;
		u32 at = 0;

		if (violated)
			panic("list_validate: %s", violated);
		EXPLORE_EQUAL(list_empty(&heads[head]), !lengths[head]);
		list_for_each (link, &heads[head]) {
			EXPLORE_CHECK(at < lengths[head]);
			EXPLORE_EQUAL(link - links, order[head][at++]);
		}
		EXPLORE_EQUAL(at, lengths[head]);
	}
	for (u32 i = 0; i < links_used; i++)
		if (head_of(i) == NOWHERE && is_own_list[i])
			EXPLORE_CHECK(list_empty(&links[i]) && !list_validate(&links[i]));
		else if (head_of(i) == NOWHERE)
			EXPLORE_CHECK(!links[i].next && !links[i].prev);
}

void world_describe(void)
{
	for (u32 head = 0; head < HEADS; head++) {
		explore_put(lengths[head]);
		for (u32 i = 0; i < lengths[head]; i++)
			explore_put(order[head][i]);
	}
	for (u32 i = 0; i < links_used; i++)
		explore_put(head_of(i) == NOWHERE && is_own_list[i]);
}
