/* SPDX-License-Identifier: MIT */
/*
 * Partitions for swap on disks with random damage: no damage ends the kernel, and what is accepted
 * is what the bytes say.
 *
 * sources: kernel/disks/disk.c kernel/disks/gpt.c kernel/disks/swap_header.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mm/frames/page_alloc.h"
#include "tests/host/console.h"
#include "tests/host/kernel/disks/model_disk.h"
#include "tests/host/tap.h"

/* Bytes that matter: MBR, headers, the first entries, the swap header. */
static u8 *random_place(void)
{
	switch (random_below(6)) {
	case 0:
		return disk_bytes + 440 + random_below(72);
	case 1:
		return primary() + random_below(96);
	case 2:
		return backup() + random_below(96);
	case 3:
		return entries() + random_below(4 * MODEL_ENTRY_BYTES);
	case 4:
		return swap_header() + 1024 + random_below(64);
	default:
		return swap_header() +
		       (random_one_in(2) ? 4086 + random_below(10) : 1536 + random_below(16));
	}
}

static void mutate(void)
{
	static const u8 values[] = { 0, 1, 0x7f, 0x80, 0xff };
	u32 changes = 1 + random_below(4);

	while (changes--)
		*random_place() = random_one_in(2) ? values[random_below(ARRAY_SIZE(values))]
						   : (u8)random_u32();
	/* Most damage that checksums find is not interesting. */
	if (!random_one_in(4))
		seal_both();
}

static u64 get64(const u8 *from)
{
	u64 value;

	memcpy(&value, from, 8);
	return value;
}

/* What was accepted is what the bytes say, and writes stay within it. */
static void check_accepted(void)
{
	const struct swap_partition *partition = &swap_partitions[0];
	const u8 *told = entry(partition->number), *header;
	struct page *page = alloc_page(GFP_HIGHUSER);
	u64 end = get64(told + 40) + 1;
	pfn_t frame = page_to_pfn(page);

	EXPECT(partition->number >= 1 && partition->number <= MODEL_ENTRIES);
	EXPECT(!memcmp(told, linux_swap, 16));
	EXPECT_EQ(get64(told + 32), partition->first_sector);
	EXPECT(partition->first_sector >= 34 && end <= MODEL_SECTORS - 33);
	header = disk_bytes + partition->first_sector * 512;
	EXPECT(!memcmp(header + 4086, "SWAPSPACE2", 10));
	EXPECT(!memcmp(header + 1052, "pagewright\0", 11));
	EXPECT(partition->range->first == partition->first_sector + 8);
	EXPECT(partition->range->first + partition->range->sectors <= end);
	EXPECT(!memcmp(backup_entries(), entries(), MODEL_ENTRIES * MODEL_ENTRY_BYTES));
	for (u32 i = 0; i < 4; i++) {
		u32 number = i == 0   ? 1
			     : i == 1 ? partition->last_page
				      : 1 + random_below(partition->last_page);

		EXPECT_EQ(swap_pages_write(partition, number, &frame, 1), 0);
	}
	EXPECT(model_disk.lowest == partition->range->first && model_disk.highest < end);
	__free_page(page);
}

static void random_damage(void)
{
	u32 runs = 300, accepted = 0;

	model_boot();
	make_disk();
	if (getenv("SCALE"))
		runs *= (u32)atoi(getenv("SCALE"));
	for (u32 i = 0; i < runs && !tap_failed(); i++) {
		int status = 0;
		pid_t child;

		/* A part of the random sequence for each child, which alone damages the disk. */
		for (u32 skipped = 0; skipped < 100; skipped++)
			random_u32();
		fflush(stdout);
		child = fork();
		if (!child) {
			mutate();
			scan_disk();
			if (swap_partition_count)
				check_accepted();
			fflush(stdout);
			host_exit(tap_failed() ? 1 : swap_partition_count ? 2 : 0);
		}
		EXPECT(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
		EXPECT(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 2);
		accepted += WEXITSTATUS(status) == 2;
	}
	tap_note("%u of %u accepted", accepted, runs);
	/* The mutations are neither all fatal nor all harmless. */
	EXPECT(accepted > runs / 50 && accepted < runs - runs / 50);
}

TAP_MAIN({ "random damage does no harm", random_damage })
