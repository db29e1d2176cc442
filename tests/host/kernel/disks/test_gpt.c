/* SPDX-License-Identifier: MIT */
/*
 * Which partitions are used for swap: a good disk, and each kind of damage.
 *
 * sources: kernel/disks/disk.c kernel/disks/gpt.c kernel/disks/swap_header.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/console.h"
#include "tests/host/kernel/disks/model_disk.h"
#include "tests/host/tap.h"

/* ---- A good disk ---- */

static void expect_good(void)
{
	const struct swap_partition *partition = &swap_partitions[0];
	u32 per_page = 4096 / model_disk.sector_bytes;

	EXPECT_EQ(swap_partition_count, 1);
	if (swap_partition_count != 1)
		return;
	EXPECT(partition->disk == &model_disk.disk);
	EXPECT_EQ(partition->number, SWAP_NUMBER);
	EXPECT_EQ(partition->first_sector, SWAP_FIRST * 512u / model_disk.sector_bytes);
	EXPECT_EQ(partition->sectors, SWAP_SECTORS * 512u / model_disk.sector_bytes);
	EXPECT_EQ(partition->last_page, LAST_PAGE);
	EXPECT_TEXT(partition->uuid, "10111213-1415-1617-1819-1a1b1c1d1e1f");
	EXPECT_TEXT(partition->label, "pagewright");
	EXPECT_EQ(partition->range->first, partition->first_sector + per_page);
	EXPECT_EQ(partition->range->sectors, LAST_PAGE * per_page);
	EXPECT(!memcmp(partition->header, swap_header(), 4096));
}

static void good_disk(void)
{
	model_boot();
	make_disk();
	EXPECT_TEXT(scan_disk(),
		    "swap: partition=model0p2 uuid=10111213-1415-1617-1819-1a1b1c1d1e1f "
		    "label=pagewright pages=511\n");
	EXPECT_TEXT(model_disk.disk.model, "MODEL? ?DISK?");
	expect_good();
}

static void good_disk_of_4096(void)
{
	model_boot();
	model_disk.sector_bytes = 4096;
	make_disk();
	scan_disk();
	expect_good();
}

static void bad_pages(void)
{
	model_boot();
	make_disk();
	put32(swap_header() + 1032, 2);
	put32(swap_header() + 1536, 5);
	put32(swap_header() + 1540, LAST_PAGE);
	EXPECT(strstr(scan_disk(), "label=pagewright pages=509\n"));
	EXPECT_EQ(swap_partition_count, 1);
	EXPECT(swap_page_bad(&swap_partitions[0], 5) &&
	       swap_page_bad(&swap_partitions[0], LAST_PAGE));
	EXPECT(!swap_page_bad(&swap_partitions[0], 4));
}

/* The tools of Debian make a disk that is accepted. */
static void debian_tools(void)
{
	static const char script[] =
		"set -e; PATH=$PATH:/sbin:/usr/sbin; cd \"$0\"; truncate -s 8M disk; "
		"printf 'label: gpt\\nstart=4096, size=8192, type=%s\\n' " SWAP_PARTITION_TYPE
		" | sfdisk -q disk >/dev/null 2>&1; truncate -s 4M swap; "
		"mkswap -q -L pagewright -U 01234567-89ab-cdef-0123-456789abcdef swap >/dev/null; "
		"dd if=swap of=disk bs=512 seek=4096 conv=notrunc status=none";
	char directory[] = "/tmp/test_gpt.XXXXXX", command[1024], path[64];
	FILE *file;

	model_boot();
	if (!mkdtemp(directory))
		return;
	snprintf(command, sizeof(command), "bash -c '%s' %s 2>/dev/null", "eval \"$SCRIPT\"",
		 directory);
	setenv("SCRIPT", script, 1);
	if (system(command)) {
		tap_note("not tried: sfdisk or mkswap is missing");
	} else {
		snprintf(path, sizeof(path), "%s/disk", directory);
		file = fopen(path, "rb");
		EXPECT(file && fread(disk_bytes, 1, MODEL_BYTES, file) == MODEL_BYTES);
		if (file)
			fclose(file);
		EXPECT_TEXT(scan_disk(),
			    "swap: partition=model0p1 uuid=01234567-89ab-cdef-0123-456789abcdef "
			    "label=pagewright pages=1023\n");
		EXPECT_EQ(swap_partitions[0].range->first, 4096 + 8);
		EXPECT_EQ(swap_partitions[0].range->sectors, 8192 - 8);
	}
	snprintf(command, sizeof(command), "rm -r %s", directory);
	EXPECT(!system(command));
}

