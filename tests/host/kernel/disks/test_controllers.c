/* SPDX-License-Identifier: MIT */
/*
 * What no emulator shows of controllers of disks: a firmware that owns an AHCI controller, and
 * namespaces of NVMe that are write protected or have sectors of unusual formats.
 *
 * sources: kernel/disks/ahci_handoff.c kernel/disks/nvme_namespace.c
 */
#include <string.h>

#include "kernel/disks/ahci_handoff.h"
#include "kernel/disks/disk.h"
#include "kernel/disks/nvme.h"
#include "kernel/disks/poll.h"
#include "tests/host/tap.h"

#define HANDOFF	 1u
#define FIRMWARE 1u
#define OS	 2u
#define BUSY	 (1u << 4)

/* The firmware needs so many milliseconds after it was asked; it says that it is busy. */
static struct {
	u32 hba[16];
	u32 needs, waited;
	bool says_busy;
} machine;

bool poll_bits(const volatile u32 *word, u32 mask, u32 value, u32 milliseconds)
{
	u32 *bohc = &machine.hba[HBA_BOHC];

	EXPECT(word == bohc && mask == FIRMWARE && !value);
	EXPECT(*bohc & OS); /* it was asked before */
	machine.waited += milliseconds;
	if (machine.says_busy)
		*bohc |= BUSY;
	if (machine.waited >= machine.needs)
		*bohc &= ~(FIRMWARE | BUSY);
	return (*word & mask) == value;
}

static u32 take(u32 capabilities, u32 needs, bool says_busy)
{
	memset(&machine, 0, sizeof(machine));
	machine.needs = needs;
	machine.says_busy = says_busy;
	machine.hba[HBA_CAP2] = capabilities;
	machine.hba[HBA_BOHC] = FIRMWARE;
	ahci_take_from_firmware(machine.hba);
	return machine.hba[HBA_BOHC];
}

static void firmware_lets_go(void)
{
	EXPECT_EQ(take(0, 0, false), FIRMWARE); /* no such register: not touched */
	EXPECT_EQ(machine.waited, 0);
	EXPECT_EQ(take(HANDOFF, 10, false), OS);
	EXPECT_EQ(machine.waited, 25);
	EXPECT_EQ(take(HANDOFF, 1000, true), OS);
	EXPECT_EQ(machine.waited, 2025);
}

/* The controller is taken after the time that the specification gives. */
static void firmware_keeps_it(void)
{
	EXPECT_EQ(take(HANDOFF, UINT32_MAX, false), OS | FIRMWARE);
	EXPECT_EQ(machine.waited, 25);
	EXPECT_EQ(take(HANDOFF, UINT32_MAX, true), OS | FIRMWARE | BUSY);
	EXPECT_EQ(machine.waited, 2025);
}

static u8 id[4096];

static void make_namespace(u32 sectors, u32 format, u32 shift, u32 metadata)
{
	u32 word = shift << 16 | metadata;

	memset(id, 0, sizeof(id));
	memcpy(id, &sectors, sizeof(sectors));
	id[26] = (u8)format;
	memcpy(id + 128 + 4 * (format & 15), &word, sizeof(word));
}

static void namespaces(void)
{
	struct disk disk = { .sectors = 0 };
	u32 shift = 0;

	make_namespace(5000, 3, 12, 0);
	EXPECT(nvme_describe_namespace(id, &disk, &shift));
	EXPECT_EQ(disk.sectors, 5000);
	EXPECT_EQ(disk.sector_bytes, 4096);
	EXPECT(shift == 12 && !disk.read_only);
	id[99] = 1;
	EXPECT(nvme_describe_namespace(id, &disk, &shift));
	EXPECT(disk.read_only);
	make_namespace(5000, 0x10, 9, 0); /* bit 4 is not of the format's number */
	EXPECT(nvme_describe_namespace(id, &disk, &shift));
	EXPECT(disk.sector_bytes == 512 && !disk.read_only);
	make_namespace(0, 0, 9, 0);
	EXPECT(!nvme_describe_namespace(id, &disk, &shift));
	make_namespace(5000, 0, 9, 8); /* metadata with each sector */
	EXPECT(!nvme_describe_namespace(id, &disk, &shift));
	make_namespace(5000, 0, 17, 0);
	EXPECT(!nvme_describe_namespace(id, &disk, &shift));
}

TAP_MAIN({ "the firmware lets go of a controller", firmware_lets_go },
	 { "a firmware that does not", firmware_keeps_it }, { "namespaces", namespaces })
