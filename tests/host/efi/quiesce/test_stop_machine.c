/* SPDX-License-Identifier: MIT */
/*
 * What still runs after the firmware is stopped: PCI functions, USB controllers, I/O APICs, IOMMUs
 * and other processors, on a machine of models. Counts, skipped parts, and parts that do not obey.
 *
 * sources: efi/quiesce/quiesce.c efi/quiesce/quiesce_rules.c efi/quiesce/processors.c
 * sources: efi/quiesce/usb.c efi/quiesce/usb_handoff.c efi/options.c kernel/devices/pci.c
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "efi/handoff/steps.h"
#include "efi/quiesce/clock.h"
#include "efi/quiesce/quiesce.h"
#include "kernel/cpu/cpu.h"
#include "kernel/devices/pci.h"
#include "tests/host/efi/firmware.h"
#include "tests/host/efi/traps.h"
#include "tests/host/tap.h"

/* ---- In place of other files of the loader ---- */

static u32 features;
static char order[40]; /* the steps, as letters */
static u64 now;

bool processor_has(enum cpu_feature feature)
{
	return features >> feature & 1;
}

void step_tell(enum boot_step step)
{
	order[strlen(order)] = (char)('a' + step);
}

u64 clock_after_us(u32 microseconds)
{
	return now + microseconds;
}

/* Time passes in steps of 100 us. */
static void (*each_look)(void);

bool clock_reached(u64 moment)
{
	now += 100;
	if (each_look)
		each_look();
	return now >= moment;
}

void clock_wait_us(u32 microseconds)
{
	now += microseconds;
}

/* ---- PCI: functions of bus 0, one a device ---- */

#define BRIDGE	0u /* devices */
#define NETWORK 2u
#define DISPLAY 3u
#define USB	4u
#define NARROW	5u

static u32 config[8][64];
static u32 chosen;
static bool no_pci;

static u32 read_port(u16 port, u32 bytes)
{
	u32 device = chosen >> 11 & 31;

	EXPECT_EQ(bytes, 4);
	if (port == 0xcf8)
		return no_pci ? 0 : chosen;
	if (chosen >> 16 & 0xff || chosen >> 8 & 7 || device >= ARRAY_SIZE(config))
		return ~0u;
	return config[device][chosen >> 2 & 63];
}

static void write_port(u16 port, u32 bytes, u32 value)
{
	EXPECT_EQ(bytes, 4);
	if (port == 0xcf8)
		chosen = value;
	else
		config[chosen >> 11 & 31][chosen >> 2 & 63] = value;
}

static void have_function(u32 device, u32 class, u32 command)
{
	config[device][0] = 0x12348086;
	config[device][1] = 0xffff0000 | command; /* each bit of the status is set */
	config[device][2] = class << 8;
}

/* ---- An I/O APIC and two IOMMUs ---- */

#define IO_APIC_AT 0x1f800000u
#define IOMMU_AT   0x1f801000u

static u32 selected, entries[48], io_apic_version = 2u << 16 | 0x11;

static u32 read_io_apic(u32 offset)
{
	if (offset == 0)
		return selected;
	EXPECT_EQ(offset, 0x10);
	if (selected == 1)
		return io_apic_version;
	return selected >= 0x10 && selected < 0x10 + 48 ? entries[selected - 0x10] : 0;
}

static void write_io_apic(u32 offset, u32 value)
{
	if (offset == 0)
		selected = value;
	else if (EXPECT(offset == 0x10 && selected >= 0x10 && selected < 0x10 + 48))
		entries[selected - 0x10] = value;
}

static u32 iommu_status, iommu_command, iommu_reads, iommu_delay;
static bool iommu_obeys = true;

static u32 read_iommu(u32 offset)
{
	EXPECT_EQ(offset, 0x1c);
	iommu_reads++;
	if (iommu_command && iommu_obeys && iommu_delay-- == 0)
		iommu_status &= 0x7fffffff;
	return iommu_status;
}

static void write_iommu(u32 offset, u32 value)
{
	EXPECT_EQ(offset, 0x18);
	EXPECT(!iommu_command);
	iommu_command = value | 1u << 23; /* not zero */
	EXPECT_EQ(value, iommu_status & 0x16ffffff);
}

/* ---- The local APIC and the other processors ---- */

#define LAPIC_AT 0x1f802000u

static u8 *parking;
static u64 apic_base;
static u32 commands[4], command_count, pending, pending_reads, lapic_reads;
static u32 arrivals[2]; /* after the first and the second start-up message */

static void send(u32 command)
{
	u16 *parked = (u16 *)(parking + 0x20);

	commands[command_count++ % 4] = command;
	if ((command & 0xfff00) == 0xc4600) {
		EXPECT_EQ(command & 0xff, (uintptr_t)parking >> 12);
		EXPECT(parking[0] == 0xfa && parking[7] == 0xf4);
		*parked = (u16)(*parked + arrivals[command_count > 2]);
	}
	pending_reads = pending;
}

static u32 read_lapic(u32 offset)
{
	EXPECT_EQ(offset, 0x300);
	lapic_reads++;
	return pending_reads && pending_reads-- ? 0x1000 : 0;
}

