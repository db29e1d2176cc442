/* SPDX-License-Identifier: MIT */
/* The check of an address space, and large pages. */
#include "tests/host/space.h"
#include "mm/frames/huge_pool.h"
#include "mm/mman/mman.h"
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

static int count_resident(u32 first, const u8 *resident, u32 pages, void *context)
{
	(void)first;
	for (u32 i = 0; i < pages; i++)
		*(u32 *)context += resident[i];
	return 0;
}

u32 resident_pages(struct mm_struct *space, vaddr_t from, u32 pages)
{
	u32 count = 0;

	EXPECT_EQ(do_mincore(space, from, pages * PAGE_SIZE, count_resident, &count), 0);
	return count;
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
