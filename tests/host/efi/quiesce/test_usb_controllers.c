/* SPDX-License-Identifier: MIT */
/*
 * USB controllers that the firmware serves are taken over: where their registers are found, in
 * memory below and above 4 GiB and in PCI's configuration space; firmware that does not answer.
 *
 * sources: efi/quiesce/quiesce.c efi/quiesce/quiesce_rules.c efi/quiesce/processors.c
 * sources: efi/quiesce/usb.c efi/quiesce/usb_handoff.c efi/options.c kernel/devices/pci.c
 * sources: tests/host/efi/quiesce/quiesce_rig.c
 */
#include <string.h>

#include "efi/quiesce/quiesce.h"
#include "tests/host/efi/firmware.h"
#include "tests/host/efi/quiesce/quiesce_rig.h"
#include "tests/host/efi/traps.h"
#include "tests/host/tap.h"

static u32 usb_registers[1024];

static u32 read_usb(u32 offset)
{
	return usb_registers[offset / 4];
}

static void write_usb(u32 offset, u32 value)
{
	/* The firmware gives it up when it is asked. */
	usb_registers[offset / 4] = value & 1u << 24 ? value & ~(1u << 16) : value;
}

/* xHCI: the capability at 0x40 says that the firmware owns it. */
static void have_usb(u64 address)
{
	const struct trapped_device usb = { address, read_usb, write_usb };

	traps_device(&usb);
	have_function(USB, 0x0c0330, 6);
	config[USB][3] = 0;
	config[USB][4] = (u32)address | 4; /* of 64 bits */
	config[USB][5] = (u32)(address >> 32);
	usb_registers[0x10 / 4] = 0x40 / 4 << 16;
	usb_registers[0x40 / 4] = 1u << 16 | 1;
	usb_registers[0x44 / 4] = ~0u;
}

#define USB_AT 0x1f803000u

static void usb(void)
{
	start_machine();
	have_usb(USB_AT);
	have_function(NETWORK, 0x020000, 3);
	run(0);
	EXPECT(counts.usb == 1 && counts.usb_owned == 1 && !counts.usb_forced);
	EXPECT_EQ(usb_registers[0x40 / 4], 1u << 24 | 1);
	EXPECT_EQ(counts.bus_masters, 1);
	EXPECT_EQ(config[USB][1], 2);
	/* The firmware had it no more. */
	config[USB][1] = 6;
	run(0);
	EXPECT(counts.usb == 1 && !counts.usb_owned && !counts.usb_forced);
	/* What is not taken over stays a master. */
	config[USB][1] = 6;
	run(SKIP_USB);
	EXPECT(!counts.usb && !counts.bus_masters && config[USB][1] == 6);
}

/* The firmware does not answer: after a second it is forced. */
static void write_usb_deaf(u32 offset, u32 value)
{
	usb_registers[offset / 4] = value;
}

static void usb_is_forced(void)
{
	const struct trapped_device deaf = { USB_AT + 0x1000, read_usb, write_usb_deaf };

	start_machine();
	traps_device(&deaf);
	have_usb(USB_AT);
	config[USB][4] = (USB_AT + 0x1000) | 4;
	now = 5;
	run(0);
	EXPECT(counts.usb == 1 && counts.usb_owned == 1 && counts.usb_forced == 1);
	EXPECT(now >= 1000005 && now < 1001000);
	EXPECT_EQ(usb_registers[0x40 / 4], 1u << 24 | 1);
}

/* Registers that cannot be reached: ports, memory that is off, no page. */
static void usb_out_of_reach(void)
{
	start_machine();
	have_usb(USB_AT);
	config[USB][4] |= 1;
	run(0);
	EXPECT(counts.usb == 1 && !counts.usb_owned);
	config[USB][4] &= ~1u;
	config[USB][1] = 4;
	run(0);
	EXPECT(counts.usb == 1 && !counts.usb_owned);
	/* 32 bits: the next register is no part of the address. */
	config[USB][1] = 6;
	config[USB][4] = USB_AT;
	config[USB][5] = 0x7777;
	run(0);
	EXPECT(counts.usb == 1 && counts.usb_owned == 1);
}

