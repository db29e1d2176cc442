/* SPDX-License-Identifier: MIT */
/* The disk of the world `swap`: two words of each page, and slots that must not be used. */
#include "abi/linux/errno.h"
#include "mm/frames/highmem.h"
#include "tests/explore/explore.h"
#include "tests/explore/spaces.h"
#include "tests/explore/swap_world.h"

struct explored_disk disk;
u32 swap_type;

static u32 *word_of(struct page *page, u32 offset)
{
	return (u32 *)((char *)kmap_atomic(page) + offset);
}

static int disk_read(struct swap_device *device, u32 slot, struct page *const *read, u32 count)
{
	(void)device;
	if (disk.mode == DISK_READ_FAILS) {
		disk.failed = true;
		return -EIO;
	}
	for (u32 i = 0; i < count; i++, slot++) {
		EXPLORE_CHECK(slot && slot < BAD_SLOT && disk.written[slot]);
		*word_of(read[i], HEAD) = disk.words[slot][0];
		kunmap_atomic(read[i]);
		*word_of(read[i], TAIL) = disk.words[slot][1];
		kunmap_atomic(read[i]);
	}
	return 0;
}

static int disk_write(struct swap_device *device, u32 slot, struct page *const *written, u32 count)
{
	(void)device;
	if (disk.mode == DISK_WRITE_FAILS || disk.mode == DISK_REFUSES) {
		disk.failed = true;
		return disk.mode == DISK_REFUSES ? -ENOSPC : -EIO;
	}
	for (u32 i = 0; i < count; i++, slot++) {
		EXPLORE_CHECK(slot && slot < BAD_SLOT);
		disk.written[slot] = true;
		disk.words[slot][0] = *word_of(written[i], HEAD);
		kunmap_atomic(written[i]);
		disk.words[slot][1] = *word_of(written[i], TAIL);
		kunmap_atomic(written[i]);
	}
	return 0;
}

static void disk_discard(struct swap_device *device, u32 slot)
{
	(void)device;
	disk.written[slot] = false;
}

static struct swap_device device = {
	.name = "explored",
	.pages = DISK_PAGES,
	.read = disk_read,
	.write = disk_write,
	.discard = disk_discard,
};

void disk_swap_on(void)
{
	static const u32 bad[] = { BAD_SLOT };
	int result = swap_area_add(&device, 0, bad, 1);

	EXPLORE_CHECK(result >= 0);
	swap_type = (u32)result;
}
