/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a pipe against a model: streams and packets, copies that fail, looks, and other
 * sizes meanwhile; positions that wrap, and no memory. test_pipe.c has the calls.
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "fs/pipe/pipe.h"
#include "fs/pipe/ring.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define MOST (64 * PAGE_SIZE)

static struct file *ends[2];
static struct pipe *ring;

/* What is in the pipe, and the packet of each byte; 0: it is in none. */
static u8 queue[MOST], packet_of[MOST];
static u32 count;

static u8 source[2 * MOST];

static void open_ring(void)
{
	EXPECT_EQ(pipe_open(O_NONBLOCK, ends), 0);
	ring = ends[0]->pipe;
	count = 0;
}

static void close_ring(void)
{
	file_put(ends[0]);
	file_put(ends[1]);
}

static void start(void)
{
	machine_boot();
	file_init();
	machine_settle();
	for (u32 i = 0; i < sizeof(source); i++)
		source[i] = (u8)random_u32();
	open_ring();
}

/* A position in a buffer of the test, and how much of it can be accessed. */
struct place {
	u8 *bytes;
	u32 good;
};

static u32 move(void *to, const void *from, struct place *place, u32 bytes)
{
	u32 part = min(bytes, place->good);

	memcpy(to, from, part);
	place->bytes += part;
	place->good -= part;
	return bytes - part;
}

static u32 copy_in(void *kernel, u32 bytes, void *context)
{
	return move(kernel, ((struct place *)context)->bytes, context, bytes);
}

static u32 copy_out(void *kernel, u32 bytes, void *context)
{
	return move(((struct place *)context)->bytes, kernel, context, bytes);
}

static u32 pages_in_use(void)
{
	return DIV_ROUND_UP(ring->end - ALIGN_DOWN(ring->start, PAGE_SIZE), PAGE_SIZE);
}

/* (1) to (3) of fs/pipe/pipe.h, and the number of bytes. */
static void expect_valid(void)
{
	bool empty = ring->start == ring->end;

	EXPECT(pages_in_use() <= ring->capacity / PAGE_SIZE);
	if (empty)
		EXPECT_EQ(ring->start, 0);
	for (u32 i = empty; i < ring->places; i++) {
		u32 after = (i - ring->start / PAGE_SIZE) & (ring->places - 1);

		EXPECT_EQ(ring->pages[i].data != NULL, after < pages_in_use());
	}
	EXPECT_EQ(ring_bytes(ring), count);
}

static void model_add(const u8 *bytes, u32 added, bool packet)
{
	static u8 last;

	if (packet)
		last = last % 255 + 1;
	memcpy(queue + count, bytes, added);
	memset(packet_of + count, packet ? last : 0, added);
	count += added;
}

static void model_remove(u32 removed)
{
	count -= removed;
	memmove(queue, queue + removed, count);
	memmove(packet_of, packet_of + removed, count);
}

/* Do two bytes of the model belong to one packet? */
static bool in_one_packet(u32 first, u32 second)
{
	return packet_of[first] && packet_of[first] == packet_of[second];
}

static u32 good_of(u32 bytes)
{
	return random_one_in(6) ? random_below(bytes) : bytes;
}

/* Whole pages count if a copy fails behind the first `good` bytes; a packet has one. */
static void put(void)
{
	enum ring_page last = (enum ring_page)random_below(3);
	u32 pages = ring_free_pages(ring), good, limit, expected;
	u32 bytes = random_below(random_one_in(3) ? MOST : 300) + 1;
	u8 *from = source + random_below(MOST);
	struct place place = { .bytes = from };

	EXPECT_EQ(pages, ring->capacity / PAGE_SIZE - pages_in_use());
	if (!pages)
		return;
	place.good = good = good_of(bytes);
	limit = min(bytes, (last == PAGE_PACKET ? 1 : pages) * PAGE_SIZE);
	expected = good < limit ? ALIGN_DOWN(good, PAGE_SIZE) : limit;
	EXPECT_EQ(ring_put(ring, bytes, last, copy_in, &place), expected ? (s32)expected : -EFAULT);
	model_add(from, expected, last == PAGE_PACKET);
	if (expected && last != PAGE_JOINS)
		EXPECT_EQ(ring->end % PAGE_SIZE, 0);
}

/* All bytes have room in the last page, or none joins them. */
static void join(void)
{
	u32 bytes = random_below(random_one_in(3) ? PAGE_SIZE : 9) + 1, good = good_of(bytes);
	bool room = bytes <= -ring->end % PAGE_SIZE;
	u8 *from = source + random_below(MOST);
	struct place place = { from, good };
	bool whole = room && good == bytes;

	EXPECT_EQ(ring_join(ring, bytes, copy_in, &place), whole ? (s32)bytes : room ? -EFAULT : 0);
	if (whole)
		model_add(from, bytes, false);
}

/*
 * A read goes on until the end of a packet, and drops the rest of one. What it wants of a page it
 * takes whole, or not.
 */
static void take(void)
{
	static u8 got[MOST];
	u32 bytes = random_below(random_one_in(4) ? MOST : 2000) + 1, good = good_of(bytes), all,
	    gone = 0, part;
	struct place place = { got, good };
	s32 done;

	for (all = 0; all < min(bytes, count); all++)
		if (all && packet_of[all - 1] && !in_one_packet(all - 1, all))
			break;
	while ((part = min(ring_look(ring, gone).bytes, all - gone)) && part <= good - gone)
		gone += part;
	done = ring_take(ring, bytes, copy_out, &place);
	EXPECT_EQ(done, gone || !all ? (s32)gone : -EFAULT);
	EXPECT(!memcmp(got, queue, gone));
	while (gone && gone >= all && gone < count && in_one_packet(gone - 1, gone))
		gone++;
	model_remove(gone);
}

