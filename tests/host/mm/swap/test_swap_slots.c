/* SPDX-License-Identifier: MIT */
/*
 * Areas and their slots, without pages: which areas can be added, in which order slots are
 * allocated, and what leaves and comes back.
 */
#include "abi/linux/errno.h"
#include "mm/swap/swap_internal.h"
#include "tests/host/machine.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/tap.h"

#define SINGLES 256u /* slots that are allocated singly between two searches for a cluster */
#define NONE	UINT32_MAX

static struct swap_disk disks[4];

/* Allocates a slot, which one entry names; its number, or NONE. Its area is *type. */
static u32 take(u32 *type)
{
	swp_entry_t entry;
	struct swap_slot *slot = get_swap_slot(&entry);

	if (!slot)
		return NONE;
	EXPECT(slot == swap_entry_slot(entry));
	slot->map = 1;
	*type = swp_type(entry);
	return swp_offset(entry);
}

/* The next slots are first, first + 1, ..., last of the area. */
static void expect_slots(u32 type, u32 first, u32 last)
{
	for (u32 slot = first, of = NONE; slot <= last && !tap_failed(); slot++) {
		EXPECT_EQ(take(&of), slot);
		EXPECT_EQ(of, type);
	}
}

static void expect_none(void)
{
	u32 of;

	EXPECT_EQ(take(&of), NONE);
}

static void put_slots(u32 type, u32 first, u32 last)
{
	for (u32 slot = first; slot <= last; slot++)
		swap_free(swp_entry(type, slot));
}

/* Which areas there can be, and how many slots they have. */
static void areas(void)
{
	static const struct {
		u32 pages, nr_bad, bad[4];
		int result;
		u32 slots;
	} rows[] = {
		{ 0, 0, { 0 }, -EINVAL, 0 },
		{ 1, 0, { 0 }, -EINVAL, 0 },
		{ 2, 0, { 0 }, 0, 1 },
		{ 2, 1, { 1 }, -EINVAL, 0 },
		{ 3, 1, { 1 }, 0, 1 },
		{ 3, 1, { 2 }, 0, 1 },
		{ 3, 1, { 0 }, -EINVAL, 0 },
		{ 3, 1, { 3 }, -EINVAL, 0 },
		{ 3, 2, { 1, 2 }, -EINVAL, 0 },
		{ 4, 2, { 1, 2 }, 0, 1 },
		{ 5, 3, { 4, 4, 4 }, 0, 3 }, /* counted once */
		{ 32, 0, { 0 }, 0, 31 },
		{ 33, 0, { 0 }, 0, 32 },
		{ 300, 4, { 255, 256, 299, 1 }, 0, 295 },
	};

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		int type = swap_disk_try(&disks[0], rows[i].pages, 0, rows[i].bad, rows[i].nr_bad);

		EXPECT_EQ(type, rows[i].result);
		if (type == 0) {
			EXPECT_EQ(swap_info[0].slots, rows[i].slots);
			EXPECT_EQ(total_swap_pages, rows[i].slots);
			EXPECT_EQ(nr_swap_pages, rows[i].slots);
			EXPECT_VALID(swap_validate());
			swap_disk_remove(0);
		}
		EXPECT_EQ(total_swap_pages + nr_swap_pages, 0);
		if (tap_failed())
			tap_note("row %u", i);
	}
}

static u32 released;

static void note_release(struct swap_device *device)
{
	(void)device;
	released++;
}

/* An area of each type, then no more; a type is used again. No priority: below all others. */
static void types(void)
{
	struct swap_device device = { .name = "none", .pages = 10, .release = note_release };
	s32 last;

	machine_boot();
	for (u32 type = 0; type < SWAP_TYPES; type++)
		EXPECT_EQ(swap_area_add(&device, -1, NULL, 0), type);
	EXPECT_EQ(swap_area_add(&device, 5, NULL, 0), -EPERM);
	EXPECT_EQ(total_swap_pages, SWAP_TYPES * 9);
	EXPECT_EQ(swap_info[0].prio, -2); /* as Linux's first */
	for (u32 type = 1; type < SWAP_TYPES; type++)
		EXPECT_EQ(swap_info[type].prio, swap_info[type - 1].prio - 1);
	last = swap_info[SWAP_TYPES - 1].prio;
	swap_area_remove(3);
	EXPECT_EQ(released, 1);
	EXPECT_EQ(swap_area_add(&device, 7, NULL, 0), 3);
	EXPECT_EQ(swap_info[3].prio, 7);
	swap_area_remove(5);
	EXPECT_EQ(swap_area_add(&device, -1, NULL, 0), 5);
	EXPECT_EQ(swap_info[5].prio, last - 1);
	for (u32 type = 0; type < SWAP_TYPES; type++)
		swap_area_remove(type);
	EXPECT_EQ(total_swap_pages + nr_swap_pages, 0);
	EXPECT_EQ(released, SWAP_TYPES + 2);
}

