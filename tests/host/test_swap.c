/* SPDX-License-Identifier: MIT */
/*
 * Swap and reclaim: programs that are larger than memory, on the software MMU with its TLB, and a
 * disk that is an array. What is read must be what was written last.
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/lru.h"
#include "mm/frames/shrinker.h"
#include "mm/mman/mman.h"
#include "mm/reclaim/reclaim.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/truncate.h"
#include "mm/user_space/vma.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/swap_disk.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { RW = PROT_READ | PROT_WRITE };

#define LEFT 600u /* frames that the case leaves free: its memory */

static struct swap_disk disk;
static struct mm_struct *mm;
static u32 type, free_before;

static void start(u32 slots)
{
	machine_boot();
	mm = mm_alloc();
	type = swap_disk_add(&disk, slots, -1);
	shrink_caches();
	free_before = nr_free_pages();
	machine_exhaust();
	machine_relax_by(LEFT);
}

static void stop(void)
{
	check_space(mm);
	machine_check();
	user_switch(NULL);
	mm_put(mm);
	machine_relax();
	swap_disk_remove(type);
	lru_stop();
	machine_check();
}

static u32 stamp(vaddr_t address, u32 round)
{
	return address * 2654435761u ^ round;
}

static bool write_page(struct mm_struct *space, vaddr_t address, u32 round)
{
	u32 value = stamp(address, round);

	return user_write(space, address + 8, &value, 4) == FAULT_OK;
}

static bool read_page(struct mm_struct *space, vaddr_t address, u32 round)
{
	u32 value = 0;

	return user_read(space, address + 8, &value, 4) == FAULT_OK &&
	       value == stamp(address, round);
}

static void write_all(struct mm_struct *space, vaddr_t area, u32 pages, u32 round)
{
	u32 good = 0;

	for (u32 i = 0; i < pages; i++)
		good += write_page(space, area + i * PAGE_SIZE, round);
	EXPECT_EQ(good, pages);
}

static void read_all(struct mm_struct *space, vaddr_t area, u32 pages, u32 round)
{
	u32 good = 0;

	for (u32 i = 0; i < pages; i++)
		good += read_page(space, area + i * PAGE_SIZE, round);
	EXPECT_EQ(good, pages);
}

/* Four times memory, written and read twice in order. */
static void sequential(void)
{
	vaddr_t area;

	start(4 * LEFT + 512);
	area = user_map(mm, 4 * LEFT * PAGE_SIZE, RW);
	for (u32 round = 0; round < 2; round++) {
		write_all(mm, area, 4 * LEFT, round);
		EXPECT(mm->nr_swap > 2 * LEFT);
		EXPECT_EQ(mm->nr_swap + mm->rss, 4 * LEFT);
		read_all(mm, area, 4 * LEFT, round);
	}
	tap_note("reads %u, writes %u, ahead %u, of these wanted %u, clean %u", disk.reads,
		 disk.writes, swap_counters.readahead, swap_counters.ra_hits, swap_counters.clean);
	stop();
}

/* Reads and writes at random places, against a copy of what must be there. */
static void random_places(void)
{
	u32 pages = 2 * LEFT, bad = 0;
	static u32 round_of[2 * LEFT];
	vaddr_t area;

	start(4 * LEFT);
	memset(round_of, 0, sizeof(round_of));
	area = user_map(mm, pages * PAGE_SIZE, RW);
	write_all(mm, area, pages, 0);
	for (u32 step = 0; step < tap_scaled(20000); step++) {
		u32 i = random_below(pages);

		if (random_one_in(3))
			bad += !write_page(mm, area + i * PAGE_SIZE, ++round_of[i]);
		else
			bad += !read_page(mm, area + i * PAGE_SIZE, round_of[i]);
	}
	EXPECT_EQ(bad, 0);
	stop();
}

