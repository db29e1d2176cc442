/* SPDX-License-Identifier: MIT */
/* The check of an address space, and large pages. */
#include "tests/host/space.h"
#include "mm/frames/huge_pool.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/shmem.h"
#include "tests/host/mmu.h"
#include "tests/host/tap.h"

void expect_large(u32 free, u32 reserved)
{
	u32 counted[2];

	huge_pool_count(&counted[0], &counted[1]);
	EXPECT_EQ(counted[0], free);
	EXPECT_EQ(counted[1], reserved);
}

struct address_space *large_object(u32 bytes)
{
	struct address_space *mapping = shmem_object(bytes, "large");

	if (mapping)
		mapping->huge = true;
	return mapping;
}

void check_space(struct mm_struct *space)
{
	vaddr_t where = 0;
	const char *stale = mmu_check(&where);

	EXPECT_VALID(stale);
	EXPECT_VALID(mm_validate(space, &where));
	if (tap_failed())
		tap_note("at %#x", where);
}
