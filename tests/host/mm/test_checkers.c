/* SPDX-License-Identifier: MIT */
/*
 * The checkers name what is planted: in swap areas, objects, their areas, large pages and page
 * tables that wait for their next use. What other tests plant is not repeated here.
 */
#include "abi/linux/errno.h"
#include "mm/census.h"
#include "mm/kernel_space/quicklist.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/reclaim.h"
#include "mm/reclaim/rmap.h"
#include "mm/user_space/huge.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/shmem.h"
#include "mm/user_space/truncate.h"
#include "mm/user_space/vma.h"
#include "tests/host/machine.h"
#include "tests/host/mapping_write.h"
#include "tests/host/space.h"
#include "tests/host/mm/swap/swap_rig.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { R = PROT_READ, RW = PROT_READ | PROT_WRITE };

/* After `plant` the checker says `text`, after `undo` nothing. */
#define PLANTED(plant, undo, checker, text) \
	do {                                \
		plant;                      \
		EXPECT_TEXT(checker, text); \
		undo;                       \
		EXPECT_VALID(checker);      \
	} while (0)

/* What the census says first. */
static const char *census_says(void)
{
	static struct census census;

	mm_census(&census);
	return census.violated;
}

static const char *space_says(struct mm_struct *mm)
{
	vaddr_t where;

	return mm_validate(mm, &where);
}

/* The first slot of the disk that a frame is cached for, and no slot is cached behind it. */
static u32 cached_slot(const struct swap_info *area)
{
	for (u32 slot = 1; slot < area->pages - 1; slot++) {
		const struct swap_slot *at = swap_slot(area, slot);

		if (at->cached && !(at->cached & SWAP_SHADOW) && !swap_slot(area, slot + 1)->cached)
			return slot;
	}
	return 0;
}

static void swap_areas(void)
{
	static const char *const other = "(3) a cached frame names another slot";
	static const char *const none = "(3) a slot names a frame that is not in the swap cache";
	static const char *const sums = "the sums over all areas are wrong";
	struct swap_info *area = &swap_info[disk_type];
	struct swap_slot *slot, *behind;
	struct page *page;
	vaddr_t start;
	u32 count, number;

	rig_start(4 * LEFT);
	start = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, start, 2 * LEFT, 0);
	read_all(swapper, start, 2 * LEFT, 0);
	user_switch(NULL);
	number = cached_slot(area);
	EXPECT(number != 0);
	slot = swap_slot(area, number);
	behind = swap_slot(area, number + 1);
	page = pfn_to_page(slot->cached);
	count = page->count;
	PLANTED(page->flags &= ~PG_swapcache, page->flags |= PG_swapcache, swap_validate(), none);
	PLANTED(page->count = 0, page->count = count, swap_validate(), none);
	PLANTED(page->flags &= ~PG_lru, page->flags |= PG_lru, reclaim_validate(),
		"a frame is on a list of reclaim and does not belong there, or is not");
	PLANTED(page->flags &= ~PG_lru, page->flags |= PG_lru, census_says(),
		"a frame is on a list of reclaim and does not belong there, or is not");
	/* A frame that looks like one of the lists, and is on none. */
	count = virt_to_page(swapper->pgd)->flags;
	PLANTED((change_page_owner(virt_to_page(swapper->pgd), OWNER_ANON),
		 virt_to_page(swapper->pgd)->flags |= PG_lru),
		virt_to_page(swapper->pgd)->flags = count, reclaim_validate(),
		"the count of frames on the lists is wrong");
	count = slot->map;
	slot->map = 0;
	EXPECT_EQ(swap_entries_of(page, NULL), 0);
	slot->map = (u16)count;
	count = slot->cached;
	PLANTED((slot->cached = 0, behind->cached = count),
		(behind->cached = 0, slot->cached = count), swap_validate(), other);
	PLANTED(area->slots++, area->slots--, swap_validate(),
		"the number of usable slots is wrong");
	PLANTED(swap_slot(area, 0)->used++, swap_slot(area, 0)->used--, swap_validate(),
		"the number of slots in use of a cluster is wrong");
	PLANTED(area->inuse++, area->inuse--, swap_validate(),
		"(2) inuse is not the number of slots in use");
	PLANTED(area->inuse++, area->inuse--, census_says(),
		"(2) inuse is not the number of slots in use");
	PLANTED(total_swap_pages++, total_swap_pages--, swap_validate(), sums);
	PLANTED(nr_swap_pages++, nr_swap_pages--, swap_validate(), sums);
	PLANTED(nr_swap_cached++, nr_swap_cached--, swap_validate(), sums);
	rig_stop();
}

