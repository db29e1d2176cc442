/* SPDX-License-Identifier: MIT */
/*
 * Circular doubly linked lists with the links inside the objects, as in Linux.
 *
 *      head <-> a <-> b <-> c <-> (head)
 *
 *   (1) for every link x, x->next->prev == x;
 *   (2) an empty list points to itself;
 *   (3) a link removed by list_del() is NULL, so that its second removal or use faults.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include "lib/types.h"

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name)     \
	{                        \
		&(name), &(name) \
	}
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void list_init(struct list_head *head)
{
	head->next = head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

/*
 * A link may lie on the stack of a function that sleeps; it is removed before that returns. gcc
 * cannot see the removal and warns of a dangling pointer. The empty asm hides the link's place.
 */
static inline void list_insert(struct list_head *link, struct list_head *prev,
			       struct list_head *next)
{
	__asm__("" : "+r"(link));
	link->prev = prev;
	link->next = next;
	prev->next = link;
	next->prev = link;
}

/* Inserts as the first element. */
static inline void list_add(struct list_head *link, struct list_head *head)
{
	list_insert(link, head, head->next);
}

/* Inserts as the last element. */
static inline void list_add_tail(struct list_head *link, struct list_head *head)
{
	list_insert(link, head->prev, head);
}

/* Does not change the removed link: for callers that overwrite it at once. */
static inline void list_unlink(struct list_head *link)
{
	struct list_head *next = link->next, *prev = link->prev;

	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it takes all links for one */
	prev->next = next;
	next->prev = prev;
}

static inline void list_del(struct list_head *link)
{
	list_unlink(link);
	link->next = link->prev = NULL;
}

/* Makes the removed link an empty list, so that list_empty() tells whether it is on a list. */
static inline void list_del_init(struct list_head *link)
{
	list_unlink(link);
	list_init(link);
}

static inline void list_move(struct list_head *link, struct list_head *head)
{
	list_unlink(link);
	list_add(link, head);
}

static inline void list_move_tail(struct list_head *link, struct list_head *head)
{
	list_unlink(link);
	list_add_tail(link, head);
}

#define list_entry(link, type, member)	     container_of(link, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member)  list_entry((head)->prev, type, member)

#define list_for_each(link, head) for (link = (head)->next; link != (head); link = link->next)

#define list_for_each_entry(entry, head, member)                           \
	for (entry = list_entry((head)->next, __typeof__(*entry), member); \
	     &entry->member != (head);                                     \
	     entry = list_entry(entry->member.next, __typeof__(*entry), member))

/*
 * NULL, or the first violated of (1) and (2). A list without its head does not end otherwise: as
 * long as (1) holds, each link has one neighbour before it, and the walk comes to the head again.
 */
static inline const char *list_validate(const struct list_head *head)
{
	const struct list_head *link = head;

	if ((head->next == head) != (head->prev == head))
		return "list (2): an empty list does not point to itself";
	do {
		if (!link->next || link->next->prev != link)
			return "list (1): a link's neighbour does not point back";
		link = link->next;
	} while (link != head);
	return NULL;
}

/* The loop body may remove `entry`. */
#define list_for_each_entry_safe(entry, tmp, head, member)                    \
	for (entry = list_entry((head)->next, __typeof__(*entry), member),    \
	    tmp = list_entry(entry->member.next, __typeof__(*entry), member); \
	     &entry->member != (head);                                        \
	     entry = tmp, tmp = list_entry(tmp->member.next, __typeof__(*entry), member))

#endif
