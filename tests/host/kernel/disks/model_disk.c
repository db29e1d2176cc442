/* SPDX-License-Identifier: MIT */
/* The model disk. */
#include "tests/host/kernel/disks/model_disk.h"
#include "lib/crc32.h"
#include "lib/string.h"
#include "mm/frames/page_alloc.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

struct model_disk model_disk = { .sector_bytes = 512, .max_frames = DISK_FRAMES_MAX };
u8 disk_bytes[MODEL_BYTES];

static const char *model_transfer(struct disk *disk, bool write, u64 sector, const pfn_t *frames,
				  u32 bytes)
{
	u64 last = sector + bytes / disk->sector_bytes - 1;

	EXPECT((last + 1) * disk->sector_bytes <= MODEL_BYTES);
	EXPECT(bytes <= model_disk.max_frames * PAGE_SIZE);
	model_disk.transfers++;
	if (model_disk.fail && model_disk.fail--)
		return "planted";
	if (write) {
		model_disk.lowest = model_disk.writes ? min(model_disk.lowest, sector) : sector;
		model_disk.highest = max(model_disk.highest, last);
		model_disk.writes++;
	}
	for (u32 done = 0; done < bytes; done += disk->sector_bytes, sector++) {
		u8 *memory = machine_ram(pfn_to_phys(frames[done / PAGE_SIZE])) + done % PAGE_SIZE;
		u8 *place = disk_bytes + sector * disk->sector_bytes;

		if (model_disk.bad_sector && sector == model_disk.bad_sector)
			return "medium";
		memcpy(write ? place : memory, write ? memory : place, disk->sector_bytes);
	}
	return NULL;
}

static const char *model_flush(struct disk *disk)
{
	(void)disk;
	model_disk.flushes++;
	if (model_disk.fail && model_disk.fail--)
		return "planted";
	return NULL;
}

static bool model_reset(struct disk *disk)
{
	(void)disk;
	model_disk.resets++;
	return !model_disk.fail_reset;
}

static void model_isolate(struct disk *disk)
{
	(void)disk;
	model_disk.isolations++;
}

static void model_stop(struct disk *disk)
{
	(void)disk;
	model_disk.stops++;
}

static const struct disk_ops model_ops = { model_transfer, model_flush, model_reset, model_isolate,
					   model_stop };

/* ---- Making a disk ---- */

static u8 *sector_at(u64 sector)
{
	return disk_bytes + sector * model_disk.sector_bytes;
}

void put16(u8 *to, u32 value)
{
	to[0] = (u8)value;
	to[1] = (u8)(value >> 8);
}

void put32(u8 *to, u32 value)
{
	put16(to, value);
	put16(to + 2, value >> 16);
}

void put64(u8 *to, u64 value)
{
	put32(to, (u32)value);
	put32(to + 4, (u32)(value >> 32));
}

static u32 last_sector(void)
{
	return MODEL_BYTES / model_disk.sector_bytes - 1;
}

static u32 entry_sectors(void)
{
	return MODEL_ENTRIES * MODEL_ENTRY_BYTES / model_disk.sector_bytes;
}

u8 *primary(void)
{
	return sector_at(1);
}

u8 *backup(void)
{
	return sector_at(last_sector());
}

u8 *entries(void)
{
	return sector_at(2);
}

u8 *backup_entries(void)
{
	return sector_at(last_sector() - entry_sectors());
}

u8 *entry(u32 number)
{
	return entries() + (number - 1) * MODEL_ENTRY_BYTES;
}

u8 *swap_header(void)
{
	return sector_at(SWAP_FIRST * 512u / model_disk.sector_bytes);
}

void seal_header(u8 *header)
{
	put32(header + 16, 0);
	put32(header + 16, crc32(0, header, 92));
}

void seal(u8 *header, const u8 *entries_there)
{
	put32(header + 88, crc32(0, entries_there, MODEL_ENTRIES * MODEL_ENTRY_BYTES));
	seal_header(header);
}

/* Copies the entries to the backup, and makes all checksums right. */
void seal_both(void)
{
	memcpy(backup_entries(), entries(), MODEL_ENTRIES * MODEL_ENTRY_BYTES);
	seal(primary(), entries());
	seal(backup(), backup_entries());
}

