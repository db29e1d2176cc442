/* SPDX-License-Identifier: MIT */
/*
 * Swap and reclaim: programs that are larger than memory, on the software MMU with its TLB, and a
 * disk that is an array. What is read must be what was written last.
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/lru.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/reclaim.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/truncate.h"
#include "mm/user_space/vma.h"
#include "tests/host/mapping_write.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/mm/swap/swap_rig.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { RW = PROT_READ | PROT_WRITE };

/* Four times memory, written and read twice in order. */
static void sequential(void)
{
	vaddr_t area;

	rig_start(4 * LEFT + 512);
	area = user_map(swapper, 4 * LEFT * PAGE_SIZE, RW);
	for (u32 round = 0; round < 2; round++) {
		write_all(swapper, area, 4 * LEFT, round);
		EXPECT(swapper->nr_swap > 2 * LEFT);
		EXPECT_EQ(swapper->nr_swap + swapper->rss, 4 * LEFT);
		read_all(swapper, area, 4 * LEFT, round);
	}
	tap_note("reads %u, writes %u, ahead %u, of these wanted %u, clean %u", disk.reads,
		 disk.writes, swap_counters.readahead, swap_counters.ra_hits, swap_counters.clean);
	rig_stop();
}

/* Reads and writes at random places, against a copy of what must be there. */
static void random_places(void)
{
	u32 pages = 2 * LEFT, bad = 0;
	static u32 round_of[2 * LEFT];
	vaddr_t area;

	rig_start(4 * LEFT);
	memset(round_of, 0, sizeof(round_of));
	area = user_map(swapper, pages * PAGE_SIZE, RW);
	write_all(swapper, area, pages, 0);
	for (u32 step = 0; step < tap_scaled(20000); step++) {
		u32 i = random_below(pages);

		if (random_one_in(3))
			bad += !write_page(swapper, area + i * PAGE_SIZE, ++round_of[i]);
		else
			bad += !read_page(swapper, area + i * PAGE_SIZE, round_of[i]);
	}
	EXPECT_EQ(bad, 0);
	rig_stop();
}

/*
 * Pages that were read back unchanged are not written again: reclaim leaves their slots to them.
 */
static void written_once(void)
{
	u32 written;
	vaddr_t area;

	rig_start(16 * LEFT);
	area = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, area, 2 * LEFT, 0);
	read_all(swapper, area, 2 * LEFT, 0);
	written = swap_counters.pswpout;
	for (u32 round = 0; round < 3; round++)
		read_all(swapper, area, 2 * LEFT, 0);
	EXPECT(swap_counters.clean > LEFT);
	EXPECT_EQ(swap_counters.pswpout, written);
	rig_stop();
}

