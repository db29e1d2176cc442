/* SPDX-License-Identifier: MIT */
/* The devices that can hold swap areas: swap_devices.h. */
#include "kernel/disks/swap_devices.h"
#include "abi/linux/errno.h"
#include "kernel/disks/gpt.h"
#include "lib/printf.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/swap/swap_ram.h"
#include "mm/swap/swap.h"

/* A partition as a device. */
struct entry {
	struct swap_device device; /* first: the functions below get this */
	const struct swap_partition *partition;
};

_Static_assert(SWAP_CLUSTER <= DISK_FRAMES_MAX, "a cluster is one request");

static struct entry entries[SWAP_PARTITIONS_MAX];
static u32 ram_size; /* pages; 0: there is no device in memory */

static void frames_of(pfn_t frames[SWAP_CLUSTER], struct page *const *pages, u32 count)
{
	BUG_ON(count > SWAP_CLUSTER);
	for (u32 i = 0; i < count; i++)
		frames[i] = page_to_pfn(pages[i]);
}

static int read_pages(struct swap_device *device, u32 slot, struct page *const *pages, u32 count)
{
	pfn_t frames[SWAP_CLUSTER];

	frames_of(frames, pages, count);
	return swap_pages_read(((struct entry *)device)->partition, slot, frames, count);
}

static int write_pages(struct swap_device *device, u32 slot, struct page *const *pages, u32 count)
{
	pfn_t frames[SWAP_CLUSTER];

	frames_of(frames, pages, count);
	return swap_pages_write(((struct entry *)device)->partition, slot, frames, count);
}

/* The type of the area whose device has this path, or -EINVAL. */
static int find_area(const char *path)
{
	for (u32 type = 0; type < SWAP_TYPES; type++)
		if (swap_info[type].device && !strcmp(swap_info[type].device->name, path))
			return (int)type;
	return -EINVAL;
}

static struct entry *find_partition(const char *path)
{
	for (u32 i = 0; i < swap_partition_count; i++)
		if (!strcmp(entries[i].device.name, path))
			return &entries[i];
	return NULL;
}

static bool is_ram(const char *path)
{
	return ram_size && !strcmp(path, SWAP_RAM_PATH);
}

int swap_device_type(const char *path)
{
	return find_partition(path) || is_ram(path) ? find_area(path) : -ENOENT;
}

/* A device in memory exists as long as its area. */
static int ram_on(s32 prio)
{
	struct swap_device *device = swap_ram_create(ram_size);
	int type;

	if (!device)
		return -ENOMEM;
	strscpy(device->name, SWAP_RAM_PATH, sizeof(device->name));
	type = swap_area_add(device, prio, NULL, 0);
	if (type < 0)
		device->release(device);
	return type;
}

static int partition_on(struct entry *entry, s32 prio)
{
	const struct swap_header *header = entry->partition->header;

	return swap_area_add(&entry->device, prio, header->bad_page, header->bad_page_count);
}

int swap_device_on(const char *path, s32 prio)
{
	struct entry *entry = find_partition(path);
	int type;

	if (!entry && !is_ram(path))
		return -ENOENT;
	if (find_area(path) >= 0)
		return -EBUSY;
	type = entry ? partition_on(entry, prio) : ram_on(prio);
	if (type >= 0)
		printk("swap: area=%s pages=%u prio=%d\n", path, swap_info[type].slots,
		       swap_info[type].prio);
	return type;
}

static void on_at_boot(const char *path)
{
	int type = swap_device_on(path, -1);

	if (type < 0)
		printk("swap: error: area=%s errno=%d: it is not used\n", path, -type);
}

void swap_devices_init(u32 ram_pages)
{
	ram_size = ram_pages;
	for (u32 i = 0; i < swap_partition_count; i++) {
		struct entry *entry = &entries[i];

		entry->partition = &swap_partitions[i];
		entry->device = (struct swap_device){
			.pages = entry->partition->last_page + 1,
			.read = read_pages,
			.write = write_pages,
		};
		scnprintf(entry->device.name, sizeof(entry->device.name), "/dev/%s",
			  entry->partition->name);
		on_at_boot(entry->device.name);
	}
	if (ram_pages)
		on_at_boot(SWAP_RAM_PATH);
}
