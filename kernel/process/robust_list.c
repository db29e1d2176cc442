/* SPDX-License-Identifier: MIT */
/* Robust lists. The numbers are the invariants in robust_list.h. */
#include "kernel/process/robust_list.h"
#include "kernel/process/futex.h"
#include "kernel/process/task.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"

#define LINK_PI 1u

/*
 * A lock of the list, or the pending one; its owner is about to end. Returns 0, or -EFAULT or
 * -EINVAL if the walk must stop.
 */
static int owner_dies(vaddr_t word, bool pi, bool pending)
{
	u32 value, owner;

	if (!IS_ALIGNED(word, sizeof(u32)))
		return -EINVAL;
	if (get_user(&value, word))
		return -EFAULT;
	owner = value & FUTEX_TID_MASK;
	/* The owner has unlocked the word but not yet woken a waiter: do that for it. */
	if (pending && !pi && !owner)
		futex_wake(word, true, 1, FUTEX_BITSET_MATCH_ANY);
	if (owner != (u32)current->pid)
		return 0;
	if (put_user((value & FUTEX_WAITERS) | FUTEX_OWNER_DIED, word))
		return -EFAULT;
	if (!pi && value & FUTEX_WAITERS)
		futex_wake(word, true, 1, FUTEX_BITSET_MATCH_ANY);
	return 0;
}

static void walk(vaddr_t list, const struct robust_list_head *head)
{
	vaddr_t pending = head->pending & ~LINK_PI;
	u32 link = head->next, next;

	for (u32 i = 0; i < ROBUST_LIST_LIMIT && (link & ~LINK_PI) != list; i++) {
		vaddr_t entry = link & ~LINK_PI;
		/*
		 * Read it before the word is marked: after that the entry may be another thread's.
		 */
		int err = get_user(&next, entry);

		if (entry != pending && owner_dies(entry + head->offset, link & LINK_PI, false))
			return;
		if (err)
			return;
		link = next;
	}
	if (pending)
		owner_dies(pending + head->offset, head->pending & LINK_PI, true);
}

void robust_list_exit(void)
{
	struct robust_list_head head;
	vaddr_t list = current->robust_list;

	if (!list)
		return;
	current->robust_list = 0;
	if (!copy_from_user(&head, list, sizeof(head)))
		walk(list, &head);
}
