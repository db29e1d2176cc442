/* SPDX-License-Identifier: MIT */
/*
 * Swap and reclaim in rare states: slots that no more entries may name, disks that fail one after
 * the other, areas that leave, objects that end, and reclaim that needs memory itself.
 */
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap_internal.h"
#include "mm/user_space/swapoff.h"
#include "mm/user_space/vma.h"
#include "tests/host/machine.h"
#include "tests/host/resched.h"
#include "tests/host/mm/swap/swap_rig.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define BASE 0x50000000u

enum { RW = PROT_READ | PROT_WRITE };

/* A slot that no more entries may name: fork has no memory, and nothing changes. */
static void full_slot(void)
{
	struct swap_slot *slot;
	vaddr_t area;
	u32 page = 0, map;

	rig_start(4 * LEFT);
	area = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, area, 2 * LEFT, 0);
	user_switch(NULL);
	while (!pte_swap(*pte_lookup(swapper->pgd, area + page * PAGE_SIZE)))
		page++;
	slot = swap_entry_slot(
		pte_to_swp_entry(*pte_lookup(swapper->pgd, area + page * PAGE_SIZE)));
	map = slot->map;
	slot->map = SWAP_MAP_MAX;
	EXPECT(!mm_copy(swapper));
	slot->map = (u16)map;
	read_all(swapper, area, 2 * LEFT, 0);
	rig_stop();
}

/* A policy that is not there changes nothing; DMA memory is reclaimed from its zone only. */
static void reclaim_requests(void)
{
	vaddr_t area;

	rig_start(4 * LEFT);
	EXPECT(!reclaim_set_policy("none of these"));
	area = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, area, 2 * LEFT, 0);
	shrink_pages(4, __GFP_DMA);
	read_all(swapper, area, 2 * LEFT, 0);
	rig_stop();
}

static int (*write_pages)(struct swap_device *device, u32 slot, struct page *const *pages,
			  u32 count);
static u32 nested;

/* A transfer that needs memory itself: reclaim is not entered twice. */
static int write_and_reclaim(struct swap_device *device, u32 slot, struct page *const *pages,
			     u32 count)
{
	struct page *block;

	EXPECT_EQ(shrink_pages(1, 0), 0);
	EXPECT_EQ(reclaim_these_pages(pages, 0), 0);
	block = alloc_pages(GFP_KERNEL, MAX_ORDER - 1);
	if (block)
		__free_pages(block, MAX_ORDER - 1);
	nested++;
	return write_pages(device, slot, pages, count);
}

static void reclaim_in_reclaim(void)
{
	vaddr_t area;

	rig_start(4 * LEFT);
	write_pages = disk.device.write;
	disk.device.write = write_and_reclaim;
	area = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, area, 2 * LEFT, 0);
	read_all(swapper, area, 2 * LEFT, 0);
	EXPECT(nested > 0);
	rig_stop();
}

/* Pages of an object in swap, in all and in a range. */
static void object_in_swap(void)
{
	struct address_space *object;
	u32 all, first = 0;
	vaddr_t area;

	rig_start(4 * LEFT);
	area = do_mmap(swapper, BASE, 2 * LEFT * PAGE_SIZE, RW,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
	write_all(swapper, area, 2 * LEFT, 0);
	object = find_vma(swapper, area)->vm_mapping;
	all = mapping_count_in_swap(object, 0, 2 * LEFT);
	EXPECT(all > LEFT / 2);
	for (u32 i = 0; i < 2 * LEFT; i += 100)
		first += mapping_count_in_swap(object, i, i + 100);
	EXPECT_EQ(first, all);
	EXPECT_EQ(mapping_count_in_swap(object, 2 * LEFT, 3 * LEFT), 0);
	rig_stop();
}

/* An area that fails while it leaves, and leaves when it has failed: free slots count once. */
static void failed_and_leaving(void)
{
	struct swap_info *area = &swap_info[disk_type];
	vaddr_t start;

	rig_start(4 * LEFT);
	start = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, start, 2 * LEFT, 0);
	user_switch(NULL);
	swap_area_close(disk_type);
	EXPECT_EQ(nr_swap_pages, 0);
	EXPECT_EQ(do_munmap(swapper, start, LEFT * PAGE_SIZE), 0);
	EXPECT_VALID(swap_validate());
	swap_area_reopen(disk_type);
	EXPECT_EQ(nr_swap_pages, area->slots - area->inuse);
	swap_area_close(disk_type);
	swap_area_failed(area);
	EXPECT_VALID(swap_validate());
	swap_area_reopen(disk_type);
	EXPECT_EQ(nr_swap_pages, 0);
	swap_area_failed(area);
	swap_area_close(disk_type);
	EXPECT_VALID(swap_validate());
	swap_area_reopen(disk_type);
	EXPECT_EQ(do_munmap(swapper, start + LEFT * PAGE_SIZE, LEFT * PAGE_SIZE), 0);
	EXPECT_EQ(nr_swap_pages, 0);
	rig_stop();
}