/* What is no area is refused, and so is one more than there may be. */
static void refused_areas(void)
{
	static struct swap_disk disks[SWAP_TYPES + 1];
	const u32 header = 0, behind = 10, twice[] = { 3, 3 }, all[] = { 1, 2 };

	machine_boot();
	EXPECT_EQ(swap_disk_try(&disks[0], 10, -1, &header, 1), -EINVAL);
	EXPECT_EQ(swap_disk_try(&disks[0], 10, -1, &behind, 1), -EINVAL);
	EXPECT_EQ(swap_disk_try(&disks[0], 1, -1, NULL, 0), -EINVAL);
	EXPECT_EQ(swap_disk_try(&disks[0], 3, -1, twice, 2), -EINVAL);
	EXPECT_EQ(swap_disk_try(&disks[0], 3, -1, all, 2), -EINVAL);
	EXPECT_EQ(swap_disk_try(&disks[0], 10, -1, twice, 2), 0);
	EXPECT_EQ(swap_info[0].slots, 8);
	for (u32 i = 1; i < SWAP_TYPES; i++)
		EXPECT_EQ(swap_disk_try(&disks[i], 10, -1, NULL, 0), (int)i);
	EXPECT_EQ(swap_disk_try(&disks[SWAP_TYPES], 10, -1, NULL, 0), -EPERM);
	for (u32 i = 0; i < SWAP_TYPES; i++)
		swap_disk_remove(i);
}

/* Two areas of an object, and a page of it. */
static void objects(void)
{
	struct address_space *mapping, *other;
	struct vm_area_struct *first, *second;
	struct radix_tree_node *root;
	struct mm_struct *mm;
	struct page *page;
	vaddr_t at;
	u32 gap, flags;

	machine_boot();
	mm = mm_alloc();
	mapping = shmem_object(8 * PAGE_SIZE, "planted");
	other = shmem_object(PAGE_SIZE, "other");
	for (u32 i = 0; i < 2; i++) {
		struct mmap_request request = { .address = 0x50000000 + i * 0x100000,
						.length = 2 * PAGE_SIZE,
						.prot = RW,
						.flags = MAP_SHARED | MAP_FIXED,
						.mapping = mapping,
						.pgoff = 4 * i,
						.may = VM_MAY_MASK };

		at = do_mmap_pgoff(mm, &request);
		EXPECT_EQ(at, request.address);
	}
	EXPECT_EQ(user_poke(mm, at, 7), FAULT_OK);
	user_switch(NULL);
	second = find_vma(mm, at);
	first = second->vm_prev;
	PLANTED(first->vm_mapping = other, first->vm_mapping = mapping,
		mapping_validate_areas(mapping), "(4) an area maps something else");
	gap = first->shared.gap;
	PLANTED(gap_set(&first->shared, gap + 1), gap_set(&first->shared, gap),
		mapping_validate_areas(mapping), "(4) an area is in the tree with another end");
	PLANTED((first->vm_pgoff = 5, gap_set(&first->shared, 7)),
		(first->vm_pgoff = 0, gap_set(&first->shared, gap)),
		mapping_validate_areas(mapping), "(4) areas are not in order");
	PLANTED(mapping->count -= 2, mapping->count += 2, mapping_validate_areas(mapping),
		"(4) an area has no reference");
	PLANTED(first->shared.balance += 2, first->shared.balance -= 2,
		mapping_validate_areas(mapping), "gap tree (2): a balance is wrong");
	PLANTED(first->shared.balance += 2, first->shared.balance -= 2, census_says(),
		"gap tree (2): a balance is wrong");
	page = pfn_to_page(pte_pfn(*pte_lookup(mm->pgd, at)));
	flags = page->flags;
	PLANTED(change_page_owner(page, OWNER_ANON), page->flags = flags, mapping_validate(mapping),
		"(1) a page is not the page cache's");
	root = mapping->pages.root;
	PLANTED(root->count++, root->count--, mapping_validate(mapping),
		"(2) a node's count is not its slots'");
	PLANTED(page->index++, page->index--, mapping_validate(mapping),
		"(1) a page names another object or place");
	PLANTED(page->mapping = other, page->mapping = mapping, mapping_validate(mapping),
		"(1) a page names another object or place");
	mapping->writers++;
	EXPECT_EQ(mm_set_exe(mm, mapping), -ETXTBSY);
	mapping->writers--;
	EXPECT_EQ(nr_memory_only_pages(), 1);
	PLANTED(mapping->nrpages++, mapping->nrpages--, mapping_validate(mapping),
		"(2) nrpages is not the number of pages");
	mm_put(mm);
	mapping_put(mapping);
	mapping_put(other);
}

