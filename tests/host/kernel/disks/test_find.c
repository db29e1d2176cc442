/* SPDX-License-Identifier: MIT */
/*
 * The start of the disks, and finding NVMe controllers: each driver starts, each disk is scanned,
 * registers above 4 GiB are mapped early, and those that no mapping reaches are told.
 */
#include <string.h>

#include "kernel/devices/pci.h"
#include "mm/frames/memmap.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/kernel_space/vmalloc.h"

static bool model_has_ram(phys_addr_t start, phys_addr_t end);
static void *model_map_device(phys_addr_t start, u64 bytes, bool write_combining);
static void model_unmap(volatile u32 *registers);

#define memmap_has_ram(map, start, end) model_has_ram(start, end)
#define kernel_map_device		model_map_device
#define iounmap(place)			model_unmap(place)
#include "kernel/cpu/cpu.h"
#include "kernel/disks/find.c"
#define visit visit_nvme
#include "kernel/disks/nvme_find.c"

#include "tests/host/console.h"
#include "tests/host/tap.h"

struct cpu_info cpu;

#define FUNCTIONS 8u

/* Functions on the PCI bus. */
static struct function {
	u32 class;
	phys_addr_t address;
	bool unreachable, refused;
	u32 command, maps;
	size_t mapped; /* bytes, last */
	volatile u32 *started;
} functions[FUNCTIONS];
static u32 nr_functions, visited, high_maps, unmaps;
static u32 registers[FUNCTIONS][16], high_registers_of[FUNCTIONS][16];
static u32 nr_disks, scanned, ahci, nvme_starts;
static void (*before_end)(void);
static struct disk *disks[4] = { (struct disk *)&disks[0], (struct disk *)&disks[1],
				 (struct disk *)&disks[2], (struct disk *)&disks[3] };
static phys_addr_t ram = ~0ull;

static bool model_has_ram(phys_addr_t start, phys_addr_t end)
{
	EXPECT_EQ(end - start, MiB(1));
	return ram >= start && ram < end;
}

static u32 function_at(phys_addr_t start)
{
	for (u32 i = 0; i < nr_functions; i++)
		if (functions[i].address == start)
			return i;
	EXPECT(false);
	return 0;
}

static void *model_map_device(phys_addr_t start, u64 bytes, bool write_combining)
{
	EXPECT(bytes == MiB(1) && !write_combining);
	high_maps++;
	return high_registers_of[function_at(start)];
}

static void model_unmap(volatile u32 *place)
{
	for (u32 i = 0; i < nr_functions; i++)
		if (place == registers[i]) {
			functions[i].maps--;
			unmaps++;
		}
}

bool pci_find(bool (*visitor)(struct pci_device device, void *context), void *context)
{
	for (u32 i = 0; i < nr_functions; i++) {
		const struct pci_device device = { 1, 2, (u8)i };

		visited++;
		if (visitor(device, context))
			return true;
	}
	return false;
}

u32 pci_read(struct pci_device device, u8 place)
{
	EXPECT_EQ(place, PCI_CLASS);
	return functions[device.function].class << 8 | 0x42;
}

phys_addr_t pci_address(struct pci_device device, u32 index)
{
	EXPECT_EQ(index, 0);
	return functions[device.function].address;
}

u32 pci_set_command(struct pci_device device, u32 set, u32 clear)
{
	EXPECT_EQ(clear, 0);
	functions[device.function].command |= set;
	return 0;
}

void *pci_map(struct pci_device device, u32 index, u32 bytes)
{
	struct function *function = &functions[device.function];

	EXPECT(!index && !function->maps);
	if (function->unreachable)
		return NULL;
	function->maps++;
	function->mapped = bytes;
	registers[device.function][NVME_CAP_HIGH] = 0x30 | (u32)device.function;
	return registers[device.function];
}

bool nvme_start(struct pci_device device, volatile u32 *place)
{
	nvme_starts++;
	functions[device.function].started = place;
	return !functions[device.function].refused;
}

void ahci_init(void)
{
	EXPECT(!nvme_starts && !scanned);
	ahci++;
}

struct disk *disk_get(u32 index)
{
	return index < nr_disks ? disks[index] : NULL;
}

