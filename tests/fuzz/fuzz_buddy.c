/* SPDX-License-Identifier: MIT */
/*
 * The buddy system of one zone. The reference counts the free frames of every aligned block of
 * every order:
 *
 *   free[2]   |       3       |       4       |
 *   free[1]   |   2   |   1   |   2   |   2   |
 *   free[0]   | 1 | 1 | 0 | 1 | 1 | 1 | 1 | 1 |
 *
 * A block with a count equal to its size is wholly free. full[n] is the number of such blocks of
 * order n. A fully merged buddy system has full[n] - 2 * full[n + 1] blocks on the list of order
 * n. It serves a request from the lowest order that has a block.
 */
#include "lib/string.h"
#include "mm/frames/buddy.h"
#include "tests/fuzz/fuzz.h"

#define FRAMES_MAX 2500u
#define BLOCKS_MAX 1024u
#define WORDS_MAX  1024u

enum state { STATE_RESERVED, STATE_FREE, STATE_USED };

struct block {
	u32 offset, order;
	enum page_owner owner;
};

static struct page pages[FRAMES_MAX];
static u32 bitmaps[WORDS_MAX];
static struct zone zone;

static u16 free_frames[MAX_ORDER][FRAMES_MAX + 1];
static u32 full[MAX_ORDER + 1];
static u8 state[FRAMES_MAX];
static struct block blocks[BLOCKS_MAX];
static u32 block_count;

static u32 frames(void)
{
	return zone.end - zone.start;
}

/* A frame becomes free, or is allocated. */
static void model_set_free(u32 offset, bool is_free)
{
	for (u32 order = 0; order < MAX_ORDER; order++) {
		u16 *count = &free_frames[order][offset >> order];

		full[order] -= *count == 1u << order;
		*count += is_free ? 1 : -1;
		full[order] += *count == 1u << order;
	}
}

static void model_give(u32 offset, u32 order)
{
	for (u32 i = offset; i < offset + (1u << order); i++) {
		state[i] = STATE_FREE;
		model_set_free(i, true);
	}
}

static void model_take(u32 offset, u32 order)
{
	for (u32 i = offset; i < offset + (1u << order); i++) {
		FUZZ_EQUAL(state[i], STATE_FREE);
		state[i] = STATE_USED;
		model_set_free(i, false);
	}
}

/* Blocks that must be on the list of an order. */
static u32 model_listed(u32 order)
{
	return full[order] - (order < MAX_ORDER - 1 ? 2 * full[order + 1] : 0);
}

static void compare_sums(void)
{
	FUZZ_EQUAL(zone.free_pages, full[0]);
	for (u32 order = 0; order < MAX_ORDER; order++)
		FUZZ_EQUAL(list_empty(&zone.free_area[order].free_list), !model_listed(order));
}

static void compare_frames(void)
{
	u32 unusable = 0;

	FUZZ_VALID(zone_validate(&zone));
	for (u32 i = 0; i < frames(); i++) {
		FUZZ_EQUAL(!!(pages[i].flags & PG_reserved), state[i] == STATE_RESERVED);
		FUZZ_EQUAL(!pages[i].count, state[i] == STATE_FREE);
		FUZZ_EQUAL(page_zone_index(&pages[i]), zone.index);
	}
	for (u32 i = 0; i < block_count; i++)
		FUZZ_EQUAL(page_owner(&pages[blocks[i].offset]), blocks[i].owner);
	for (u32 order = 0; order < MAX_ORDER; order++) {
		FUZZ_EQUAL(zone_free_blocks(&zone, order), model_listed(order));
		FUZZ_EQUAL(zone_fragmentation(&zone, order),
			   full[0] ? (u64)unusable * 1000 / full[0] : 0);
		unusable += model_listed(order) << order;
	}
	zone_print(&zone);
}

