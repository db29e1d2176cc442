/* SPDX-License-Identifier: MIT */
/*
 * The NVMe driver against a model of a controller: its start, queues that wrap around, transfers
 * of every length, errors, and its end. What fails gives all memory back.
 *
 * sources: kernel/disks/nvme.c kernel/disks/nvme_namespace.c kernel/disks/disk.c
 * sources: tests/host/kernel/disks/nvme_model.c
 * sources: tests/host/kernel/disks/request_frames.c
 */
#include <stdio.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/disks/driver.h"
#include "kernel/disks/nvme.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/page_alloc.h"
#include "tests/host/console.h"
#include "tests/host/kernel/disks/nvme_model.h"
#include "tests/host/kernel/disks/request_frames.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define MODEL_NAME "Model of ? a disk"

static const struct pci_device device = { 3, 4, 5 };
static struct nvme_model *const m = &nvme_model;

/* What is registered stays for good. */
static bool start(void)
{
	bool started;

	console_clear();
	started = nvme_start(device, m->registers);
	if (started)
		machine_settle();
	return started;
}

static struct disk *start_good(void)
{
	machine_boot();
	nvme_model_init();
	EXPECT(start());
	return disk_get(0);
}

/* ---- The start ---- */

static void found(void)
{
	struct disk *disk = start_good();

	EXPECT_TEXT(console_text(), "disk: name=nvme0 model=\"" MODEL_NAME "\" sectors=512 "
				    "sector=512\n");
	EXPECT(disk && !disk_get(1));
	EXPECT_EQ(disk->max_frames, DISK_FRAMES_MAX);
	EXPECT(m->enables == 1 && !m->disables && !m->bus_off);
	EXPECT_EQ(m->queue[NVME_ADMIN].size, 16);
	EXPECT_EQ(m->queue[NVME_IO].size, 16);
}

/* The firmware has left it running: it is disabled first, and waits for as long as CAP says. */
static void firmware_left_it_running(void)
{
	machine_boot();
	nvme_model_init();
	m->registers[5] = 1 | 3u << 20;
	m->registers[7] = 1;
	EXPECT(start());
	EXPECT(m->disables == 1 && m->enables == 1);
}

/* CAP.TO counts in 500 ms; some controllers say 0. */
static void ready_time(void)
{
	static const struct {
		u32 units, milliseconds;
	} cases[] = { { 0, 500 }, { 1, 500 }, { 2, 1000 }, { 255, 127500 } };

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		nvme_model_init();
		m->registers[0] = 15 | cases[i].units << 24;
		m->never_ready = true;
		EXPECT(!start());
		EXPECT_TEXT(console_text(), "disk: nvme error=not-ready\n");
		EXPECT_EQ(m->limit, cases[i].milliseconds);
	}
}

static void queue_sizes(void)
{
	static const struct {
		u32 capability, entries;
	} cases[] = { { 1, 2 }, { 2, 3 }, { 14, 15 }, { 15, 16 }, { 0xffff, 16 } };

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		nvme_model_init();
		m->registers[0] = cases[i].capability | 1u << 24;
		EXPECT(start());
		EXPECT_EQ(m->queue[NVME_ADMIN].size, cases[i].entries);
		EXPECT_EQ(m->queue[NVME_IO].size, cases[i].entries);
	}
}

static void unsupported(void)
{
	machine_boot();
	nvme_model_init();
	m->registers[1] = 0; /* not the NVM command set */
	EXPECT(!start());
	EXPECT_TEXT(console_text(), "disk: nvme error=unsupported\n");
	nvme_model_init();
	m->registers[1] |= 1u << 16; /* pages of at least 8 KiB */
	EXPECT(!start());
	EXPECT_TEXT(console_text(), "disk: nvme error=unsupported\n");
	nvme_model_init();
	m->registers[0] &= ~0xffffu; /* queues of one entry */
	EXPECT(!start());
	EXPECT_TEXT(console_text(), "disk: nvme error=unsupported\n");
	EXPECT(!m->enables);
}

