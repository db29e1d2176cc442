/* SPDX-License-Identifier: MIT */
/* The check of an address space. */
#include "tests/host/space.h"
#include "tests/host/mmu.h"
#include "tests/host/tap.h"

void check_space(struct mm_struct *space)
{
	vaddr_t where = 0;
	const char *stale = mmu_check(&where);

	EXPECT_VALID(stale);
	EXPECT_VALID(mm_validate(space, &where));
	if (tap_failed())
		tap_note("at %#x", where);
}
