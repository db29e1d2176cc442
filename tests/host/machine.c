/* SPDX-License-Identifier: MIT */
/* RAM, the start of mm/, and the checks at the end of a case. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/printk.h"
#include "mm/census.h"
#include "mm/frames/highmem.h"
#include "mm/frames/huge_pool.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/frames/page_alloc.h"
#include "mm/frames/shrinker.h"
#include "paging/tlb.h"
#include "mm/slab/slab.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/tap.h"

#define JUNK_FILE KiB(256)

char physmap[MACHINE_RAM_MAX] __aligned(4096);

/* The contents of the frames that are not in the direct map. */
static char high_ram[MACHINE_RAM] __aligned(4096);

static u32 frames_at_start, objects_at_start;
static struct census at_start;
static LIST_HEAD(exhausted); /* of struct page, by lru */

/*
 * One junk file lies in all of the RAM, each page of it a private copy from its first write on: a
 * case pays for the RAM that it uses. Before main(), so that the cases, which are forked, have it.
 */
__attribute__((constructor)) static void fill_ram(void)
{
	char *junk = physmap;
	int file = memfd_create("junk", 0);

	memset(junk, MACHINE_JUNK, JUNK_FILE);
	if (file < 0 || write(file, junk, JUNK_FILE) != JUNK_FILE)
		abort();
	for (char *part = physmap; part < physmap + MACHINE_RAM_MAX; part += JUNK_FILE)
		if (mmap(part, JUNK_FILE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file,
			 0) != part)
			abort();
	close(file);
}

void *machine_ram(phys_addr_t address)
{
	bool high = max_low_pfn && phys_to_pfn(address) >= max_low_pfn;

	if (address >= MACHINE_FAR_RAM)
		address -= MACHINE_FAR_RAM;
	if (address >= (high ? MACHINE_RAM : MACHINE_RAM_MAX))
		panic("machine: there is no RAM at %#llx", address);
	return (high ? high_ram : physmap) + (uintptr_t)address;
}

static bool in_direct_map(vaddr_t address)
{
	return address >= PAGE_OFFSET && address - PAGE_OFFSET < max_low_pfn << PAGE_SHIFT;
}

/*
 * A frame that the TLB names is not free: the TLB was flushed before the frame was freed. Only the
 * direct map names free frames too.
 */
static void check_frame_is_used(pfn_t pfn, vaddr_t address)
{
	if (mem_map && pfn_valid(pfn) && !in_direct_map(address))
		tap_check(pfn_to_page(pfn)->count, __FILE__, __LINE__,
			  "frame %#x is free, and the TLB has it at %#x", pfn, address);
}

bool machine_check(void)
{
	struct census census;
	vaddr_t where = 0;
	const char *stale = mmu_check(&where);

	if (!tap_check(!stale, __FILE__, __LINE__, "%s: %#x", stale ? stale : "", where))
		return false;
	if (mm_census(&census))
		return true;
	return tap_check(false, __FILE__, __LINE__, "census: %s, place=\"%s\" where=%#x",
			 census.violated, census.place, census.where);
}

/* Frames that were leaked, or freed twice, are named by their owner: `; pgtable +1, anon -2`. */
static void check_frames(void)
{
	struct census now;
	char changes[200] = "";
	size_t used = 0;

	mm_census(&now);
	for (u32 owner = OWNER_FREE + 1; owner < NR_PAGE_OWNERS && census_counted_all(&now);
	     owner++) {
		int more = (int)(now.frames[owner] - at_start.frames[owner]);

		if (more && used < sizeof(changes))
			used += (size_t)snprintf(changes + used, sizeof(changes) - used,
						 "%s %s %+d", used ? "," : ";",
						 page_owner_name(owner), more);
	}
	tap_check(nr_free_pages() == frames_at_start, __FILE__, __LINE__,
		  "expected free frames %u, there are %u%s", frames_at_start, nr_free_pages(),
		  changes);
}