/*
 * Free clusters first, in order; then single slots from there on, once around: what the last
 * cluster has, and what shares a cluster with the header.
 */
static void order_of_slots(void)
{
	static const u32 sizes[] = { 64, 65, 95, 96, 97, 100, 256, 257, 288, 300 };

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		u32 pages = sizes[i], whole = pages / SWAP_CLUSTER * SWAP_CLUSTER;

		EXPECT_EQ(swap_disk_add(&disks[0], pages, 0), 0);
		expect_slots(0, SWAP_CLUSTER, whole - 1);
		if (pages > whole)
			expect_slots(0, whole, pages - 1);
		expect_slots(0, 1, SWAP_CLUSTER - 1);
		expect_none();
		EXPECT_EQ(nr_swap_pages, 0);
		EXPECT_EQ(swap_info[0].inuse, pages - 1);
		EXPECT_VALID(swap_validate());
		put_slots(0, 1, pages - 1);
		EXPECT_EQ(nr_swap_pages, pages - 1);
		swap_disk_remove(0);
		if (tap_failed())
			tap_note("%u pages", pages);
	}
}

/* A cluster with a bad slot is no free one. Single slots are searched for behind the last. */
static void bad_slots(void)
{
	static const u32 bad[] = { 40, 127, 129 };

	machine_boot();
	EXPECT_EQ(swap_disk_try(&disks[0], 160, 0, bad, ARRAY_SIZE(bad)), 0);
	expect_slots(0, 64, 95);
	expect_slots(0, 96, 126);
	expect_slots(0, 128, 128);
	expect_slots(0, 130, 159);
	expect_slots(0, 1, 39);
	expect_slots(0, 41, 63);
	expect_none();
	put_slots(0, 70, 71);
	put_slots(0, 20, 20);
	expect_slots(0, 70, 71); /* behind 63 */
	put_slots(0, 62, 62);
	expect_slots(0, 20, 20);
	expect_slots(0, 62, 62);
	EXPECT_VALID(swap_validate());
	put_slots(0, 1, 39);
	put_slots(0, 41, 126);
	put_slots(0, 128, 128);
	put_slots(0, 130, 159);
	swap_disk_remove(0);
}

/* After a vain search for a cluster the next one comes much later. */
static void searches(void)
{
	u32 of, slot;

	machine_boot();
	EXPECT_EQ(swap_disk_add(&disks[0], 96, 0), 0);
	expect_slots(0, 32, 95);
	expect_slots(0, 1, 31); /* 31 single ones */
	put_slots(0, 64, 95);	/* a free cluster */
	put_slots(0, 5, 5);
	for (u32 i = 31; i < SINGLES + 1; i++) {
		slot = take(&of);
		EXPECT(slot == 5 || (slot >= 64 && slot < 96));
		swap_free(swp_entry(0, slot));
	}
	expect_slots(0, 64, 95);
	expect_slots(0, 5, 5);
	expect_none();
	/* Again after the last search, which was vain; then each finds a cluster. */
	put_slots(0, 32, 95);
	for (u32 i = 0; i < SINGLES; i++) {
		slot = take(&of);
		swap_free(swp_entry(0, slot));
	}
	expect_slots(0, 32, 95);
	put_slots(0, 1, 95);
	swap_disk_remove(0);
}