void gpt_scan(struct disk *disk)
{
	EXPECT(disk == disks[scanned] && before_end);
	scanned++;
}

void disks_stop(void)
{
}

void power_call_before_end(void (*function)(void))
{
	before_end = function;
}

static void start(void)
{
	nr_disks = 3;
	functions[0].class = 0x010802;
	nr_functions = 1;
	disks_init();
	EXPECT(ahci == 1 && nvme_starts == 1 && scanned == 3 && before_end == disks_stop);
}

/* Each NVMe controller may use the bus, and the doorbells are mapped too. */
static void controllers(void)
{
	static const u32 classes[] = { 0x010802, 0x010801, 0x010601, 0x010802, 0x010803 };

	nr_functions = ARRAY_SIZE(classes);
	for (u32 i = 0; i < nr_functions; i++) {
		functions[i].class = classes[i];
		functions[i].address = 0xf0000000 + i * 0x4000;
	}
	nvme_init();
	EXPECT_EQ(visited, nr_functions);
	EXPECT_EQ(nvme_starts, 2);
	for (u32 i = 0; i < nr_functions; i++) {
		bool is_nvme_class = i == 0 || i == 3;

		EXPECT_EQ(functions[i].command, is_nvme_class ? 0x406 : 0);
		EXPECT(functions[i].started == (is_nvme_class ? registers[i] : NULL));
		EXPECT_EQ(functions[i].maps, is_nvme_class);
	}
	EXPECT_EQ(functions[0].mapped, 0x1000 + 4 * 4); /* a stride of 4 bytes */
	EXPECT_EQ(functions[3].mapped, 0x1000 + 4 * 32);
	EXPECT_TEXT(console_text(), "");
}

static void refused(void)
{
	nr_functions = 2;
	functions[0].class = functions[1].class = 0x010802;
	functions[0].refused = true;
	functions[1].unreachable = true;
	nvme_init();
	EXPECT_EQ(functions[0].maps, 0);
	EXPECT(functions[0].started && !functions[1].started);
	EXPECT_TEXT(console_text(), "disk: nvme error=registers-out-of-reach\n");
}

static void reset(void)
{
	nr_functions = FUNCTIONS;
	for (u32 i = 0; i < FUNCTIONS; i++)
		functions[i] =
			(struct function){ .class = 0x010802, .address = GiB(4) + i * MiB(2) };
	high_count = high_maps = visited = 0;
	cpu.words[0] = 1u << CPU_PSE | 1u << CPU_PSE36;
}

/* Above 4 GiB: the first four, unless RAM is there. */
static void high_controllers(void)
{
	reset();
	functions[0].address = GiB(4) - MiB(1);
	functions[1].class = 0x010601;
	ram = functions[3].address + MiB(1) - 1;
	nvme_map_early();
	EXPECT(high_maps == 4 && visited == 7);
	nvme_init();
	for (u32 i = 0; i < FUNCTIONS; i++) {
		bool is_high = i == 2 || (i >= 4 && i <= 6);

		EXPECT(functions[i].started == (i == 1	  ? NULL
						: is_high ? high_registers_of[i]
							  : registers[i]));
		EXPECT_EQ(functions[i].maps, i == 0 || i == 3 || i == 7);
	}
	/* One that does not start keeps its mapping, which cannot be undone. */
	reset();
	functions[0].refused = true;
	nvme_map_early();
	unmaps = 0;
	nvme_init();
	EXPECT_EQ(unmaps, 4);
}

/* Two levels reach them only by large pages of 36 bits. */
static void processor(void)
{
	static const u32 words[] = { 0, 1u << CPU_PSE, 1u << CPU_PSE36 };

	for (u32 i = 0; i < ARRAY_SIZE(words); i++) {
		reset();
		cpu.words[0] = words[i];
		nvme_map_early();
		EXPECT_EQ(high_maps, PMD_FOLDED ? 0 : 4);
	}
	reset();
	disks_map_early();
	EXPECT_EQ(high_maps, 4);
}

TAP_MAIN({ "the start", start }, { "controllers", controllers },
	 { "without registers, or refused", refused },
	 { "registers above 4 GiB", high_controllers }, { "the processor", processor })
