/* SPDX-License-Identifier: MIT */
/*
 * Swap in memory, and its compressor: pages of all kinds come back as they were, what does not
 * compress is refused and stays, and no input makes the decompressor touch other memory.
 */
#include <stdlib.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "lib/lz.h"
#include "mm/frames/lru.h"
#include "mm/frames/shrinker.h"
#include "mm/mman/mman.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap_ram.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

enum { RW = PROT_READ | PROT_WRITE };

/* --- Kinds of pages --- */

static const char text[] =
	"A program names bytes by virtual addresses, and the processor translates each of them by "
	"tables that the kernel keeps. Where a table has no frame, the access faults, and the "
	"handler decides: to allocate a frame and clear it, to read the page from a file or from "
	"swap, to copy a page that is shared and was written, or to end the program. ";

static void make_zeros(u8 *page)
{
	memset(page, 0, PAGE_SIZE);
}

static void make_same(u8 *page)
{
	u32 word = random_u32();

	for (u32 i = 0; i < PAGE_SIZE; i += sizeof(word))
		memcpy(page + i, &word, sizeof(word));
}

/* The words of the text in random order. */
static void make_text(u8 *page)
{
	for (u32 at = 0; at < PAGE_SIZE;) {
		u32 from = random_below(sizeof(text) - 40);

		while (text[from] != ' ')
			from++;
		do
			page[at++] = (u8)text[from++];
		while (at < PAGE_SIZE && text[from] != ' ');
	}
}

/* As a heap or a table: 32-bit words, most of them small or near each other. */
static void make_words(u8 *page)
{
	for (u32 at = 0; at < PAGE_SIZE; at += 4) {
		u32 word = random_one_in(3) ? 0x08050000 + random_below(64) * 16 : random_below(4);

		memcpy(page + at, &word, sizeof(word));
	}
}

static void make_random(u8 *page)
{
	for (u32 at = 0; at < PAGE_SIZE; at++)
		page[at] = (u8)random_below(256);
}

/* Random bytes, and copies of earlier ones at random distances. */
static void make_copies(u8 *page)
{
	u32 at = 0;

	while (at < PAGE_SIZE) {
		u32 length = min(1 + random_below(400), PAGE_SIZE - at);
		u32 distance = at ? 1 + random_below(at) : 0;

		for (; length; length--, at++)
			page[at] = distance ? page[at - distance] : (u8)random_below(256);
		if (at < PAGE_SIZE && random_one_in(2))
			page[at++] = (u8)random_below(256);
	}
}

static const struct kind {
	const char *name;
	void (*make)(u8 *page);
} kinds[] = {
	{ "zeros", make_zeros }, { "one word", make_same }, { "text", make_text },
	{ "words", make_words }, { "copies", make_copies }, { "random", make_random },
};

/* --- The compressor --- */

/* Compressing and decompressing is the identity; memory behind each array is the sanitizer's. */
static void round_trip(void)
{
	for (u32 k = 0; k < ARRAY_SIZE(kinds); k++) {
		u32 total = 0, rounds = tap_scaled(300);

		for (u32 i = 0; i < rounds; i++) {
			u32 size = i ? 1 + random_below(PAGE_SIZE) : PAGE_SIZE;
			u32 most = size + size / 128 + 1, length;
			u8 page[PAGE_SIZE], *packed = malloc(most), *out = malloc(size);

			kinds[k].make(page);
			length = lz_compress(page, size, packed, most);
			EXPECT(length > 0);
			EXPECT(lz_decompress(packed, length, out, size));
			EXPECT(!memcmp(page, out, size));
			/* The limit is exact. */
			EXPECT_EQ(lz_compress(page, size, packed, length), length);
			EXPECT_EQ(lz_compress(page, size, packed, length - 1), 0);
			EXPECT(!lz_decompress(packed, length, out, size - 1));
			free(packed);
			free(out);
			if (tap_failed())
				return;
		}
		for (u32 i = 0; i < 100; i++) {
			u8 page[PAGE_SIZE], packed[PAGE_SIZE + 64];

			kinds[k].make(page);
			total += lz_compress(page, PAGE_SIZE, packed, sizeof(packed));
		}
		tap_note("a page of %s: %u bytes", kinds[k].name, total / 100);
	}
}

