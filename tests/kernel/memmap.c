/* SPDX-License-Identifier: MIT */
/*
 * The physical memory map of this machine's firmware, and the state of each frame: none is lost,
 * and none with an owner is free.
 */
#include "fs/tmpfs/initramfs.h"
#include "kernel/harness/suite.h"
#include "mm/init.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/user_space/mm.h"
#include "mm/slab/slab.h"

/* image/kernel.lds */
extern char _text[], _end[];

#define FIRST_MEGABYTE_FRAMES 256u

static bool gives_frames(const struct mem_range *range)
{
	return range->type == MEM_USABLE || range->type == MEM_LOADER;
}

/* The live map keeps the invariants of a sanitised one, and has some memory. */
static void valid(void)
{
	EXPECT(memmap_validate(&memmap) == NULL);
	EXPECT(memmap.count != 0);
	EXPECT(memmap_total(&memmap, MEM_USABLE, ~(phys_addr_t)0) >= MIN_MEMORY);
}

/*
 * Every frame of the firmware's map is unusable, in early use, or in a zone. Counted
 * independently, from the map and from mem_map.
 */
static void adds_up(void)
{
	u32 given = 0, beyond = 0, in_zones = 0, present = 0;
	const pfn_t end = max_pfn;

	for (u32 i = 0; i < memmap.count; i++) {
		const struct mem_range *range = &memmap.range[i];

		if (!gives_frames(range))
			continue;
		given += (u32)((range->end - range->start) >> PAGE_SHIFT);
		if (range->end > pfn_to_phys(end))
			beyond += (u32)((range->end - max(range->start, pfn_to_phys(end))) >>
					PAGE_SHIFT);
	}
	for (pfn_t pfn = 0; pfn < end; pfn++)
		in_zones += page_owner(pfn_to_page(pfn)) != OWNER_RESERVED;
	for (u32 i = 0; i < NR_ZONES; i++)
		present += zones[i].present_pages;
	EXPECT_EQ(memory_account.given, given);
	EXPECT_EQ(memory_account.beyond, beyond);
	EXPECT_EQ(memory_account.zones, in_zones);
	EXPECT_EQ(present, in_zones);
	EXPECT_EQ(memory_account.beyond + memory_account.early + memory_account.zones, given);
}

/* A frame that the firmware keeps is never in a zone. */
static void kept_by_firmware(void)
{
	const pfn_t end = max_pfn;
	pfn_t reached = 0;
	u32 wrong = 0;

	for (u32 i = 0; i <= memmap.count; i++) {
		const struct mem_range *range = &memmap.range[i];
		pfn_t next = end;

		if (i < memmap.count && !gives_frames(range))
			continue;
		if (i < memmap.count)
			next = (pfn_t)min(range->start >> PAGE_SHIFT, (phys_addr_t)end);
		for (; reached < next; reached++) {
			const struct page *page = pfn_to_page(reached);

			wrong += page_owner(page) != OWNER_RESERVED || !(page->flags & PG_reserved);
		}
		if (i < memmap.count)
			reached = (pfn_t)min(range->end >> PAGE_SHIFT, (phys_addr_t)end);
	}
	EXPECT_EQ(wrong, 0);
}

static u32 not_reserved(pfn_t first, pfn_t end)
{
	u32 count = 0;

	for (; first < end; first++)
		count += page_owner(pfn_to_page(first)) != OWNER_RESERVED;
	return count;
}

static u32 memory_not_reserved(const void *start, size_t bytes)
{
	return not_reserved(virt_to_pfn(start), virt_to_pfn((const char *)start + bytes - 1) + 1);
}

/*
 * The textbooks' "first two megabytes": the first one, and the kernel after it or elsewhere.
 */
static void reserved(void)
{
	struct initramfs_entry entry;
	size_t cursor = 0;

	EXPECT_EQ(not_reserved(0, FIRST_MEGABYTE_FRAMES), 0);
	EXPECT_EQ(memory_not_reserved(_text, (size_t)(_end - _text)), 0);
	EXPECT_EQ(memory_not_reserved(mem_map, max_pfn * sizeof(*mem_map)), 0);
	EXPECT_EQ(memory_not_reserved(kernel_pgd, PAGE_SIZE), 0);
	for (u32 i = 0; i < NR_ZONES; i++)
		if (zones[i].end > zones[i].start)
			EXPECT_EQ(memory_not_reserved(zones[i].free_area[0].map, 4), 0);
	while (initramfs_next(&cursor, &entry))
		if (entry.size)
			EXPECT_EQ(memory_not_reserved(entry.data, entry.size), 0);
	EXPECT(zero_page->flags & PG_reserved);
}

/* Sanitising a sanitised map changes nothing. */
static void sanitised_again(void)
{
	struct memmap *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	u32 different = 0;

	EXPECT(copy);
	copy->count = 0;
	for (u32 i = memmap.count; i-- > 0;) {
		const struct mem_range *range = &memmap.range[i];

		EXPECT_EQ(memmap_add(copy, range->start, range->end - range->start, range->type),
			  0);
	}
	memmap_sanitise(copy);
	EXPECT_EQ(copy->count, memmap.count);
	for (u32 i = 0; i < copy->count; i++)
		different += copy->range[i].start != memmap.range[i].start ||
			     copy->range[i].end != memmap.range[i].end ||
			     copy->range[i].type != memmap.range[i].type;
	EXPECT_EQ(different, 0);
	kfree(copy);
}

/* mem=: below the limit nothing changes, above it nothing is usable. */
static void limited(void)
{
	const phys_addr_t limit = MiB(24);
	struct memmap *copy = kmalloc(sizeof(*copy), GFP_KERNEL);

	EXPECT(copy);
	*copy = memmap;
	memmap_limit(copy, limit + 1);
	EXPECT(memmap_validate(copy) == NULL);
	for (enum mem_type type = MEM_USABLE; type <= MEM_LOADER; type++) {
		u64 below = memmap_total(&memmap, type, limit);

		EXPECT(memmap_total(copy, type, limit) == below);
		EXPECT(memmap_total(copy, type, ~(phys_addr_t)0) == below);
	}
	kfree(copy);
}

static const struct test_case cases[] = {
	{ "valid", valid },
	{ "adds_up", adds_up },
	{ "kept_by_firmware", kept_by_firmware },
	{ "reserved", reserved },
	{ "sanitised_again", sanitised_again },
	{ "limited", limited },
};

TEST_SUITE(memmap, cases);
