/* SPDX-License-Identifier: MIT */
/*
 * The start of mm/ on physical memory maps of all kinds, with the initramfs above the direct map,
 * with too little memory; and the lines that it logs.
 */
#include <stdio.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/frames/debug_pagealloc.h"
#include "lib/symbol.h"
#include "mm/frames/page_owner.h"
#include "mm/slab/slab.h"
#include "mm/mman/mman.h"
#include "paging/check.h"
#include "paging/tlb.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

static int boot_map(const struct mem_range *ranges, u32 count)
{
	struct boot_layout layout = machine_layout();

	return machine_boot_map(ranges, count, &layout);
}

static void all_usable(void)
{
	machine_boot();
	EXPECT_EQ(zones[ZONE_DMA].start, 0);
	EXPECT_EQ(zones[ZONE_DMA].end, ZONE_DMA_END);
	EXPECT_EQ(zones[ZONE_NORMAL].end, MACHINE_FRAMES);
	EXPECT_EQ(memory_account.given, MACHINE_FRAMES);
	EXPECT_EQ(memory_account.given,
		  memory_account.beyond + memory_account.early + memory_account.zones);
	EXPECT_EQ(nr_present_pages(), memory_account.zones);
	/*
	 * mem_map, page tables, the first two megabytes: at most 7 % of 64 MiB are not for
	 * programs.
	 */
	EXPECT(nr_free_pages() * 100ull >= MACHINE_FRAMES * 93ull);
}

/* A map as firmware makes it: holes, small pieces, memory above the direct map, devices. */
static void piecemeal_map(void)
{
	static const struct mem_range ranges[] = {
		{ 0, 0xa0000, MEM_USABLE },
		{ MiB(1), MiB(8), MEM_LOADER },
		{ MiB(8), MiB(9), MEM_ACPI_NVS },
		{ MiB(9) + 0x800, MiB(20), MEM_USABLE },
		{ MiB(20), MiB(20) + 0x3000, MEM_USABLE },
		{ MiB(20) + 0x4000, MiB(40) + 0x7000, MEM_USABLE },
		{ MiB(33), MiB(34), MEM_RUNTIME },
		{ MiB(41), MiB(41) + 0x1000, MEM_USABLE },
		{ 0xfee00000, 0xfee01000, MEM_RESERVED },
		/* Beyond what page-table entries reach. */
		{ PHYS_LIMIT, PHYS_LIMIT + MiB(512), MEM_USABLE },
	};

	if (!EXPECT_EQ(boot_map(ranges, ARRAY_SIZE(ranges)), 0))
		return;
	machine_check();
	EXPECT_EQ(memory_account.beyond, MiB(512) / PAGE_SIZE);
	EXPECT(strstr(machine_boot_log(), "memory: unused_from=0x2901000 reason=page_tables\n"));
	EXPECT_EQ(zones[ZONE_NORMAL].end, (MiB(41) + 0x1000) / PAGE_SIZE);
	EXPECT(pfn_to_page(MiB(8) / PAGE_SIZE)->flags & PG_reserved);
	EXPECT(pfn_to_page(MiB(33) / PAGE_SIZE)->flags & PG_reserved);
	EXPECT(pfn_to_page((MiB(20) + 0x3000) / PAGE_SIZE)->flags & PG_reserved);
	EXPECT(pfn_to_page(MiB(9) / PAGE_SIZE)->flags & PG_reserved);
}

static void too_little(void)
{
	static const struct mem_range ranges[] = { { 0, MiB(16) - 1, MEM_USABLE } };

	EXPECT(boot_map(ranges, 1) < 0);
}

static void least_memory(void)
{
	static const struct mem_range ranges[] = { { 0, MiB(16), MEM_USABLE } };

	struct page *page;

	if (!EXPECT_EQ(boot_map(ranges, 1), 0))
		return;
	EXPECT_EQ(zones[ZONE_NORMAL].present_pages, 0);
	machine_check();
	page = alloc_page(GFP_KERNEL);
	EXPECT(page != NULL);
	__free_page(page);
}

/* Enough in total, but fragmented: mem_map does not fit. */
static void no_room_for_mem_map(void)
{
	static struct mem_range pieces[MEMMAP_RAW_MAX];

	for (u32 i = 0; i < ARRAY_SIZE(pieces); i++) {
		phys_addr_t start = MiB(2) + (phys_addr_t)i * 15 * PAGE_SIZE;

		pieces[i] = (struct mem_range){ start, start + 14 * PAGE_SIZE, MEM_USABLE };
	}
	EXPECT_EQ(boot_map(pieces, ARRAY_SIZE(pieces)), -ENOMEM);
	EXPECT(strstr(console_text(), "memory: error: no room for mem_map\n"));
}