/* Any bytes decompress or are refused, and what they become lies in the page. */
static void any_bytes(void)
{
	u32 good = 0;

	for (u32 i = 0; i < tap_scaled(20000); i++) {
		u32 length = 1 + random_below(200), size = 1 + random_below(PAGE_SIZE);
		u8 *from = malloc(length), *to = malloc(size);

		for (u32 at = 0; at < length; at++)
			from[at] = (u8)(random_one_in(2) ? random_below(256) : random_below(8));
		good += lz_decompress(from, length, to, size);
		free(from);
		free(to);
	}
	tap_note("%u of the random inputs are pages", good);
}

/* A compressed page with a byte that is wrong. */
static void damaged(void)
{
	for (u32 i = 0; i < tap_scaled(5000); i++) {
		u8 page[PAGE_SIZE], packed[PAGE_SIZE + 64], *from, *to = malloc(PAGE_SIZE);
		u32 length;

		kinds[i % ARRAY_SIZE(kinds)].make(page);
		length = lz_compress(page, PAGE_SIZE, packed, sizeof(packed));
		packed[random_below(length)] = (u8)random_below(256);
		length -= random_below(2);
		from = malloc(length);
		memcpy(from, packed, length);
		(void)lz_decompress(from, length, to, PAGE_SIZE);
		free(from);
		free(to);
	}
}

/* --- The device --- */

static struct swap_device *device;
static struct page *frame;

static int write_slot(u32 slot, const u8 *page)
{
	memcpy(page_address(frame), page, PAGE_SIZE);
	return device->write(device, slot, &frame, 1);
}

static bool slot_holds(u32 slot, const u8 *page)
{
	memset(page_address(frame), 0xcc, PAGE_SIZE);
	EXPECT_EQ(device->read(device, slot, &frame, 1), 0);
	return !memcmp(page_address(frame), page, PAGE_SIZE);
}

/* All kinds, written over each other and discarded, against a copy. */
static void device_holds(void)
{
	enum { SLOTS = 600 };
	static u8 copy[SLOTS][PAGE_SIZE];
	static bool there[SLOTS];
	u32 free_before, refused = 0;

	machine_boot();
	device = swap_ram_create(2); /* makes the size classes, which stay */
	device->release(device);
	shrink_caches();
	free_before = nr_free_pages();
	frame = alloc_page(GFP_KERNEL);
	device = swap_ram_create(SLOTS);
	for (u32 i = 0; i < tap_scaled(6000); i++) {
		u32 slot = 1 + random_below(SLOTS - 1);
		const struct kind *kind = &kinds[random_below(ARRAY_SIZE(kinds))];
		u8 page[PAGE_SIZE];
		int err;

		if (there[slot])
			EXPECT(slot_holds(slot, copy[slot]));
		if (random_one_in(4)) {
			device->discard(device, slot);
			there[slot] = false;
			continue;
		}
		kind->make(page);
		err = write_slot(slot, page);
		EXPECT(!err || err == -ENOSPC);
		EXPECT(!err || kind->make == make_random || kind->make == make_copies);
		EXPECT(err || kind->make != make_random);
		there[slot] = !err;
		refused += err != 0;
		memcpy(copy[slot], page, PAGE_SIZE);
		if (tap_failed())
			return;
	}
	EXPECT_EQ(swap_ram_counters.refused, refused);
	EXPECT(swap_ram_counters.same && swap_ram_counters.packed);
	for (u32 slot = 1; slot < SLOTS; slot++)
		EXPECT(!there[slot] || slot_holds(slot, copy[slot]));
	device->release(device);
	EXPECT_EQ(swap_ram_counters.same + swap_ram_counters.packed, 0);
	EXPECT_EQ(swap_ram_counters.packed_bytes, 0);
	put_page(frame);
	shrink_caches();
	EXPECT_EQ(nr_free_pages(), free_before);
	EXPECT(!swap_ram_create(0x7fffffff));
}

/* A page that becomes as large as the largest that is kept, and larger ones. */
static void largest(void)
{
	u8 page[PAGE_SIZE], compressed[PAGE_SIZE + 64];
	bool exact = false;

	machine_boot();
	device = swap_ram_create(2);
	frame = alloc_page(GFP_KERNEL);
	for (u32 round = 0; !exact && round < 50; round++) {
		make_text(page);
		for (u32 noise = 0; noise < 500 && !exact; noise++) {
			u32 bytes;

			page[noise] = (u8)random_below(256);
			bytes = lz_compress(page, PAGE_SIZE, compressed, sizeof(compressed));
			exact = bytes == PAGE_SIZE / 2;
			EXPECT_EQ(write_slot(1, page), bytes > PAGE_SIZE / 2 ? -ENOSPC : 0);
			if (bytes > PAGE_SIZE / 2)
				continue;
			EXPECT_EQ(swap_ram_counters.packed_bytes, bytes);
			EXPECT(slot_holds(1, page));
		}
	}
	EXPECT(exact);
	device->release(device);
	put_page(frame);
}