/* Children share pages that are in swap, and write some of them. */
static void fork_in_swap(void)
{
	struct mm_struct *child[4];
	vaddr_t area;

	start(16 * LEFT);
	area = user_map(mm, 2 * LEFT * PAGE_SIZE, RW);
	write_all(mm, area, 2 * LEFT, 0);
	for (u32 i = 0; i < 4; i++) {
		child[i] = mm_copy(mm);
		EXPECT(child[i] != NULL);
	}
	for (u32 i = 0; i < 4; i++)
		write_all(child[i], area + LEFT / 2 * PAGE_SIZE, LEFT, 100 + i);
	for (u32 i = 0; i < 4; i++) {
		read_all(child[i], area, LEFT / 2, 0);
		read_all(child[i], area + LEFT / 2 * PAGE_SIZE, LEFT, 100 + i);
		check_space(child[i]);
	}
	read_all(mm, area, 2 * LEFT, 0);
	machine_check();
	user_switch(NULL);
	for (u32 i = 0; i < 4; i++)
		mm_put(child[i]);
	read_all(mm, area, 2 * LEFT, 0);
	stop();
}

/* The pages of a shared object go to swap too. */
static void shared_memory(void)
{
	struct mm_struct *child;
	vaddr_t area;

	start(4 * LEFT);
	area = do_mmap(mm, 0, 2 * LEFT * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS);
	EXPECT(!IS_ERR_VALUE(area));
	write_all(mm, area, 2 * LEFT, 1);
	child = mm_copy(mm);
	read_all(child, area, 2 * LEFT, 1);
	write_all(child, area, 2 * LEFT, 2);
	read_all(mm, area, 2 * LEFT, 2);
	EXPECT(swap_counters.pswpout > LEFT);
	user_switch(NULL);
	mm_put(child);
	stop();
}

/* Bytes that truncation has cut off do not come back from swap. */
static void truncated_in_swap(void)
{
	struct address_space *mapping;
	u32 value = 1, at = 0;
	vaddr_t area;

	start(4 * LEFT);
	area = do_mmap(mm, 0, 2 * LEFT * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS);
	write_all(mm, area, 2 * LEFT, 1);
	mapping = find_vma(mm, area)->vm_mapping;
	while (find_page(mapping, at))
		at++;
	EXPECT_EQ(mapping_truncate(mapping, (u64)at * PAGE_SIZE + 4), 0);
	EXPECT_EQ(mapping_truncate(mapping, (u64)2 * LEFT * PAGE_SIZE), 0);
	EXPECT_EQ(user_read(mm, area + at * PAGE_SIZE + 8, &value, 4), FAULT_OK);
	EXPECT_EQ(value, 0);
	read_all(mm, area, at, 1);
	stop();
}

/* Locked pages stay. */
static void locked(void)
{
	vaddr_t pinned, area;

	start(4 * LEFT);
	pinned = user_map(mm, LEFT / 4 * PAGE_SIZE, RW);
	write_all(mm, pinned, LEFT / 4, 7);
	EXPECT_EQ(do_mlock(mm, pinned, LEFT / 4 * PAGE_SIZE, 0), 0);
	area = user_map(mm, 2 * LEFT * PAGE_SIZE, RW);
	write_all(mm, area, 2 * LEFT, 1);
	for (u32 i = 0; i < LEFT / 4; i++) {
		const pte_t *pte = pte_lookup(mm->pgd, pinned + i * PAGE_SIZE);

		EXPECT(pte && pte_present(*pte));
	}
	read_all(mm, pinned, LEFT / 4, 7);
	read_all(mm, area, 2 * LEFT, 1);
	stop();
}

/* A page that cannot be read is SIGBUS for the one access; the rest goes on. */
static void read_error(void)
{
	vaddr_t area;
	u32 value, at = 0;

	start(4 * LEFT);
	area = user_map(mm, 2 * LEFT * PAGE_SIZE, RW);
	write_all(mm, area, 2 * LEFT, 0);
	while (pte_present(*pte_lookup(mm->pgd, area + at * PAGE_SIZE)))
		at++;
	disk.fail_read = 1;
	disk.stays = true;
	EXPECT_EQ(user_read(mm, area + at * PAGE_SIZE, &value, 4), FAULT_SIGBUS);
	disk.fail_read = 0;
	read_all(mm, area, 2 * LEFT, 0);
	stop();
}