/* Each command of the start fails in turn: SET FEATURES, both CREATEs, IDENTIFY. */
static void start_fails(void)
{
	static const u32 opcodes[] = { 9, 5, 1, 6 };

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(opcodes); i++) {
		nvme_model_init();
		m->fail_opcode = opcodes[i];
		m->fail_status = 0x106;
		m->fail_count = 1;
		EXPECT(!start());
		EXPECT_TEXT(console_text(), "disk: nvme error=status-0x106\n");
		EXPECT(m->disables == 1 && !m->registers[7]);
		EXPECT_EQ(m->queue[NVME_ADMIN].done, i + 1);
	}
	nvme_model_init();
	m->mute = 1;
	EXPECT(!start());
	EXPECT_TEXT(console_text(), "disk: nvme error=timeout\n");
	nvme_model_init();
	m->wrong = 1;
	EXPECT(!start());
	EXPECT_TEXT(console_text(), "disk: nvme error=wrong-answer\n");
	EXPECT(!disk_get(0));
}

/* A controller that may still write to its pages keeps them. */
static void does_not_stop(void)
{
	u32 pages;

	machine_boot();
	nvme_model_init();
	m->registers[5] = m->registers[7] = 1;
	m->never_stops = true;
	pages = nr_free_pages();
	EXPECT(!start());
	EXPECT_TEXT(console_text(), "disk: nvme error=not-disabled\n");
	EXPECT(pages - nr_free_pages() >= 6);
	machine_settle();
}

/* Every allocation fails in turn: no disk, or one that works. */
static void no_memory(void)
{
	u32 nth = 1, failed = 1, without = 0;

	machine_boot();
	for (; failed && nth < 50; nth++) {
		nvme_model_init();
		fail_alloc_set(&(struct fail_spec){ FAIL_ANY, FAIL_ONCE, nth });
		without += !start();
		failed = fail_alloc_failed();
		fail_alloc_set(NULL);
		if (strstr(console_text(), "no-memory"))
			EXPECT_TEXT(console_text(), "disk: nvme error=no-memory\n");
	}
	EXPECT(without >= 8); /* the controller, six pages, the namespace */
}

/* ---- Namespaces ---- */

/* At most eight; those with metadata, or without sectors of 512 or 4096 bytes, are left out. */
static void namespaces(void)
{
	static const char *const expected =
		"disk: name=nvme0 model=\"" MODEL_NAME "\" sectors=512 sector=512\n"
		"disk: name=nvme1 model=\"" MODEL_NAME "\" sectors=64 sector=4096\n"
		"disk: name=nvme2 model=\"" MODEL_NAME "\" sectors=128 sector=2048 unused "
		"reason=\"sectors of 512 or 4096 bytes are needed\"\n"
		"disk: name=nvme2 model=\"" MODEL_NAME "\" sectors=512 sector=512 read-only\n"
		"disk: name=nvme3 model=\"" MODEL_NAME "\" sectors=512 sector=512\n"
		"disk: name=nvme4 model=\"" MODEL_NAME "\" sectors=512 sector=512\n"
		"disk: name=nvme5 model=\"" MODEL_NAME "\" sectors=512 sector=512\n";
	struct page *page;
	pfn_t frame;

	machine_boot();
	nvme_model_init();
	m->namespaces = NVME_SPACES;
	m->shift[2] = 12;
	m->metadata[3] = 8;
	m->shift[4] = 11;
	m->protect[5] = 1;
	EXPECT(start());
	EXPECT_TEXT(console_text(), expected);
	page = alloc_page(GFP_KERNEL);
	frame = page_to_pfn(page);
	EXPECT_EQ(disk_read(disk_get(1), 63, &frame, 4096), 0);
	EXPECT(m->last_space == 2 && m->last_sector == 63 && m->last_sectors == 1);
	EXPECT(!memcmp(machine_ram(pfn_to_phys(frame)), m->data[2] + 63 * 4096, 4096));
	EXPECT_EQ(disk_read(disk_get(5), 8, &frame, 512), 0);
	EXPECT(m->last_space == 8 && m->last_sector == 8 && m->last_sectors == 1);
	__free_page(page);
}

/* One of which IDENTIFY fails is left out, and without any the controller is not kept. */
static void no_namespace(void)
{
	machine_boot();
	nvme_model_init();
	m->namespaces = 0;
	EXPECT(!start());
	EXPECT_TEXT(console_text(), "");
	EXPECT(!m->registers[7]);
	nvme_model_init();
	m->metadata[1] = 1;
	EXPECT(!start());
	EXPECT_TEXT(console_text(), "");
}

