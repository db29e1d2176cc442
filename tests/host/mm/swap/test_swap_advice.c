/* SPDX-License-Identifier: MIT */
/*
 * Advice about swap: madvise(2) that evicts pages, gives them up or reads them in, and mincore(2).
 */
#include "abi/linux/errno.h"
#include "mm/frames/lru.h"
#include "mm/mman/mman.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/reclaim.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/truncate.h"
#include "mm/user_space/vma.h"
#include "tests/host/machine.h"
#include "tests/host/resched.h"
#include "tests/host/space.h"
#include "tests/host/mm/swap/swap_rig.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { RW = PROT_READ | PROT_WRITE };

/* MADV_PAGEOUT evicts at once, also where memory is not short; MADV_WILLNEED reads it again. */
static void pageout(void)
{
	vaddr_t area;
	u32 before;

	rig_start(4 * LEFT);
	area = user_map(swapper, 200 * PAGE_SIZE, RW);
	write_all(swapper, area, 200, 4);
	before = nr_free_pages();
	lru_stop();
	EXPECT_EQ(resident_pages(swapper, area, 200), 200);
	EXPECT_EQ(do_madvise(swapper, area, 150 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(swapper->nr_swap, 150);
	EXPECT_EQ(nr_free_pages(), before + 150);
	EXPECT_EQ(resident_pages(swapper, area, 200), 50);
	EXPECT_EQ(disk.writes, 150);
	EXPECT_EQ(do_madvise(swapper, area, 100 * PAGE_SIZE, MADV_WILLNEED), 0);
	EXPECT(resident_pages(swapper, area, 200) >= 150);
	EXPECT_EQ(swapper->nr_swap, 150);
	before = disk.reads;
	read_all(swapper, area, 100, 4);
	EXPECT_EQ(disk.reads, before);
	EXPECT_EQ(swap_counters.ra_hits, 100);
	read_all(swapper, area, 100, 4);
	EXPECT_EQ(swap_counters.ra_hits, 100);
	/* Unchanged since it was read: evicted without a write. */
	before = disk.writes;
	EXPECT_EQ(do_madvise(swapper, area, 100 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(disk.writes, before);
	read_all(swapper, area, 200, 4);
	write_all(swapper, area, 200, 5);
	EXPECT_EQ(do_madvise(swapper, area, 200 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(swapper->nr_swap, 200);
	read_all(swapper, area, 200, 5);
	rig_stop();
}

/* Shared memory has no entries in swap; its object knows. */
static void willneed_shared(void)
{
	u32 before;
	vaddr_t area;

	rig_start(4 * LEFT);
	area = do_mmap(swapper, 0, 100 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS);
	write_all(swapper, area, 80, 4);
	while (resident_pages(swapper, area, 100))
		shrink_pages(SWAP_CLUSTER, __GFP_HIGHMEM);
	before = disk.reads;
	EXPECT_EQ(do_madvise(swapper, area, 50 * PAGE_SIZE, MADV_WILLNEED), 0);
	EXPECT(disk.reads >= before + 50);
	EXPECT(resident_pages(swapper, area, 100) >= 50 &&
	       resident_pages(swapper, area, 100) <= 80);
	before = disk.reads;
	read_all(swapper, area, 50, 4);
	EXPECT_EQ(disk.reads, before);
	EXPECT_EQ(do_madvise(swapper, area, 100 * PAGE_SIZE, MADV_WILLNEED), 0);
	EXPECT_EQ(resident_pages(swapper, area, 100), 80);
	read_all(swapper, area, 80, 4);
	rig_stop();
}

/* What is shared or locked is not evicted by advice. */
static void pageout_of_others(void)
{
	struct mm_struct *child;
	vaddr_t area, locked;

	rig_start(4 * LEFT);
	area = user_map(swapper, 32 * PAGE_SIZE, RW);
	write_all(swapper, area, 32, 4);
	locked = user_map(swapper, 4 * PAGE_SIZE, RW);
	write_all(swapper, locked, 4, 4);
	EXPECT_EQ(do_mlock(swapper, locked, 4 * PAGE_SIZE, 0), 0);
	EXPECT_EQ(do_madvise(swapper, locked, 4 * PAGE_SIZE, MADV_PAGEOUT), -EINVAL);
	EXPECT_EQ(do_madvise(swapper, locked, 4 * PAGE_SIZE, MADV_COLD), -EINVAL);
	child = mm_copy(swapper);
	EXPECT_EQ(do_madvise(swapper, area, 32 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(swapper->nr_swap + child->nr_swap, 0);
	write_all(child, area, 16, 5);
	EXPECT_EQ(do_madvise(swapper, area, 32 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(swapper->nr_swap, 16);
	EXPECT_EQ(child->nr_swap, 0);
	read_all(swapper, area, 32, 4);
	read_all(child, area, 16, 5);
	user_switch(NULL);
	mm_put(child);
	rig_stop();
}

static void expect_zero(vaddr_t area, u32 pages)
{
	for (u32 i = 0; i < pages; i++) {
		u32 value = 1;

		EXPECT_EQ(user_read(swapper, area + i * PAGE_SIZE + 8, &value, 4), FAULT_OK);
		EXPECT_EQ(value, 0);
	}
}

/*
 * MADV_FREE: pages stay until reclaim wants them. What was written again goes to swap, by whom it
 * ever was written; the rest is dropped.
 */
static void lazy_free(void)
{
	vaddr_t area;
	u32 before, value;

	rig_start(4 * LEFT);
	area = user_map(swapper, 100 * PAGE_SIZE, RW);
	write_all(swapper, area, 100, 1);
	EXPECT_EQ(do_madvise(swapper, area, 40 * PAGE_SIZE, MADV_PAGEOUT), 0);
	read_all(swapper, area, 10, 1);			  /* these are in the swap cache */
	write_all(swapper, area + 40 * PAGE_SIZE, 20, 1); /* the TLB has these, dirty */
	EXPECT_EQ(do_madvise(swapper, area, 60 * PAGE_SIZE, MADV_FREE), 0);
	EXPECT_EQ(swapper->nr_swap, 0); /* at once */
	EXPECT_EQ(swap_info[disk_type].inuse, 0);
	EXPECT_EQ(swapper->rss, 70);
	read_all(swapper, area, 10, 1);
	read_all(swapper, area + 40 * PAGE_SIZE, 20, 1);
	write_all(swapper, area + 45 * PAGE_SIZE, 5, 2);
	for (u32 i = 50; i < 55; i++) {
		value = stamp(area + i * PAGE_SIZE, 2);
		EXPECT_EQ(access_process_vm(swapper, area + i * PAGE_SIZE + 8, &value, 4,
					    FAULT_WRITE),
			  4);
	}
	before = disk.writes;
	EXPECT_EQ(do_madvise(swapper, area, 100 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(swapper->nr_swap, 50);
	EXPECT_EQ(swapper->rss, 0);
	EXPECT_EQ(disk.writes, before + 50);
	EXPECT_EQ(reclaim_counters.lazyfreed, 20);
	expect_zero(area, 45);
	read_all(swapper, area + 45 * PAGE_SIZE, 10, 2);
	expect_zero(area + 55 * PAGE_SIZE, 5);
	read_all(swapper, area + 60 * PAGE_SIZE, 40, 1);
	rig_stop();
}

/* What is shared is not given up; a copy of what was given up is; a locked page stays. */
static void lazy_free_of_others(void)
{
	struct mm_struct *child;
	vaddr_t area;

	rig_start(2); /* one slot */
	area = user_map(swapper, 40 * PAGE_SIZE, RW);
	write_all(swapper, area, 40, 1);
	child = mm_copy(swapper);
	EXPECT_EQ(do_madvise(swapper, area, 10 * PAGE_SIZE, MADV_FREE), 0);
	user_switch(NULL);
	mm_put(child);
	EXPECT_EQ(do_madvise(swapper, area + 10 * PAGE_SIZE, 30 * PAGE_SIZE, MADV_FREE), 0);
	child = mm_copy(swapper);
	write_all(child, area + 10 * PAGE_SIZE, 10, 2);
	write_all(swapper, area + 30 * PAGE_SIZE, 5, 3);
	EXPECT_EQ(do_mlock(swapper, area + 35 * PAGE_SIZE, 5 * PAGE_SIZE, 0), 0);
	while (shrink_pages(64, __GFP_HIGHMEM))
		;
	read_all(swapper, area, 10, 1);
	expect_zero(area + 10 * PAGE_SIZE, 20);
	read_all(swapper, area + 30 * PAGE_SIZE, 5, 3);
	read_all(swapper, area + 35 * PAGE_SIZE, 5, 1);
	read_all(child, area + 10 * PAGE_SIZE, 10, 2);
	EXPECT_EQ(do_madvise(swapper, area + 35 * PAGE_SIZE, PAGE_SIZE, MADV_FREE), -EINVAL);
	check_space(child);
	user_switch(NULL);
	mm_put(child);
	rig_stop();
}

/* The frame for a copy comes from the very page that is to be copied. */
static void lazy_free_during_copy(void)
{
	static struct page *hog[2 * LEFT];
	struct mm_struct *child;
	u32 hogs = 0;
	vaddr_t area;

	rig_start(2);
	area = user_map(swapper, 20 * PAGE_SIZE, RW);
	write_all(swapper, area, 20, 1);
	EXPECT_EQ(do_madvise(swapper, area, 20 * PAGE_SIZE, MADV_FREE), 0);
	child = mm_copy(swapper);
	while ((hog[hogs] = alloc_page(GFP_ATOMIC)))
		hogs++;
	write_all(child, area, 1, 2);
	EXPECT_EQ(reclaim_counters.lazyfreed, 19);
	read_all(child, area, 1, 2);
	while (hogs)
		put_page(hog[--hogs]);
	expect_zero(area, 20);
	machine_check();
	user_switch(NULL);
	mm_put(child);
	rig_stop();
}

/* A task that a signal ends does not go on with advice. */
static void killed(void)
{
	static const int advices[] = { MADV_PAGEOUT, MADV_COLD, MADV_FREE, MADV_WILLNEED };
	vaddr_t area;

	rig_start(4 * LEFT);
	area = user_map(swapper, 20 * PAGE_SIZE, RW);
	write_all(swapper, area, 20, 1);
	EXPECT_EQ(do_madvise(swapper, area, 10 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(swapper->nr_swap, 10);
	host_killed = true;
	for (u32 i = 0; i < ARRAY_SIZE(advices); i++)
		EXPECT_EQ(do_madvise(swapper, area, 20 * PAGE_SIZE, advices[i]), 0);
	host_killed = false;
	EXPECT_EQ(swapper->nr_swap, 10);
	EXPECT_EQ(disk.reads, 0);
	EXPECT_EQ(swap_counters.lazyfree, 0);
	EXPECT_EQ(resident_pages(swapper, area, 20), 10);
	read_all(swapper, area, 20, 1);
	rig_stop();
}

/* Cold pages are evicted before others, unless they were used again. */
static void cold(void)
{
	vaddr_t filler, area, more;
	u32 evicted = 0;

	rig_start(8 * LEFT);
	filler = user_map(swapper, 2 * LEFT * PAGE_SIZE, RW);
	write_all(swapper, filler, 2 * LEFT, 1); /* the lists are there */
	area = user_map(swapper, 64 * PAGE_SIZE, RW);
	write_all(swapper, area, 64, 2);
	EXPECT_EQ(do_madvise(swapper, area, 64 * PAGE_SIZE, MADV_COLD), 0);
	EXPECT_VALID(reclaim_validate());
	read_all(swapper, area, 8, 2);
	more = user_map(swapper, 64 * PAGE_SIZE, RW);
	write_all(swapper, more, 64, 3);
	for (u32 i = 0; i < 64; i++) {
		bool present = pte_present(*pte_lookup(swapper->pgd, area + i * PAGE_SIZE));

		EXPECT(i >= 8 || present);
		evicted += !present;
	}
	EXPECT(evicted >= 32);
	read_all(swapper, area, 64, 2);
	EXPECT_EQ(do_madvise(swapper, area, 64 * PAGE_SIZE, MADV_COLD), 0);
	EXPECT_EQ(do_madvise(swapper, area, 64 * PAGE_SIZE, MADV_COLD), 0);
	do_munmap(swapper, area, 64 * PAGE_SIZE);
	read_all(swapper, filler, 2 * LEFT, 1);
	rig_stop();
}

TAP_MAIN({ "pageout", pageout }, { "willneed_shared", willneed_shared },
	 { "pageout_of_others", pageout_of_others }, { "lazy_free", lazy_free },
	 { "lazy_free_of_others", lazy_free_of_others },
	 { "lazy_free_during_copy", lazy_free_during_copy }, { "killed", killed }, { "cold", cold })
