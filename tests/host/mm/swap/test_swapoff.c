/* SPDX-License-Identifier: MIT */
/*
 * swapoff: all pages of an area come back, from page tables and objects, or the area is in use as
 * before. Then out of memory, with processes that are only a table.
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/lru.h"
#include "mm/frames/shrinker.h"
#include "mm/mman/mman.h"
#include "mm/reclaim/oom.h"
#include "mm/reclaim/reclaim.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/swapoff.h"
#include "tests/host/machine.h"
#include "tests/host/resched.h"
#include "tests/host/space.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { RW = PROT_READ | PROT_WRITE };

#define LEFT  400u
#define PAGES (3 * LEFT / 2)

static struct swap_disk disk, other;
static struct mm_struct *mm;
static vaddr_t area;
static u32 type;

static void start(u32 flags)
{
	machine_boot();
	set_out_of_memory(NULL);
	mm = mm_alloc();
	type = swap_disk_add(&disk, 4 * LEFT, -1);
	shrink_caches();
	machine_exhaust();
	machine_relax_by(LEFT);
	area = do_mmap(mm, 0, PAGES * PAGE_SIZE, RW, flags | MAP_ANONYMOUS);
	for (u32 i = 0; i < PAGES; i++)
		EXPECT(user_poke(mm, area + i * PAGE_SIZE, (u8)(i * 7)) == FAULT_OK);
}

static void check_all(struct mm_struct *space)
{
	u32 wrong = 0;

	for (u32 i = 0; i < PAGES; i++)
		wrong += user_peek(space, area + i * PAGE_SIZE) != (u8)(i * 7);
	EXPECT_EQ(wrong, 0);
	check_space(space);
	EXPECT(!swap_validate());
}

static void stop(void)
{
	user_switch(NULL);
	mm_put(mm);
	machine_relax();
	lru_stop();
	machine_check();
}

static bool area_is_there(void)
{
	return swap_info[type].device && !swap_info[type].leaving;
}

static u32 turns, most_pages, pages_before;

/* Other tasks: they see how much was read since their last turn. */
static void take_turn(void)
{
	turns++;
	most_pages = max(most_pages, swap_counters.pswpin - pages_before);
	pages_before = swap_counters.pswpin;
}

/* Other tasks run after a few pages. */
static int watched_swapoff(void)
{
	int err;

	turns = most_pages = 0;
	pages_before = swap_counters.pswpin;
	host_others = take_turn;
	err = swapoff_area(type);
	host_others = NULL;
	return err;
}

/* Without room it fails and nothing is lost; with room all comes back. */
static void no_room_then_room(u32 flags)
{
	start(flags);
	EXPECT(swap_info[type].inuse > 0);
	EXPECT_EQ(swapoff_area(type), -ENOMEM);
	EXPECT(area_is_there());
	EXPECT_EQ(nr_swap_pages, swap_info[type].slots - swap_info[type].inuse);
	check_all(mm);
	machine_relax();
	EXPECT_EQ(watched_swapoff(), 0);
	EXPECT(turns > 8 && most_pages < 128);
	EXPECT(!swap_info[type].device && !total_swap_pages && !nr_swap_cached);
	EXPECT_EQ(mm->nr_swap, 0);
	check_all(mm);
	stop();
}

static void programs(void)
{
	no_room_then_room(MAP_PRIVATE);
}

static void objects(void)
{
	no_room_then_room(MAP_SHARED);
}

/* What has no room in memory goes to the other area. */
static void to_another_area(void)
{
	u32 second;

	start(MAP_PRIVATE);
	second = swap_disk_add(&other, 4 * LEFT, -1);
	EXPECT_EQ(swapoff_area(type), 0);
	EXPECT(swap_info[second].inuse > 0);
	check_all(mm);
	machine_relax();
	EXPECT_EQ(swapoff_area(second), 0);
	check_all(mm);
	stop();
}