/* Without memory a page is refused, and the device goes on. */
static void no_memory(void)
{
	u8 page[PAGE_SIZE];

	machine_boot();
	device = swap_ram_create(1000);
	frame = alloc_page(GFP_KERNEL);
	make_text(page);
	machine_exhaust();
	EXPECT_EQ(write_slot(1, page), -ENOMEM);
	EXPECT_EQ(swap_ram_counters.no_memory, 1);
	memset(page, 7, PAGE_SIZE);
	EXPECT_EQ(write_slot(2, page), 0);
	EXPECT(slot_holds(2, page));
	machine_relax();
	make_text(page);
	EXPECT_EQ(write_slot(1, page), 0);
	EXPECT(slot_holds(1, page));
	EXPECT_PANIC("BUG", slot_holds(3, page));
	device->release(device);
	put_page(frame);
}

/* --- Programs --- */

#define LEFT 600u

/* A program of twice the memory: half of its pages are text, the others `other`. */
static void program(void (*other)(u8 *), u32 pages, u32 expected)
{
	struct mm_struct *mm;
	vaddr_t area;
	u32 written = 0, good = 0, bad = 0;
	int type;
	u8(*copy)[PAGE_SIZE] = calloc(pages, PAGE_SIZE);

	machine_boot();
	device = swap_ram_create(4 * LEFT);
	type = swap_area_add(device, -1, NULL, 0);
	EXPECT(type >= 0);
	mm = mm_alloc();
	machine_exhaust();
	machine_relax_by(LEFT);
	/* A reserve for the compressed pages, as a machine has it. */
	zones[ZONE_DMA].pages_min = zones[ZONE_NORMAL].pages_min = 32;
	area = user_map(mm, pages * PAGE_SIZE, RW);
	for (; written < pages; written++) {
		(written % 2 ? other : make_text)(copy[written]);
		if (user_write(mm, area + written * PAGE_SIZE, copy[written], PAGE_SIZE))
			break;
	}
	EXPECT(written >= expected);
	for (u32 i = 0; i < written - 1; i++) {
		u8 page[PAGE_SIZE];
		enum fault_result result = user_read(mm, area + i * PAGE_SIZE, page, PAGE_SIZE);

		bad += result == FAULT_OK ? memcmp(page, copy[i], PAGE_SIZE) != 0
					  : result != FAULT_OOM;
		good += result == FAULT_OK;
	}
	EXPECT_EQ(bad, 0);
	EXPECT(good == written - 1 || other == make_random);
	EXPECT(swap_ram_counters.refused <= written);
	tap_note("%u pages in %u frames: %u same, %u of %u bytes; refused %u, no memory %u",
		 written, LEFT, swap_ram_counters.same, swap_ram_counters.packed,
		 swap_ram_counters.packed
			 ? swap_ram_counters.packed_bytes / swap_ram_counters.packed
			 : 0,
		 swap_ram_counters.refused, swap_ram_counters.no_memory);
	EXPECT(!swap_info[type].failed);
	check_space(mm);
	machine_check();
	user_switch(NULL);
	mm_put(mm);
	machine_relax();
	shrink_caches();
	EXPECT_EQ(swap_ram_counters.same + swap_ram_counters.packed, 0);
	swap_area_remove((u32)type);
	lru_stop();
	machine_check();
	free(copy);
}

static void program_of_zeros(void)
{
	program(make_zeros, 2 * LEFT, 2 * LEFT);
}

static void program_of_text(void)
{
	program(make_text, 3 * LEFT / 2, 3 * LEFT / 2);
}

/*
 * What does not compress fills memory. The program fails then, some pages that are packed find no
 * frame, and no page has wrong contents.
 */
static void program_of_noise(void)
{
	program(make_random, 4 * LEFT, LEFT + LEFT / 5);
}

TAP_MAIN({ "round_trip", round_trip }, { "any_bytes", any_bytes }, { "damaged", damaged },
	 { "device_holds", device_holds }, { "largest", largest }, { "no_memory", no_memory },
	 { "program_of_zeros", program_of_zeros }, { "program_of_text", program_of_text },
	 { "program_of_noise", program_of_noise })