static void write_lapic(u32 offset, u32 value)
{
	EXPECT_EQ(offset, 0x300);
	send(value);
}

static u64 read_msr(u32 index)
{
	EXPECT_EQ(index, MSR_APIC_BASE);
	return apic_base;
}

static void write_msr(u32 index, u64 value)
{
	EXPECT(index == 0x830 && value >> 32 == 0);
	send((u32)value);
}

/* ---- The machine ---- */

static struct machine_parts parts;
static struct boot_handover counts;

static void start(void)
{
	static const struct trapped_device io_apic = { IO_APIC_AT, read_io_apic, write_io_apic };
	static const struct trapped_device iommu = { IOMMU_AT, read_iommu, write_iommu };
	static const struct trapped_device lapic = { LAPIC_AT, read_lapic, write_lapic };

	firmware_start();
	traps_start();
	traps.in = read_port;
	traps.out = write_port;
	traps.rdmsr = read_msr;
	traps.wrmsr = write_msr;
	traps_device(&io_apic);
	traps_device(&iommu);
	traps_device(&lapic);
	memset(config, 0xff, sizeof(config));
	features = 1u << CPU_MSR | 1u << CPU_APIC;
	apic_base = LAPIC_AT | 0x900;
	parking = (u8 *)(uintptr_t)FIRMWARE_LOW_START;
	memset(parking, 0, 4096);
	parts.processors = 1;
	memset(&counts, 0xee, sizeof(counts));
}

static void run(u32 skips)
{
	memset(order, 0, sizeof(order));
	quiesce(&parts, skips, parking, &counts);
}

static void order_of_steps(void)
{
	start();
	no_pci = true;
	run(0);
	EXPECT_TEXT(order, "cdefg");
	EXPECT(!counts.bus_masters && !counts.init_sent && !counts.io_apics && !counts.iommus);
	EXPECT_EQ(counts.processors, 1);
}

static void bus_masters(void)
{
	start();
	have_function(BRIDGE, 0x060000, 7);
	have_function(NETWORK, 0x020000, 0x407);
	have_function(DISPLAY, 0x030000, 7);
	have_function(NARROW, 0x010601, 3); /* no master */
	for (u32 device = 0; device < 8; device++)
		config[device][3] = 0;
	run(0);
	EXPECT_EQ(counts.bus_masters, 1);
	EXPECT_EQ(config[NETWORK][1], 0x403); /* and no bit of the status is cleared by a one */
	EXPECT_EQ(config[BRIDGE][1], 0xffff0007);
	EXPECT_EQ(config[DISPLAY][1], 0xffff0007);
	EXPECT_EQ(config[NARROW][1], 0xffff0003);
	have_function(NETWORK, 0x020000, 7);
	run(SKIP_PCI);
	EXPECT(!counts.bus_masters && config[NETWORK][1] == 0xffff0007);
}

/* ---- USB ---- */

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
	start();
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

	start();
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
	start();
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
	start();
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
	start();
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
	start();
	have_usb(USB_AT);
	map_far(4);
	config[USB][4] = 0xfffffff4;
	run(0);
	EXPECT(counts.usb == 1 && !counts.usb_owned);
}

/* Above 4 GiB the loader reads the page tables: a page that is not mapped would be a fault. */
static void usb_far_away(void)
{
	start();
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
	start();
	have_usb(USB_AT);
	config[USB][5] = 1; /* 32-bit firmware does not reach it */
	run(0);
	EXPECT(counts.usb == 1 && !counts.usb_owned);
}
#endif

/* ---- I/O APICs and IOMMUs ---- */

static void io_apics(void)
{
	start();
	parts.io_apics = 1;
	parts.io_apic[0] = IO_APIC_AT;
	entries[0] = 0x30;
	entries[1] = 0x77;    /* an upper half */
	entries[2] = 0x10031; /* masked before */
	entries[4] = 0x200;   /* an SMI */
	entries[6] = 0x32;    /* beyond the last */
	run(0);
	EXPECT(counts.io_apics == 1 && counts.open_entries == 1);
	EXPECT(entries[0] == 0x10030 && entries[1] == 0x77 && entries[2] == 0x10031);
	EXPECT(entries[4] == 0x200 && entries[6] == 0x32);
	io_apic_version |= 23u << 16;
	run(0);
	EXPECT(counts.open_entries > 1 && entries[6] == 0x10032 && entries[46] == 0x10000);
	entries[0] = 0x30;
	run(SKIP_IO_APICS);
	EXPECT(!counts.io_apics && entries[0] == 0x30);
	io_apic_version = ~0u;
	run(0);
	EXPECT(!counts.io_apics && !counts.open_entries && entries[0] == 0x30);
}