/*
 * The start with one more free frame each time, behind a kernel that fills the rest of the direct
 * map: each thing that needs memory is the first that gets none, and is named.
 */
static void each_thing_lacks_memory(void)
{
	static const struct mem_range ram = { 0, MiB(32), MEM_USABLE };
	static const char *const things[] = { "the initramfs below the end of the direct map",
					      "the kernel's page tables",
					      "the ring of trace_buf_size=", "mem_map",
					      "the record of page_owner=on" };
	u32 frames = 0, thing = 0;

	for (; thing < ARRAY_SIZE(things) && frames < 500; frames++) {
		struct boot_layout layout = machine_layout();
		char line[80];

		layout.high_bytes = MiB(12);
		layout.initramfs = (struct mem_range){ MiB(24), MiB(24) + PAGE_SIZE, MEM_LOADER };
		layout.kernel.end = MiB(20) - frames * PAGE_SIZE;
		layout.page_owner = layout.debug_pagealloc = true;
		layout.trace_bytes = 2 * PAGE_SIZE;
		console_clear();
		if (!EXPECT_EQ(machine_boot_map(&ram, 1, &layout), -ENOMEM))
			break;
		snprintf(line, sizeof(line), "memory: error: no room for %s\n", things[thing]);
		if (strstr(console_text(), line) && thing + 1 == ARRAY_SIZE(things))
			break;
		if (!strstr(console_text(), line)) {
			thing++;
			snprintf(line, sizeof(line), "memory: error: no room for %s\n",
				 things[thing]);
			EXPECT(strstr(console_text(), line));
		}
	}
	EXPECT_EQ(thing, ARRAY_SIZE(things) - 1);
}

static void kernel_behind_the_direct_map(void)
{
	static const struct mem_range ram = { 0, MiB(32), MEM_USABLE };
	struct boot_layout layout = machine_layout();

	layout.high_bytes = MiB(12);
	layout.kernel.end = MiB(20) + PAGE_SIZE;
	EXPECT_EQ(machine_boot_map(&ram, 1, &layout), -ENOMEM);
	EXPECT(strstr(console_text(), "memory: error: the kernel ends at 0x1401000, beyond the "
				      "direct map's 0x1400000\n"));
}

/* A device gets large pages at the end of the window of vmalloc. The kernel's frames play one. */
static void devices(void)
{
	const phys_addr_t start = MACHINE_KERNEL_START + 0x3000;
	struct translation page;
	vaddr_t place, end;

	machine_boot();
	EXPECT(!kernel_map_device(start, 0, false));
	EXPECT(!kernel_map_device(start, GiB(1), false));
	EXPECT(!kernel_map_device(~0ull - 10, 20, false));
	for (u32 combining = 0; combining < 2; combining++) {
		end = ALIGN_DOWN(vmalloc_end, LARGE_PAGE_SIZE);
		place = end - LARGE_PAGE_SIZE + (u32)(start % LARGE_PAGE_SIZE);
		EXPECT(kernel_map_device(start, 0x5000, combining) == mmu_pointer(place));
		EXPECT_EQ(vmalloc_end, end - LARGE_PAGE_SIZE - PAGE_SIZE);
		for (u32 i = 0; i < 0x5000; i += PAGE_SIZE) {
			EXPECT(translate(kernel_pgd, place + i, &page) && page.large);
			EXPECT_EQ(page.phys, start + i);
			EXPECT_EQ(!(page.flags & PTE_PCD), combining);
		}
		EXPECT(!translate(kernel_pgd, end - LARGE_PAGE_SIZE - 1, &page));
	}
}

/* The direct map: every frame at its place, the kernel's text read-only, nothing for ring 3. */
static void direct_map(void)
{
	vaddr_t where;
	u32 word = 0;

	machine_boot();
	EXPECT_VALID(pgtable_validate(kernel_pgd, kernel_pgd, max_pfn, &where));
	for (pfn_t pfn = 16; pfn < MACHINE_FRAMES; pfn += 1 + random_below(50)) {
		vaddr_t address = PAGE_OFFSET + (pfn << PAGE_SHIFT);
		bool read_only = pfn >= 256 && pfn < 384;
		struct translation page;

		EXPECT(translate(kernel_pgd, address, &page));
		EXPECT_EQ(page.phys, pfn_to_phys(pfn));
		EXPECT_EQ(page.flags & (PTE_WRITE | PTE_USER), read_only ? 0 : PTE_WRITE);
		EXPECT(kernel_read(address, &word, sizeof(word)));
		EXPECT_EQ(kernel_write(address, &word, sizeof(word)), !read_only);
	}
	EXPECT(!kernel_read(PAGE_OFFSET + MACHINE_RAM, &word, sizeof(word)));
	EXPECT(!kernel_read(0, &word, sizeof(word)));
}

