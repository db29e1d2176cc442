/* SPDX-License-Identifier: MIT */
/*
 * What still runs after the firmware is stopped: PCI functions, I/O APICs, IOMMUs and other
 * processors, on a machine of models. Counts, skipped parts, and parts that do not obey.
 *
 * sources: efi/quiesce/quiesce.c efi/quiesce/quiesce_rules.c efi/quiesce/processors.c
 * sources: efi/quiesce/usb.c efi/quiesce/usb_handoff.c efi/options.c kernel/devices/pci.c
 * sources: tests/host/efi/quiesce/quiesce_rig.c
 */
#include <string.h>

#include "efi/quiesce/quiesce.h"
#include "kernel/cpu/cpu.h"
#include "tests/host/efi/firmware.h"
#include "tests/host/efi/quiesce/quiesce_rig.h"
#include "tests/host/efi/traps.h"
#include "tests/host/tap.h"

/* ---- An I/O APIC and an IOMMU ---- */

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

static void start(void)
{
	static const struct trapped_device io_apic = { IO_APIC_AT, read_io_apic, write_io_apic };
	static const struct trapped_device iommu = { IOMMU_AT, read_iommu, write_iommu };
	static const struct trapped_device lapic = { LAPIC_AT, read_lapic, write_lapic };

	start_machine();
	traps.rdmsr = read_msr;
	traps.wrmsr = write_msr;
	traps_device(&io_apic);
	traps_device(&iommu);
	traps_device(&lapic);
	features = 1u << CPU_MSR | 1u << CPU_APIC;
	apic_base = LAPIC_AT | 0x900;
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

TAP_MAIN({ "the order", order_of_steps }, { "bus masters", bus_masters }, { "I/O APICs", io_apics },
	 { "IOMMUs", iommus }, { "an IOMMU that does not obey", iommu_that_does_not_obey },
	 { "processors", processors }, { "processors by x2APIC", processors_by_x2apic },
	 { "late processors", late_processors }, { "a slow processor", slow_processor },
	 { "processors that are left", processors_are_left },
	 { "no parking page", no_parking_page })