static void iommus(void)
{
	start();
	parts.iommus = 1;
	parts.iommu[0] = IOMMU_AT;
	run(0);
	EXPECT(counts.iommus == 1 && !counts.iommus_active && !iommu_command);
	/* Translation, and a state to keep; other bits act once, and are not repeated. */
	iommu_status = 0xffffffff & ~1u;
	iommu_delay = 5;
	run(0);
	EXPECT(counts.iommus_active == 1 && !counts.iommus_left && iommu_command);
	EXPECT(!(iommu_status >> 31));
	iommu_status = 0x80000000;
	iommu_command = 0;
	run(SKIP_IOMMU);
	EXPECT(counts.iommus == 1 && !counts.iommus_active && !iommu_command);
	iommu_status = ~0u; /* there is none */
	run(0);
	EXPECT(!counts.iommus_active && !iommu_command);
}

/* Two million traps would take too long: plain memory, in which the bit stays. */
static void iommu_that_does_not_obey(void)
{
	static u32 memory[8] __aligned(32);

	start();
	memory[7] = 0x80000000;
	parts.iommus = 1;
	parts.iommu[0] = (uintptr_t)memory;
	run(0);
	EXPECT(counts.iommus_active == 1 && counts.iommus_left == 1);
}

/* ---- Processors ---- */

static void processors(void)
{
	start();
	parts.processors = 4;
	arrivals[0] = 3;
	pending = 3;
	run(0);
	EXPECT(counts.init_sent == 1 && counts.parked == 3 && counts.processors == 4);
	EXPECT(command_count == 2 && commands[0] == 0xc4500);
	EXPECT_EQ(commands[1], 0xc4600 | FIRMWARE_LOW_START >> 12);
	/* 10 ms before the first start-up message, and no wait when all have arrived. */
	EXPECT(now >= 10000 && now < 11000);
	/* It looks until a message is not pending any more. */
	EXPECT_EQ(lapic_reads, 2 * 4);
}

static void processors_by_x2apic(void)
{
	start();
	parts.processors = 2;
	arrivals[0] = 1;
	apic_base = 0xfee00d00;
	run(0);
	EXPECT(counts.parked == 1 && command_count == 2);
	EXPECT_EQ(commands[1], 0xc4600 | FIRMWARE_LOW_START >> 12);
}

/* Some are late: a second message, and up to 200 ms. */
static void late_processors(void)
{
	start();
	parts.processors = 4;
	arrivals[0] = 1;
	arrivals[1] = 2;
	run(0);
	EXPECT(counts.parked == 3 && command_count == 3);
	EXPECT(now >= 20000 && now < 21000);
	/* One that never comes. */
	memset(parking, 0, 4096);
	command_count = 0;
	arrivals[1] = 1;
	now = 0;
	run(0);
	EXPECT(counts.parked == 2 && command_count == 3);
	EXPECT(now >= 220000 && now < 221000);
	/* No table says how many there are. */
	memset(parking, 0, 4096);
	command_count = 0;
	parts.processors = 0;
	now = 0;
	run(0);
	EXPECT(counts.parked == 2 && command_count == 3 && counts.processors == 0);
	EXPECT(now >= 220000);
}

/* One that arrives while the loader waits. */
static void arrive(void)
{
	if (now >= 50000)
		*(u16 *)(parking + 0x20) = 1;
}

static void slow_processor(void)
{
	start();
	parts.processors = 2;
	each_look = arrive;
	run(0);
	EXPECT(counts.parked == 1 && now < 51000);
}

static void processors_are_left(void)
{
	start();
	parts.processors = 1; /* this one */
	run(0);
	EXPECT(!command_count && !counts.init_sent);
	parts.processors = 4;
	run(SKIP_INIT);
	EXPECT(!command_count && !counts.init_sent);
	/* No local APIC that can send. */
	features = 1u << CPU_MSR;
	run(0);
	features = 1u << CPU_APIC;
	run(0);
	features = 1u << CPU_MSR | 1u << CPU_APIC;
	apic_base = LAPIC_AT | 0x100;
	run(0);
	apic_base = LAPIC_AT | 0x800; /* not the processor that a reset starts */
	run(0);
	apic_base = LAPIC_AT | 0x900 | 1ull << 32;
	run(0);
	EXPECT(!command_count && !counts.init_sent);
}

/* Without a page for them only INIT is sent. */
static void no_parking_page(void)
{
	start();
	parts.processors = 4;
	quiesce(&parts, 0, NULL, &counts);
	EXPECT(command_count == 1 && commands[0] == 0xc4500);
	EXPECT(counts.init_sent == 1 && !counts.parked);
}

TAP_MAIN({ "the order", order_of_steps }, { "bus masters", bus_masters }, { "USB", usb },
	 { "USB that is not released", usb_is_forced },
	 { "USB registers out of reach", usb_out_of_reach },
	 { "other serial buses", other_serial_buses }, { "USB 2", usb_2 },
	 { "USB at 4 GiB", usb_at_4_gib }, { "USB above 4 GiB", usb_far_away },
	 { "I/O APICs", io_apics }, { "IOMMUs", iommus },
	 { "an IOMMU that does not obey", iommu_that_does_not_obey }, { "processors", processors },
	 { "processors by x2APIC", processors_by_x2apic }, { "late processors", late_processors },
	 { "a slow processor", slow_processor },
	 { "processors that are left", processors_are_left },
	 { "no parking page", no_parking_page })
