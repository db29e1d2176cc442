/* SPDX-License-Identifier: MIT */
/*
 * The cost of reclaim and of faults on pages in swap, apart from the disk: the device of these
 * benchmarks forgets what is written and reads nothing.
 */
#include "abi/linux/errno.h"
#include "kernel/harness/bench.h"
#include "mm/frames/lru.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap.h"
#include "mm/user_space/page_fault.h"
#include "tests/kernel/user_space.h"

#define PAGES 64u
#define AREA  0x40000000u

static int no_transfer(struct swap_device *device, u32 slot, struct page *const *pages, u32 count)
{
	(void)device;
	(void)slot;
	(void)pages;
	(void)count;
	return 0;
}

static struct swap_device device = {
	.name = "bench", .pages = 1024, .read = no_transfer, .write = no_transfer
};
static struct mm_struct *mm;
static int type;
static u32 cluster_before;

static void touch_all(void)
{
	for (u32 i = 0; i < PAGES; i++)
		user_write(AREA + i * PAGE_SIZE, i);
}

static int reclaim_set_up(void)
{
	cluster_before = page_cluster;
	page_cluster = 0;
	type = swap_area_add(&device, 32767, NULL, 0);
	mm = mm_alloc();
	if (type < 0 || !mm)
		return -ENOMEM;
	user_switch(mm);
	map_anonymous(mm, AREA, PAGES, PROT_RW);
	touch_all();
	return 0;
}

static void reclaim_tear_down(void)
{
	if (mm) {
		user_switch(NULL);
		mm_put(mm);
	}
	lru_stop();
	if (type >= 0)
		swap_area_remove((u32)type);
	page_cluster = cluster_before;
}

/* Accessed bits, slot, reverse mapping, unmapping, write, free: for pages not used any more. */
static u32 reclaim_pages(void)
{
	u32 freed, cost;

	touch_all();
	for (u32 i = 0; i < PAGES; i++)
		page_referenced(user_page_at(mm, AREA + i * PAGE_SIZE));
	cost = BENCH_SAMPLE(freed = shrink_pages(SWAP_CLUSTER, GFP_HIGHUSER));
	return freed == SWAP_CLUSTER ? cost : 0;
}

BENCHMARK(reclaim_page, .set_up = reclaim_set_up, .sample = reclaim_pages,
	  .tear_down = reclaim_tear_down, .units = SWAP_CLUSTER);

/* A write to a page in swap: lookup, frame, entry; the slot is freed. */
static u32 swap_in_page(void)
{
	u32 i = 0;

	touch_all();
	shrink_pages(SWAP_CLUSTER, GFP_HIGHUSER);
	while (i < PAGES && user_page_at(mm, AREA + i * PAGE_SIZE))
		i++;
	return i < PAGES ? BENCH_SAMPLE(mm_fault(mm, AREA + i * PAGE_SIZE, FAULT_WRITE)) : 0;
}

BENCHMARK(swap_in_fault, .set_up = reclaim_set_up, .sample = swap_in_page,
	  .tear_down = reclaim_tear_down);
