/* SPDX-License-Identifier: MIT */
/*
 * Windows on high memory: kmap and kmap_atomic on a machine with half of its RAM outside the
 * direct map. A pointer goes through the software MMU's translation of the window's address, so
 * a stale translation leads to the old frame.
 */
#include <string.h>

#include "mm/frames/highmem.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/frames/page_alloc.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/tap.h"

#define FRAMES 1500 /* more than there are windows */

static struct page *frames[FRAMES];

static void start(u32 count)
{
	machine_boot_highmem(MiB(32));
	EXPECT(zones[ZONE_HIGHMEM].present_pages > FRAMES);
	for (u32 i = 0; i < count; i++) {
		frames[i] = alloc_page(GFP_HIGHUSER);
		EXPECT(page_highmem(frames[i]) && page_zone_index(frames[i]) == ZONE_HIGHMEM);
	}
}

static void stop(u32 count)
{
	while (count--)
		__free_page(frames[count]);
}

/* The frame's contents, wherever they lie. */
static u32 *contents(const struct page *page)
{
	return machine_ram(pfn_to_phys(page_to_pfn(page)));
}

static void low_frames_cost_nothing(void)
{
	struct page *page;

	machine_boot_highmem(MiB(32));
	page = alloc_page(GFP_KERNEL);
	EXPECT(!page_highmem(page));
	EXPECT(kmap(page) == page_address(page) && kmap_atomic(page) == page_address(page));
	EXPECT_EQ(kmap_users(), 0);
	kunmap_atomic(page);
	kunmap(page);
	__free_page(page);
}

static void map_and_unmap(void)
{
	u32 *first, *again;

	start(2);
	first = kmap(frames[0]);
	*first = 1;
	EXPECT_EQ(*contents(frames[0]), 1);
	again = kmap(frames[0]);
	EXPECT(again == first);
	EXPECT_EQ(kmap_users(), 2);
	EXPECT(kmap(frames[1]) != first);
	EXPECT_VALID(highmem_validate());
	kunmap(frames[0]);
	kunmap(frames[0]);
	EXPECT_PANIC("BUG", (kunmap(frames[0]), true));
	kunmap(frames[1]);
	EXPECT_EQ(kmap_users(), 0);
	stop(2);
}

/* All windows in use: NULL, no panic; one that becomes free is found. */
static void all_windows(void)
{
	start(PKMAP_PAGES + 1);
	for (u32 i = 0; i < PKMAP_PAGES; i++)
		EXPECT(kmap(frames[i]) != NULL);
	EXPECT(!kmap(frames[PKMAP_PAGES]));
	EXPECT(kmap(frames[500]) != NULL);
	EXPECT_VALID(highmem_validate());
	kunmap(frames[500]);
	kunmap(frames[500]);
	EXPECT(kmap(frames[PKMAP_PAGES]) == contents(frames[PKMAP_PAGES]));
	EXPECT_VALID(highmem_validate());
	for (u32 i = 0; i <= PKMAP_PAGES; i++)
		if (i != 500)
			kunmap(frames[i]);
	EXPECT_EQ(kmap_users(), 0);
	stop(PKMAP_PAGES + 1);
}

/* Many frames through the same windows: each shows its own contents. */
static void windows_are_used_again(void)
{
	start(FRAMES);
	for (u32 round = 0; round < 3; round++)
		for (u32 i = 0; i < FRAMES && !tap_failed(); i++) {
			u32 *place = kmap(frames[i]);

			EXPECT(place == contents(frames[i]));
			EXPECT(!round || *place == i + round - 1);
			*place = i + round;
			kunmap(frames[i]);
		}
	EXPECT_VALID(highmem_validate());
	stop(FRAMES);
}

