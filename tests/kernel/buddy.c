/* SPDX-License-Identifier: MIT */
/*
 * The buddy system: splits and merges, seen in the lengths of the lists. The zone is a private
 * one: its frames exist in its mem_map only, so that a test decides which are free.
 */
#include "mm/frames/buddy.h"
#include "kernel/harness/suite.h"
#include "lib/bitmap.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"

/*
 * The first frame: a multiple of the largest block, and not 0, so that an index in the zone
 * differs from a frame number.
 */
#define FIRST 2048u

/*
 * Frames of the largest zone here. Two blocks of the top order and a rest that is no power of two.
 */
#define FRAMES 1397u

#define TOP (MAX_ORDER - 1)

struct arena {
	struct zone zone;
	void *memory; /* struct page of each frame, then the bitmaps */
};

/* A zone of `frames` frames from FIRST; those of [from, to), counted from there, are free. */
static bool arena_set(struct arena *arena, u32 frames, u32 from, u32 to)
{
	size_t pages = FRAMES * sizeof(struct page);

	arena->memory = kmalloc(pages + zone_bitmap_words(FRAMES) * 4, GFP_KERNEL);
	EXPECT(arena->memory);
	zone_init(&arena->zone, 1, "test", FIRST, FIRST + frames, arena->memory,
		  (u32 *)((char *)arena->memory + pages));
	if (from < to)
		zone_add(&arena->zone, FIRST + from, FIRST + to);
	return true;
}

static void arena_strike(struct arena *arena)
{
	const char *violated = arena->memory ? zone_validate(&arena->zone) : NULL;

	EXPECT(violated == NULL);
	kfree(arena->memory);
}

/* The string has the expected lengths of all lists, order 0 first, one digit each. */
static void expect_lists(const struct zone *zone, const char *lengths)
{
	u32 free = 0;

	for (u32 order = 0; order < MAX_ORDER; order++) {
		EXPECT_EQ(zone_free_blocks(zone, order), (u32)(lengths[order] - '0'));
		free += zone_free_blocks(zone, order) << order;
	}
	EXPECT_EQ(zone->free_pages, free);
	EXPECT(zone_validate(zone) == NULL);
}

static u32 frame_of(const struct zone *zone, const struct page *page)
{
	return zone->start + (u32)(page - zone->pages);
}

static struct page *take(struct zone *zone, u32 order)
{
	return buddy_alloc(zone, order, OWNER_KERNEL);
}

static void give(struct zone *zone, struct page *page, u32 order)
{
	EXPECT(buddy_free(zone, page, order));
}

static void empty_zone(void)
{
	struct arena arena;

	if (!arena_set(&arena, FRAMES, 0, 0))
		return;
	expect_lists(&arena.zone, "0000000000");
	for (u32 order = 0; order < MAX_ORDER; order++)
		EXPECT(!take(&arena.zone, order));
	arena_strike(&arena);
}

/*
 * Added frames become the largest blocks that fit: from a block's boundary on, one for each bit of
 * the length.
 */
static void cut_into_blocks(void)
{
	struct arena arena;

	if (arena_set(&arena, FRAMES, 0, FRAMES)) { /* 1397 = 0b10101110101 */
		expect_lists(&arena.zone, "1010111012");
		arena_strike(&arena);
	}
	if (arena_set(
		    &arena, 700, 3,
		    700)) { /* 3: 1; 4: 4; 8, 16, ... 256: that much; 512: 128 + 32 + 16 + 8 + 4 */
		expect_lists(&arena.zone, "1022221210");
		arena_strike(&arena);
	}
	if (arena_set(&arena, 1, 0, 1)) {
		expect_lists(&arena.zone, "1000000000");
		arena_strike(&arena);
	}
}

/*
 * A smaller request splits a larger block; the remainders go to the smaller lists, which serve the
 * next requests.
 */
