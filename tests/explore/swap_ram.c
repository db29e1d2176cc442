/* SPDX-License-Identifier: MIT */
/*
 * Swap in memory with a few slots: pages of each kind are written, with and without memory for
 * their object, and discarded.
 *
 *   slot   | 1: zeros | 2: text | 3: nothing |       model: the kind of page in each slot
 *
 * In each state each slot is read, and what it holds is counted. Reclaim is not called: this is a
 * part of it.
 */
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"
#include "mm/swap/swap_ram.h"
#include "tests/explore/explore.h"
#include "tests/explore/one_zone.h"
#include "tests/host/machine.h"

#define SLOTS_MAX 4u
#define FRAMES	  256u

enum kind { ZEROS, SAME, SHORT, LONG, RANDOM, KINDS, EMPTY = KINDS };
/* write: slot and kind, with memory or without; discard */
enum { NO_MEMORY = SLOTS_MAX * KINDS, DISCARD = 2 * NO_MEMORY, OPERATIONS = DISCARD + SLOTS_MAX };

const struct world world = { "swap_ram", "slots", 1, SLOTS_MAX, 2, 3, OPERATIONS };

char physmap[FRAMES * PAGE_SIZE] __aligned(4096);
static struct page pages[FRAMES];
static struct swap_device *device;
static struct page *frame;
static u32 slots, settled;
static u8 held[SLOTS_MAX + 1]; /* enum kind */
static bool starved;	       /* there was no memory for an object, and none came free since */

void *machine_ram(phys_addr_t address)
{
	return physmap + (size_t)address;
}

static u32 reclaim(gfp_t gfp, u32 order)
{
	(void)gfp;
	(void)order;
	panic("swap in memory calls reclaim");
}

void world_start(u32 size)
{
	slots = size;
	one_zone_start(pages, FRAMES);
	device = swap_ram_create(size + 1);
	frame = alloc_page(GFP_KERNEL);
	EXPLORE_CHECK(device && frame);
	for (u32 slot = 1; slot <= SLOTS_MAX; slot++)
		held[slot] = EMPTY;
	kmem_cache_reap();
	/*
	 * Memory is short, so that other requests than those of reclaim itself would call
	 * reclaim.
	 */
	zones_set_watermarks();
	while (nr_free_pages() > zones[ZONE_DMA].pages_min)
		EXPLORE_CHECK(alloc_page(GFP_ATOMIC));
	settled = nr_free_pages();
	set_reclaim(reclaim);
}

/* A page of a kind. SHORT becomes some bytes, LONG a third of a page. */
static u8 byte_of(enum kind kind, u32 i)
{
	u32 random = (i / 4 + 1) * 2654435761u;

	random ^= random >> 15;
	random *= 2246822519u;
	random ^= random >> 13;
	switch (kind) {
	case ZEROS:
		return 0;
	case SAME:
		return (u8)(i % 4);
	case SHORT:
		return (u8)(i % 7);
	case LONG:
		return i < PAGE_SIZE / 3 ? (u8)(random >> i % 4 * 8) : 3;
	default:
		return (u8)(random >> i % 4 * 8);
	}
}

static bool write_slot(u32 slot, enum kind kind, bool no_memory)
{
	static const struct fail_spec always = { .kinds = FAIL_ANY, .mode = FAIL_ON, .nth = 1 };
	u8 *bytes = page_address(frame);
	int error, wanted = 0;

	if (no_memory && kind != SHORT && kind != LONG)
		return false;
	for (u32 i = 0; i < PAGE_SIZE; i++)
		bytes[i] = byte_of(kind, i);
	if (held[slot] == SHORT || held[slot] == LONG)
		starved = false;
	if (kind >= SHORT && starved)
		wanted = -ENOMEM;
	else if (kind == RANDOM)
		wanted = -ENOSPC;
	else if (no_memory)
		wanted = -ENOMEM;
	if (no_memory)
		fail_alloc_set(&always);
	error = device->write(device, slot, &frame, 1);
	fail_alloc_set(NULL);
	EXPLORE_EQUAL(error, wanted);
	starved |= error == -ENOMEM;
	held[slot] = error ? EMPTY : (u8)kind;
	return true;
}

static bool discard(u32 slot)
{
	if (held[slot] == EMPTY)
		return false;
	device->discard(device, slot);
	if (held[slot] == SHORT || held[slot] == LONG)
		starved = false;
	held[slot] = EMPTY;
	return true;
}

bool world_apply(u32 operation)
{
	u32 slot = operation % SLOTS_MAX + 1;

	if (slot > slots)
		return false;
	if (operation >= DISCARD)
		return discard(slot);
	return write_slot(slot, operation / SLOTS_MAX % KINDS, operation >= NO_MEMORY);
}

void world_text(u32 operation, char *buffer, u32 size)
{
	static const char *const kinds[] = { "ZEROS", "SAME", "SHORT", "LONG", "RANDOM" };
	u32 slot = operation % SLOTS_MAX + 1;

	if (operation >= DISCARD)
		scnprintf(buffer, size, "device->discard(device, %u);", slot);
	else
		scnprintf(buffer, size, "write_slot(%u, %s, %u);", slot,
			  kinds[operation / SLOTS_MAX % KINDS], operation >= NO_MEMORY);
}

void world_check(void)
{
	u32 same = 0, packed = 0;
	const u8 *bytes = page_address(frame);

	for (u32 slot = 1; slot <= slots; slot++) {
		if (held[slot] == EMPTY)
			continue;
		EXPLORE_EQUAL(device->read(device, slot, &frame, 1), 0);
		for (u32 i = 0; i < PAGE_SIZE; i++)
			EXPLORE_EQUAL(bytes[i], byte_of(held[slot], i));
		same += held[slot] <= SAME;
		packed += held[slot] > SAME;
	}
	EXPLORE_EQUAL(swap_ram_counters.same, same);
	EXPLORE_EQUAL(swap_ram_counters.packed, packed);
	/* Each entry that is packed has an object, and no other. */
	kmem_cache_reap();
	if (!packed) {
		EXPLORE_EQUAL(swap_ram_counters.packed_bytes, 0);
		EXPLORE_EQUAL(nr_free_pages(), settled);
	}
}

void world_describe(void)
{
	explore_put(starved);
	for (u32 slot = 1; slot <= slots; slot++)
		explore_put(held[slot]);
}