static void large_pages(void)
{
	const vaddr_t at = 0x50000000;
	struct vm_area_struct *vma;
	struct mm_struct *mm;
	struct page *page;
	pte_t *pte, saved;

	machine_boot();
	mm = mm_alloc();
	EXPECT_EQ(huge_pool_resize(4), 4);
	EXPECT_EQ(do_mmap(mm, at, 2 * LARGE_PAGE_SIZE, RW,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB),
		  at);
	EXPECT_EQ(user_poke(mm, at, 7), FAULT_OK);
	user_switch(NULL);
	vma = mm->mmap;
	pte = large_pte(mm->pgd, at);
	saved = *pte;
	page = pfn_to_page(pte_pfn(saved));
	PLANTED(vma->vm_end -= PAGE_SIZE, vma->vm_end += PAGE_SIZE, space_says(mm),
		"(11) an area ends in a large page");
	PLANTED(vma->vm_flags |= VM_MAYSHARE, vma->vm_flags &= ~(u32)VM_MAYSHARE, space_says(mm),
		"(11) an area cannot own large pages");
	PLANTED(page->count--, page->count++, space_says(mm), "(4) an entry names a free frame");
	PLANTED(page->count++, page->count--, space_says(mm),
		"(5) a writable private page is shared");
	PLANTED(*pte = mk_pte(ALIGN_UP(max_pfn, HUGE_FRAMES), vma->vm_page_prot), *pte = saved,
		space_says(mm), "(4) an entry names no frame");
	PLANTED(change_page_owner(page, OWNER_ANON), change_page_owner(page, OWNER_HUGE),
		space_says(mm), "(11) large and small pages are mixed");
	PLANTED(huge_pool.total++, huge_pool.total--, census_says(),
		"(2) the pool counts its large pages wrongly");
	PLANTED(vma->vm_mapping->huge = false, vma->vm_mapping->huge = true, census_says(),
		"(1) a page is not the page cache's");
	mm_put(mm);
	EXPECT_EQ(huge_pool_resize(0), 0);
}

/* Two page tables that wait for their next use. */
static void waiting_tables(void)
{
	struct mm_struct *mm;
	vaddr_t at[2] = { 0x50000000, 0x60000000 };
	struct page *table;
	pte_t *pte[2];

	machine_boot();
	mm = mm_alloc();
	for (u32 i = 0; i < 2; i++) {
		EXPECT_EQ(
			do_mmap(mm, at[i], PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED),
			at[i]);
		EXPECT_EQ(user_poke(mm, at[i], 7), FAULT_OK);
		pte[i] = pte_lookup(mm->pgd, at[i]);
	}
	for (u32 i = 0; i < 2; i++)
		EXPECT_EQ(do_munmap(mm, at[i], PAGE_SIZE), 0);
	EXPECT_EQ(quicklist_tables(), 2);
	PLANTED(pte[0]->value = 0x42, pte[0]->value = 0, quicklists_validate(),
		"(1) a page table that waits is not empty");
	PLANTED(pte[0]->value = 0x42, pte[0]->value = 0, census_says(),
		"(1) a page table that waits is not empty");
	table = virt_to_page(pte[1]);
	PLANTED(table->mapping = NULL, table->mapping = (void *)virt_to_page(pte[0]),
		quicklists_validate(), "(1) a list of page tables has another length");
	mm_put(mm);
}

TAP_MAIN({ "swap areas", swap_areas }, { "areas of swap that are refused", refused_areas },
	 { "objects and their areas", objects }, { "large pages", large_pages },
	 { "page tables that wait", waiting_tables })
