/* SPDX-License-Identifier: MIT */
/*
 * The AHCI driver against a model of a controller: which ports are used, what a disk says of
 * itself, transfers of every length, errors, and the end. What is not used gives all memory back.
 *
 * sources: kernel/disks/ahci.c kernel/disks/ahci_handoff.c kernel/disks/disk.c
 * sources: tests/host/kernel/disks/ahci_model.c
 * sources: tests/host/kernel/disks/request_frames.c
 */
#include <stdio.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/devices/pci.h"
#include "kernel/disks/driver.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/page_alloc.h"
#include "tests/host/console.h"
#include "tests/host/kernel/disks/ahci_model.h"
#include "tests/host/kernel/disks/request_frames.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define LINE(name) "disk: name=" name " model=\"Model of a? disk\" sectors=1024 sector=512\n"

static struct ahci_model *const m = &ahci_model;

static void boot(void)
{
	machine_boot();
	ahci_model_init();
}

/* What is registered stays for good. */
static void start(void)
{
	u32 index = 0, before;

	while (disk_get(index))
		index++;
	before = index;
	console_clear();
	ahci_init();
	while (disk_get(index))
		index++;
	if (index > before)
		machine_settle();
}

static struct disk *start_good(void)
{
	boot();
	ahci_model_disk(0);
	start();
	return disk_get(0);
}

/* ---- The start ---- */

static void found(void)
{
	struct disk *disk = start_good();

	EXPECT_TEXT(console_text(), LINE("ahci0"));
	EXPECT_EQ(disk->max_frames, DISK_FRAMES_MAX);
	EXPECT(m->resets == 1 && m->port[0].starts == 1 && m->port[0].commands == 1);
	EXPECT(!m->bus_off && !disk->read_only);
	/* An empty port is not started. */
	EXPECT(!(ahci_registers(1)[P_CMD] & 7));
}

/* The first and the last port, and one that the controller does not implement. */
static void ports(void)
{
	boot();
	ahci_model_disk(0);
	ahci_model_disk(3);
	ahci_model_disk(31);
	m->registers[3] = ~(1u << 3);
	m->forgets_ports = true;
	start();
	EXPECT_TEXT(console_text(), LINE("ahci0") LINE("ahci1"));
	EXPECT(m->port[0].starts == 1 && m->port[31].starts == 1 && !m->port[3].starts);
	EXPECT_EQ(m->registers[3], ~(1u << 3)); /* as the firmware wrote it */
	EXPECT(!(ahci_registers(3)[P_CMD] & 7));
}

/* A link that is not fully up counts as no device. */
static void half_a_link(void)
{
	boot();
	ahci_model_disk(1);
	ahci_registers(1)[P_SSTS] = 0x121;
	start();
	EXPECT_TEXT(console_text(), "");
	EXPECT(!m->port[1].starts && m->resets == 1);
}

static void other_functions(void)
{
	boot();
	ahci_model_disk(0);
	m->class = 0x01018000; /* IDE */
	start();
	EXPECT(!m->resets && !m->bus_on);
	m->class = 0x01060100;
	m->out_of_reach = true;
	start();
	EXPECT_TEXT(console_text(), "disk: ahci error=registers-out-of-reach\n");
	m->out_of_reach = false;
	m->stays_in_reset = true;
	start();
	EXPECT_TEXT(console_text(), "disk: ahci error=controller-does-not-reset\n");
	EXPECT(!disk_get(0));
}

/* 32-bit addresses are enough while no frame is above 4 GiB. */
static void short_addresses(void)
{
	pfn_t frames;

	boot();
	frames = max_pfn;
	ahci_model_disk(0);
	m->registers[0] &= ~(1u << 31);
	max_pfn = phys_to_pfn(GiB(4)) + 1;
	ahci_init();
	EXPECT_TEXT(console_text(), "disk: ahci error=no-64-bit-addresses\n");
	EXPECT(!m->resets);
	console_clear();
	max_pfn = phys_to_pfn(GiB(4));
	ahci_init();
	EXPECT_TEXT(console_text(), LINE("ahci0"));
	ahci_model_init();
	ahci_model_disk(0);
	console_clear();
	max_pfn++;
	ahci_init();
	EXPECT_TEXT(console_text(), LINE("ahci1"));
	max_pfn = frames;
	machine_settle();
}

/* Ports that are not used, the line of each, and whether its memory is kept from the device. */
static void refused_ports(void)
{
	boot();
	ahci_model_disk(0);
	m->port[0].signature = AHCI_ATAPI;
	start();
	EXPECT_TEXT(console_text(), "");
	EXPECT(!m->port[0].starts);
	m->port[0].signature = AHCI_NOTHING;
	ahci_registers(0)[P_SSTS] = 0x123;
	start();
	EXPECT_TEXT(console_text(), "disk: ahci-port=0 error=no-signature\n");
	ahci_model_init();
	ahci_model_disk(2);
	m->port[2].loses_link = true;
	start();
	EXPECT_TEXT(console_text(), "disk: ahci-port=2 error=no-link\n");
	ahci_model_init();
	ahci_model_disk(2);
	m->port[2].stays_busy = true;
	start();
	EXPECT_TEXT(console_text(), "disk: ahci-port=2 error=busy\n");
	EXPECT(!(ahci_registers(2)[P_CMD] & (1u << 4))); /* stopped again */
}

