/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/start/start_rig.h"

#include "fs/file.h"
#include "fs/tmpfs/initramfs.h"
#include "fs/tmpfs/rootfs.h"
#include "kernel/harness/suite.h"
#include "kernel/syscall/syscall.h"
#include "lib/trace/trace.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/huge_pool.h"
#include "mm/frames/memmap.h"
#include "mm/frames/page_alloc.h"
#include "mm/init.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/reclaim/reclaim.h"
#include "paging/range.h"
#include "paging/tlb.h"

#undef EXPECT /* those of the host's harness */
#undef EXPECT_EQ
#include "tests/host/console.h"
#include "tests/host/kernel/start/start_parts.h"
#include "tests/host/machine.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"

struct boot_layout layout_given;
struct fail_spec failing;

static int part_mm_init_early(struct boot_layout *layout)
{
	note("mm_init_early\n");
	layout_given = *layout;
	layout->initramfs.start += 0x1000; /* it moves */
	return parts.lacks_memory_early ? -12 : 0;
}

static int part_mm_init_late(void)
{
	note("mm_init_late\n");
	return parts.lacks_memory_late ? -12 : 0;
}

static void part_memmap_limit(const struct memmap *map, phys_addr_t limit)
{
	EXPECT(map == &memmap);
	note("memmap_limit %#llx\n", (unsigned long long)limit);
}

static void part_memmap_print(const struct memmap *map)
{
	EXPECT(map == &memmap);
	note("memmap_print\n");
}

static bool part_unmap_page(const pgd_t *directory, vaddr_t address);
static bool part_translate(const pgd_t *directory, vaddr_t address, struct translation *result);

static void *part_kernel_map_device(phys_addr_t start, u64 bytes, bool write_combining)
{
	EXPECT(!write_combining);
	note("kernel_map_device %#llx %llu\n", (unsigned long long)start,
	     (unsigned long long)bytes);
	return DEVICE_WINDOW;
}

static void part_huge_pool_init(u32 pages)
{
	note("huge_pool_init %u\n", pages);
}

static u32 part_nr_present_pages(void)
{
	return parts.ram_pages;
}

static bool part_reclaim_set_policy(const char *name)
{
	note("reclaim_set_policy %s\n", name);
	return true;
}

static int part_initramfs_init(const void *archive, size_t bytes)
{
	EXPECT_EQ(virt_to_phys(archive), 0x801000);
	note("initramfs_init %zu\n", bytes);
	return parts.bad_archive ? -22 : 0;
}

static int part_rootfs_unpack(void)
{
	note("rootfs_unpack\n");
	return parts.lacks_names ? -12 : 0;
}

static void part_fail_alloc_set(const struct fail_spec *spec)
{
	failing = *spec;
	note("fail_alloc_set\n");
}

static void part_trace_record(enum trace_event event, u32 value)
{
	EXPECT_EQ(event, TRACE_clock);
	note("clock %u\n", value);
}

#define mm_init_early	   part_mm_init_early
#define mm_init_late	   part_mm_init_late
#define memmap_limit	   part_memmap_limit
#define memmap_print	   part_memmap_print
#define unmap_page	   part_unmap_page
#define translate	   part_translate
#define kernel_map_device  part_kernel_map_device
#define huge_pool_init	   part_huge_pool_init
#define nr_present_pages   part_nr_present_pages
#define reclaim_set_policy part_reclaim_set_policy
#define initramfs_init	   part_initramfs_init
#define rootfs_unpack	   part_rootfs_unpack
#define fail_alloc_set	   part_fail_alloc_set
#define trace_record	   part_trace_record
#define file_init()	   note("file_init\n")
#define random_init()	   note("random_init\n")
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat" /* u64 is another type in 64 bits */
#include "kernel/start/main.c"
#pragma GCC diagnostic pop

static bool part_unmap_page(const pgd_t *directory, vaddr_t address)
{
	EXPECT(directory == kernel_pgd && address == (vaddr_t)(uintptr_t)boot_stack_guard);
	note("unmap_page\n");
	return true;
}

static bool part_translate(const pgd_t *directory, vaddr_t address, struct translation *result)
{
	(void)result;
	EXPECT(directory == kernel_pgd);
	EXPECT_EQ(address, (vaddr_t)(uintptr_t)phys_to_virt(0x900000 + 0x2fff));
	return parts.region_is_mapped;
}

struct task *kernel_task(const char *name, void (*function)(void *argument), void *argument)
{
	static struct thread_group group;
	static struct task task = { .group = &group, .pid = 1 };

	EXPECT(function == init_main && !argument);
	note("kernel_task %s\n", name);
	return parts.no_init ? NULL : &task;
}

#define INFO_PLACE 0x3000u

struct boot_info *info(void)
{
	return phys_to_virt(INFO_PLACE);
}

void begin_start(void)
{
	console_clear();
	begin_parts();
	*info() = (struct boot_info){
		.magic = BOOT_INFO_MAGIC,
		.version = BOOT_INFO_VERSION,
		.size = sizeof(struct boot_info),
		.firmware_bits = 64,
		.kernel = { 0x100000, 0x300000 },
		.initramfs = { 0x800000, 12345 },
		.acpi_rsdp = 0xe0000,
		.uefi_revision = 2 << 16 | 70,
		.firmware_vendor = "Maker",
		.options = "a=b",
		.handover = { 1, 2, 1, 4, 5, 6, 7, 8, 0, 10, 11, 12 },
		.loader_tsc = 4000,
	};
	chosen = (struct options){
		.disk = true,
		.limit = 60,
		.suites = "*",
		.programs = "x*",
		.tty = { 80, 24 },
	};
}

void start_kernel(void)
{
	if (!setjmp(machine_ended))
		kernel_main(INFO_PLACE);
}

void run_init(void)
{
	options = chosen;
	did[0] = '\0';
	console_clear();
	if (!setjmp(machine_ended))
		init_main(NULL);
}

void finish_run(bool passed)
{
	did[0] = '\0';
	key_polls = 0;
	if (!setjmp(machine_ended))
		finish(passed);
}

struct start_figures figures_of(u64 loader, u64 entry)
{
	boot_info.loader_tsc = loader;
	entry_tsc = entry;
	return (struct start_figures){ boot_to_ring3(), loader_to_entry(), frames_at_start() };
}

const struct boot_info *info_taken(void)
{
	return &boot_info;
}
