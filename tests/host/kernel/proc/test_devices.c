/* SPDX-License-Identifier: MIT */
/*
 * /proc/interrupts, devices, partitions and diskstats, in the forms that programs read: proc(5),
 * and Linux Documentation/admin-guide/iostats.rst.
 *
 * sources: kernel/proc/devices.c
 */
#include "fs/device.h"
#include "kernel/cpu/irq.h"
#include "kernel/cpu/trap.h"
#include "kernel/disks/disk.h"
#include "kernel/disks/gpt.h"
#include "kernel/proc/proc.h"
#include "mm/user_space/mm.h"
#include "tests/host/fs/proc/proc_rig.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

u32 irq_counts[VECTOR_COUNT];
struct swap_partition swap_partitions[SWAP_PARTITIONS_MAX];
u32 swap_partition_count;

static struct disk disks[2];
static u32 disk_count;

struct disk *disk_get(u32 index)
{
	return index < disk_count ? &disks[index] : NULL;
}

static void boot(void)
{
	proc_boot();
	mm_put(proc_mm);
	proc_add_devices();
	machine_settle();
}

/* Two disks; the second has larger sectors and partitions 1 and 3. */
static void attach_disks(void)
{
	disk_count = ARRAY_SIZE(disks);
	disks[0] = (struct disk){ .name = "ahci0", .sector_bytes = 512, .sectors = 16384 };
	disks[1] = (struct disk){ .name = "nvme0", .sector_bytes = 4096, .sectors = 4096 };
	disks[0].count = (struct disk_statistics){
		.reads = 2, .frames_read = 3, .writes = 5, .frames_written = 7, .flushes = 11
	};
	swap_partition_count = 2;
	swap_partitions[0] = (struct swap_partition){
		.disk = &disks[1], .number = 1, .sectors = 256, .name = "nvme0p1"
	};
	swap_partitions[1] = (struct swap_partition){
		.disk = &disks[1], .number = 3, .sectors = 512, .name = "nvme0p3"
	};
	/* Behind the last one. */
	swap_partitions[2] = (struct swap_partition){
		.disk = &disks[1], .number = 4, .sectors = 512, .name = "nvme0p4"
	};
}

/* The file has this text, whatever is read at once. */
static void expect_file(const char *path, const char *wanted)
{
	read_file(path, 4096);
	EXPECT_TEXT(text, wanted);
	read_file(path, 7);
	EXPECT_TEXT(text, wanted);
}

static void interrupts(void)
{
	boot();
	expect_file("/proc/interrupts", "           CPU0       \n");
	irq_counts[VECTOR_PIC] = 1234;
	irq_counts[VECTOR_PIC + 1] = 1;
	irq_counts[VECTOR_PIC + 15] = 2;
	irq_counts[VECTOR_PIC + 16] = 9; /* not one of the 8259s */
	irq_counts[VECTOR_LAPIC_TIMER] = 4000000000u;
	irq_counts[VECTOR_LAPIC_SPURIOUS] = 3;
	irq_counts[VECTOR_LAPIC_ERROR] = 4;
	expect_file("/proc/interrupts", "           CPU0       \n"
					"  0:       1234   XT-PIC      timer\n"
					"  1:          1   XT-PIC      stray\n"
					" 15:          2   XT-PIC      stray\n"
					"LOC: 4000000000   Local timer interrupts\n"
					"SPU:          3   Spurious interrupts\n"
					"ERR:          4   Errors of the local APIC\n");
}

static void without_disks(void)
{
	boot();
	expect_file("/proc/devices", "Character devices:\n  1 mem\n\nBlock devices:\n");
	expect_file("/proc/partitions", "");
	expect_file("/proc/diskstats", "");
}

static void with_disks(void)
{
	boot();
	attach_disks();
	expect_file("/proc/devices", "Character devices:\n  1 mem\n\nBlock devices:\n259 blkext\n");
	/* #blocks are of 1024 bytes; a disk has 16 minor numbers. */
	expect_file("/proc/partitions", "major minor  #blocks  name\n\n"
					" 259        0       8192 ahci0\n"
					" 259       16      16384 nvme0\n"
					" 259       17       1024 nvme0p1\n"
					" 259       19       2048 nvme0p3\n");
	/* Sectors are of 512 bytes; fields 4, 7, 8 and 9 to 15 are times and discards. */
	expect_file("/proc/diskstats", " 259       0 ahci0 2 0 24 0 5 0 56 0 0 0 0 0 0 0 0 11 0\n"
				       " 259      16 nvme0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
}

TAP_MAIN(

	{ "interrupts that came", interrupts }, { "a machine without disks", without_disks },
	{ "disks and partitions", with_disks }, )