/* EHCI: the firmware's bit is in the configuration space, and does not change by itself. */
static void usb_2(void)
{
	start_machine();
	have_usb(USB_AT);
	config[USB][2] = 0x0c0320u << 8;
	config[USB][0x60 / 4] = 1u << 16 | 1;
	usb_registers[8 / 4] = 0x60 << 8;
	run(0);
	EXPECT(counts.usb == 1 && counts.usb_owned == 1 && counts.usb_forced == 1);
	EXPECT_EQ(config[USB][0x60 / 4], 1u << 24 | 1);
	EXPECT_EQ(config[USB][0x64 / 4], 0xe0000000);
}

/* A neighbour of USB's class. */
static void other_serial_buses(void)
{
	start_machine();
	have_usb(USB_AT);
	config[USB][2] = 0x0c0530u << 8;
	run(0);
	EXPECT(!counts.usb && usb_registers[0x40 / 4] == (1u << 16 | 1));
}

#ifdef __x86_64__
#define FAR 0x234567890000ull

/* The tables of the firmware, from MiB(200): one page each level, all of present entries. */
static u64 *table(u32 level)
{
	return (u64 *)(uintptr_t)(MiB(200) + level * 4096);
}

static void map_far(u32 levels)
{
	memset(table(0), 0, 6 * 4096);
	traps.control[3] = (uintptr_t)table(levels) | 0x18; /* with bits that are no address */
	traps.control[4] = levels == 5 ? 1u << 12 : 0;
	for (u32 level = levels; level != 0; level--)
		table(level)[FAR >> (3 + 9 * level) & 511] =
			(uintptr_t)table(level - 1) | 0x8000000000000003ull;
}

static u32 owned_at_far(void)
{
	usb_registers[0x40 / 4] = 1u << 16 | 1;
	config[USB][1] = 6;
	run(0);
	return counts.usb_owned;
}

/* The last bytes below 4 GiB are mapped, the register at 4 GiB is not. */
static void usb_at_4_gib(void)
{
	start_machine();
	have_usb(USB_AT);
	map_far(4);
	config[USB][4] = 0xfffffff4;
	run(0);
	EXPECT(counts.usb == 1 && !counts.usb_owned);
}

/* Above 4 GiB the loader reads the page tables: a page that is not mapped would be a fault. */
static void usb_far_away(void)
{
	start_machine();
	have_usb(FAR);
	for (u32 levels = 4; levels <= 5; levels++) {
		map_far(levels);
		EXPECT_EQ(owned_at_far(), 1);
		for (u32 level = levels; level != 0; level--) {
			table(level)[FAR >> (3 + 9 * level) & 511] &= ~1ull;
			EXPECT_EQ(owned_at_far(), 0);
			table(level)[FAR >> (3 + 9 * level) & 511] |= 1;
		}
		/* Large pages end the walk. The bit means another thing elsewhere. */
		for (u32 level = 2; level <= 3; level++) {
			map_far(levels);
			table(level)[FAR >> (3 + 9 * level) & 511] |= 0x80;
			memset(table(level - 1), 0, 4096);
			EXPECT_EQ(owned_at_far(), 1);
		}
		map_far(levels);
		table(4)[FAR >> (3 + 9 * 4) & 511] |= 0x80;
		memset(table(3), 0, 4096);
		EXPECT_EQ(owned_at_far(), 0);
	}
}
#else
static void usb_at_4_gib(void)
{
}

static void usb_far_away(void)
{
	start_machine();
	have_usb(USB_AT);
	config[USB][5] = 1; /* 32-bit firmware does not reach it */
	run(0);
	EXPECT(counts.usb == 1 && !counts.usb_owned);
}
#endif

TAP_MAIN({ "USB", usb }, { "USB that is not released", usb_is_forced },
	 { "USB registers out of reach", usb_out_of_reach },
	 { "other serial buses", other_serial_buses }, { "USB 2", usb_2 },
	 { "USB at 4 GiB", usb_at_4_gib }, { "USB above 4 GiB", usb_far_away })
