/* SPDX-License-Identifier: MIT */
/*
 * A machine without memory. It uses the buddy systems directly, because alloc_pages() keeps a
 * reserve.
 */
#include "tests/kernel/drain.h"
#include "mm/census.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/shrinker.h"
#include "mm/swap/swap.h"

/*
 * Frames that can be freed one by one: more than any operation needs beyond the zones' reserves.
 */
#define SINGLES 4096u

static void drain_zone(struct drain *drain, u32 zone)
{
	for (u32 order = MAX_ORDER; order-- > 0;) {
		struct page *page;

		while ((page = buddy_alloc(&zones[zone], order, OWNER_KERNEL)))
			list_add(&page->lru, &drain->blocks[zone][order]);
	}
}

void drain_begin(struct drain *drain)
{
	struct list_head *singles = &drain->blocks[ZONE_NORMAL][0];
	struct page *page;

	drain->out_of_memory = set_out_of_memory(NULL);
	for (u32 zone = 0; zone < NR_ZONES; zone++)
		for (u32 order = 0; order < MAX_ORDER; order++)
			list_init(&drain->blocks[zone][order]);
	for (u32 i = 0; i < SINGLES && (page = buddy_alloc(&zones[ZONE_NORMAL], 0, OWNER_KERNEL));
	     i++)
		list_add(&page->lru, singles);
	for (u32 zone = 0; zone < NR_ZONES; zone++)
		drain_zone(drain, zone);
	drain_hot_frames();
	for (u32 zone = 0; zone < NR_ZONES; zone++)
		drain_zone(drain, zone);
}

void drain_settle(void)
{
	struct drain drain;

	drain_begin(&drain);
	drain_end(&drain);
}

static void give_first(struct list_head *blocks, u32 zone, u32 order)
{
	struct page *page = list_first_entry(blocks, struct page, lru);

	list_del(&page->lru);
	buddy_free(&zones[zone], page, order);
}

bool drain_give(struct drain *drain)
{
	struct list_head *singles = &drain->blocks[ZONE_NORMAL][0];

	if (list_empty(singles))
		return false;
	give_first(singles, ZONE_NORMAL, 0);
	return true;
}

void drain_end(void *what)
{
	struct drain *drain = what;

	set_out_of_memory(drain->out_of_memory);
	for (u32 zone = 0; zone < NR_ZONES; zone++)
		for (u32 order = 0; order < MAX_ORDER; order++)
			while (!list_empty(&drain->blocks[zone][order]))
				give_first(&drain->blocks[zone][order], zone, order);
}

/* The operation's own pages must not go to swap to make room for it. */
static void close_swap(void)
{
	for (u32 type = 0; type < SWAP_TYPES; type++)
		if (swap_info[type].device)
			swap_area_close(type);
}

static void reopen_swap(void *unused)
{
	(void)unused;
	for (u32 type = 0; type < SWAP_TYPES; type++)
		if (swap_info[type].device)
			swap_area_reopen(type);
}

u32 drain_sweep(operation_t operation, void *context)
{
	struct test_undo undo, closed;
	struct drain drain;
	bool done = false;
	u32 failures = 0;

	shrink_caches();
	close_swap();
	test_undo_push(&closed, reopen_swap, NULL);
	drain_begin(&drain);
	test_undo_push(&undo, drain_end, &drain);
	for (;;) {
		u32 before = nr_free_pages();

		done = operation(context);
		shrink_caches();
		EXPECT_EQ(nr_free_pages(), before);
		if (done || !drain_give(&drain))
			break;
		failures++;
	}
	EXPECT(done);
	test_undo_now(&undo);
	test_undo_now(&closed);
	return failures;
}

/*
 * The census walks mem_map: up to so many frames it is taken between the steps, after each so
 * many. A fault stays, so a later census finds it.
 */
#define CENSUS_FRAMES 0x10000u
#define CENSUS_STEPS  5u

/* More allocations than any operation makes. */
#define FAIL_STEPS 500u

/*
 * Runs the operation with this failure armed. Returns whether an allocation failed; false ends the
 * sweep.
 */
static bool fail_step(operation_t operation, void *context, const struct fail_spec *spec)
{
	struct census census;
	u32 before, failed;
	bool done;

	shrink_caches();
	before = nr_free_pages();
	fail_alloc_set(spec);
	done = operation(context);
	failed = fail_alloc_failed();
	fail_alloc_set(NULL);
	EXPECT(done == !failed);
	shrink_caches();
	EXPECT_EQ(nr_free_pages(), before);
	if (max_pfn <= CENSUS_FRAMES && spec->nth % CENSUS_STEPS == 0)
		EXPECT(mm_census(&census));
	return failed;
}

u32 fail_sweep(operation_t operation, void *context)
{
	static const struct fail_spec kinds[] = {
		{ .kinds = FAIL_PAGE, .mode = FAIL_ONCE },
		{ .kinds = FAIL_SLAB, .mode = FAIL_ONCE },
		{ .kinds = FAIL_ANY, .mode = FAIL_ON },
	};
	u32 failures = 0;

	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct fail_spec spec = kinds[i];

		do
			spec.nth++;
		while (fail_step(operation, context, &spec) && spec.nth < FAIL_STEPS);
		failures += spec.nth - 1;
	}
	return failures;
}