/* The initramfs above the end of the direct map is moved, and the map ends before it. */
static void initramfs_above_the_direct_map(void)
{
	static const struct mem_range ram[] = { { 0, MACHINE_RAM, MEM_USABLE },
						{ MiB(60), MiB(60) + 0x3000, MEM_LOADER } };
	struct boot_layout layout = machine_layout();

	layout.high_bytes = MiB(32);
	layout.initramfs = (struct mem_range){ MiB(60), MiB(60) + 0x2345, MEM_LOADER };
	strcpy(physmap + MiB(60) + 0x2300, "the end of it");
	EXPECT_EQ(machine_boot_map(ram, ARRAY_SIZE(ram), &layout), 0);
	EXPECT(layout.initramfs.end <= pfn_to_phys(max_low_pfn));
	EXPECT_EQ(layout.initramfs.end - layout.initramfs.start, 0x2345);
	EXPECT(!strcmp(phys_to_virt(layout.initramfs.start + 0x2300), "the end of it"));
	EXPECT(pfn_to_page(phys_to_pfn(layout.initramfs.start))->flags & PG_reserved);
	EXPECT(!(pfn_to_page(phys_to_pfn(MiB(60)))->flags & PG_reserved));
}

static void initramfs_stays(void)
{
	static const struct mem_range ram = { 0, MACHINE_RAM, MEM_USABLE };
	struct boot_layout layout = machine_layout();

	layout.initramfs = (struct mem_range){ MiB(30) + 0x800, MiB(31), MEM_LOADER };
	EXPECT_EQ(machine_boot_map(&ram, 1, &layout), 0);
	EXPECT_EQ(layout.initramfs.start, MiB(30) + 0x800);
	for (pfn_t pfn = MiB(30) / PAGE_SIZE; pfn < MiB(31) / PAGE_SIZE; pfn++)
		EXPECT(pfn_to_page(pfn)->flags & PG_reserved);
	EXPECT(!(pfn_to_page(MiB(31) / PAGE_SIZE)->flags & PG_reserved));
}

/* Two callers, told apart. */
static noinline struct page *first_caller(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 3);

	__asm__ volatile("" : : : "memory"); /* no tail call: the caller is here */
	return page;
}

static noinline struct page *second_caller(void)
{
	struct page *page = alloc_page(GFP_USER);

	__asm__ volatile("" : : : "memory");
	return page;
}

/* page_owner=on: frames allocated since the mark and still in use, by caller. */
static void owners(void)
{
	static const struct mem_range ram = { 0, MACHINE_RAM, MEM_USABLE };
	struct boot_layout layout = machine_layout();
	struct page *block, *single[3];
	u32 mark;

	layout.page_owner = true;
	EXPECT_EQ(machine_boot_map(&ram, 1, &layout), 0);
	block = first_caller();
	mark = page_owner_mark();
	EXPECT_EQ(page_owner_report(mark), 0);
	EXPECT_TEXT(console_text(), "");
	for (u32 i = 0; i < 3; i++)
		single[i] = second_caller();
	EXPECT_EQ(page_owner_report(mark), 3);
	EXPECT(strstr(console_text(), " owner=anon frames=3\n"));
	__free_page(single[1]);
	__free_pages(block, 3);
	block = first_caller();
	console_clear();
	EXPECT_EQ(page_owner_report(mark), 10);
	EXPECT(strstr(console_text(), " owner=anon frames=2\n"));
	EXPECT(strstr(console_text(), " owner=kernel frames=8\n"));
	__free_pages(block, 3);
	__free_page(single[0]);
	__free_page(single[2]);
	EXPECT_EQ(page_owner_report(mark), 0);
}

static void expect_group(const void *caller, const char *owner, u32 frames)
{
	char name[SYMBOL_SIZE], line[200];

	snprintf(line, sizeof(line), "page_owner: caller=%s owner=%s frames=%u\n",
		 symbol_text(caller, name), owner, frames);
	EXPECT(strstr(console_text(), line));
}

/*
 * Frames of one caller and of one owner are a group; the frames around a block keep their caller.
 */