/* MDTS: a request has 2^this pages at most; 0: no limit. */
static void longest_request(void)
{
	static const struct {
		u32 mdts, frames;
	} cases[] = { { 0, 32 }, { 1, 2 }, { 2, 4 }, { 4, 16 }, { 5, 32 }, { 6, 32 }, { 255, 32 } };

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		nvme_model_init();
		m->mdts = cases[i].mdts;
		EXPECT(start());
		EXPECT_EQ(disk_get(i)->max_frames, cases[i].frames);
	}
}

/* ---- Requests ---- */

/* Each length in sectors, to both ends of the disk; memory behind it stays. */
static void reads(void)
{
	struct disk *disk = start_good();
	u32 wrong = 0;

	take_frames();
	for (u32 sectors = 1; sectors <= DISK_FRAMES_MAX * 8; sectors++) {
		u32 bytes = sectors * 512, first = sectors % 2 ? 0 : NVME_SECTORS - sectors;

		fill_frames();
		wrong += disk_read(disk, first, frames, bytes) != 0;
		wrong += !frames_are(m->data[1] + first * 512, bytes);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(m->queue[NVME_IO].done, DISK_FRAMES_MAX * 8);
	EXPECT_EQ(m->limit, DISK_TIMEOUT_MS);
	EXPECT_TEXT(console_text() + strlen(console_text()) - 1, "\n");
	EXPECT(!disk->count.retries && !disk->count.errors && m->enables == 1);
	free_frames();
}

static void writes(void)
{
	static const u32 lengths[] = { 1, 7, 8, 9, 16, 17, 100, DISK_FRAMES_MAX * 8 };
	struct disk *disk = start_good();
	const struct disk_range *range = disk_allow_writes(disk, 16, NVME_SECTORS - 32);
	u32 wrong = 0;

	take_frames();
	for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
		u32 bytes = lengths[i] * 512, first = NVME_SECTORS - 32 - lengths[i];
		u8 *data = m->data[1] + (16 + first) * 512;

		memset(m->data[1], 0, sizeof(m->data[1]));
		wrong += disk_write(range, first, frames, bytes) != 0;
		for (u32 byte = 0; byte < bytes; byte++)
			wrong += data[byte] != byte / PAGE_SIZE + 1;
		wrong += data[-1] || data[bytes];
	}
	EXPECT_EQ(wrong, 0);
	free_frames();
}

/* Other distances of doorbells. */
static void strides(void)
{
	machine_boot();
	for (u32 i = 0; i < 3; i++) {
		nvme_model_init();
		m->registers[1] |= i;
		EXPECT(start());
		take_frames();
		EXPECT_EQ(disk_read(disk_get(i), 5, frames, 512), 0);
		EXPECT(!memcmp(memory_of(0), m->data[1] + 5 * 512, 512));
		free_frames();
	}
}

/* Sectors and frames of which the numbers need both halves. */
static void large_numbers(void)
{
	struct disk *disk = start_good();
	const pfn_t far[] = { 0xfffff, 0x123456, 0xabcde };

	m->keeps_memory = true;
	EXPECT(!disk->ops->transfer(disk, false, 0x123456789abull, far, 512));
	EXPECT(m->last_sector == 0x123456789abull && m->last_sectors == 1);
	EXPECT(m->last_prp1 == 0xfffff000ull && !m->last_prp2);
	EXPECT(!disk->ops->transfer(disk, true, 1, far + 1, 8192));
	EXPECT(m->last_prp1 == 0x123456000ull && m->last_prp2 == 0xabcde000ull);
	EXPECT(!disk->ops->transfer(disk, true, 1, far, 4097 / 512 * 512 + 512));
	EXPECT(m->last_prp1 == 0xfffff000ull && m->last_prp2 == 0x123456000ull);
	EXPECT(!disk->ops->transfer(disk, true, 1, far, 8192 + 512));
	EXPECT(!memcmp(machine_ram(m->last_prp2), &(u64[]){ 0x123456000ull, 0xabcde000ull }, 16));
}

