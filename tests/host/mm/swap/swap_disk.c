/* SPDX-License-Identifier: MIT */
/* See the header. */
#include <stdlib.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "mm/frames/highmem.h"
#include "mm/frames/shrinker.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/tap.h"

static bool fails(u32 *countdown, bool stays)
{
	if (!*countdown || --*countdown)
		return false;
	*countdown = stays;
	return true;
}

static int disk_read(struct swap_device *device, u32 slot, struct page *const *pages, u32 count)
{
	struct swap_disk *disk = container_of(device, struct swap_disk, device);

	EXPECT(slot && slot + count <= device->pages);
	disk->reads += count;
	if (fails(&disk->fail_read, disk->stays))
		return -EIO;
	for (u32 i = 0; i < count; i++) {
		char *to = kmap_atomic(pages[i]);

		if (!disk->written[slot + i])
			panic("swap disk: slot %u is read, but was never written", slot + i);
		memcpy(to, disk->bytes + (size_t)(slot + i) * PAGE_SIZE, PAGE_SIZE);
		kunmap_atomic(pages[i]);
	}
	return 0;
}

static int disk_write(struct swap_device *device, u32 slot, struct page *const *pages, u32 count)
{
	struct swap_disk *disk = container_of(device, struct swap_disk, device);

	EXPECT(slot && slot + count <= device->pages);
	if (disk->refuses)
		return -ENOSPC;
	disk->writes += count;
	if (fails(&disk->fail_write, disk->stays))
		return -EIO;
	for (u32 i = 0; i < count; i++) {
		memcpy(disk->bytes + (size_t)(slot + i) * PAGE_SIZE, kmap_atomic(pages[i]),
		       PAGE_SIZE);
		kunmap_atomic(pages[i]);
		disk->written[slot + i] = true;
	}
	return 0;
}

static void disk_discard(struct swap_device *device, u32 slot)
{
	container_of(device, struct swap_disk, device)->written[slot] = false;
}

static void disk_release(struct swap_device *device)
{
	struct swap_disk *disk = container_of(device, struct swap_disk, device);

	free(disk->bytes);
	free(disk->written);
}

int swap_disk_try(struct swap_disk *disk, u32 pages, s32 prio, const u32 *bad, u32 nr_bad)
{
	int type;

	*disk = (struct swap_disk){ .device = { .name = "model",
						.pages = pages,
						.read = disk_read,
						.write = disk_write,
						.discard = disk_discard,
						.release = disk_release } };
	disk->bytes = calloc(pages, PAGE_SIZE);
	disk->written = calloc(pages, sizeof(bool));
	type = swap_area_add(&disk->device, prio, bad, nr_bad);
	if (type < 0)
		disk_release(&disk->device);
	return type;
}

u32 swap_disk_add(struct swap_disk *disk, u32 pages, s32 prio)
{
	int type = swap_disk_try(disk, pages, prio, NULL, 0);

	EXPECT(type >= 0);
	return (u32)type;
}

void swap_disk_remove(u32 type)
{
	shrink_caches();
	swap_area_remove(type);
}