static void groups_of_owners(void)
{
	static const struct mem_range ram = { 0, MACHINE_RAM, MEM_USABLE };
	static const void *const one = (void *)0x1000, *const two = (void *)0x2000;
	static const void *before[MACHINE_FRAMES];
	struct boot_layout layout = machine_layout();
	struct page *block[4];
	u32 mark, changed = 0;

	layout.page_owner = true;
	EXPECT_EQ(machine_boot_map(&ram, 1, &layout), 0);
	EXPECT(!page_owner_caller(0)); /* never allocated */
	block[3] = alloc_pages(GFP_KERNEL, 3);
	for (pfn_t pfn = 0; pfn < 8; pfn++)
		EXPECT_EQ(frame_owner(page_to_pfn(block[3]) + pfn), OWNER_KERNEL);
	for (pfn_t pfn = 0; pfn < max_pfn; pfn++)
		before[pfn] = page_owner_caller(pfn);
	page_owner_set(block[3] + 2, 1, one);
	for (pfn_t pfn = 0; pfn < max_pfn; pfn++)
		changed += before[pfn] != page_owner_caller(pfn);
	EXPECT_EQ(changed, 2);
	mark = page_owner_mark();
	for (u32 i = 0; i < 2; i++)
		block[i] = alloc_pages(GFP_KERNEL, i);
	block[2] = alloc_page(GFP_HIGHUSER);
	page_owner_set(block[0], 0, one);
	page_owner_set(block[1], 1, two);
	page_owner_set(block[2], 0, one);
	page_owner_set(block[3], 3, one);
	EXPECT_EQ(page_owner_report(mark), 12);
	expect_group(one, "kernel", 9);
	expect_group(two, "kernel", 2);
	expect_group(one, "anon", 1);
	for (u32 i = 0; i < 2; i++)
		__free_pages(block[i], i);
	__free_page(block[2]);
	__free_pages(block[3], 3);
}

static void owners_are_off(void)
{
	machine_boot();
	char why[128];

	debug_pagealloc_explain(PAGE_OFFSET + MiB(32), why, sizeof(why));
	EXPECT(!why[0]);
	EXPECT(!page_owner_on);
	EXPECT_EQ(page_owner_report(0), 0);
}

static bool in_direct_map(const struct page *page)
{
	u32 value;

	return kernel_read(PAGE_OFFSET + (page_to_pfn(page) << PAGE_SHIFT), &value, sizeof(value));
}

/* debug_pagealloc=on: all frames of the direct map are there but the free ones. */
static void free_frames_are_unmapped(void)
{
	static const struct mem_range ram = { 0, MiB(32), MEM_USABLE };
	struct boot_layout layout = machine_layout();
	char why[128];
	struct page *block;
	u32 wrong = 0;

	layout.debug_pagealloc = layout.page_owner = true;
	EXPECT_EQ(machine_boot_map(&ram, 1, &layout), 0);
	for (pfn_t pfn = 0; pfn < max_low_pfn; pfn++)
		wrong += in_direct_map(pfn_to_page(pfn)) != !!pfn_to_page(pfn)->count;
	EXPECT_EQ(wrong, 0);
	block = alloc_pages(GFP_KERNEL, 2);
	EXPECT(block && in_direct_map(block) && in_direct_map(block + 3));
	__free_pages(block, 2);
	EXPECT(!in_direct_map(block) && !in_direct_map(block + 3));
	debug_pagealloc_explain(PAGE_OFFSET + (page_to_pfn(block) << PAGE_SHIFT), why, sizeof(why));
	EXPECT(strstr(why, " is free, allocated last by "));
	debug_pagealloc_explain(PAGE_OFFSET, why, sizeof(why));
	EXPECT(!why[0]);
	debug_pagealloc_explain(USER_MIN, why, sizeof(why));
	EXPECT(!why[0]);
	debug_pagealloc_explain(PAGE_OFFSET + MiB(32), why, sizeof(why));
	EXPECT(!why[0]);
	block = alloc_page(GFP_KERNEL);
	EXPECT(block && in_direct_map(block));
	EXPECT_PANIC("no block of that order", __free_pages(block, 1));
	__free_page(block);
	EXPECT(!in_direct_map(block));
	EXPECT_PANIC("the frame is free already", __free_page(block));
}

