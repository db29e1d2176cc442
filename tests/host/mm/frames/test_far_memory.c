/* SPDX-License-Identifier: MIT */
/*
 * Memory above 4 GiB, in the build with PAE: frames whose addresses have more than 32 bits, in
 * programs, copies of fork, vmalloc and windows. A lost bit leads to a frame of the direct map.
 */
#include <stdio.h>
#include <string.h>

#include "abi/linux/mman.h"
#include "mm/frames/highmem.h"
#include "mm/frames/page_alloc.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/mman/mman.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define RW	  (PROT_READ | PROT_WRITE)
#define AREA_SIZE MiB(8)

static bool far(const struct page *page)
{
	return pfn_to_phys(page_to_pfn(page)) >= MACHINE_FAR_RAM;
}

static void all_is_used(void)
{
	if (!machine_boot_above_4g())
		return;
	EXPECT_EQ(memory_account.beyond, 0);
	EXPECT_EQ(memory_account.given, (MACHINE_NEAR_RAM + MiB(24)) / PAGE_SIZE);
	EXPECT_EQ(zones[ZONE_HIGHMEM].present_pages, MiB(24) / PAGE_SIZE);
	EXPECT_EQ(pfn_to_phys(max_pfn), MACHINE_FAR_RAM + MiB(24));
}

/* mem_map leaves MIN_MEMORY of the direct map: the end of memory is not used, and counted. */
static void mem_map_ends(void)
{
	static const struct mem_range ram[] = { { 0, MACHINE_NEAR_RAM, MEM_USABLE },
						{ GiB(4), GiB(6), MEM_USABLE } };
	struct boot_layout layout = machine_layout();
	char line[80];

	if (PMD_FOLDED)
		return;
	layout.high_bytes = ram[1].end - MACHINE_NEAR_RAM;
	EXPECT_EQ(machine_boot_map(ram, ARRAY_SIZE(ram), &layout), 0);
	EXPECT_EQ(max_pfn, (MACHINE_NEAR_RAM >> PAGE_SHIFT) +
				   (MACHINE_NEAR_RAM - MIN_MEMORY) / sizeof(struct page));
	EXPECT_EQ(memory_account.beyond, phys_to_pfn(GiB(6)) - max_pfn);
	snprintf(line, sizeof(line), "memory: unused_from=%#llx reason=mem_map\n",
		 (unsigned long long)pfn_to_phys(max_pfn));
	EXPECT(strstr(machine_boot_log(), line));
}

static void fill(struct mm_struct *mm, vaddr_t area, u32 seed)
{
	for (u32 i = 0; i < AREA_SIZE; i += PAGE_SIZE) {
		u32 word = seed + i;

		EXPECT_EQ(user_write(mm, area + i + 8, &word, sizeof(word)), FAULT_OK);
	}
}

static void expect_filled(struct mm_struct *mm, vaddr_t area, u32 seed)
{
	u32 word = 0, there = 0;

	for (u32 i = 0; i < AREA_SIZE; i += PAGE_SIZE) {
		const pte_t *pte = pte_lookup(mm->pgd, area + i);

		EXPECT_EQ(user_read(mm, area + i + 8, &word, sizeof(word)), FAULT_OK);
		EXPECT_EQ(word, seed + i);
		there += far(pfn_to_page(pte_pfn(*pte)));
	}
	/* Programs get the high frames first. */
	EXPECT(there > AREA_SIZE / PAGE_SIZE / 4);
}

static void programs(void)
{
	struct mm_struct *parent, *child;
	vaddr_t area;

	if (!machine_boot_above_4g())
		return;
	parent = mm_alloc();
	user_switch(parent);
	area = user_map(parent, AREA_SIZE, RW);
	fill(parent, area, 1);
	expect_filled(parent, area, 1);
	child = mm_copy(parent);
	EXPECT(child);
	user_switch(child);
	fill(child, area, 2);
	expect_filled(child, area, 2);
	user_switch(parent);
	expect_filled(parent, area, 1);
	user_switch(NULL);
	machine_check();
	mm_put(child);
	mm_put(parent);
}

/* New rights and another address, for entries with all bits of their frames. */
static void changes(void)
{
	struct mm_struct *mm;
	vaddr_t area, place;

	if (!machine_boot_above_4g())
		return;
	mm = mm_alloc();
	user_switch(mm);
	area = user_map(mm, AREA_SIZE, RW);
	fill(mm, area, 3);
	EXPECT_EQ(do_mprotect(mm, area, AREA_SIZE, PROT_NONE), 0);
	EXPECT_EQ(do_mprotect(mm, area, AREA_SIZE, PROT_READ), 0);
	expect_filled(mm, area, 3);
	EXPECT_EQ(do_mprotect(mm, area, AREA_SIZE, RW), 0);
	place = user_map(mm, AREA_SIZE, RW);
	EXPECT_EQ(do_mremap(mm, area, AREA_SIZE, AREA_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, place),
		  place);
	expect_filled(mm, place, 3);
	user_switch(NULL);
	machine_check();
	mm_put(mm);
}

static void windows(void)
{
	struct page *pages[2];
	char *place;

	if (!machine_boot_above_4g())
		return;
	pages[0] = alloc_page(GFP_HIGHUSER);
	pages[1] = alloc_page(GFP_HIGHUSER);
	EXPECT(far(pages[0]) && far(pages[1]));
	place = kmap(pages[0]);
	EXPECT(place == machine_ram(pfn_to_phys(page_to_pfn(pages[0]))));
	memset(place, 0x5c, PAGE_SIZE);
	copy_highpage(pages[1], pages[0]);
	EXPECT(!memcmp(kmap_atomic(pages[1]), place, PAGE_SIZE));
	kunmap_atomic(pages[1]);
	kunmap(pages[0]);
	__free_page(pages[0]);
	__free_page(pages[1]);
}

static void vmalloc_area(void)
{
	vaddr_t area;
	u32 word = 0;

	if (!machine_boot_above_4g())
		return;
	area = vmalloc_from(&vmalloc_space, MiB(1), GFP_KERNEL | __GFP_HIGHMEM);
	EXPECT(area && far(vmalloc_page(&vmalloc_space, area)));
	for (u32 i = 0; i < MiB(1); i += PAGE_SIZE)
		EXPECT(kernel_write(area + i, &i, sizeof(i)));
	for (u32 i = 0; i < MiB(1); i += PAGE_SIZE)
		EXPECT(kernel_read(area + i, &word, sizeof(word)) && word == i);
	vfree_to(&vmalloc_space, area);
}

TAP_MAIN({ "all of it is used", all_is_used }, { "mem_map does not fit", mem_map_ends },
	 { "programs and fork", programs }, { "rights and places", changes },
	 { "windows", windows }, { "vmalloc", vmalloc_area })