static void flushes(void)
{
	struct disk *disk = start_good();

	EXPECT_EQ(disk_flush(disk), 0); /* no volatile cache: nothing to do */
	EXPECT(!m->flushes && !m->queue[NVME_IO].done);
	nvme_model_init();
	m->cache = 0xff;
	m->namespaces = 2;
	EXPECT(start());
	EXPECT_EQ(disk_flush(disk_get(2)), 0);
	EXPECT(m->flushes == 1 && m->last_space == 2);
	EXPECT_EQ(m->limit, DISK_FLUSH_TIMEOUT_MS);
	nvme_model_init();
	m->cache = 6; /* other bits of that byte */
	EXPECT(start());
	EXPECT_EQ(disk_flush(disk_get(3)), 0);
	EXPECT(!m->flushes);
}

/* ---- Errors ---- */

/* A reset after each error: the queues are new on both sides, and the next try is good. */
static void retries(void)
{
	static const struct {
		u32 status, mute, wrong;
		const char *error;
	} cases[] = { { 0x281, 0, 0, "status-0x281" },
		      { 0x7ff, 0, 0, "status-0x7ff" },
		      { 0, 1, 0, "timeout" },
		      { 0, 0, 1, "wrong-answer" } };
	struct disk *disk = start_good();

	take_frames();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		char line[120];

		console_clear();
		EXPECT_EQ(disk_read(disk, 1, frames, 512), 0);
		m->fail_queue = NVME_IO;
		m->fail_opcode = 2;
		m->fail_status = cases[i].status;
		m->fail_count = cases[i].status != 0;
		m->mute = cases[i].mute;
		m->wrong = cases[i].wrong;
		EXPECT_EQ(disk_read(disk, 3 + i, frames, 512), 0);
		snprintf(line, sizeof(line),
			 "disk: name=nvme0 error=%s sector=%u request=read retries=1 result=done\n",
			 cases[i].error, 3 + i);
		EXPECT_TEXT(console_text(), line);
		EXPECT(!memcmp(memory_of(0), m->data[1] + (3 + i) * 512, 512));
		EXPECT_EQ(m->enables, 2 + i);
		EXPECT_EQ(m->disables, 1 + i);
		EXPECT_EQ(m->queue[NVME_IO].done, 1);
	}
	free_frames();
}

/* A controller that cannot be started again: it is off the bus, or disabled. */
static void reset_fails(void)
{
	struct disk *disk = start_good();

	take_frames();
	m->mute = 1;
	m->fail_queue = NVME_IO;
	m->never_ready = true;
	EXPECT_EQ(disk_read(disk, 1, frames, 512), -EIO);
	EXPECT(disk->failed && !m->bus_off && !(m->registers[5] & 1));
	free_frames();
	nvme_model_init();
	EXPECT(start());
	disk = disk_get(1);
	take_frames();
	m->mute = 1;
	m->fail_queue = NVME_IO;
	m->never_stops = true;
	EXPECT_EQ(disk_read(disk, 1, frames, 512), -EIO);
	EXPECT(disk->failed);
	EXPECT_EQ(m->bus_off, PCI_COMMAND_MASTER);
	free_frames();
}

/* The controller is told once that the power goes, and is disabled. */
static void the_end(void)
{
	machine_boot();
	nvme_model_init();
	m->namespaces = 3;
	EXPECT(start());
	disks_stop();
	EXPECT_EQ(m->shutdowns, 1);
	EXPECT(m->disables == 1 && !(m->registers[5] & 1));
	EXPECT_EQ(disk_read(disk_get(1), 0, frames, 512), -EIO);
}

TAP_MAIN({ "a disk is found", found },
	 { "a controller that the firmware left running", firmware_left_it_running },
	 { "time to be ready", ready_time }, { "sizes of queues", queue_sizes },
	 { "controllers that are not supported", unsupported },
	 { "each command of the start fails", start_fails },
	 { "a controller that does not stop keeps its pages", does_not_stop },
	 { "no memory", no_memory }, { "namespaces", namespaces }, { "no namespace", no_namespace },
	 { "the longest request", longest_request }, { "reads of each length", reads },
	 { "writes", writes }, { "distances of doorbells", strides },
	 { "large numbers", large_numbers }, { "flushes", flushes },
	 { "errors and further tries", retries }, { "a reset that fails", reset_fails },
	 { "the end", the_end })