/* A port that does not stop keeps its page, which must get no other owner. */
static void does_not_stop(void)
{
	for (u32 receives = 0; receives < 2; receives++) {
		u32 free_pages;

		if (!receives)
			boot();
		else
			ahci_model_init();
		ahci_model_disk(5);
		m->port[5].runs_on = !receives;
		m->port[5].receives_on = receives;
		free_pages = nr_free_pages();
		start();
		EXPECT_TEXT(console_text(), "disk: ahci-port=5 error=port-does-not-stop\n");
		EXPECT(nr_free_pages() < free_pages);
		machine_settle();
	}
}

/* What IDENTIFY says, and what is not used because of it. */
static void identities(void)
{
	struct disk *disk;

	boot();
	ahci_model_disk(0);
	m->port[0].identity[83] &= (u16) ~(1u << 10);
	start();
	EXPECT_TEXT(console_text(), "disk: ahci-port=0 error=no-48-bit-addresses\n");
	ahci_model_init();
	ahci_model_disk(0);
	m->port[0].lose = 2;
	start();
	EXPECT_TEXT(console_text(), "disk: ahci-port=0 error=short\n");
	ahci_model_init();
	ahci_model_disk(0);
	m->port[0].identity[100] = 0;
	start();
	EXPECT(strstr(console_text(), "unused reason=\"no sectors\""));
	EXPECT(!disk_get(0));
	ahci_model_init();
	ahci_model_disk(0);
	memcpy(&m->port[0].identity[100], (u16[]){ 1, 2, 3, 4 }, 8);
	m->port[0].identity[106] = 0x5000; /* sectors of 2^11 words */
	m->port[0].identity[117] = 2048;
	start();
	disk = disk_get(0);
	EXPECT(disk && disk->sectors == 0x0004000300020001ull);
	EXPECT_EQ(disk->sector_bytes, 4096);
	/* Several logical sectors in a physical one; or the word is not valid. */
	for (u32 i = 1; i < 4; i++) {
		static const u16 words[] = { 0, 0x6003, 0x9000, 0xd000 };

		ahci_model_init();
		ahci_model_disk(0);
		m->port[0].identity[106] = words[i];
		m->port[0].identity[117] = 2048;
		start();
		EXPECT_EQ(disk_get(i)->sector_bytes, 512);
	}
	ahci_model_init();
	ahci_model_disk(0);
	m->port[0].identity[106] = 0x5000;
	m->port[0].identity[118] = 1;
	start();
	EXPECT(strstr(console_text(), "sector=131072 unused"));
}

static void no_memory(void)
{
	u32 failed = 1, without = 0;

	boot();
	for (u32 nth = 1; failed && nth < 20; nth++) {
		ahci_model_init();
		ahci_model_disk(4);
		fail_alloc_set(&(struct fail_spec){ FAIL_ANY, FAIL_ONCE, nth });
		start();
		failed = fail_alloc_failed();
		fail_alloc_set(NULL);
		if (!disk_get(0)) {
			EXPECT_TEXT(console_text(), "disk: ahci-port=4 error=no-memory\n");
			EXPECT(!m->port[4].starts);
			without++;
		}
	}
	EXPECT(without >= 2);
}

/* ---- Requests ---- */

/* Each length in sectors, at both ends of the disk; memory behind it stays. */
static void reads(void)
{
	struct disk *disk = start_good();
	u32 wrong = 0;

	take_frames();
	for (u32 sectors = 1; sectors <= DISK_FRAMES_MAX * 8; sectors++) {
		u32 bytes = sectors * 512, first = sectors % 2 ? 0 : AHCI_SECTORS - sectors;

		fill_frames();
		wrong += disk_read(disk, first, frames, bytes) != 0;
		wrong += !frames_are(m->port[0].data + first * 512, bytes);
		wrong += m->port[0].last_prds != DIV_ROUND_UP(bytes, PAGE_SIZE);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT(!disk->count.retries && !disk->count.errors && !m->port[0].resets);
	EXPECT_EQ(m->limit, DISK_TIMEOUT_MS);
	free_frames();
}

static void writes(void)
{
	static const u32 lengths[] = { 1, 7, 8, 9, 16, 17, 100, DISK_FRAMES_MAX * 8 };
	struct disk *disk = start_good();
	const struct disk_range *range = disk_allow_writes(disk, 16, AHCI_SECTORS - 32);
	u32 wrong = 0;

	take_frames();
	for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
		u32 bytes = lengths[i] * 512, first = AHCI_SECTORS - 32 - lengths[i];
		u8 *data = m->port[0].data + (16 + first) * 512;

		memset(m->port[0].data, 0, sizeof(m->port[0].data));
		wrong += disk_write(range, first, frames, bytes) != 0;
		for (u32 byte = 0; byte < bytes; byte++)
			wrong += data[byte] != byte / PAGE_SIZE + 1;
		wrong += data[-1] || data[bytes];
	}
	EXPECT_EQ(wrong, 0);
	free_frames();
}