static void split(void)
{
	struct page *one, *eight, *next;
	struct arena arena;

	if (!arena_set(&arena, 512, 0, 512))
		return;
	expect_lists(&arena.zone, "0000000001");
	one = take(&arena.zone, 0);
	expect_lists(&arena.zone, "1111111110");
	eight = take(&arena.zone, 3);
	expect_lists(&arena.zone, "1110111110");
	next = take(&arena.zone, 0);
	expect_lists(&arena.zone, "0110111110");
	EXPECT(one && eight && next);
	EXPECT_EQ(frame_of(&arena.zone, one), FIRST);
	EXPECT_EQ(frame_of(&arena.zone, eight), FIRST + 8);
	EXPECT_EQ(frame_of(&arena.zone, next), FIRST + 1);
	EXPECT(!take(&arena.zone, TOP));
	arena_strike(&arena);
}

/* A release merges with its buddy, and the result with its own, up to the top. */
static void merge(void)
{
	struct page *one, *eight, *next;
	struct arena arena;

	if (!arena_set(&arena, 512, 0, 512))
		return;
	one = take(&arena.zone, 0);
	eight = take(&arena.zone, 3);
	next = take(&arena.zone, 0);
	EXPECT(one && eight && next);
	give(&arena.zone, one, 0); /* its buddy, `next`, is in use */
	expect_lists(&arena.zone, "1110111110");
	buddy_free(&arena.zone, next, 0); /* 1 + 1, 2 + 2, 4 + 4; then `eight` is in the way */
	expect_lists(&arena.zone, "0001111110");
	give(&arena.zone, eight, 3);
	expect_lists(&arena.zone, "0000000001");
	arena_strike(&arena);
}

/* Neighbours of one size are no buddies if the lower one is not aligned to twice the size. */
static void neighbours(void)
{
	struct page *pages[4] = { 0 };
	struct arena arena;

	if (!arena_set(&arena, 4, 0, 4))
		return;
	for (u32 i = 0; i < 4; i++)
		pages[i] = take(&arena.zone, 0);
	expect_lists(&arena.zone, "0000000000");
	for (u32 i = 0; i < 4; i++)
		EXPECT(pages[i] == arena.zone.pages + i);
	give(&arena.zone, arena.zone.pages + 1, 0);
	give(&arena.zone, arena.zone.pages + 2, 0);
	expect_lists(&arena.zone, "2000000000");
	give(&arena.zone, arena.zone.pages + 3, 0);
	expect_lists(&arena.zone, "1100000000");
	give(&arena.zone, arena.zone.pages, 0);
	expect_lists(&arena.zone, "0010000000");
	arena_strike(&arena);
}

/*
 * The last block of a zone may have no buddy, and must not merge with frames beyond the zone.
 */
static void incomplete_pair(void)
{
	struct arena arena;
	struct page *page;

	if (!arena_set(&arena, 3, 0, 3))
		return;
	expect_lists(&arena.zone, "1100000000");
	page = take(&arena.zone, 0);
	EXPECT(page == arena.zone.pages + 2);
	give(&arena.zone, page, 0);
	expect_lists(&arena.zone, "1100000000");
	arena_strike(&arena);
}

static void check_block(const struct zone *zone, const struct page *page, u32 order)
{
	u32 frame = frame_of(zone, page), wrong = 0;

	for (u32 i = 0; i < 1u << order; i++)
		wrong += page[i].count != 1 || page[i].flags & PG_reserved || page[i].mapping;
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(page_owner(page), OWNER_KERNEL);
	EXPECT(IS_ALIGNED(frame, 1u << order));
	EXPECT(frame >= zone->start && frame + (1u << order) <= zone->end);
}

/*
 * For each order: blocks are aligned to their size and disjoint, until there is none; then
 * everything merges again.
 */