/* Reclaim finds a page at the place to which it was moved. */
static void moved(void)
{
	vaddr_t area, place;

	rig_start(4 * LEFT);
	area = user_map(swapper, 64 * PAGE_SIZE, RW);
	write_all(swapper, area, 64, 0);
	place = area - 256 * PAGE_SIZE;
	EXPECT_EQ(do_mremap(swapper, area, 64 * PAGE_SIZE, 64 * PAGE_SIZE,
			    MREMAP_MAYMOVE | MREMAP_FIXED, place),
		  place);
	EXPECT_EQ(do_madvise(swapper, place, 64 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(swapper->nr_swap, 64);
	/* What is written has the address in it. */
	EXPECT_EQ(do_mremap(swapper, place, 64 * PAGE_SIZE, 64 * PAGE_SIZE,
			    MREMAP_MAYMOVE | MREMAP_FIXED, area),
		  area);
	read_all(swapper, area, 64, 0);
	rig_stop();
}

/* Children share pages that are in swap, and write some of them. */
static void fork_in_swap(void)
{
	struct mm_struct *child[4];
	vaddr_t area;

	rig_start(16 * LEFT);
	area = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, area, 2 * LEFT, 0);
	for (u32 i = 0; i < 4; i++) {
		child[i] = mm_copy(swapper);
		EXPECT(child[i] != NULL);
	}
	for (u32 i = 0; i < 4; i++)
		write_all(child[i], area + LEFT / 2 * PAGE_SIZE, LEFT, 100 + i);
	for (u32 i = 0; i < 4; i++) {
		read_all(child[i], area, LEFT / 2, 0);
		read_all(child[i], area + LEFT / 2 * PAGE_SIZE, LEFT, 100 + i);
		check_space(child[i]);
	}
	read_all(swapper, area, 2 * LEFT, 0);
	machine_check();
	user_switch(NULL);
	for (u32 i = 0; i < 4; i++)
		mm_put(child[i]);
	read_all(swapper, area, 2 * LEFT, 0);
	rig_stop();
}

/* The pages of a shared object go to swap too. */
static void shared_memory(void)
{
	struct mm_struct *child;
	vaddr_t area;

	rig_start(4 * LEFT);
	area = do_mmap(swapper, 0, 2 * LEFT * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS);
	EXPECT(!IS_ERR_VALUE(area));
	write_all(swapper, area, 2 * LEFT, 1);
	child = mm_copy(swapper);
	read_all(child, area, 2 * LEFT, 1);
	write_all(child, area, 2 * LEFT, 2);
	read_all(swapper, area, 2 * LEFT, 2);
	EXPECT(swap_counters.pswpout > LEFT);
	user_switch(NULL);
	mm_put(child);
	rig_stop();
}

/* Bytes that truncation has cut off do not come back from swap. */
static void truncated_in_swap(void)
{
	struct address_space *mapping;
	u32 value = 1, at = 0;
	vaddr_t area;

	rig_start(4 * LEFT);
	area = do_mmap(swapper, 0, 2 * LEFT * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS);
	write_all(swapper, area, 2 * LEFT, 1);
	mapping = find_vma(swapper, area)->vm_mapping;
	while (find_page(mapping, at))
		at++;
	EXPECT_EQ(mapping_resize(mapping, (u64)at * PAGE_SIZE + 4), 0);
	EXPECT_EQ(mapping_resize(mapping, (u64)2 * LEFT * PAGE_SIZE), 0);
	EXPECT_EQ(user_read(swapper, area + at * PAGE_SIZE + 8, &value, 4), FAULT_OK);
	EXPECT_EQ(value, 0);
	read_all(swapper, area, at, 1);
	rig_stop();
}

/* Locked pages stay. */
static void locked(void)
{
	vaddr_t pinned, area;
	u32 before;

	rig_start(4 * LEFT);
	pinned = user_map(swapper, LEFT / 4 * PAGE_SIZE, RW);
	write_all(swapper, pinned, LEFT / 4, 7);
	EXPECT_EQ(do_mlock(swapper, pinned, LEFT / 4 * PAGE_SIZE, 0), 0);
	area = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, area, 2 * LEFT, 1);
	for (u32 i = 0; i < LEFT / 4; i++) {
		const pte_t *pte = pte_lookup(swapper->pgd, pinned + i * PAGE_SIZE);

		EXPECT(pte && pte_present(*pte));
	}
	read_all(swapper, pinned, LEFT / 4, 7);
	read_all(swapper, area, 2 * LEFT, 1);
	/* They are out of the policy's way. */
	before = reclaim_counters.kept_locked;
	read_all(swapper, area, 2 * LEFT, 1);
	EXPECT_EQ(reclaim_counters.kept_locked, before);
	/* Unlocked, they are pages as all others. */
	EXPECT_EQ(do_munlock(swapper, pinned, LEFT / 4 * PAGE_SIZE), 0);
	for (u32 round = 0; round < 4; round++)
		read_all(swapper, area, 2 * LEFT, 1);
	for (u32 i = 0; i < LEFT / 4; i++)
		EXPECT(!pte_present(*pte_lookup(swapper->pgd, pinned + i * PAGE_SIZE)));
	read_all(swapper, pinned, LEFT / 4, 7);
	rig_stop();
}

/* A page that cannot be read is SIGBUS for the one access; the rest goes on. */
static void read_error(void)
{
	vaddr_t area;
	u32 value, at = 0;

	rig_start(4 * LEFT);
	area = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, area, 2 * LEFT, 0);
	while (pte_present(*pte_lookup(swapper->pgd, area + at * PAGE_SIZE)))
		at++;
	disk.fail_read = 1;
	disk.stays = true;
	EXPECT_EQ(user_read(swapper, area + at * PAGE_SIZE, &value, 4), FAULT_SIGBUS);
	disk.fail_read = 0;
	read_all(swapper, area, 2 * LEFT, 0);
	rig_stop();
}