/* The highest priority first, of equal ones the first; a cluster is used up before. */
static void order_of_areas(void)
{
	machine_boot();
	EXPECT_EQ(swap_disk_add(&disks[0], 34, 3), 0);
	EXPECT_EQ(swap_disk_add(&disks[1], 64, 5), 1);
	EXPECT_EQ(swap_disk_add(&disks[2], 64, 5), 2);
	expect_slots(1, 32, 40);
	EXPECT_EQ(swap_disk_add(&disks[3], 34, 9), 3);
	expect_slots(1, 41, 63);
	expect_slots(3, 1, 33);
	expect_slots(1, 1, 31);
	expect_slots(2, 32, 63);
	put_slots(1, 7, 7);
	expect_slots(1, 7, 7);
	expect_slots(2, 1, 31);
	expect_slots(0, 1, 33);
	expect_none();
	put_slots(0, 1, 33);
	put_slots(1, 1, 63);
	put_slots(2, 1, 63);
	put_slots(3, 1, 33);
	for (u32 type = 0; type < 4; type++)
		swap_disk_remove(type);
}

/* An area that leaves or failed gets no more, not even in the cluster that is being filled. */
static void closed(void)
{
	machine_boot();
	for (u32 type = 0; type < 3; type++)
		EXPECT_EQ(swap_disk_add(&disks[type], 64, 9 - (s32)type), type);
	EXPECT_EQ(nr_swap_pages, 3 * 63);
	expect_slots(0, 32, 35);
	swap_area_close(1); /* another one */
	EXPECT_EQ(nr_swap_pages, 2 * 63 - 4);
	expect_slots(0, 36, 39);
	swap_area_close(0);
	EXPECT_EQ(nr_swap_pages, 63);
	expect_slots(2, 32, 33);
	put_slots(0, 32, 33);
	EXPECT_EQ(nr_swap_pages, 61);
	swap_area_failed(&swap_info[2]);
	EXPECT_EQ(nr_swap_pages, 0);
	expect_none();
	put_slots(2, 33, 33);
	EXPECT_EQ(nr_swap_pages, 0);
	swap_area_reopen(2);
	EXPECT_EQ(nr_swap_pages, 0);
	expect_none();
	swap_area_reopen(0);
	EXPECT_EQ(nr_swap_pages, 63 - 6);
	expect_slots(0, 1, 3); /* no cluster is free */
	swap_area_reopen(1);
	EXPECT_EQ(nr_swap_pages, 2 * 63 - 9);
	EXPECT_EQ(total_swap_pages, 3 * 63);
	EXPECT_VALID(swap_validate());
	put_slots(0, 1, 3);
	put_slots(0, 34, 39);
	put_slots(2, 32, 32);
	for (u32 type = 0; type < 3; type++)
		swap_disk_remove(type);
	EXPECT_EQ(total_swap_pages + nr_swap_pages, 0);
}

static u32 discarded[8], discards;

static void note_discard(struct swap_device *device, u32 slot)
{
	(void)device;
	discarded[discards++ % ARRAY_SIZE(discarded)] = slot;
}

/* The last entry of a slot frees it and tells the device. More than half in use is full. */
static void entries(void)
{
	machine_boot();
	EXPECT_EQ(swap_disk_add(&disks[0], 65, 0), 0); /* 64 slots */
	disks[0].device.discard = note_discard;
	expect_slots(0, 32, 63);
	EXPECT(!vm_swap_full());
	expect_slots(0, 64, 64);
	EXPECT(vm_swap_full());
	EXPECT_EQ(swap_duplicate(swp_entry(0, 40)), 0);
	swap_free(swp_entry(0, 40));
	EXPECT_EQ(discards, 0);
	EXPECT(vm_swap_full());
	swap_free(swp_entry(0, 40));
	EXPECT_EQ(discards, 1);
	EXPECT_EQ(discarded[0], 40);
	EXPECT(!vm_swap_full());
	EXPECT_PANIC("BUG", swap_free(swp_entry(0, 40)));
	EXPECT_PANIC("BUG", swap_free(swp_entry(0, 65)));
	EXPECT_PANIC("BUG", swap_area_remove(0));
	disks[0].device.discard = NULL;
	put_slots(0, 32, 39);
	put_slots(0, 41, 64);
	swap_disk_remove(0);
	EXPECT_PANIC("BUG", swap_area_remove(0));
	EXPECT(!vm_swap_full());
}

TAP_MAIN({ "areas", areas }, { "types", types }, { "the order of slots", order_of_slots },
	 { "bad slots", bad_slots }, { "searches for clusters", searches },
	 { "the order of areas", order_of_areas }, { "areas that are closed", closed },
	 { "entries of a slot", entries })
