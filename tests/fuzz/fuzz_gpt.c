/* SPDX-License-Identifier: MIT */
/*
 * The reader of partition tables. The input is the first and the last sectors of a small disk, or
 * the numbers of a nearly correct table; some bytes of it are changed, and checksums are made
 * right again, or nothing behind them would be reached.
 *
 * An independent check of kernel/disks/gpt.h (1) says which partitions must be passed on: exactly
 * those are.
 *
 * sources: kernel/disks/gpt.c
 */
#include <stdlib.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/disks/disk.h"
#include "kernel/disks/gpt.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"
#include "tests/fuzz/fuzz.h"

#define DISK_MAX       KiB(128)
#define ENTRIES_MAX    64u
#define ENTRY	       128u
#define HEADER	       92u
#define TABLE_SECTORS  (ENTRIES_MAX * ENTRY / 512u)
#define MBR_KIND       (446u + 4u)
#define ATTRIBUTE_BITS 48u

static const u8 swap_kind[16] = { 0x6d, 0xfd, 0x57, 0x06, 0xab, 0xa4, 0xc4, 0x43,
				  0x84, 0xe5, 0x09, 0x33, 0xc8, 0x4b, 0x4f, 0x4f };

char physmap[PAGE_SIZE]; /* frames have numbers, and nothing lies in them */

static u8 bytes_of_disk[DISK_MAX];
static struct disk disk = { .name = "model" };
static void *page; /* of the reader */
static u32 bad_sector, passed_on;

void *get_zeroed_page(gfp_t gfp)
{
	(void)gfp;
	page = calloc(1, PAGE_SIZE);
	return page;
}

void free_pages(void *address, u32 order)
{
	FUZZ_CHECK(address == page && !order);
	free(address);
}

/* Of exact size. */
void *kcalloc(size_t count, size_t size, gfp_t gfp)
{
	(void)gfp;
	return calloc(count, size);
}

void kfree(const void *object)
{
	free((void *)(uintptr_t)object);
}

static u8 *sector_at(u64 sector)
{
	return bytes_of_disk + sector * disk.sector_bytes;
}

int disk_read(struct disk *from, u64 sector, const pfn_t *frames, u32 bytes)
{
	u64 count = bytes / disk.sector_bytes;

	FUZZ_CHECK(from == &disk && *frames == virt_to_pfn(page));
	FUZZ_CHECK(bytes && bytes <= PAGE_SIZE && !(bytes % disk.sector_bytes));
	if (sector >= disk.sectors || count > disk.sectors - sector)
		return -EINVAL;
	if (bad_sector && sector <= bad_sector && bad_sector < sector + count)
		return -EIO;
	memcpy(page, sector_at(sector), bytes);
	return 0;
}