/* A failed write leaves the page in memory, and the area gets no more. */
static void write_error(void)
{
	struct swap_disk second;
	u32 other;
	vaddr_t area;

	rig_start(4 * LEFT);
	area = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, area, LEFT, 0);
	other = swap_disk_add(&second, 4 * LEFT, -1);
	disk.fail_write = 1;
	write_all(swapper, area + LEFT * PAGE_SIZE, LEFT, 0);
	EXPECT(swap_info[disk_type].failed);
	EXPECT(second.writes > 0);
	EXPECT_EQ(reclaim_counters.kept_unwritten, 0);
	read_all(swapper, area, 2 * LEFT, 0);
	EXPECT_VALID(swap_validate());
	do_munmap(swapper, area, 2 * LEFT * PAGE_SIZE);
	swap_disk_remove(other);
	rig_stop();
}

/* Pages that a device refuses stay in memory until there is another area. */
static void refused(void)
{
	struct swap_disk second;
	struct mm_struct *child;
	vaddr_t area;
	u32 written = 0, other;

	rig_start(4 * LEFT);
	disk.refuses = true;
	disk.device.single = true;
	area = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, area, LEFT / 2, 0);
	child = mm_copy(swapper);
	EXPECT(child != NULL);
	for (written = LEFT / 2; write_page(swapper, area + written * PAGE_SIZE, 0);)
		written++;
	EXPECT(written < LEFT && swap_counters.refused);
	EXPECT_EQ(disk.writes, 0);
	machine_relax_by(100);
	other = swap_disk_add(&second, 4 * LEFT, -1);
	write_all(swapper, area + written * PAGE_SIZE, 2 * LEFT - written, 0);
	tap_note("%u written, %u slots of the first area", second.writes,
		 swap_info[disk_type].inuse);
	EXPECT(second.writes > LEFT / 2);
	EXPECT_EQ(disk.writes, 0);
	read_all(swapper, area, 2 * LEFT, 0);
	read_all(child, area, LEFT / 2, 0);
	check_space(child);
	EXPECT_VALID(swap_validate());
	user_switch(NULL);
	mm_put(child);
	do_munmap(swapper, area, 2 * LEFT * PAGE_SIZE);
	swap_disk_remove(other);
	rig_stop();
}

/* The same of shared memory: an object's pages. */
static void refused_objects(void)
{
	struct swap_disk second;
	vaddr_t area;
	u32 other;

	rig_start(4 * LEFT);
	disk.refuses = true;
	disk.device.single = true;
	other = swap_disk_add(&second, 4 * LEFT, -1);
	area = do_mmap(swapper, 0, 2 * LEFT * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS);
	write_all(swapper, area, 2 * LEFT, 0);
	EXPECT(second.writes > LEFT / 2);
	EXPECT_EQ(disk.writes, 0);
	read_all(swapper, area, 2 * LEFT, 0);
	EXPECT_VALID(swap_validate());
	do_munmap(swapper, area, 2 * LEFT * PAGE_SIZE);
	swap_disk_remove(other);
	rig_stop();
}

/*
 * The area of the highest priority is filled first, all slots of it but the bad ones; then the
 * next, the one that was added without a priority last.
 */
static void priorities(void)
{
	static const u32 bad[] = { 1, 2, 31, 32, 64, 98, 99 };
	struct swap_disk high, low;
	u32 first, second;
	vaddr_t area;

	rig_start(4 * LEFT);
	second = swap_disk_add(&low, 200, 3);
	first = (u32)swap_disk_try(&high, 100, 7, bad, ARRAY_SIZE(bad));
	EXPECT_EQ(swap_info[first].slots, 99 - ARRAY_SIZE(bad));
	area = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, area, LEFT + 40, 0);
	EXPECT(high.writes && !low.writes && !disk.writes);
	write_all(swapper, area + (LEFT + 40) * PAGE_SIZE, 150, 0);
	EXPECT_EQ(swap_info[first].inuse, swap_info[first].slots);
	EXPECT(low.writes && !disk.writes);
	write_all(swapper, area + (LEFT + 190) * PAGE_SIZE, LEFT - 190, 0);
	EXPECT_EQ(swap_info[second].inuse, swap_info[second].slots);
	EXPECT(disk.writes > 0);
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT(!high.written[bad[i]]);
	read_all(swapper, area, 2 * LEFT, 0);
	EXPECT_VALID(swap_validate());
	do_munmap(swapper, area, 2 * LEFT * PAGE_SIZE);
	swap_disk_remove(first);
	swap_disk_remove(second);
	rig_stop();
}