static void every_order(void)
{
	struct arena arena;

	if (!arena_set(&arena, FRAMES, 0, FRAMES))
		return;
	for (u32 order = 0; order < MAX_ORDER; order++) {
		struct page *pages = arena.zone.pages, *page;
		u32 blocks = 0;

		while ((page = take(&arena.zone, order))) {
			check_block(&arena.zone, page, order);
			page->mapping =
				&arena; /* marks it, so that a second allocation of it is seen */
			blocks++;
		}
		EXPECT_EQ(blocks, FRAMES >> order);
		EXPECT_EQ(arena.zone.free_pages, FRAMES - (blocks << order));
		for (u32 i = 0; i < FRAMES; i++) {
			if (!pages[i].mapping)
				continue;
			pages[i].mapping = NULL;
			give(&arena.zone, pages + i, order);
		}
		expect_lists(&arena.zone, "1010111012");
	}
	arena_strike(&arena);
}

static bool first_pair_bit(const struct zone *zone, u32 order)
{
	return bitmap_test(zone->free_area[order].map, 0);
}

/* Each list is circular and doubly linked, and each pair of blocks has its bit. */
static void lists_and_bits(void)
{
	struct arena arena;
	struct page *page;

	if (!arena_set(&arena, 512, 0, 512))
		return;
	page = take(&arena.zone, 0);
	for (u32 order = 0; order < TOP; order++) {
		const struct list_head *list = &arena.zone.free_area[order].free_list,
				       *only = list->next;

		EXPECT(only != list && only->next == list && list->prev == only &&
		       only->prev == list);
		EXPECT(only == &arena.zone.pages[1u << order].lru);
		EXPECT(first_pair_bit(&arena.zone, order));
	}
	EXPECT(list_empty(&arena.zone.free_area[TOP].free_list));
	give(&arena.zone, page, 0);
	for (u32 order = 0; order <= TOP; order++)
		EXPECT(!first_pair_bit(&arena.zone, order));
	arena_strike(&arena);
}

#define RANDOM_STEPS 3000u
#define RANDOM_SLOTS 64u

/* Long mixtures of sizes: always valid, and in the end nothing is lost. */
static void mixture(void)
{
	struct {
		struct page *page;
		u32 order;
	} slots[RANDOM_SLOTS] = { 0 };
	u32 random = 2463534242u, taken = 0;
	struct arena arena;

	if (!arena_set(&arena, FRAMES, 0, FRAMES))
		return;
	for (u32 step = 0; step < RANDOM_STEPS + RANDOM_SLOTS; step++) {
		u32 slot = step % RANDOM_SLOTS;

		random = random * 1664525u + 1013904223u;
		if (step < RANDOM_STEPS)
			slot = random >> 16 & (RANDOM_SLOTS - 1);
		if (slots[slot].page) {
			give(&arena.zone, slots[slot].page, slots[slot].order);
			taken -= 1u << slots[slot].order;
			slots[slot].page = NULL;
		} else if (step < RANDOM_STEPS) {
			slots[slot].order = (random >> 24) % 7;
			slots[slot].page = take(&arena.zone, slots[slot].order);
			taken += slots[slot].page ? 1u << slots[slot].order : 0;
		}
		EXPECT_EQ(arena.zone.free_pages, FRAMES - taken);
		if (step % 64 == 0)
			EXPECT(zone_validate(&arena.zone) == NULL);
	}
	expect_lists(&arena.zone, "1010111012");
	arena_strike(&arena);
}

/*
 * Anything else than an allocated block of that order is refused, and nothing changes.
 */
