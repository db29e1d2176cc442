/* SPDX-License-Identifier: MIT */
/*
 * The machine's devices: /proc/interrupts, devices, partitions, diskstats. Source: proc(5), Linux
 * Documentation/admin-guide/iostats.rst.
 */
#include "fs/device.h"
#include "kernel/cpu/irq.h"
#include "kernel/disks/disk.h"
#include "kernel/disks/gpt.h"
#include "kernel/proc/proc.h"
#include "lib/printf.h"

/* Linux's number of block devices without one of their own. */
#define BLOCK_MAJOR 259u

/* --- interrupts --- */

static void print_interrupt(struct seq *seq, const char *name, u32 vector, const char *what)
{
	if (irq_counts[vector])
		seq_printf(seq, "%3s: %10u   %s\n", name, irq_counts[vector], what);
}

/* Those that came: a line each, as Linux names it. */
static int show_interrupts(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	char name[4];

	(void)subject;
	if ((*cursor)++)
		return 0;
	seq_printf(seq, "           CPU0       \n");
	for (u32 i = 0; i < 16; i++) {
		scnprintf(name, sizeof(name), "%u", i);
		print_interrupt(seq, name, VECTOR_PIC + i,
				i ? "XT-PIC      stray" : "XT-PIC      timer");
	}
	print_interrupt(seq, "LOC", VECTOR_LAPIC_TIMER, "Local timer interrupts");
	print_interrupt(seq, "SPU", VECTOR_LAPIC_SPURIOUS, "Spurious interrupts");
	print_interrupt(seq, "ERR", VECTOR_LAPIC_ERROR, "Errors of the local APIC");
	return 1;
}

/* --- devices --- */

/* Linux's names of the numbers that drivers here use. */
static const struct {
	u32 major;
	const char *name;
} character_devices[] = { { 1, "mem" }, { 4, "tty" }, { 5, "/dev/tty" } };

static int show_devices(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	(void)subject;
	if ((*cursor)++)
		return 0;
	seq_printf(seq, "Character devices:\n");
	for (u32 i = 0; i < ARRAY_SIZE(character_devices); i++)
		if (device_has_major(character_devices[i].major))
			seq_printf(seq, "%3u %s\n", character_devices[i].major,
				   character_devices[i].name);
	seq_printf(seq, "\nBlock devices:\n");
	if (disk_get(0))
		seq_printf(seq, "%3u blkext\n", BLOCK_MAJOR);
	return 1;
}

/* --- partitions and diskstats: the disks, and their partitions for swap --- */

/* Each disk has 16 numbers: its own, and those of its partitions. */
static u32 minor_of(u32 index, u32 partition)
{
	return 16 * index + partition;
}

static void print_partition(struct seq *seq, const struct disk *disk, u32 minor, u64 sectors,
			    const char *name)
{
	u64 kib = sectors * (disk->sector_bytes / 512) / 2;

	seq_printf(seq, "%4u  %7u %10llu %s\n", BLOCK_MAJOR, minor, kib, name);
}

/* A record for each disk; the lines of its partitions follow its own. */
static int show_partitions(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	u32 index = (u32)*cursor;
	const struct disk *disk = disk_get(index);

	(void)subject;
	if (!disk)
		return 0;
	if (!index)
		seq_printf(seq, "major minor  #blocks  name\n\n");
	print_partition(seq, disk, minor_of(index, 0), disk->sectors, disk->name);
	for (u32 i = 0; i < swap_partition_count; i++)
		if (swap_partitions[i].disk == disk)
			print_partition(seq, disk, minor_of(index, swap_partitions[i].number),
					swap_partitions[i].sectors, swap_partitions[i].name);
	return (int)++*cursor;
}

/* The times of requests are not measured: 0. */
static int show_diskstats(struct seq *seq, const struct proc_subject *subject, u64 *cursor)
{
	u32 index = (u32)*cursor;
	const struct disk *disk = disk_get(index);
	const u32 sectors = PAGE_SIZE / 512;

	(void)subject;
	if (!disk)
		return 0;
	seq_printf(seq, "%4u %7u %s %u 0 %u 0 %u 0 %u 0 0 0 0 0 0 0 0 %u 0\n", BLOCK_MAJOR,
		   minor_of(index, 0), disk->name, disk->count.reads,
		   disk->count.frames_read * sectors, disk->count.writes,
		   disk->count.frames_written * sectors, disk->count.flushes);
	return (int)++*cursor;
}

static const struct proc_entry entries[] = {
	{ "interrupts", 0444, .show = show_interrupts },
	{ "devices", 0444, .show = show_devices },
	{ "partitions", 0444, .show = show_partitions },
	{ "diskstats", 0444, .show = show_diskstats },
};

void proc_add_devices(void)
{
	proc_add(entries, ARRAY_SIZE(entries));
}
