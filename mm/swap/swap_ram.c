/* SPDX-License-Identifier: MIT */
/* Swap in memory. Numbers cite mm/swap/swap_ram.h. */
#include "mm/swap/swap_ram.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "lib/lz.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/frames/highmem.h"
#include "mm/slab/slab.h"

#define PACKED_MAX    (PAGE_SIZE / 2)
#define CHUNK_ENTRIES 256u
#define WORDS	      (PAGE_SIZE / (u32)sizeof(u32))

enum entry_kind { ENTRY_EMPTY, ENTRY_SAME, ENTRY_PACKED };

struct entry {
	union {
		u32 word;
		u8 *object;
	};
	u16 kind, bytes;
};

struct swap_ram {
	struct swap_device device;
	u32 chunk_count;
	struct entry *chunks[]; /* of CHUNK_ENTRIES each */
};

/* Ascending; the last one is PACKED_MAX. 64, 32, 16, ... objects fill a frame. */
static const u16 class_sizes[] = { 64, 128, 256, 384, 512, 680, 816, 1024, 1360, PACKED_MAX };
static struct kmem_cache *classes[ARRAY_SIZE(class_sizes)];

struct swap_ram_counters swap_ram_counters;
/* Free frames when an object could not be allocated, + 1: with no more, it is not tried again. */
static u32 starved;
static u8 packed[PACKED_MAX]; /* the page that is compressed; one at a time */

static struct swap_ram *ram_of(struct swap_device *device)
{
	return container_of(device, struct swap_ram, device);
}

static struct entry *entry_of(const struct swap_ram *ram, u32 slot)
{
	BUG_ON(!slot || slot >= ram->device.pages);
	return &ram->chunks[slot / CHUNK_ENTRIES][slot % CHUNK_ENTRIES];
}

static struct kmem_cache *class_of(u32 bytes)
{
	u32 class = 0;

	while (class_sizes[class] < bytes)
		class ++;
	return classes[class];
}

static void make_empty(struct entry *entry)
{
	if (entry->kind == ENTRY_PACKED) {
		kmem_cache_free(class_of(entry->bytes), entry->object);
		swap_ram_counters.packed--;
		swap_ram_counters.packed_bytes -= entry->bytes;
		starved = 0;
	}
	swap_ram_counters.same -= entry->kind == ENTRY_SAME;
	entry->kind = ENTRY_EMPTY;
}

static bool same_words(const u32 *words)
{
	for (u32 i = 1; i < WORDS; i++)
		if (words[i] != words[0])
			return false;
	return true;
}

static int pack(struct entry *entry, const void *from)
{
	u32 bytes;
	u8 *object;

	if (nr_free_pages() < starved)
		return -ENOMEM;
	bytes = lz_compress(from, PAGE_SIZE, packed, PACKED_MAX);
	if (!bytes) {
		swap_ram_counters.refused++;
		return -ENOSPC;
	}
	object = kmem_cache_alloc(class_of(bytes), GFP_ATOMIC); /* (2) */
	if (!object) {
		swap_ram_counters.no_memory++;
		starved = nr_free_pages() + 1;
		return -ENOMEM;
	}
	memcpy(object, packed, bytes);
	*entry = (struct entry){ .object = object, .kind = ENTRY_PACKED, .bytes = (u16)bytes };
	swap_ram_counters.packed++;
	swap_ram_counters.packed_bytes += bytes;
	return 0;
}

static int ram_write(struct swap_device *device, u32 slot, struct page *const *pages, u32 count)
{
	struct entry *entry = entry_of(ram_of(device), slot);
	const u32 *from = kmap_atomic(pages[0]);
	int err = 0;

	BUG_ON(count != 1);
	make_empty(entry);
	if (same_words(from)) {
		entry->word = from[0];
		entry->kind = ENTRY_SAME;
		swap_ram_counters.same++;
	} else {
		err = pack(entry, from);
	}
	kunmap_atomic(pages[0]);
	return err;
}

static void fill(u32 *words, u32 word)
{
	for (u32 i = 0; i < WORDS; i++)
		words[i] = word;
}

static int ram_read(struct swap_device *device, u32 slot, struct page *const *pages, u32 count)
{
	const struct entry *entry = entry_of(ram_of(device), slot);
	u32 *to = kmap_atomic(pages[0]);

	BUG_ON(count != 1 || entry->kind == ENTRY_EMPTY);
	if (entry->kind == ENTRY_SAME)
		fill(to, entry->word);
	else
		BUG_ON(!lz_decompress(entry->object, entry->bytes, (u8 *)to, PAGE_SIZE)); /* (3) */
	kunmap_atomic(pages[0]);
	return 0;
}

static void ram_discard(struct swap_device *device, u32 slot)
{
	make_empty(entry_of(ram_of(device), slot));
}

static void ram_release(struct swap_device *device)
{
	struct swap_ram *ram = ram_of(device);

	for (u32 slot = 1; ram->chunk_count && slot < device->pages; slot++)
		if (ram->chunks[slot / CHUNK_ENTRIES])
			make_empty(entry_of(ram, slot));
	for (u32 i = 0; i < ram->chunk_count; i++)
		kfree(ram->chunks[i]);
	kfree(ram);
}

/* Makes the size classes, which stay. */
static bool make_classes(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(classes); i++) {
		char name[24];

		scnprintf(name, sizeof(name), "swap_ram-%u", class_sizes[i]);
		if (!classes[i])
			classes[i] = kmem_cache_create(name, class_sizes[i], 0, 0, NULL, NULL);
		if (!classes[i])
			return false;
	}
	return true;
}

struct swap_device *swap_ram_create(u32 pages)
{
	u32 count = DIV_ROUND_UP(pages, CHUNK_ENTRIES);
	struct swap_ram *ram;

	if (!make_classes())
		return NULL;
	ram = kzalloc(sizeof(*ram) + count * sizeof(void *), GFP_KERNEL);
	if (!ram)
		return NULL;
	ram->device = (struct swap_device){ .name = "ram",
					    .pages = pages,
					    .in_memory = true,
					    .single = true,
					    .read = ram_read,
					    .write = ram_write,
					    .discard = ram_discard,
					    .release = ram_release };
	ram->chunk_count = count;
	for (u32 i = 0; i < count; i++) {
		ram->chunks[i] = kcalloc(CHUNK_ENTRIES, sizeof(struct entry), GFP_KERNEL);
		if (!ram->chunks[i]) {
			ram_release(&ram->device);
			return NULL;
		}
	}
	return &ram->device;
}