static void op_alloc(struct fuzz_input *in)
{
	u32 byte = fuzz_u8(in), order = byte < 128 ? byte % 3 : byte % MAX_ORDER, found = order;
	enum page_owner owner = (enum page_owner)(OWNER_KERNEL + (byte >> 5) % 6);
	struct page *page = buddy_alloc(&zone, order, owner);
	u32 offset;

	while (found < MAX_ORDER && !model_listed(found))
		found++;
	FUZZ_EQUAL(!page, found == MAX_ORDER);
	if (!page)
		return;
	offset = (u32)(page - pages);
	FUZZ_CHECK(page >= pages && offset + (1u << order) <= frames() &&
		   IS_ALIGNED(offset, 1u << order));
	/* The block comes from the smallest one that is large enough, which was on that list. */
	FUZZ_EQUAL(free_frames[found][offset >> found], 1u << found);
	if (found < MAX_ORDER - 1)
		FUZZ_CHECK(free_frames[found + 1][offset >> (found + 1)] < 2u << found);
	model_take(offset, order);
	if (block_count < BLOCKS_MAX) {
		blocks[block_count++] = (struct block){ offset, order, owner };
		return;
	}
	FUZZ_CHECK(buddy_free(&zone, page, order));
	model_give(offset, order);
}

static void free_block(u32 i)
{
	struct block block = blocks[i];

	blocks[i] = blocks[--block_count];
	for (u32 f = block.offset; f < block.offset + (1u << block.order); f++)
		FUZZ_EQUAL(pages[f].count, 1);
	FUZZ_EQUAL(page_owner(&pages[block.offset]), block.owner);
	FUZZ_CHECK(buddy_free(&zone, &pages[block.offset], block.order));
	FUZZ_CHECK(!buddy_free(&zone, &pages[block.offset], block.order));
	model_give(block.offset, block.order);
}

/* Any frame and order: only an allocated block can be freed. */
static void op_wrong_free(struct fuzz_input *in)
{
	u32 offset = fuzz_u16(in) % frames(), order = fuzz_below(in, MAX_ORDER + 2);
	const char *wrong = buddy_check_free(&zone, &pages[offset], order);
	bool good = false;

	for (u32 i = 0; i < block_count && !good; i++)
		good = blocks[i].offset == offset && blocks[i].order == order;
	FUZZ_EQUAL(!wrong, good);
	if (!good)
		FUZZ_CHECK(!buddy_free(&zone, &pages[offset], order));
}

/* A block with a second reference to one of its frames cannot be freed. */
static void op_shared_free(struct fuzz_input *in)
{
	const struct block *block;
	u32 frame;

	if (!block_count)
		return;
	block = &blocks[fuzz_u16(in) % block_count];
	frame = block->offset + fuzz_u16(in) % (1u << block->order);
	pages[frame].count++;
	FUZZ_CHECK(buddy_check_free(&zone, &pages[block->offset], block->order));
	FUZZ_CHECK(!buddy_free(&zone, &pages[block->offset], block->order));
	pages[frame].count--;
}

/* A zone of any size with holes anywhere. */
static void start_zone(struct fuzz_input *in)
{
	u32 number = fuzz_u16(in), size = 1 + number % (number & 1 ? FRAMES_MAX / 8 : FRAMES_MAX);
	u32 index = fuzz_below(in, 3), first = 0;
	pfn_t start = fuzz_below(in, 4) * MAX_ORDER_PAGES;

	FUZZ_CHECK(zone_bitmap_words(size) <= WORDS_MAX);
	zone_init(&zone, index, "model", start, start + size, pages, bitmaps);
	memset(free_frames, 0, sizeof(free_frames));
	memset(full, 0, sizeof(full));
	memset(state, STATE_RESERVED, sizeof(state));
	block_count = 0;
	for (u32 holes = fuzz_below(in, 6); first < size; holes--) {
		u32 end = holes ? min(size, first + fuzz_u16(in) % FRAMES_MAX) : size;

		zone_add(&zone, start + first, start + end);
		for (u32 i = first; i < end; i++)
			model_give(i, 0);
		if (!holes)
			break;
		first = end + 1 + fuzz_u8(in);
	}
	compare_sums();
}

void fuzz_run(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, data + size };
	u32 allocs = 128; /* of 256 */

	start_zone(&in);
	while (fuzz_more(&in)) {
		u32 op = fuzz_u8(&in), which = fuzz_u8(&in);

		if (op >= 252)
			allocs = which;
		else if (op >= 246)
			op_wrong_free(&in);
		else if (op >= 240)
			op_shared_free(&in);
		else if ((op * 256 / 240 < allocs && block_count < BLOCKS_MAX) || !block_count)
			op_alloc(&in);
		else
			free_block((which << 8 | op) % block_count);
		compare_sums();
		if (fuzz_step())
			compare_frames();
	}
	compare_frames();
	while (block_count)
		free_block(block_count - 1);
	compare_sums();
	compare_frames();
}