/* Each entry of a page that many share is found, and the page is read once. */
static void family(void)
{
	struct mm_struct *child;

	start(MAP_PRIVATE);
	child = mm_copy(mm);
	EXPECT(child && child->nr_swap);
	machine_relax();
	EXPECT_EQ(swapoff_area(type), 0);
	EXPECT_EQ(child->nr_swap + mm->nr_swap, 0);
	check_all(mm);
	check_all(child);
	user_switch(NULL);
	mm_put(child);
	stop();
}

/* Shared pages that come in must not go back to the area: that would have no end. */
static void family_without_room(void)
{
	struct mm_struct *child;

	start(MAP_PRIVATE);
	child = mm_copy(mm);
	EXPECT(child && child->nr_swap);
	EXPECT_EQ(swapoff_area(type), -ENOMEM);
	EXPECT(area_is_there());
	check_all(mm);
	check_all(child);
	machine_relax();
	EXPECT_EQ(swapoff_area(type), 0);
	user_switch(NULL);
	mm_put(child);
	stop();
}

static void read_error(void)
{
	start(MAP_PRIVATE);
	machine_relax();
	disk.fail_read = 20;
	disk.stays = true;
	EXPECT_EQ(swapoff_area(type), -EIO);
	EXPECT(area_is_there());
	disk.fail_read = 0;
	check_all(mm);
	EXPECT_EQ(swapoff_area(type), 0);
	check_all(mm);
	stop();
}

/* --- Out of memory --- */

static struct {
	const struct mm_struct *mm;
	bool killed;
	s32 adj;
} processes[4];
static const struct mm_struct *own;

static bool process_of(const struct mm_struct *space, struct oom_process *process)
{
	for (u32 i = 0; i < ARRAY_SIZE(processes); i++) {
		if (!space || processes[i].mm != space)
			continue;
		*process = (struct oom_process){ (int)i + 10, "model", processes[i].killed,
						 processes[i].adj, 0 };
		return true;
	}
	return false;
}

static void kill(const struct mm_struct *space)
{
	for (u32 i = 0; i < ARRAY_SIZE(processes); i++)
		processes[i].killed |= processes[i].mm == space;
}

static const struct mm_struct *current_space(void)
{
	return own;
}

static const struct oom_ops ops = { process_of, kill, current_space };

static struct mm_struct *make_process(u32 index, u32 pages)
{
	struct mm_struct *space = mm_alloc();
	vaddr_t place = user_map(space, 100 * PAGE_SIZE, RW);

	for (u32 i = 0; i < pages; i++)
		EXPECT(user_poke(space, place + i * PAGE_SIZE, 1) == FAULT_OK);
	processes[index].mm = space;
	processes[index].killed = false;
	processes[index].adj = 0;
	return space;
}

/* The largest but the asking one, one that is about to end, the asking one, none. */
static void victims(void)
{
	struct mm_struct *space[4], *nobodys;

	machine_boot();
	for (u32 i = 0; i < 4; i++)
		space[i] = make_process(i, 10 + 20 * i);
	nobodys = mm_alloc();
	area = user_map(nobodys, 200 * PAGE_SIZE, RW);
	for (u32 i = 0; i < 200; i++)
		user_poke(nobodys, area + i * PAGE_SIZE, 1);
	user_switch(NULL);
	shrink_caches();
	oom_init(&ops);
	EXPECT_EQ(oom_kill(GFP_KERNEL, 0), 0); /* a kernel task asks */
	own = space[1];
	EXPECT_EQ(oom_kill(__GFP_DMA, 0), 0);
	EXPECT_EQ(oom_kill(GFP_KERNEL, 0), 71);
	EXPECT(processes[3].killed && space[3]->oom_victim && !space[3]->rss);
	EXPECT(user_poke(space[3], user_map(space[3], PAGE_SIZE, RW), 1) == FAULT_OOM);
	EXPECT(!mm_copy(space[3]));
	shrink_caches();
	processes[0].killed = true;
	EXPECT_EQ(oom_kill(GFP_KERNEL, 0), 11);
	EXPECT(space[0]->oom_victim && !processes[1].killed && !processes[2].killed);
	EXPECT_EQ(oom_kill(GFP_KERNEL, 0), 51);
	EXPECT_EQ(oom_kill(GFP_KERNEL, 0), 0);
	EXPECT(processes[1].killed && !space[1]->oom_victim);
	EXPECT_EQ(oom_kill(GFP_KERNEL, 0), 0);
	EXPECT_EQ(nobodys->rss, 200);
	user_switch(NULL);
	for (u32 i = 0; i < 4; i++)
		mm_put(space[i]);
	mm_put(nobodys);
	set_out_of_memory(NULL);
	machine_check();
}