static void make_header(u8 *header, u64 own, u64 other, u64 entries_sector)
{
	memcpy(header, "EFI PART", 8);
	put32(header + 8, 0x10000);
	put32(header + 12, 92);
	put64(header + 24, own);
	put64(header + 32, other);
	put64(header + 40, 2 + entry_sectors());
	put64(header + 48, last_sector() - entry_sectors() - 1);
	memset(header + 56, 0x77, 16);
	put64(header + 72, entries_sector);
	put32(header + 80, MODEL_ENTRIES);
	put32(header + 84, MODEL_ENTRY_BYTES);
}

static void make_entry(u32 number, const char *type, u64 first, u64 sectors)
{
	u8 *to = entry(number);

	memset(to, (int)number, 32);
	for (u32 i = 0; i < 16; i++)
		to[i] = (u8)type[i];
	put64(to + 32, first);
	put64(to + 40, first + sectors - 1);
	memset(to + 48, 0, MODEL_ENTRY_BYTES - 48);
}

const char linux_swap[] = "\x6d\xfd\x57\x06\xab\xa4\xc4\x43\x84\xe5\x09\x33\xc8\x4b\x4f\x4f";
const char linux_data[] = "\xaf\x3d\xc6\x0f\x83\x84\x72\x47\x8e\x79\x3d\x69\xd8\x47\x7d\xe4";

static void make_swap_header(void)
{
	u8 *header = swap_header();

	memset(header, 0, 4096);
	put32(header + 1024, 1);
	put32(header + 1028, LAST_PAGE);
	for (u32 i = 0; i < 16; i++)
		header[1036 + i] = (u8)(0x10 + i);
	memcpy(header + 1052, "pagewright", 10);
	memcpy(header + 4086, "SWAPSPACE2", 10);
}

/* A partition of data, one for swap, and one of data after it. The rest is noise. */
void make_disk(void)
{
	u32 scale = model_disk.sector_bytes / 512;

	for (u32 i = 0; i < MODEL_BYTES; i++)
		disk_bytes[i] = (u8)(i * 7 + i / 512);
	memset(disk_bytes, 0, SWAP_FIRST * 512u / 2);
	memset(backup_entries(), 0, MODEL_BYTES - (size_t)(backup_entries() - disk_bytes));
	put16(disk_bytes + 510, 0xaa55);
	disk_bytes[446 + 4] = 0xee;
	put32(disk_bytes + 446 + 8, 1);
	put32(disk_bytes + 446 + 12, last_sector());
	make_header(primary(), 1, last_sector(), 2);
	make_header(backup(), last_sector(), 1, last_sector() - entry_sectors());
	make_entry(1, linux_data, 1024 / scale, 512 / scale);
	make_entry(SWAP_NUMBER, linux_swap, SWAP_FIRST / scale, SWAP_SECTORS / scale);
	make_entry(3, linux_data, (SWAP_FIRST + SWAP_SECTORS) / scale, 2048 / scale);
	make_swap_header();
	seal_both();
}

void present_disk(void)
{
	model_disk.disk.ops = &model_ops;
	model_disk.disk.sector_bytes = model_disk.sector_bytes;
	model_disk.disk.max_frames = model_disk.max_frames;
	model_disk.disk.sectors = MODEL_BYTES / model_disk.sector_bytes;
	disk_set_model(&model_disk.disk, "MODEL\x01 \"DISK\"   ", 16);
	EXPECT_EQ(disk_register(&model_disk.disk, "model"), 0);
	console_clear();
}

const char *scan_disk(void)
{
	present_disk();
	gpt_scan(&model_disk.disk);
	EXPECT_EQ(model_disk.writes, 0);
	return console_text();
}

/* The header of each partition is kept. */
static void forget(void)
{
	for (u32 i = 0; i < swap_partition_count; i++)
		free_page((void *)(uintptr_t)swap_partitions[i].header);
	swap_partition_count = 0;
}

void model_boot(void)
{
	machine_boot_highmem(MiB(16));
	tap_finally(forget);
}