static void check_end(void)
{
	mmu_set_root(virt_to_phys(kernel_pgd));
	shrink_caches();
	machine_check();
	EXPECT_VALID(highmem_validate());
	EXPECT_EQ(kmap_users(), 0);
	check_frames();
	EXPECT_EQ(kmem_cache_objects(), objects_at_start);
}

struct boot_layout machine_layout(void)
{
	return (struct boot_layout){
		.kernel = { MACHINE_KERNEL_START, MACHINE_KERNEL_END, MEM_RESERVED },
		.read_only = { MACHINE_KERNEL_START, MACHINE_KERNEL_START + KiB(512),
			       MEM_RESERVED },
	};
}

static char boot_log[4096];

int machine_boot_map(const struct mem_range *ranges, u32 count, struct boot_layout *layout)
{
	int err = 0;

	for (u32 i = 0; i < count && !err; i++)
		err = memmap_add(&memmap, ranges[i].start, ranges[i].end - ranges[i].start,
				 ranges[i].type);
	if (err)
		return err;
	memmap_sanitise(&memmap);
	pte_nx_on(); /* mmu_control has EFER.NXE set at first */
	err = mm_init_early(layout);
	if (err)
		return err;
	mmu_set_root(virt_to_phys(kernel_pgd));
	err = mm_init_late();
	if (err)
		return err;
	if (max_low_pfn < min(max_pfn, MACHINE_FRAMES))
		mprotect(pfn_to_virt(max_low_pfn),
			 (size_t)(min(max_pfn, MACHINE_FRAMES) - max_low_pfn) * PAGE_SIZE,
			 PROT_NONE);
	huge_pool_init(0);
	mmu_frame_seen = check_frame_is_used;
	machine_settle();
	tap_finally(check_end);
	snprintf(boot_log, sizeof(boot_log), "%s", console_text());
	console_clear();
	return 0;
}

const char *machine_boot_log(void)
{
	return boot_log;
}

void machine_settle(void)
{
	shrink_caches();
	mm_census(&at_start);
	frames_at_start = nr_free_pages();
	objects_at_start = kmem_cache_objects();
}

static void boot(phys_addr_t high_bytes)
{
	static const struct mem_range ram = { 0, MACHINE_RAM, MEM_USABLE };
	struct boot_layout layout = machine_layout();
	int err;

	layout.high_bytes = high_bytes;
	err = machine_boot_map(&ram, 1, &layout);
	if (err)
		panic("machine_boot: mm/ did not come up: %d", err);
}

void machine_boot(void)
{
	boot(0);
}

void machine_boot_highmem(u32 bytes)
{
	boot(bytes);
}

bool machine_boot_above_4g(void)
{
	static const struct mem_range ram[] = {
		{ 0, MACHINE_NEAR_RAM, MEM_USABLE },
		{ MACHINE_FAR_RAM, MACHINE_FAR_RAM + MiB(24), MEM_USABLE },
	};
	struct boot_layout layout = machine_layout();

	if (PMD_FOLDED)
		return false;
	layout.high_bytes = ram[1].end - MACHINE_NEAR_RAM;
	if (machine_boot_map(ram, ARRAY_SIZE(ram), &layout))
		panic("machine_boot_above_4g: mm/ did not come up");
	return true;
}

u32 machine_exhaust(void)
{
	struct page *page;
	u32 frames = 0;

	shrink_caches();
	for (u32 i = 0; i < NR_ZONES; i++)
		zones[i].pages_min = zones[i].pages_low = zones[i].pages_high = 0;
	while ((page = alloc_page(GFP_KERNEL | __GFP_HIGHMEM))) {
		list_add(&page->lru, &exhausted);
		frames++;
	}
	return frames;
}

bool machine_relax_by(u32 frames)
{
	while (frames--) {
		struct page *page;

		if (list_empty(&exhausted))
			return false;
		page = list_first_entry(&exhausted, struct page, lru);
		list_del(&page->lru);
		__free_page(page);
	}
	return true;
}

void machine_relax(void)
{
	while (machine_relax_by(1))
		;
	zones_set_watermarks();
}