/* High memory has no address: its frames are neither mapped nor guarded. */
static void high_frames_are_left_alone(void)
{
	static const struct mem_range ram = { 0, MiB(32), MEM_USABLE };
	struct boot_layout layout = machine_layout();
	struct page *high, *low;

	layout.debug_pagealloc = true;
	layout.high_bytes = MiB(8);
	EXPECT_EQ(machine_boot_map(&ram, 1, &layout), 0);
	high = alloc_pages(GFP_HIGHUSER, 1);
	low = alloc_pages(GFP_KERNEL, 1);
	EXPECT(high && page_highmem(high) && !(high->flags & PG_guarded));
	EXPECT(low && !page_highmem(low) && low->flags & PG_guarded);
	EXPECT(in_direct_map(low + 1));
	__free_pages(high, 1);
	__free_pages(low, 1);
	EXPECT(!in_direct_map(low + 1));
}

/* Without page_owner=on nothing is known about the last owner. */
static void free_frame_without_owner(void)
{
	static const struct mem_range ram = { 0, MiB(32), MEM_USABLE };
	struct boot_layout layout = machine_layout();
	char why[128], expected[40];
	struct page *page;

	layout.debug_pagealloc = true;
	EXPECT_EQ(machine_boot_map(&ram, 1, &layout), 0);
	page = alloc_page(GFP_KERNEL);
	__free_page(page);
	debug_pagealloc_explain(PAGE_OFFSET + (page_to_pfn(page) << PAGE_SHIFT), why, sizeof(why));
	snprintf(expected, sizeof(expected), ": frame %#x is free", (u32)page_to_pfn(page));
	EXPECT_TEXT(why, expected);
}

/* The lines that docs/log.md describes. */
static void reports(void)
{
	static const struct mem_range ranges[] = {
		{ 0, MiB(24), MEM_USABLE },
		{ GiB(3), GiB(4), MEM_RESERVED },
	};

	EXPECT_EQ(boot_map(ranges, ARRAY_SIZE(ranges)), 0);
	memmap_print(&memmap);
	EXPECT_TEXT(console_text(), "memmap: start=0x0000000000 end=0x0001800000 type=usable\n"
				    "memmap: start=0x00c0000000 end=0x0100000000 type=reserved\n");
	console_clear();
	zone_print(&zones[ZONE_DMA]);
	EXPECT(!strncmp(console_text(), "zone: name=DMA start=0 end=0x1000 ", 20));
	EXPECT(strstr(console_text(), "\nbuddy: zone=DMA order=9 blocks="));
}

static void page_directories(void)
{
	struct page *page;
	u32 directories = 0;
	pgd_t *one, *two;

	machine_boot();
	one = pgd_alloc();
	two = pgd_alloc();
	list_for_each_entry (page, &pgd_list, lru) {
		EXPECT(page_address(page) != kernel_pgd);
		directories++;
	}
	EXPECT_EQ(directories, 2);
	mmu_set_root(virt_to_phys(one));
	EXPECT_PANIC("BUG", (pgd_free(one), true)); /* the active one */
	mmu_set_root(virt_to_phys(kernel_pgd));
	EXPECT_VALID(pgd_validate());
	find_pmd(two, 5 * PMD_SIZE)->value = 1;
	pgd_free(two);
	/* Something is still mapped. */
	EXPECT_TEXT(pgd_validate(), "(4) a page directory that waits is not empty");
	find_pmd(two, 5 * PMD_SIZE)->value = 0;
	EXPECT_VALID(pgd_validate());
	EXPECT(pgd_alloc() == two); /* the one freed last */
	pgd_free(one);
	pgd_free(two);
	EXPECT_EQ(pgd_shrink(), PMD_FOLDED ? 2 : 8);
	EXPECT_EQ(pgd_shrink(), 0);
	machine_exhaust();
	EXPECT(!pgd_alloc() && !mm_alloc());
	machine_relax();
}

TAP_MAIN({ "all of RAM is usable", all_usable }, { "a map in pieces", piecemeal_map },
	 { "too little memory", too_little }, { "the least memory", least_memory },
	 { "no room for mem_map", no_room_for_mem_map }, { "the direct map", direct_map },
	 { "each thing lacks memory", each_thing_lacks_memory },
	 { "a kernel behind the direct map", kernel_behind_the_direct_map }, { "devices", devices },
	 { "an initramfs above the direct map", initramfs_above_the_direct_map },
	 { "an initramfs within it", initramfs_stays }, { "page_owner=on", owners },
	 { "groups of owners", groups_of_owners },
	 { "debug_pagealloc=on", free_frames_are_unmapped }, { "page_owner=off", owners_are_off },
	 { "debug_pagealloc=on with high memory", high_frames_are_left_alone },
	 { "debug_pagealloc=on alone", free_frame_without_owner }, { "reports", reports },
	 { "page directories", page_directories })