/* ---- Damage ---- */

static void mbr_gone(void)
{
	memset(disk_bytes, 0, 512);
}

static void mbr_of_partitions(void)
{
	disk_bytes[446 + 4] = 0x82;
}

static void mbr_hybrid(void)
{
	disk_bytes[446 + 16 + 4] = 0x83;
}

static void mbr_only(void)
{
	mbr_of_partitions();
	memset(primary(), 0, 512);
	memset(backup(), 0, 512);
}

static void blank(void)
{
	memset(disk_bytes, 0, MODEL_BYTES);
}

static void primary_gone(void)
{
	memset(primary(), 0, 512);
}

static void backup_gone(void)
{
	memset(backup(), 0, 512);
}

static void primary_flipped(void)
{
	primary()[60] ^= 1;
}

static void backup_flipped(void)
{
	backup()[60] ^= 1;
}

static void entries_flipped(void)
{
	entry(77)[3] ^= 1;
}

static void backup_entries_flipped(void)
{
	backup_entries()[40] ^= 1;
}

/* Each is sound in itself. */
static void contradiction(void)
{
	backup_entries()[MODEL_ENTRY_BYTES + 40] ^= 64;
	seal(backup(), backup_entries());
}

static void other_guid(void)
{
	backup()[56] ^= 1;
	seal_both();
}

static void not_crossed(void)
{
	put64(backup() + 32, 5);
	seal_both();
}

static void misplaced(void)
{
	put64(primary() + 24, 2);
	seal_both();
}

static void other_revision(void)
{
	put32(primary() + 8, 0x20000);
	seal_both();
}

static void header_size_wild(void)
{
	put32(primary() + 12, 0xfffffff0);
}

static void too_many_entries(void)
{
	put32(primary() + 80, 0x02000001);
	seal_header(primary());
}

static void entries_odd(void)
{
	put32(primary() + 84, 129);
	seal_header(primary());
}

static void entries_elsewhere(void)
{
	put64(primary() + 72, 0xffffffffffffff00ull);
	seal_header(primary());
}

static void usable_wild(void)
{
	put64(primary() + 48, MODEL_SECTORS);
	put64(backup() + 48, MODEL_SECTORS);
	seal_both();
}

static void overlap(void)
{
	put64(entry(1) + 40, SWAP_FIRST);
	seal_both();
}

static void beyond_usable(void)
{
	put64(entry(3) + 40, MODEL_SECTORS - 1);
	seal_both();
}

static void backwards(void)
{
	put64(entry(SWAP_NUMBER) + 32, SWAP_FIRST + SWAP_SECTORS);
	seal_both();
}

static void other_type(void)
{
	memcpy(entry(SWAP_NUMBER), linux_data, 16);
	seal_both();
}

static void marked_read_only(void)
{
	put64(entry(SWAP_NUMBER) + 48, 1ull << 60);
	seal_both();
}

static void no_signature(void)
{
	swap_header()[4090] ^= 1;
}

static void hibernated(void)
{
	memcpy(swap_header() + 4086, "S1SUSPEND", 9);
}

static void old_version(void)
{
	put32(swap_header() + 1024, 0);
}

static void other_label(void)
{
	memcpy(swap_header() + 1052, "swap\0\0\0\0\0\0", 10);
}

static void longer_label(void)
{
	swap_header()[1052 + 10] = '2';
}

static void no_label(void)
{
	memset(swap_header() + 1052, 0, 16);
}

static void too_long(void)
{
	put32(swap_header() + 1028, LAST_PAGE + 1);
}

static void longest(void)
{
	put32(swap_header() + 1028, 0xffffffff);
}

static void no_pages(void)
{
	put32(swap_header() + 1028, 0);
}