/* Read-ahead that was asked for is no error when the disk fails. */
static void willneed_of_a_bad_disk(void)
{
	vaddr_t area;

	rig_start(4 * LEFT);
	area = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, area, 2 * LEFT, 0);
	user_switch(NULL);
	disk.fail_read = 1;
	EXPECT_EQ(do_madvise(swapper, area, LEFT / 4 * PAGE_SIZE, MADV_WILLNEED), 0);
	disk.fail_read = 0;
	read_all(swapper, area, 2 * LEFT, 0);
	rig_stop();
}

static struct address_space *object;

static void reference_again(void)
{
	static u32 turns;

	if (++turns == 3)
		object->count = 1;
}

/* An object without a reference is left alone until all is searched. Here it is used again. */
static void swapoff_of_a_dying_object(void)
{
	vaddr_t area;

	rig_start(4 * LEFT);
	area = do_mmap(swapper, BASE, LEFT * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
	write_all(swapper, area, LEFT, 0);
	object = find_vma(swapper, area)->vm_mapping;
	shrink_pages(LEFT / 2, __GFP_HIGHMEM);
	EXPECT(object->nrabsent > 0);
	machine_relax();
	EXPECT_EQ(object->count, 1);
	object->count = 0;
	host_others = reference_again;
	EXPECT_EQ(swapoff_area(disk_type), 0);
	host_others = NULL;
	object->count = 1;
	disk_type = swap_disk_add(&disk, 100, -1);
	read_all(swapper, area, LEFT, 0);
	rig_stop();
}

/* The first page of the swap cache of this disk. */
static struct page *cached_page(u32 type)
{
	for (u32 slot = 1; slot < swap_info[type].pages; slot++) {
		u32 cached = swap_slot(&swap_info[type], slot)->cached;

		if (cached && !(cached & SWAP_SHADOW))
			return pfn_to_page(cached);
	}
	return NULL;
}

/* A page of the first disk gets a slot in the cluster of the second that is being filled. */
static void other_cluster(vaddr_t area, u32 type)
{
	struct page *page;
	swp_entry_t entry, begun[2];

	swap_area_close(disk_type);
	write_all(swapper, area + LEFT * PAGE_SIZE, LEFT, 0);
	EXPECT(read_page(swapper, area, 0));
	for (u32 i = 0; i < 2; i++) /* the second begins a cluster, if the first ends one */
		EXPECT(get_swap_slot(&begun[i]));
	swap_area_reopen(disk_type);
	page = cached_page(disk_type);
	if (!EXPECT(page))
		return;
	entry = swap_other_slot(page);
	EXPECT_EQ(swp_type(entry), type);
	free_slot(swap_area(entry), swp_offset(entry));
	for (u32 i = 0; i < 2; i++)
		free_slot(swap_area(begun[i]), swp_offset(begun[i]));
	EXPECT_VALID(swap_validate());
}

/* The first disk fails: its pages go to the second, which comes before the third. */
static void next_disk(void)
{
	static struct swap_disk second, third;
	u32 types[2];
	vaddr_t area;

	rig_start(4 * LEFT);
	types[0] = swap_disk_add(&second, 4 * LEFT, -1);
	types[1] = swap_disk_add(&third, 4 * LEFT, -1);
	area = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, area, LEFT, 0);
	other_cluster(area, types[0]);
	disk.fail_write = 3;
	disk.stays = true;
	for (u32 round = 1; round < 4; round++) {
		write_all(swapper, area, 2 * LEFT, round);
		read_all(swapper, area, 2 * LEFT, round);
	}
	EXPECT(swap_info[disk_type].failed);
	EXPECT(swap_info[types[0]].inuse > 0);
	EXPECT_EQ(swap_info[types[1]].inuse, 0);
	user_switch(NULL);
	EXPECT_EQ(do_munmap(swapper, area, 2 * LEFT * PAGE_SIZE), 0);
	swap_disk_remove(types[0]);
	swap_disk_remove(types[1]);
	rig_stop();
}

