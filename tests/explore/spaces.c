/* SPDX-License-Identifier: MIT */
/* The machine of the worlds with address spaces. See the header. */
#include "lib/string.h"
#include "mm/census.h"
#include "mm/frames/early.h"
#include "mm/frames/highmem.h"
#include "mm/frames/huge_pool.h"
#include "mm/frames/shrinker.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/reclaim.h"
#include "mm/slab/slab_internal.h"
#include "mm/swap/swap.h"
#include "mm/user_space/page_tables.h"
#include "mm/user_space/shmem.h"
#include "paging/tlb.h"
#include "tests/explore/explore.h"
#include "tests/explore/spaces.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"

enum { START = KiB(1536), LOW_END = MiB(2), END = LOW_END + KiB(128) };

/* Little of it is kept back, so that both zones serve requests. */
#define WATERMARK 2u

#define JUNK 0xa5a5a5a5u

char physmap[LOW_END] __aligned(4096);
static char high_ram[END - LOW_END] __aligned(4096);
static u32 settled; /* free frames without processes and objects */

void *machine_ram(phys_addr_t address)
{
	EXPLORE_CHECK(address < END);
	return address < LOW_END ? physmap + (size_t)address
				 : high_ram + (size_t)(address - LOW_END);
}

/* A frame that the TLB names is not free: it would have been freed before the flush. */
static void frame_seen(pfn_t pfn, vaddr_t address)
{
	if (pfn_valid(pfn) && !pfn_to_page(pfn)->count)
		panic("frame %#x is free, and the TLB names it for %#x", pfn, address);
}

static void fill_frames(void)
{
	for (phys_addr_t frame = LOW_END; frame < END; frame += PAGE_SIZE) {
		*(u32 *)machine_ram(frame + HEAD) = JUNK;
		*(u32 *)machine_ram(frame + TAIL) = JUNK;
	}
}

void spaces_start(void)
{
	EXPLORE_EQUAL(memmap_add(&memmap, START, END - START, MEM_USABLE), 0);
	memmap_sanitise(&memmap);
	early_init(&early, &memmap, START, LOW_END);
	EXPLORE_EQUAL(kernel_map_init(phys_to_pfn(LOW_END), 0, 0), 0);
	mmu_set_root(virt_to_phys(kernel_pgd));
	EXPLORE_EQUAL(zones_init(phys_to_pfn(LOW_END), phys_to_pfn(END)), 0);
	early_for_each_free(&early, END, zones_add);
	zonelists_init();
	zones_set_watermarks();
	for (u32 i = 0; i < NR_ZONES; i++) {
		zones[i].pages_min = WATERMARK;
		zones[i].pages_low = 2 * WATERMARK;
		zones[i].pages_high = 3 * WATERMARK;
	}
	highmem_init(kernel_pgd);
	huge_pool_init(0);
	shrinkers_init();
	kmem_cache_init(0);
	vmalloc_init();
	swap_init();
	mm_init();
	reclaim_init();
	filemap_init();
	shmem_init();
	shrink_caches();
	fill_frames();
	mmu_frame_seen = frame_seen;
	settled = nr_free_pages();
}

/* Objects of the cache with this name that are in use. */
static u32 objects_in_use(const char *name)
{
	const struct kmem_cache *cache;

	list_for_each_entry (cache, &cache_list, link)
		if (!strcmp(cache->name, name))
			return cache->inuse;
	panic("there is no cache %s", name);
}

static void check_objects(void)
{
	const struct address_space *mapping;
	const struct mm_struct *mm;
	u32 spaces = 0, areas = 0, charged = 0;

	list_for_each_entry (mm, &mm_list, link) {
		spaces++;
		for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next) {
			areas++;
			charged += vma->vm_flags & VM_ACCOUNT ? vma_pages(vma) : 0;
			EXPLORE_EQUAL(!!(vma->vm_flags & VM_ACCOUNT) || !accountable(vma->vm_flags),
				      1);
		}
	}
	list_for_each_entry (mapping, &mapping_list, link)
		charged += mapping->blocks_committed;
	EXPLORE_EQUAL(objects_in_use("mm_struct"), spaces);
	EXPLORE_EQUAL(objects_in_use("vm_area_struct"), areas);
	EXPLORE_EQUAL(vm_committed, charged);
}

void spaces_check(void)
{
	struct census census;
	vaddr_t where = 0;
	const char *violated = mmu_check(&where);

	if (violated)
		panic("mmu_check: %s: %#x", violated, where);
	if (!mm_census(&census))
		panic("mm_census: %s: %s %#x", census.violated, census.place, census.where);
	violated = highmem_validate();
	if (violated)
		panic("highmem_validate: %s", violated);
	EXPLORE_EQUAL(kmap_users(), 0);
	check_objects();
}

void spaces_check_empty(void)
{
	spaces_check();
	EXPLORE_EQUAL(objects_in_use("anon_family"), 0);
	EXPLORE_EQUAL(objects_in_use("radix_tree_node"), 0);
	EXPLORE_EQUAL(vm_committed, 0);
	shrink_caches();
	EXPLORE_EQUAL(nr_free_pages(), settled);
}

u32 frame_word(const struct page *page, u32 offset)
{
	return *(const u32 *)machine_ram(pfn_to_phys(page_to_pfn(page)) + offset);
}

struct page *mapped_frame(const struct mm_struct *mm, vaddr_t address)
{
	const pte_t *pte = pte_lookup(mm->pgd, address);

	return pte && pte_present(*pte) ? pfn_to_page(pte_pfn(*pte)) : NULL;
}

u32 entry_bits(const struct mm_struct *mm, vaddr_t address, u32 bits)
{
	const pte_t *pte = pte_lookup(mm->pgd, address);
	u32 entry = pte && pte_present(*pte) ? (u32)pte->value & bits : 0;

	return entry | (mm_active(mm) ? (mmu_remembered_bits(address) & bits) << 8 : 0);
}

bool has_table(const struct mm_struct *mm, vaddr_t address)
{
	return !pmd_none(*pmd_offset(pgd_offset(mm->pgd, address), address));
}