static u32 get32(const u8 *at)
{
	u32 value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static u64 get64(const u8 *at)
{
	return get32(at) | (u64)get32(at + 4) << 32;
}

static void put32(u8 *at, u32 value)
{
	memcpy(at, &value, sizeof(value));
}

static void put64(u8 *at, u64 value)
{
	memcpy(at, &value, sizeof(value));
}

/* CRC-32, bit by bit, unlike the code under test. */
static u32 crc_of(const u8 *data, u64 bytes)
{
	u32 crc = ~0u;

	while (bytes--) {
		crc ^= *data++;
		for (u32 bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
	}
	return ~crc;
}

/* The entries of a header, or NULL: they are not on the disk. */
static u8 *entries_of(const u8 *header, u64 *bytes)
{
	u64 sector = get64(header + 72);

	*bytes = (u64)get32(header + 80) * get32(header + 84);
	if (sector >= disk.sectors || *bytes > (disk.sectors - sector) * disk.sector_bytes)
		return NULL;
	return sector_at(sector);
}

static u32 header_crc(const u8 *header)
{
	u8 copy[PAGE_SIZE];
	u32 size = min(get32(header + 12), disk.sector_bytes);

	memcpy(copy, header, size);
	memset(copy + 16, 0, 4);
	return crc_of(copy, size);
}

/* Makes a header's sums right: that of the entries, its own. */
static void seal(u8 *header, bool entries, bool itself)
{
	u64 bytes;
	const u8 *table = entries_of(header, &bytes);

	if (entries && table && bytes <= DISK_MAX)
		put32(header + 88, crc_of(table, bytes));
	if (itself && get32(header + 12) <= disk.sector_bytes)
		put32(header + 16, header_crc(header));
}

static u64 take_number(struct fuzz_input *in, u64 likely_one)
{
	u32 kind = fuzz_u8(in);

	if (kind < 220)
		return likely_one;
	if (kind < 240)
		return likely_one + fuzz_u8(in) - 128;
	return kind < 248 ? (u64)0 - fuzz_u16(in) : fuzz_u64(in);
}

static void make_header(struct fuzz_input *in, u8 *header, u64 own, u64 table, u32 count)
{
	u64 last = disk.sectors - 1, reserved = (u64)TABLE_SECTORS * 512 / disk.sector_bytes;

	memcpy(header, "EFI PART", 8);
	put32(header + 8, (u32)take_number(in, 0x10000));
	put32(header + 12, (u32)take_number(in, HEADER));
	put64(header + 24, take_number(in, own));
	put64(header + 32, take_number(in, own == 1 ? last : 1));
	put64(header + 40, take_number(in, 2 + reserved));
	put64(header + 48, take_number(in, last - reserved - 1));
	memset(header + 56, 0x77, 16);
	put64(header + 72, take_number(in, table));
	put32(header + 80, (u32)take_number(in, count));
	put32(header + 84, (u32)take_number(in, ENTRY));
}

/* One after the other, with gaps; the last ones may not fit. */
static void make_entries(struct fuzz_input *in, u8 *table, u32 count)
{
	u64 next = 2 + (u64)TABLE_SECTORS * 512 / disk.sector_bytes;

	for (u32 i = 0; i < count; i++, table += ENTRY) {
		u32 kind = fuzz_u8(in), size = 1 + kind / 16;

		if (kind % 4 == 3)
			continue;
		memset(table, 0x11, 32);
		if (kind % 4)
			memcpy(table, swap_kind, sizeof(swap_kind));
		put64(table + 32, take_number(in, next));
		put64(table + 40, take_number(in, next + size - 1));
		put64(table + ATTRIBUTE_BITS, fuzz_u8(in) < 240 ? 0 : 1ull << 60);
		next += size + (kind & 4);
	}
}

static void make_table(struct fuzz_input *in)
{
	u64 last = disk.sectors - 1, reserved = (u64)TABLE_SECTORS * 512 / disk.sector_bytes;
	u32 count = 1 + fuzz_below(in, fuzz_u8(in) < 200 ? 6 : ENTRIES_MAX);
	u8 *table = sector_at(2), *copy = sector_at(last - reserved);

	bytes_of_disk[510] = 0x55;
	bytes_of_disk[511] = 0xaa;
	bytes_of_disk[MBR_KIND] = 0xee;
	make_header(in, sector_at(1), 1, 2, count);
	make_entries(in, table, count);
	if (fuzz_u8(in) < 200) { /* the same fields in both */
		memcpy(sector_at(last), sector_at(1), HEADER);
		put64(sector_at(last) + 24, get64(sector_at(1) + 32));
		put64(sector_at(last) + 32, get64(sector_at(1) + 24));
		put64(sector_at(last) + 72, take_number(in, last - reserved));
	} else {
		make_header(in, sector_at(last), last, last - reserved, count);
	}
	memcpy(copy, table, (size_t)count * ENTRY);
}

/* MBR, first sectors and last sectors, in turn. */
static void take_table(struct fuzz_input *in)
{
	u8 *const places[] = { bytes_of_disk + 440, sector_at(1), sector_at(2),
			       sector_at(disk.sectors - 1 -
					 TABLE_SECTORS * 512 / disk.sector_bytes),
			       sector_at(disk.sectors - 1) };
	static const u32 most[] = { 72, 96, 512, 512, 96 };

	for (u32 i = 0; i < ARRAY_SIZE(places); i++) {
		u32 bytes = min(min(most[i], (u32)(in->end - in->next)), disk.sector_bytes);

		memcpy(places[i], in->next, bytes);
		in->next += bytes;
	}
}

static void damage(struct fuzz_input *in)
{
	u8 *const places[] = { bytes_of_disk + 440, sector_at(1), sector_at(2),
			       sector_at(disk.sectors - 1) };
	u32 changes = fuzz_below(in, 6);

	while (changes--) {
		u8 *place = places[fuzz_below(in, ARRAY_SIZE(places))];

		place[fuzz_u8(in) % 72] ^= fuzz_u8(in);
	}
}

/* One protective entry, and no other. */
static bool mbr_holds(void)
{
	u32 used = 0, protective = 0;

	for (u32 i = 0; i < 4; i++) {
		used += bytes_of_disk[MBR_KIND + 16 * i] != 0;
		protective += bytes_of_disk[MBR_KIND + 16 * i] == 0xee;
	}
	return bytes_of_disk[510] == 0x55 && bytes_of_disk[511] == 0xaa && used == 1 &&
	       protective == 1;
}

/* The entries lie between these sectors, and the numbers are possible. */
static bool fields_hold(const u8 *header, u64 begin, u64 end)
{
	u64 count = get32(header + 80), size = get32(header + 84), table = get64(header + 72);

	return get32(header + 8) == 0x10000 && size >= ENTRY && size <= PAGE_SIZE &&
	       !(size & (size - 1)) && count && count <= 1024 &&
	       get64(header + 40) <= get64(header + 48) && get64(header + 48) < disk.sectors - 1 &&
	       begin < table && table < end &&
	       DIV_ROUND_UP(count * size, disk.sector_bytes) <= end - table;
}

static bool header_holds(const u8 *header, u64 own, u64 other)
{
	u64 bytes;
	const u8 *table = entries_of(header, &bytes);

	return !memcmp(header, "EFI PART", 8) && get32(header + 12) >= HEADER &&
	       get32(header + 12) <= disk.sector_bytes &&
	       header_crc(header) == get32(header + 16) && get64(header + 24) == own &&
	       get64(header + 32) == other && table && crc_of(table, bytes) == get32(header + 88);
}

/* Rule (1) of gpt.h, but for the partitions. */
static bool disk_holds(void)
{
	u64 last = disk.sectors - 1;
	const u8 *first = sector_at(1), *backup = sector_at(last);

	return mbr_holds() && fields_hold(first, 1, get64(first + 40)) &&
	       fields_hold(backup, get64(backup + 48), last) && header_holds(first, 1, last) &&
	       header_holds(backup, last, 1) && !memcmp(first + 40, backup + 40, 32) &&
	       !memcmp(first + 80, backup + 80, 12);
}

static bool is_used(const u8 *entry)
{
	static const u8 unused[16];

	return memcmp(entry, unused, sizeof(unused)) && get64(entry + 40);
}

/* Rule (1) for one partition: inside, and beside all others. */
static bool partition_holds(const u8 *header, const u8 *table, const u8 *own)
{
	u64 begin = get64(own + 32), end = get64(own + 40);
	u32 size = get32(header + 84), count = get32(header + 80);

	if (begin > end || begin < get64(header + 40) || end > get64(header + 48))
		return false;
	for (u32 i = 0; i < count; i++, table += size)
		if (table != own && is_used(table) && begin <= get64(table + 40) &&
		    get64(table + 32) <= end)
			return false;
	return true;
}

static bool is_ours(const u8 *entry)
{
	return is_used(entry) && !memcmp(entry, swap_kind, sizeof(swap_kind)) &&
	       !(get64(entry + ATTRIBUTE_BITS) >> 60 & 1);
}

/* The number of partitions that are to be passed on. */
static u32 expected(void)
{
	const u8 *header = sector_at(1);
	u64 bytes;
	const u8 *table = entries_of(header, &bytes), *entry = table;
	u32 ours = 0;

	if (!disk_holds())
		return 0;
	for (u32 i = 0; i < get32(header + 80); i++, entry += get32(header + 84)) {
		if (is_used(entry) && !partition_holds(header, table, entry))
			return 0;
		ours += is_ours(entry);
	}
	return ours;
}

void swap_header_scan(struct disk *of, u32 number, u64 first, u64 sectors)
{
	const u8 *header = sector_at(1), *entry;
	u64 bytes;

	passed_on++;
	FUZZ_CHECK(of == &disk && disk_holds() && number >= 1 && number <= get32(header + 80));
	entry = entries_of(header, &bytes) + (size_t)(number - 1) * get32(header + 84);
	FUZZ_CHECK(is_ours(entry));
	FUZZ_EQUAL(first, get64(entry + 32));
	FUZZ_EQUAL(sectors, get64(entry + 40) + 1 - first);
}

void fuzz_run(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, data + size };
	u32 bits = fuzz_u8(&in), seals = fuzz_u8(&in), bad = fuzz_u8(&in);

	fuzz_step();
	memset(bytes_of_disk, 0, sizeof(bytes_of_disk));
	disk.sector_bytes = bits & 1 ? PAGE_SIZE : 512;
	disk.sectors = bits & 1 ? DISK_MAX / PAGE_SIZE : 64 + bits / 2;
	bad_sector = bad < 240 ? 0 : bad & 15;
	passed_on = 0;
	if (seals & 0x80)
		take_table(&in);
	else
		make_table(&in);
	damage(&in);
	seal(sector_at(1), !(seals & 1), !(seals & 2));
	seal(sector_at(disk.sectors - 1), !(seals & 4), !(seals & 8));
	gpt_scan(&disk);
	/* The sector that cannot be read need not be one of those that are. */
	if (!bad_sector || passed_on)
		FUZZ_EQUAL(passed_on, expected());
}