/* A failed write leaves the page in memory, and the area gets no more. */
static void write_error(void)
{
	struct swap_disk second;
	u32 other;
	vaddr_t area;

	start(4 * LEFT);
	area = user_map(mm, 2 * LEFT * PAGE_SIZE, RW);
	write_all(mm, area, LEFT, 0);
	other = swap_disk_add(&second, 4 * LEFT, -1);
	disk.fail_write = 1;
	write_all(mm, area + LEFT * PAGE_SIZE, LEFT, 0);
	EXPECT(swap_info[type].failed);
	EXPECT(second.writes > 0);
	read_all(mm, area, 2 * LEFT, 0);
	EXPECT_VALID(swap_validate());
	do_munmap(mm, area, 2 * LEFT * PAGE_SIZE);
	swap_disk_remove(other);
	stop();
}

/* The disk is full: a write fails for lack of memory, and all that was written stays. */
static void disk_full(void)
{
	vaddr_t area;
	u32 written = 0;

	start(LEFT / 2);
	area = user_map(mm, 4 * LEFT * PAGE_SIZE, RW);
	while (write_page(mm, area + written * PAGE_SIZE, 3))
		written++;
	tap_note("%u pages in %u frames and %u slots", written, LEFT, swap_info[type].slots);
	EXPECT(written > LEFT && written < 2 * LEFT);
	EXPECT_EQ(nr_swap_pages, 0);
	do_munmap(mm, area, 64 * PAGE_SIZE);
	read_all(mm, area + 64 * PAGE_SIZE, written - 64, 3);
	stop();
}

/* Where nothing can be evicted, reclaim gives up after a few turns of the lists. */
static void nothing_to_evict(void)
{
	enum { PAGES = 16 };
	u32 scanned;
	vaddr_t area;

	start(8);
	swap_area_close(type);
	area = user_map(mm, PAGES * PAGE_SIZE, RW);
	EXPECT_EQ(shrink_pages(1, __GFP_HIGHMEM), 0); /* the lists exist from here on */
	write_all(mm, area, PAGES, 1);
	scanned = reclaim_counters.scanned;
	EXPECT_EQ(shrink_pages(nr_present_pages(), __GFP_HIGHMEM), 0);
	scanned = reclaim_counters.scanned - scanned;
	tap_note("%u pages, %u looked at", PAGES, scanned);
	EXPECT(scanned >= PAGES && scanned <= 8 * (PAGES + 1));
	EXPECT_VALID(reclaim_validate());
	swap_area_reopen(type);
	read_all(mm, area, PAGES, 1);
	stop();
}

/* --- madvise(2), mincore(2) --- */

static int count_resident(u32 index, bool resident, void *context)
{
	(void)index;
	*(u32 *)context += resident;
	return 0;
}

static u32 resident_pages(vaddr_t area, u32 pages)
{
	u32 count = 0;

	EXPECT_EQ(do_mincore(mm, area, pages * PAGE_SIZE, count_resident, &count), 0);
	return count;
}