static struct page *first_page(vaddr_t area)
{
	return pfn_to_page(pte_pfn(*pte_lookup(swapper->pgd, area)));
}

static int no_memory(struct swap_device *device, u32 slot, struct page *const *pages, u32 count)
{
	(void)device, (void)slot, (void)pages, (void)count;
	return -ENOMEM;
}

/* A page that was written needs no other device, though its own has failed since. */
static void good_slot_of_a_failed_disk(void)
{
	static struct swap_disk second;
	vaddr_t area;
	u32 type;

	rig_start(LEFT);
	area = user_map(swapper, PAGE_SIZE, RW);
	write_all(swapper, area, 1, 1);
	EXPECT_EQ(do_madvise(swapper, area, PAGE_SIZE, MADV_PAGEOUT), 0);
	read_all(swapper, area, 1, 1);
	EXPECT_EQ(nr_swap_cached, 1);
	swap_area_failed(&swap_info[disk_type]);
	type = swap_disk_add(&second, LEFT, -1);
	EXPECT_EQ(do_madvise(swapper, area, PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(swapper->nr_swap, 1);
	EXPECT_EQ(nr_swap_cached, 0);
	EXPECT_EQ(swap_info[type].inuse, 0);
	EXPECT_EQ(disk.writes, 1);
	read_all(swapper, area, 1, 1);
	swap_disk_remove(type);
	rig_stop();
}

/*
 * A device without memory may take the page the next time: it stays where it is. What a device
 * refuses for its contents goes to another one at once.
 */
static void tried_again(void)
{
	static struct swap_disk second;
	struct page *page;
	vaddr_t area;
	u32 type;

	for (u32 refuses = 0; refuses < 2; refuses++) {
		rig_start(LEFT);
		write_pages = disk.device.write;
		if (refuses)
			disk.refuses = true;
		else
			disk.device.write = no_memory;
		area = user_map(swapper, PAGE_SIZE, RW);
		write_all(swapper, area, 1, 1);
		page = first_page(area);
		EXPECT_EQ(reclaim_these_pages(&page, 1), 0);
		EXPECT_EQ(!!(page->flags & PG_refused), refuses);
		EXPECT_EQ(swapper->nr_swap, 1);
		disk.device.write = write_pages;
		disk.refuses = false;
		type = swap_disk_add(&second, LEFT, -1);
		EXPECT_EQ(reclaim_these_pages(&page, 1), 1);
		EXPECT_EQ(disk.writes, !refuses);
		EXPECT_EQ(second.writes, refuses);
		read_all(swapper, area, 1, 1);
		user_switch(NULL);
		do_munmap(swapper, area, PAGE_SIZE);
		swap_disk_remove(type);
		rig_stop();
	}
}

TAP_MAIN({ "a good slot of a failed disk", good_slot_of_a_failed_disk },
	 { "a write that is tried again", tried_again },
	 { "MADV_WILLNEED of a bad disk", willneed_of_a_bad_disk },
	 { "swapoff and a dying object", swapoff_of_a_dying_object },
	 { "the next disk", next_disk }, { "failed and leaving", failed_and_leaving },
	 { "reclaim in reclaim", reclaim_in_reclaim }, { "an object in swap", object_in_swap },
	 { "a slot with all entries", full_slot }, { "requests to reclaim", reclaim_requests })