/* The disk is full: a write fails for lack of memory, and all that was written stays. */
static void disk_full(void)
{
	vaddr_t area;
	u32 written = 0;

	rig_start(LEFT / 2);
	area = user_map(swapper, 4 * LEFT * PAGE_SIZE, RW);
	while (write_page(swapper, area + written * PAGE_SIZE, 3))
		written++;
	tap_note("%u pages in %u frames and %u slots", written, LEFT, swap_info[disk_type].slots);
	EXPECT(written > LEFT && written < 2 * LEFT);
	EXPECT_EQ(nr_swap_pages, 0);
	do_munmap(swapper, area, 64 * PAGE_SIZE);
	read_all(swapper, area + 64 * PAGE_SIZE, written - 64, 3);
	rig_stop();
}

/* Where nothing can be evicted, reclaim gives up after a few turns of the lists. */
static void nothing_to_evict(void)
{
	enum { PAGES = 16 };
	u32 scanned;
	vaddr_t area;

	rig_start(8);
	swap_area_close(disk_type);
	area = user_map(swapper, PAGES * PAGE_SIZE, RW);
	EXPECT_EQ(shrink_pages(1, __GFP_HIGHMEM), 0); /* the lists exist from here on */
	write_all(swapper, area, PAGES, 1);
	scanned = reclaim_counters.scanned;
	EXPECT_EQ(shrink_pages(nr_present_pages(), __GFP_HIGHMEM), 0);
	scanned = reclaim_counters.scanned - scanned;
	tap_note("%u pages, %u looked at", PAGES, scanned);
	EXPECT(scanned >= PAGES && scanned <= 8 * (PAGES + 1));
	EXPECT_VALID(reclaim_validate());
	swap_area_reopen(disk_type);
	read_all(swapper, area, PAGES, 1);
	rig_stop();
}

/*
 * Of many locked pages the last ones are unlocked, and nothing else can be evicted: a request gets
 * them, however many locked ones reclaim looks at before.
 */
static void unlocked_behind_locked(void)
{
	enum { LAST = 16 };
	struct page *page;
	LIST_HEAD(taken);
	vaddr_t area;
	u32 pages;

	rig_start(4 * LEFT);
	pages = nr_present_pages() / 2;
	EXPECT(machine_relax_by(pages));
	area = user_map(swapper, pages * PAGE_SIZE, RW);
	write_all(swapper, area, pages, 1);
	EXPECT_EQ(do_mlock(swapper, area, pages * PAGE_SIZE, 0), 0);
	while ((page = alloc_page(GFP_KERNEL))) /* all are found locked */
		list_add(&page->lru, &taken);
	EXPECT_EQ(do_munlock(swapper, area + (pages - LAST) * PAGE_SIZE, LAST * PAGE_SIZE), 0);
	page = alloc_page(GFP_KERNEL);
	if (EXPECT(page != NULL))
		__free_page(page);
	while (!list_empty(&taken)) {
		page = list_first_entry(&taken, struct page, lru);
		list_del(&page->lru);
		__free_page(page);
	}
	EXPECT_VALID(reclaim_validate());
	read_all(swapper, area, pages, 1);
	rig_stop();
}

TAP_MAIN({ "sequential", sequential }, { "random_places", random_places },
	 { "written_once", written_once }, { "moved pages", moved },
	 { "fork_in_swap", fork_in_swap }, { "shared_memory", shared_memory },
	 { "truncated_in_swap", truncated_in_swap }, { "locked", locked },
	 { "read_error", read_error }, { "write_error", write_error }, { "refused", refused },
	 { "refused_objects", refused_objects }, { "priorities", priorities },
	 { "disk_full", disk_full }, { "nothing_to_evict", nothing_to_evict },
	 { "unlocked_behind_locked", unlocked_behind_locked })