/* MADV_PAGEOUT evicts at once, also where memory is not short; MADV_WILLNEED reads it again. */
static void pageout(void)
{
	vaddr_t area;
	u32 before;

	start(4 * LEFT);
	area = user_map(mm, 200 * PAGE_SIZE, RW);
	write_all(mm, area, 200, 4);
	before = nr_free_pages();
	lru_stop();
	EXPECT_EQ(resident_pages(area, 200), 200);
	EXPECT_EQ(do_madvise(mm, area, 150 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(mm->nr_swap, 150);
	EXPECT_EQ(nr_free_pages(), before + 150);
	EXPECT_EQ(resident_pages(area, 200), 50);
	EXPECT_EQ(disk.writes, 150);
	EXPECT_EQ(do_madvise(mm, area, 100 * PAGE_SIZE, MADV_WILLNEED), 0);
	EXPECT(resident_pages(area, 200) >= 150);
	EXPECT_EQ(mm->nr_swap, 150);
	before = disk.reads;
	read_all(mm, area, 100, 4);
	EXPECT_EQ(disk.reads, before);
	/* Unchanged since it was read: evicted without a write. */
	before = disk.writes;
	EXPECT_EQ(do_madvise(mm, area, 100 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(disk.writes, before);
	read_all(mm, area, 200, 4);
	write_all(mm, area, 200, 5);
	EXPECT_EQ(do_madvise(mm, area, 200 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(mm->nr_swap, 200);
	read_all(mm, area, 200, 5);
	stop();
}

/* What is shared or locked is not evicted by advice. */
static void pageout_of_others(void)
{
	struct mm_struct *child;
	vaddr_t area, locked;

	start(4 * LEFT);
	area = user_map(mm, 32 * PAGE_SIZE, RW);
	write_all(mm, area, 32, 4);
	locked = user_map(mm, 4 * PAGE_SIZE, RW);
	write_all(mm, locked, 4, 4);
	EXPECT_EQ(do_mlock(mm, locked, 4 * PAGE_SIZE, 0), 0);
	EXPECT_EQ(do_madvise(mm, locked, 4 * PAGE_SIZE, MADV_PAGEOUT), -EINVAL);
	EXPECT_EQ(do_madvise(mm, locked, 4 * PAGE_SIZE, MADV_COLD), -EINVAL);
	child = mm_copy(mm);
	EXPECT_EQ(do_madvise(mm, area, 32 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(mm->nr_swap + child->nr_swap, 0);
	write_all(child, area, 16, 5);
	EXPECT_EQ(do_madvise(mm, area, 32 * PAGE_SIZE, MADV_PAGEOUT), 0);
	EXPECT_EQ(mm->nr_swap, 16);
	EXPECT_EQ(child->nr_swap, 0);
	read_all(mm, area, 32, 4);
	read_all(child, area, 16, 5);
	user_switch(NULL);
	mm_put(child);
	stop();
}

/* Cold pages are evicted before others, unless they were used again. */
static void cold(void)
{
	vaddr_t filler, area, more;
	u32 evicted = 0;

	start(8 * LEFT);
	filler = user_map(mm, 2 * LEFT * PAGE_SIZE, RW);
	write_all(mm, filler, 2 * LEFT, 1); /* the lists are there */
	area = user_map(mm, 64 * PAGE_SIZE, RW);
	write_all(mm, area, 64, 2);
	EXPECT_EQ(do_madvise(mm, area, 64 * PAGE_SIZE, MADV_COLD), 0);
	EXPECT_VALID(reclaim_validate());
	read_all(mm, area, 8, 2);
	more = user_map(mm, 64 * PAGE_SIZE, RW);
	write_all(mm, more, 64, 3);
	for (u32 i = 0; i < 64; i++) {
		bool present = pte_present(*pte_lookup(mm->pgd, area + i * PAGE_SIZE));

		EXPECT(i >= 8 || present);
		evicted += !present;
	}
	EXPECT(evicted >= 32);
	read_all(mm, area, 64, 2);
	EXPECT_EQ(do_madvise(mm, area, 64 * PAGE_SIZE, MADV_COLD), 0);
	EXPECT_EQ(do_madvise(mm, area, 64 * PAGE_SIZE, MADV_COLD), 0);
	do_munmap(mm, area, 64 * PAGE_SIZE);
	read_all(mm, filler, 2 * LEFT, 1);
	stop();
}

TAP_MAIN({ "sequential", sequential }, { "random_places", random_places },
	 { "fork_in_swap", fork_in_swap }, { "shared_memory", shared_memory },
	 { "truncated_in_swap", truncated_in_swap }, { "locked", locked },
	 { "read_error", read_error }, { "write_error", write_error }, { "disk_full", disk_full },
	 { "nothing_to_evict", nothing_to_evict }, { "pageout", pageout },
	 { "pageout_of_others", pageout_of_others }, { "cold", cold })