static void many_bad_pages(void)
{
	put32(swap_header() + 1032, 0x80000001);
}

static void bad_page_outside(void)
{
	put32(swap_header() + 1032, 1);
	put32(swap_header() + 1536, LAST_PAGE + 1);
}

static void bad_page_twice(void)
{
	put32(swap_header() + 1032, 2);
	put32(swap_header() + 1536, 9);
	put32(swap_header() + 1540, 9);
}

static void one_page(void)
{
	put64(entry(SWAP_NUMBER) + 40, SWAP_FIRST + 14);
	seal_both();
}

static void device_read_only(void)
{
	model_disk.disk.read_only = true;
}

static void unreadable(void)
{
	model_disk.fail = 1000;
}

static const struct damage {
	void (*make)(void);
	const char *text; /* in the log; NULL: the log is empty */
} damages[] = {
	{ mbr_gone, "the MBR does not protect it" },
	{ mbr_of_partitions, "the MBR has partitions of its own" },
	{ mbr_hybrid, "the MBR has partitions of its own" },
	{ mbr_only, NULL },
	{ blank, NULL },
	{ primary_gone, "the primary header is missing" },
	{ backup_gone, "the last sector is no backup header" },
	{ primary_flipped, "the primary header is damaged" },
	{ backup_flipped, "the backup header is damaged" },
	{ entries_flipped, "the entries are damaged" },
	{ backup_entries_flipped, "the entries of the backup are damaged" },
	{ contradiction, "primary and backup contradict each other" },
	{ other_guid, "primary and backup contradict each other" },
	{ not_crossed, "the headers do not name each other" },
	{ misplaced, "a header is not in its place" },
	{ other_revision, "a header has an unknown revision" },
	{ header_size_wild, "the primary header is damaged" },
	{ too_many_entries, "impossible number or size of entries" },
	{ entries_odd, "impossible number or size of entries" },
	{ entries_elsewhere, "its entries in an impossible place" },
	{ usable_wild, "impossible usable sectors" },
	{ overlap, "two partitions overlap" },
	{ beyond_usable, "a partition is not within the usable sectors" },
	{ backwards, "a partition is not within the usable sectors" },
	{ other_type, NULL },
	{ marked_read_only, "it is marked read-only" },
	{ no_signature, "it has no swap header" },
	{ hibernated, "it has no swap header" },
	{ old_version, "the version of its swap header is not 1" },
	{ other_label, "its label is not pagewright" },
	{ longer_label, "its label is not pagewright" },
	{ no_label, "its label is not pagewright" },
	{ too_long, "its swap header does not fit" },
	{ longest, "its swap header does not fit" },
	{ no_pages, "its swap header does not fit" },
	{ many_bad_pages, "its list of bad pages is wrong" },
	{ bad_page_outside, "its list of bad pages is wrong" },
	{ bad_page_twice, "its list of bad pages is wrong" },
	{ one_page, "it has less than two pages" },
	{ device_read_only, "the disk is read-only" },
	{ unreadable, "a sector cannot be read" },
};

/* Each kind of damage: the disk or the partition is not used, and the log says why. */
static void damage(void)
{
	struct model_disk fresh;

	model_boot();
	present_disk();
	fresh = model_disk;
	for (u32 i = 0; i < ARRAY_SIZE(damages); i++) {
		model_disk = fresh;
		make_disk();
		damages[i].make();
		console_clear();
		gpt_scan(&model_disk.disk);
		EXPECT_EQ(model_disk.writes, 0);
		EXPECT_EQ(swap_partition_count, 0);
		if (damages[i].text ? !strstr(console_text(), damages[i].text)
				    : console_text()[0] != '\0') {
			tap_note("damage %u: %s", i, console_text());
			EXPECT(!"the log says why");
		}
	}
}

TAP_MAIN({ "a good disk is used", good_disk },
	 { "so is one with sectors of 4096 bytes", good_disk_of_4096 },
	 { "bad pages are known", bad_pages },
	 { "a disk of sfdisk and mkswap is used", debian_tools },
	 { "each kind of damage is refused, with a reason", damage })
