/* SPDX-License-Identifier: MIT */
/*
 * The devices that can hold swap areas, by their paths: which are found, added at boot and by
 * swapon(2), and what moves to the partition of a disk.
 *
 * sources: kernel/disks/swap_devices.c
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/disks/gpt.h"
#include "kernel/disks/swap_devices.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/page_alloc.h"
#include "mm/swap/swap.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

struct swap_partition swap_partitions[SWAP_PARTITIONS_MAX];
u32 swap_partition_count;

/* The last request to a partition. */
static struct {
	const struct swap_partition *partition;
	bool write;
	u32 page, count;
	pfn_t frames[SWAP_CLUSTER];
} last;
static int result;

static int note(const struct swap_partition *partition, bool write, u32 page, const pfn_t *frames,
		u32 count)
{
	last.partition = partition;
	last.write = write;
	last.page = page;
	last.count = count;
	memcpy(last.frames, frames, count * sizeof(*frames));
	return result;
}

int swap_pages_read(const struct swap_partition *partition, u32 page, const pfn_t *frames,
		    u32 count)
{
	return note(partition, false, page, frames, count);
}

int swap_pages_write(const struct swap_partition *partition, u32 page, const pfn_t *frames,
		     u32 count)
{
	return note(partition, true, page, frames, count);
}

static struct swap_header headers[2];

/* Two partitions; the second one has a bad page. */
static void boot(void)
{
	machine_boot();
	swap_partition_count = 2;
	swap_partitions[0] = (struct swap_partition){ .name = "ahci0p2",
						      .last_page = 100,
						      .header = &headers[0] };
	swap_partitions[1] = (struct swap_partition){ .name = "nvme0p1",
						      .last_page = 50,
						      .header = &headers[1] };
	headers[1].bad_page_count = 1;
	headers[1].bad_page[0] = 7;
	console_clear();
}

static void remove_all(void)
{
	for (u32 type = 0; type < SWAP_TYPES; type++)
		if (swap_info[type].device)
			swap_area_remove(type);
}

static void at_boot(void)
{
	boot();
	swap_devices_init(20);
	EXPECT_TEXT(console_text(), "swap: area=/dev/ahci0p2 pages=100 prio=-2\n"
				    "swap: area=/dev/nvme0p1 pages=49 prio=-3\n"
				    "swap: area=/dev/ram0 pages=19 prio=-4\n");
	EXPECT_EQ(swap_device_type("/dev/ahci0p2"), 0);
	EXPECT_EQ(swap_device_type("/dev/nvme0p1"), 1);
	EXPECT_EQ(swap_device_type("/dev/ram0"), 2);
	EXPECT_EQ(swap_device_type("/dev/nvme0p2"), -ENOENT);
	EXPECT_EQ(swap_device_on("/dev/nvme0p2", -1), -ENOENT);
	EXPECT_EQ(swap_device_on("/dev/nvme0p1", -1), -EBUSY);
	EXPECT_EQ(swap_device_on("/dev/ram0", -1), -EBUSY);
	EXPECT(swap_info[1].pages == 51 && swap_slot(&swap_info[1], 7)->map == SWAP_MAP_BAD);
	EXPECT_VALID(swap_validate());
	remove_all();
}

/* Without a device in memory its path is not known. */
static void without_ram(void)
{
	boot();
	swap_partition_count = 1;
	swap_devices_init(0);
	EXPECT_TEXT(console_text(), "swap: area=/dev/ahci0p2 pages=100 prio=-2\n");
	EXPECT_EQ(swap_device_type("/dev/ram0"), -ENOENT);
	EXPECT_EQ(swap_device_on("/dev/ram0", -1), -ENOENT);
	remove_all();
}

/* An area that was removed is added again, with a priority. */
static void off_and_on(void)
{
	boot();
	swap_devices_init(20);
	remove_all();
	EXPECT_EQ(swap_device_type("/dev/nvme0p1"), -EINVAL);
	EXPECT_EQ(swap_device_type("/dev/ram0"), -EINVAL);
	console_clear();
	EXPECT_EQ(swap_device_on("/dev/ram0", 5), 0);
	EXPECT_EQ(swap_device_on("/dev/nvme0p1", 7), 1);
	EXPECT_TEXT(console_text(), "swap: area=/dev/ram0 pages=19 prio=5\n"
				    "swap: area=/dev/nvme0p1 pages=49 prio=7\n");
	EXPECT_EQ(swap_device_type("/dev/ram0"), 0);
	EXPECT_EQ(swap_device_type("/dev/nvme0p1"), 1);
	remove_all();
}

static void moves(void)
{
	struct page *pages[SWAP_CLUSTER];
	struct swap_device *device;

	boot();
	swap_devices_init(0);
	for (u32 i = 0; i < SWAP_CLUSTER; i++)
		pages[i] = alloc_page(GFP_KERNEL);
	device = swap_info[1].device;
	EXPECT_EQ(device->write(device, 11, pages, SWAP_CLUSTER), 0);
	EXPECT(last.partition == &swap_partitions[1] && last.write);
	EXPECT(last.page == 11 && last.count == SWAP_CLUSTER);
	for (u32 i = 0; i < SWAP_CLUSTER; i++)
		EXPECT(last.frames[i] == page_to_pfn(pages[i]));
	result = -EIO;
	device = swap_info[0].device;
	EXPECT_EQ(device->read(device, 3, pages + 5, 1), -EIO);
	EXPECT(last.partition == &swap_partitions[0] && !last.write);
	EXPECT(last.page == 3 && last.count == 1 && last.frames[0] == page_to_pfn(pages[5]));
	EXPECT_EQ(device->write(device, 3, pages + 5, 1), -EIO);
	EXPECT_PANIC("SWAP_CLUSTER", device->read(device, 3, pages, SWAP_CLUSTER + 1));
	for (u32 i = 0; i < SWAP_CLUSTER; i++)
		__free_page(pages[i]);
	remove_all();
}

/* Every allocation fails in turn: a line says so, and the others are used all the same. */
static void no_memory(void)
{
	u32 failed = 1, errors = 0;

	boot();
	for (u32 nth = 1; failed && nth < 50; nth++) {
		console_clear();
		fail_alloc_set(&(struct fail_spec){ FAIL_ANY, FAIL_ONCE, nth });
		swap_devices_init(20);
		failed = fail_alloc_failed();
		fail_alloc_set(NULL);
		if (strstr(console_text(), "errno=12: it is not used")) {
			errors++;
			EXPECT(swap_device_type("/dev/ahci0p2") >= 0 ||
			       swap_device_type("/dev/ram0") >= 0);
		}
		remove_all();
	}
	EXPECT(errors >= 5);
}

/* Bad pages outside of the area. */
static void bad_header(void)
{
	boot();
	headers[0].bad_page_count = 1;
	headers[0].bad_page[0] = 101;
	swap_devices_init(0);
	EXPECT_TEXT(console_text(), "swap: error: area=/dev/ahci0p2 errno=22: it is not used\n"
				    "swap: area=/dev/nvme0p1 pages=49 prio=-2\n");
	EXPECT_EQ(swap_device_type("/dev/ahci0p2"), -EINVAL);
	remove_all();
}

TAP_MAIN({ "areas at boot", at_boot }, { "no device in memory", without_ram },
	 { "off and on again", off_and_on }, { "pages that move", moves },
	 { "no memory", no_memory }, { "a bad header", bad_header })
