/* SPDX-License-Identifier: MIT */
/* Overcommit accounting. Modes and invariant: mm/user_space/overcommit.h. */
#include "lib/math64.h"
#include "mm/user_space/overcommit.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "mm/user_space/limits.h"
#include "mm/swap/swap.h"
#include "mm/user_space/mm.h"

/* Kept in mode 2 for recovery, as Linux's admin_reserve_kbytes and user_reserve_kbytes. */
#define ADMIN_RESERVE (MiB(8) >> PAGE_SHIFT)
#define USER_RESERVE  (MiB(128) >> PAGE_SHIFT)

u32 overcommit_mode = OVERCOMMIT_GUESS;
u32 overcommit_ratio = 50;
u32 vm_committed;

/* Slots that take any page. */
static u32 reliable_slots(void)
{
	u32 slots = 0;

	for (u32 type = 0; type < SWAP_TYPES; type++) {
		const struct swap_info *area = &swap_info[type];

		if (area->device && !area->device->in_memory && !area->failed && !area->leaving)
			slots += area->slots;
	}
	return slots;
}

u32 vm_commit_limit(void)
{
	return (u32)div_u64((u64)nr_present_pages() * overcommit_ratio, 100) + reliable_slots();
}

/* The limit less the reserves, each at most 3 percent of the RAM. */
static u32 allowed_for(const struct mm_struct *mm)
{
	u32 limit = vm_commit_limit(), share = nr_present_pages() / 32, reserve = 0;

	if (mm && !capable(CAP_SYS_ADMIN))
		reserve += min((u32)ADMIN_RESERVE, share);
	if (mm)
		reserve += min(mm->total_vm / 32, min((u32)USER_RESERVE, share));
	return limit > reserve ? limit - reserve : 0;
}

int vm_enough_memory(const struct mm_struct *mm, u32 pages)
{
	/* The counter must not wrap in any mode: many processes may each commit nearly 3 GiB. */
	bool enough = pages <= UINT32_MAX - vm_committed;

	if (overcommit_mode == OVERCOMMIT_GUESS)
		enough = enough && pages <= nr_present_pages() + total_swap_pages;
	else if (overcommit_mode == OVERCOMMIT_NEVER)
		enough = (u64)vm_committed + pages < allowed_for(mm);
	if (!enough)
		return -ENOMEM;
	vm_committed += pages;
	return 0;
}

void vm_unacct_memory(u32 pages)
{
	BUG_ON(pages > vm_committed);
	vm_committed -= pages;
}