static void atomic_slots(void)
{
	start(KMAP_ATOMIC_SLOTS + 1);
	for (u32 round = 0; round < 3; round++) {
		for (u32 i = 0; i < KMAP_ATOMIC_SLOTS; i++) {
			u32 *place = kmap_atomic(frames[(i + round) % KMAP_ATOMIC_SLOTS]);

			EXPECT(place == contents(frames[(i + round) % KMAP_ATOMIC_SLOTS]));
			EXPECT_EQ(kmap_users(), i + 1);
		}
		EXPECT_VALID(highmem_validate());
		EXPECT_PANIC("BUG", kmap_atomic(frames[KMAP_ATOMIC_SLOTS]));
		EXPECT_PANIC("BUG",
			     (kunmap_atomic(frames[round]), true)); /* the first, not the last */
		for (u32 i = KMAP_ATOMIC_SLOTS; i-- > 0;)
			kunmap_atomic(frames[(i + round) % KMAP_ATOMIC_SLOTS]);
	}
	EXPECT_EQ(kmap_users(), 0);
	EXPECT_VALID(highmem_validate());
	stop(KMAP_ATOMIC_SLOTS + 1);
}

static void clear_and_copy(void)
{
	start(2);
	memset(contents(frames[0]), 0x5c, PAGE_SIZE);
	copy_highpage(frames[1], frames[0]);
	EXPECT(!memcmp(contents(frames[0]), contents(frames[1]), PAGE_SIZE));
	clear_highpage(frames[0]);
	EXPECT(!*contents(frames[0]) &&
	       !memcmp(contents(frames[0]), (char *)contents(frames[0]) + 1, PAGE_SIZE - 1));
	EXPECT_EQ(contents(frames[1])[1023], 0x5c5c5c5c);
	EXPECT_EQ(kmap_users(), 0);
	stop(2);
}

/* A frame that is freed and allocated again while its old window's translation is still there. */
static void random_use(void)
{
	static u32 users[FRAMES];
	u32 total = 0;

	start(FRAMES);
	for (u32 step = 0; step < tap_scaled(20000) && !tap_failed(); step++) {
		u32 pick = random_below(FRAMES);

		if (users[pick] && random_one_in(2)) {
			kunmap(frames[pick]);
			users[pick]--;
			total--;
		} else if (total < PKMAP_PAGES - 24) {
			EXPECT(kmap(frames[pick]) == contents(frames[pick]));
			users[pick]++;
			total++;
		} else {
			pick = 0;
			while (!users[pick])
				pick++;
			kunmap(frames[pick]);
			users[pick]--;
			total--;
		}
		if (!users[pick] && random_one_in(4)) {
			__free_page(frames[pick]);
			frames[pick] = alloc_page(GFP_HIGHUSER);
		}
		EXPECT_EQ(kmap_users(), total);
		if (random_one_in(500))
			EXPECT_VALID(highmem_validate());
	}
	for (u32 i = 0; i < FRAMES; i++)
		while (users[i]) {
			kunmap(frames[i]);
			users[i]--;
		}
	stop(FRAMES);
}

/* highmem_validate() names each planted fault. */
static void planted(void)
{
	pte_t *pkmap, *atomic, saved;

	start(2);
	pkmap = pte_lookup(kernel_pgd, PKMAP_BASE);
	atomic = pte_lookup(kernel_pgd, FIXMAP_END - PAGE_SIZE);
	EXPECT(kmap(frames[0]) && kmap(frames[1]) && kmap_atomic(frames[0]));
	EXPECT_VALID(highmem_validate());

#define PLANTED(place, entry, number)                       \
	do {                                                \
		const char *violated;                       \
                                                            \
		saved = *(place);                           \
		set_pte(place, entry);                      \
		violated = highmem_validate();              \
		EXPECT(violated &&violated[1] == (number)); \
		set_pte(place, saved);                      \
		EXPECT_VALID(highmem_validate());           \
	} while (0)

	PLANTED(pkmap, (pte_t){ 0 }, '1');
	PLANTED(pkmap + 5, *pkmap, '1');
	PLANTED(pkmap + 1, *pkmap, '2');
	PLANTED(atomic, (pte_t){ 0 }, '3');
	PLANTED(atomic - 1, *atomic, '3');
	kunmap_atomic(frames[0]);
	kunmap(frames[1]);
	kunmap(frames[0]);
	stop(2);
}

TAP_MAIN({ "frames of the direct map", low_frames_cost_nothing },
	 { "map and unmap", map_and_unmap }, { "all windows in use", all_windows },
	 { "windows are used again", windows_are_used_again }, { "atomic slots", atomic_slots },
	 { "clear and copy", clear_and_copy }, { "planted violations are named", planted },
	 { "random use", random_use })