static void wrong_frees(void)
{
	struct arena arena;
	struct zone *zone = &arena.zone;
	struct page *pages, *four;

	if (!arena_set(&arena, 16, 0, 12))
		return;
	pages = zone->pages;
	four = take(zone, 2); /* 8..11; free are 0..7 */
	EXPECT(four == pages + 8);
	four[2].count++;
	EXPECT(!buddy_free(zone, four, 2)); /* a frame of it has another user */
	four[2].count--;
	four[3].flags |= PG_slab;
	EXPECT(buddy_check_free(zone, four, 2) != NULL);
	four[3].flags &= ~(u32)PG_slab;
	EXPECT(!buddy_free(zone, four, 1)); /* a part */
	EXPECT(!buddy_free(zone, four, 3)); /* too much */
	EXPECT(!buddy_free(zone, four + 2, 1));
	EXPECT(!buddy_free(zone, four + 1, 2)); /* not aligned */
	EXPECT(!buddy_free(zone, pages, 3));	/* free already */
	EXPECT(!buddy_free(zone, pages + 4, 2));
	EXPECT(!buddy_free(zone, pages + 12, 2));	      /* not in the zone */
	EXPECT(!buddy_free(zone, four + 1, 0u - BLOCK_USED)); /* such an order has mark 0 */
	EXPECT(buddy_check_free(zone, four, MAX_ORDER) != NULL);
	EXPECT(buddy_check_free(zone, pages + 16, 0) != NULL);
	EXPECT(buddy_check_free(zone, four, 2) == NULL);
	expect_lists(zone, "0001000000");
	give(zone, four, 2);
	EXPECT(!buddy_free(zone, four, 2)); /* twice */
	expect_lists(zone, "0011000000");
	arena_strike(&arena);
}

/* The share of free memory in blocks that are too small. */
static void fragmentation(void)
{
	struct arena arena;

	if (!arena_set(&arena, 512, 0, 512))
		return;
	EXPECT_EQ(zone_fragmentation(&arena.zone, TOP), 0);
	for (u32 i = 0; i < 512; i++)
		take(&arena.zone, 0);
	EXPECT_EQ(zone_fragmentation(&arena.zone, 3), 0); /* nothing is free */
	for (u32 i = 0; i < 512; i += 2)
		give(&arena.zone, arena.zone.pages + i, 0);
	EXPECT_EQ(zone_fragmentation(&arena.zone, 0), 0);
	EXPECT_EQ(zone_fragmentation(&arena.zone, 1), 1000);
	for (u32 i = 1; i < 256; i += 2)
		give(&arena.zone, arena.zone.pages + i, 0);
	EXPECT_EQ(zone_fragmentation(&arena.zone, 8), 128 * 1000 / (256 + 128));
	for (u32 i = 257; i < 512; i += 2)
		give(&arena.zone, arena.zone.pages + i, 0);
	expect_lists(&arena.zone, "0000000001");
	arena_strike(&arena);
}

/* The checker names the invariant that is broken. */
static void checker_sees(void)
{
	struct arena arena;
	struct zone *zone = &arena.zone;
	const char *violated[6];

	if (!arena_set(&arena, 512, 0, 512))
		return;
	take(zone, 0); /* frame 1 is a free block of order 0, frame 2 of order 1, ... */
	bitmap_toggle(zone->free_area[4].map, 3);
	violated[0] = zone_validate(zone);
	bitmap_toggle(zone->free_area[4].map, 3);
	zone->nr_hot++;
	violated[1] = zone_validate(zone);
	zone->nr_hot--;
	zone->free_pages--;
	violated[2] = zone_validate(zone);
	zone->free_pages++;
	zone->pages[200].count++;
	violated[3] = zone_validate(zone);
	zone->pages[200].count--;
	zone->pages[0].count--;
	violated[4] = zone_validate(zone);
	zone->pages[0].count++;
	zone->pages[8].block ^= BLOCK_FREE;
	violated[5] = zone_validate(zone);
	zone->pages[8].block ^= BLOCK_FREE;
	for (u32 i = 0; i < ARRAY_SIZE(violated); i++) {
		EXPECT(violated[i]);
		EXPECT_EQ((u32)violated[i][1], (u32) "264556"[i]);
	}
	give(zone, zone->pages, 0);
	arena_strike(&arena);
}

static const struct test_case cases[] = {
	{ "empty_zone", empty_zone },
	{ "cut_into_blocks", cut_into_blocks },
	{ "split", split },
	{ "merge", merge },
	{ "neighbours", neighbours },
	{ "incomplete_pair", incomplete_pair },
	{ "every_order", every_order },
	{ "lists_and_bits", lists_and_bits },
	{ "mixture", mixture },
	{ "wrong_frees", wrong_frees },
	{ "fragmentation", fragmentation },
	{ "checker_sees", checker_sees },
};

TEST_SUITE(buddy, cases);