/* By oom_score_adj a small process is chosen, and a large one is not. */
static void adjusted_victims(void)
{
	struct mm_struct *space[4];

	machine_boot();
	for (u32 i = 0; i < 4; i++)
		space[i] = make_process(i, 10 + 20 * i);
	user_switch(NULL);
	oom_init(&ops);
	own = space[1];
	processes[0].adj = 500;
	processes[2].adj = OOM_ADJ_MIN;
	EXPECT(oom_score(space[0], 500) > oom_score(space[3], 0));
	EXPECT_EQ(oom_score(space[2], OOM_ADJ_MIN), 0);
	EXPECT(oom_kill(GFP_KERNEL, 0) > 0);
	EXPECT(processes[0].killed && !processes[3].killed);
	processes[3].adj = -500;
	EXPECT_EQ(oom_kill(GFP_KERNEL, 0), 0); /* the asking one */
	EXPECT(processes[1].killed && !processes[2].killed && !processes[3].killed);
	own = space[2];
	EXPECT(oom_kill(GFP_KERNEL, 0) > 0); /* what is about to end */
	EXPECT(oom_kill(GFP_KERNEL, 0) > 0);
	EXPECT(processes[3].killed);
	EXPECT_EQ(oom_kill(GFP_KERNEL, 0), 0);
	EXPECT(!processes[2].killed);
	for (u32 i = 0; i < 4; i++)
		mm_put(space[i]);
	set_out_of_memory(NULL);
	machine_check();
}

/* A process of high memory does not end for a request that needs low memory. */
static void low_memory(void)
{
	struct mm_struct *space[3];
	LIST_HEAD(held);

	machine_boot_highmem(MiB(1));
	space[0] = make_process(0, 60);
	EXPECT_EQ(space[0]->rss, 60);
	while (zones[ZONE_HIGHMEM].free_pages > zones[ZONE_HIGHMEM].pages_low)
		list_add(&alloc_page(GFP_HIGHUSER)->lru, &held);
	space[1] = make_process(1, 20);
	space[2] = make_process(2, 1);
	user_switch(NULL);
	shrink_caches();
	oom_init(&ops);
	own = space[2];
	EXPECT_EQ(oom_kill(GFP_KERNEL, 0), 21);
	EXPECT(processes[1].killed && !processes[0].killed);
	EXPECT_EQ(oom_kill(GFP_HIGHUSER, 0), 61);
	EXPECT(processes[0].killed);
	for (u32 i = 0; i < 3; i++)
		mm_put(space[i]);
	while (!list_empty(&held)) {
		struct page *page = list_first_entry(&held, struct page, lru);

		list_del(&page->lru);
		__free_page(page);
	}
	set_out_of_memory(NULL);
	machine_check();
}

TAP_MAIN({ "pages of programs", programs }, { "pages of objects", objects },
	 { "to another area", to_another_area }, { "a family", family },
	 { "a family without room", family_without_room }, { "a read error", read_error },
	 { "out of memory: who ends", victims },
	 { "out of memory: oom_score_adj", adjusted_victims },
	 { "out of memory: who ends for low memory", low_memory })
