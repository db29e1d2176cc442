/* SPDX-License-Identifier: MIT */
/* The machine of the models. See the header. */
#include "tests/fuzz/rig.h"
#include "mm/census.h"
#include "mm/frames/early.h"
#include "mm/frames/fail_alloc.h"
#include "mm/page_cache/filemap.h"
#include "mm/frames/highmem.h"
#include "mm/frames/huge_pool.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/shmem.h"
#include "mm/frames/shrinker.h"
#include "mm/slab/slab.h"
#include "mm/slab/slab_internal.h"
#include "mm/kernel_space/vmalloc.h"
#include "paging/tlb.h"
#include "tests/fuzz/fuzz.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"

#define JUNK 0xa5

char physmap[MACHINE_RAM_MAX] __aligned(4096);

static const struct mem_range ram = { MiB(4), MiB(10), MEM_USABLE };

enum { LOW_END = MiB(8) / 4096, END = MiB(10) / 4096 };

static u32 frames_at_start, frames_for_use, tables_at_start, failed_before;

/* The contents of high memory, not adjacent to those of the direct map. */
static char high_ram[(END - LOW_END) * 4096] __aligned(4096);

void *machine_ram(phys_addr_t address)
{
	if (address < pfn_to_phys(LOW_END))
		return phys_to_virt(address);
	FUZZ_CHECK(address < pfn_to_phys(END));
	return high_ram + (address - pfn_to_phys(LOW_END));
}

/* A frame that the TLB names is not free: it would have been freed before the flush. */
static void frame_seen(pfn_t pfn, vaddr_t address)
{
	if (pfn_valid(pfn) && !pfn_to_page(pfn)->count)
		panic("frame %#x is free, and the TLB names it for %#x", pfn, address);
}

/* Memory that was not cleared is seen not to be zero. Once: later runs leave their own junk. */
__attribute__((constructor)) static void fill_ram(void)
{
	memset(physmap, JUNK, sizeof(physmap));
	memset(high_ram, JUNK, sizeof(high_ram));
}

void rig_start(void)
{
	fail_alloc_set(NULL);
	mmu_frame_seen = NULL;
	memmap.count = 0;
	FUZZ_EQUAL(memmap_add(&memmap, ram.start, ram.end - ram.start, ram.type), 0);
	memmap_sanitise(&memmap);
	early_init(&early, &memmap, ram.start, pfn_to_phys(LOW_END));
	FUZZ_EQUAL(kernel_map_init(LOW_END, 0, 0), 0);
	mmu_set_root(virt_to_phys(kernel_pgd));
	tlb_flush_kernel();
	FUZZ_EQUAL(zones_init(LOW_END, END), 0);
	early_for_each_free(&early, pfn_to_phys(END), zones_add);
	zonelists_init();
	zones_set_watermarks();
	highmem_init(kernel_pgd);
	huge_pool_init(0);
	shrinkers_init();
	kmem_cache_init(0);
	vmalloc_init();
	mm_init();
	filemap_init();
	shmem_init();
	shrink_caches();
	mmu_frame_seen = frame_seen;
	frames_at_start = nr_free_pages();
	frames_for_use = frames_at_start + rig_slab_frames();
	tables_at_start = rig_owned_frames(OWNER_PGTABLE);
}

u32 rig_frames(void)
{
	return frames_for_use;
}

u32 rig_slab_frames(void)
{
	struct kmem_cache *cache;
	u32 frames = 0;

	list_for_each_entry (cache, &cache_list, link)
		frames += cache->slabs << cache->order;
	return frames;
}

u32 rig_owned_frames(enum page_owner owner)
{
	u32 frames = 0;

	for (pfn_t pfn = phys_to_pfn(ram.start); pfn < max_pfn; pfn++)
		frames += page_owner(pfn_to_page(pfn)) == owner;
	return frames;
}

void rig_check(void)
{
	struct census census;
	vaddr_t where = 0;
	const char *stale = mmu_check(&where);

	if (stale)
		panic("mmu: %s: %#x", stale, where);
	if (!mm_census(&census))
		panic("census: %s, place=\"%s\" where=%#x", census.violated, census.place,
		      census.where);
	FUZZ_VALID(highmem_validate());
}

void rig_end(u32 tables)
{
	fail_alloc_set(NULL);
	mmu_set_root(virt_to_phys(kernel_pgd));
	shrink_caches();
	rig_check();
	FUZZ_EQUAL(rig_owned_frames(OWNER_PGTABLE), tables_at_start + tables);
	FUZZ_EQUAL(nr_free_pages(), frames_at_start - tables);
	FUZZ_EQUAL(kmap_users(), 0);
}

void rig_fail(struct fuzz_input *in)
{
	static const enum fail_mode modes[] = { FAIL_ONCE, FAIL_EVERY, FAIL_ON };
	struct fail_spec spec = {
		.kinds = (enum fail_kind)(1 + fuzz_below(in, 3)),
		.mode = modes[fuzz_below(in, 3)],
		.nth = 1 + fuzz_below(in, 16),
	};

	fail_alloc_set(&spec);
}

void rig_fail_not(void)
{
	fail_alloc_set(NULL);
}

void rig_operation(void)
{
	failed_before = fail_alloc_failed();
}

bool rig_failed(void)
{
	return fail_alloc_failed() != failed_before;
}