/* Sectors and frames of which the numbers need both halves. */
static void large_numbers(void)
{
	struct disk *disk = start_good();
	const pfn_t far[] = { 0xfffff, 0x123456 };

	m->port[0].keeps_memory = true;
	EXPECT(!disk->ops->transfer(disk, false, 0x123456789abcull, far, 4096 + 512));
	EXPECT(m->port[0].last_sector == 0x123456789abcull && m->port[0].last_count == 9);
	EXPECT_EQ(m->port[0].last_prds, 2);
	EXPECT(m->port[0].last_address[0] == 0xfffff000ull);
	EXPECT(m->port[0].last_address[1] == 0x123456000ull);
}

static void flushes(void)
{
	struct disk *disk = start_good();

	EXPECT_EQ(disk_flush(disk), 0); /* no write cache: nothing to do */
	EXPECT_EQ(m->port[0].commands, 1);
	ahci_model_init();
	ahci_model_disk(0);
	m->port[0].identity[85] = 1u << 5;
	start();
	EXPECT_EQ(disk_flush(disk_get(1)), 0);
	EXPECT_EQ(m->port[0].last_command, 0xea);
	EXPECT_EQ(m->limit, DISK_FLUSH_TIMEOUT_MS);
}

/* ---- Errors ---- */

/* The link is reset after each error, and the next try is good. */
static void retries(void)
{
	static const struct {
		u32 fail_is, mute, lose;
		bool task;
		const char *error;
	} cases[] = { { 1u << 30, 0, 0, true, "task-file" },
		      { 1u << 27, 0, 0, false, "interface" },
		      { 1u << 28, 0, 0, false, "interface" },
		      { 1u << 29, 0, 0, false, "interface" },
		      { 0, 1, 0, false, "timeout" } };
	struct disk *disk = start_good();

	take_frames();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		char line[120];

		console_clear();
		m->port[0].fail = cases[i].fail_is != 0;
		m->port[0].fail_is = cases[i].fail_is;
		m->port[0].fail_task = cases[i].task;
		m->port[0].mute = cases[i].mute;
		EXPECT_EQ(disk_read(disk, 3 + i, frames, 512), 0);
		snprintf(line, sizeof(line),
			 "disk: name=ahci0 error=%s sector=%u request=read retries=1 result=done\n",
			 cases[i].error, 3 + i);
		EXPECT_TEXT(console_text(), line);
		EXPECT(!memcmp(memory_of(0), m->port[0].data + (3 + i) * 512, 512));
		EXPECT(m->port[0].resets == i + 1 && m->port[0].starts == i + 2);
	}
	/* Bytes are missing, each time. */
	m->port[0].lose = 2;
	console_clear();
	EXPECT_EQ(disk_read(disk, 9, frames, 1024), -EIO);
	EXPECT_TEXT(console_text(), "disk: name=ahci0 error=short sector=9 request=read retries=2 "
				    "result=failed\n");
	EXPECT(!disk->failed);
	free_frames();
}

/* A device that does not come back: its port is stopped, or the controller is off the bus. */
static void reset_fails(void)
{
	struct disk *disk;

	boot();
	for (u32 i = 0; i < 3; i++) {
		ahci_model_init();
		ahci_model_disk(6);
		start();
		take_frames();
		disk = disk_get(i);
		m->port[6].mute = 99;
		m->port[6].loses_link = i == 0;
		m->port[6].stays_busy = i == 1;
		m->port[6].runs_on = i == 2;
		EXPECT_EQ(disk_read(disk, 1, frames, 512), -EIO);
		EXPECT(disk->failed && m->port[6].starts == 1);
		EXPECT_EQ(m->bus_off, i == 2 ? PCI_COMMAND_MASTER : 0);
		EXPECT(i == 2 || !(ahci_registers(6)[P_CMD] & (1u << 14 | 1u << 15)));
		free_frames();
	}
}

static void the_end(void)
{
	boot();
	ahci_model_disk(0);
	ahci_model_disk(9);
	start();
	disks_stop();
	EXPECT(!(ahci_registers(0)[P_CMD] & (1u << 4 | 1u << 14 | 1u << 15 | 1)));
	EXPECT(!(ahci_registers(9)[P_CMD] & (1u << 4 | 1u << 14 | 1u << 15 | 1)));
	EXPECT_EQ(disk_read(disk_get(1), 0, frames, 512), -EIO);
}

TAP_MAIN({ "a disk is found", found }, { "ports", ports }, { "half a link", half_a_link },
	 { "other functions, and controllers that fail", other_functions },
	 { "addresses of 32 bits", short_addresses }, { "ports that are not used", refused_ports },
	 { "a port that does not stop keeps its page", does_not_stop },
	 { "what a disk says of itself", identities }, { "no memory", no_memory },
	 { "reads of each length", reads }, { "writes", writes },
	 { "large numbers", large_numbers }, { "flushes", flushes },
	 { "errors and further tries", retries }, { "a reset that fails", reset_fails },
	 { "the end", the_end })
