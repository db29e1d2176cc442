/* SPDX-License-Identifier: MIT */
/* zone_validate() finds each planted fault and names the invariant of mm/frames/buddy.h. */
#include "lib/bitmap.h"
#include "tests/host/mm/frames/small_zone.h"
#include "tests/host/tap.h"

#define SPLIT_FRAMES (2 * MAX_ORDER_PAGES + 5)

static struct page *first_free(u32 order)
{
	return list_first_entry(&zone.free_area[order].free_list, struct page, lru);
}

/* The bit of the pair that a block of this order belongs to. */
static void toggle_pair(const struct page *page, u32 order)
{
	bitmap_toggle(zone.free_area[order].map, block_number(&zone, page, order + 1));
}

/* A zone with a block on every list; the last five frames and one more are allocated. */
static void make_split_zone(void)
{
	make_full_zone(0, SPLIT_FRAMES);
	while (zone_free_blocks(&zone, MAX_ORDER - 1) == 2)
		buddy_alloc(&zone, 0, OWNER_KERNEL);
	EXPECT_VALID(zone_validate(&zone));
}

static void not_marked(void)
{
	first_free(3)->block = 0;
}

static void marked_with_another_order(void)
{
	first_free(3)->block = BLOCK_FREE | 4;
}

static void marked_as_used(void)
{
	first_free(3)->block = BLOCK_USED | 3;
}

static void on_another_list(void)
{
	list_move(&first_free(3)->lru, &zone.free_area[4].free_list);
}

static void not_aligned(void)
{
	struct page *page = first_free(4);

	list_del(&page->lru);
	page->block = 0;
	page[1].block = BLOCK_FREE | 4;
	list_add(&page[1].lru, &zone.free_area[4].free_list);
}

static void reaches_out(void)
{
	struct page *page = zone.pages + SPLIT_FRAMES - 1;

	page->count = 0;
	page->block = BLOCK_FREE | 2;
	list_add(&page->lru, &zone.free_area[2].free_list);
}

static void marked_and_on_no_list(void)
{
	struct page *page = first_free(2);

	list_del(&page->lru);
	zone.free_pages -= 4;
}

static void in_two_blocks(void)
{
	first_free(5)[1].block = BLOCK_FREE | 8;
}

static void torn(void)
{
	first_free(6)->lru.next->prev = &zone.free_area[0].free_list;
}

static void bit_forgotten(void)
{
	toggle_pair(first_free(4), 4);
}

static void top_bit_forgotten(void)
{
	toggle_pair(zone.pages, MAX_ORDER - 1);
}

static void not_merged(void)
{
	struct page *page = first_free(3);

	list_del(&page->lru);
	toggle_pair(page, 3);
	for (u32 i = 0; i < 8; i += 4) {
		page[i].block = BLOCK_FREE | 2;
		list_add(&page[i].lru, &zone.free_area[2].free_list);
	}
}

/* A frame that is marked hot but not counted. */
static void hot_and_not_counted(void)
{
	zone.pages[SPLIT_FRAMES - 1].block = BLOCK_HOT;
	zone.pages[SPLIT_FRAMES - 1].count = 0;
}

static void head_torn(void)
{
	zone.free_area[7].free_list.prev = &zone.free_area[6].free_list;
}

static void first_torn(void)
{
	first_free(7)->lru.prev = &zone.free_area[6].free_list;
}

static void wrong_sum(void)
{
	zone.free_pages++;
}

static void frame_counted(void)
{
	first_free(3)[5].count = 1;
}

static void frame_lost(void)
{
	zone.pages[SPLIT_FRAMES - 1].count = 0;
}

static void planted(void)
{
	static const struct {
		const char *name;
		void (*plant)(void);
		char invariant;
	} plants[] = {
		{ "a free block is on another order's list", on_another_list, '1' },
		{ "a free block is not aligned", not_aligned, '1' },
		{ "a free block reaches out of the zone", reaches_out, '1' },
		{ "a list is torn", torn, '1' },
		{ "a list is torn at its head", head_torn, '1' },
		{ "a list is torn at its first block", first_torn, '1' },
		{ "a bit is wrong", bit_forgotten, '2' },
		{ "a bit of the top order is wrong", top_bit_forgotten, '2' },
		{ "two free buddies are not merged", not_merged, '3' },
		{ "free_pages is wrong", wrong_sum, '4' },
		{ "a frame of a free block has a count", frame_counted, '5' },
		{ "a frame has count 0 and is not free", frame_lost, '5' },
		{ "a free block is not marked", not_marked, '6' },
		{ "a free block is marked with another order", marked_with_another_order, '6' },
		{ "a free block is marked as used", marked_as_used, '6' },
		{ "a free block is on no list", marked_and_on_no_list, '6' },
		{ "a frame is in two free blocks", in_two_blocks, '6' },
		{ "a hot frame is not counted", hot_and_not_counted, '6' },
	};

	for (u32 i = 0; i < ARRAY_SIZE(plants); i++) {
		const char *violated;

		make_split_zone();
		plants[i].plant();
		violated = zone_validate(&zone);
		/* A block on a wrong list also has a wrong mark: either message is right. */
		tap_check(violated && (violated[1] == plants[i].invariant ||
				       (plants[i].plant == on_another_list && violated[1] == '6')),
			  __FILE__, __LINE__, "%s: (%c) expected, got %s", plants[i].name,
			  plants[i].invariant, violated ? violated : "nothing");
		drop_zone();
	}
}

TAP_MAIN({ "planted violations are named", planted })