/* What splice() does: it looks at the bytes of one page, and drops those that were written. */
static void look_and_drop(void)
{
	u32 skip = random_below(count + 1), bytes;
	struct ring_part part = ring_look(ring, skip);

	EXPECT_EQ(!part.bytes, skip == count);
	if (part.bytes) {
		EXPECT(part.bytes <= min(count - skip, PAGE_SIZE));
		EXPECT(!memcmp(part.data, queue + skip, part.bytes));
		EXPECT_EQ(part.kind == PAGE_PACKET, packet_of[skip] != 0);
		EXPECT(part.kind != PAGE_PACKET || in_one_packet(skip, skip + part.bytes - 1));
	}
	bytes = ring_look(ring, 0).bytes;
	if (!bytes)
		return;
	if (random_one_in(2))
		bytes = random_below(bytes) + 1;
	ring_drop(ring, bytes);
	model_remove(bytes);
}

/* The size is a power of 2 of pages, and not less than what is in use. */
static void resize(void)
{
	u32 size = PAGE_SIZE << random_below(7);
	bool fits = size >= ring->end - ALIGN_DOWN(ring->start, PAGE_SIZE);

	EXPECT_EQ(pipe_set_size(ends[0], size), fits ? (s32)size : -EBUSY);
	EXPECT_EQ(ring->places, max(ring->capacity / PAGE_SIZE, PIPE_PAGES));
}

static void step(void)
{
	static void (*const steps[])(void) = { put, join, take, look_and_drop };

	if (random_one_in(30))
		resize();
	else
		steps[random_below(ARRAY_SIZE(steps))]();
	expect_valid();
}

static void random_steps(void)
{
	start();
	for (u32 i = 0; i < tap_scaled(20000) && !tap_failed(); i++)
		step();
	close_ring();
}

#define BEFORE_WRAP (3 * PAGE_SIZE)

/* Positions are those after 4 GiB less three pages. */
static void move_before_wrap(void)
{
	ring->start = ring->end = 0 - BEFORE_WRAP;
}

static void put_exactly(u32 bytes)
{
	struct place place = { source, bytes };

	EXPECT_EQ(ring_put(ring, bytes, PAGE_JOINS, copy_in, &place), bytes);
	model_add(source, bytes, false);
	expect_valid();
}

static void take_exactly(u32 bytes)
{
	static u8 got[MOST];
	struct place place = { got, bytes };

	EXPECT_EQ(ring_take(ring, bytes, copy_out, &place), bytes);
	EXPECT(!memcmp(got, queue, bytes));
	model_remove(bytes);
	expect_valid();
}

/* The last byte of the first write, and where a read ends, are on both sides of the wrap. */
static void positions_wrap(void)
{
	start();
	for (u32 bytes = BEFORE_WRAP - 3; bytes <= BEFORE_WRAP + 3 && !tap_failed(); bytes++) {
		move_before_wrap();
		put_exactly(bytes);
		put_exactly(2 * PAGE_SIZE + 9);
		take_exactly(BEFORE_WRAP - 5);
		for (u32 i = 0; i < 10; i++)
			take_exactly(1);
		EXPECT(ring->start && ring->start < 2 * PAGE_SIZE);
		for (u32 i = 0; i < 100 && !tap_failed(); i++)
			step();
		close_ring();
		open_ring();
	}
	close_ring();
}

/* A copy fails just where positions wrap: the page that was allocated for it is freed. */
static void fails_at_wrap(void)
{
	struct place none = { source, 0 };

	start();
	move_before_wrap();
	put_exactly(BEFORE_WRAP);
	EXPECT_EQ(ring->end, 0);
	EXPECT_EQ(ring_put(ring, 5, PAGE_JOINS, copy_in, &none), -EFAULT);
	expect_valid();
	EXPECT_EQ(pipe_set_size(ends[0], MOST), (s32)MOST);
	expect_valid();
	close_ring();
}

/* The pipe is as it was if a page, or the array of more places, cannot be allocated. */
static void no_memory(void)
{
	const struct fail_spec pages = { FAIL_PAGE, FAIL_ON, 1 };
	const struct fail_spec any = { FAIL_ANY, FAIL_ON, 1 };
	struct place place = { source, MOST };

	start();
	put_exactly(PAGE_SIZE - 5);
	fail_alloc_set(&pages);
	EXPECT_EQ(ring_join(ring, 5, copy_in, &place), 5);
	model_add(source, 5, false);
	EXPECT_EQ(ring_put(ring, 6, PAGE_JOINS, copy_in, &place), -ENOMEM);
	EXPECT_EQ(ring_put(ring, 6, PAGE_PACKET, copy_in, &place), -ENOMEM);
	fail_alloc_set(&any);
	EXPECT_EQ(pipe_set_size(ends[0], MOST), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT_EQ(pipe_size(ends[0]), PIPE_PAGES * PAGE_SIZE);
	expect_valid();
	for (u32 i = 0; i < 50 && !tap_failed(); i++)
		step();
	close_ring();
}

TAP_MAIN({ "random steps", random_steps }, { "positions wrap", positions_wrap },
	 { "a copy fails where positions wrap", fails_at_wrap }, { "without memory", no_memory })
