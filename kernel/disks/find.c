/* SPDX-License-Identifier: MIT */
/* The start of the disks: controllers, then partition tables. */
#include "kernel/devices/power.h"
#include "kernel/disks/driver.h"
#include "kernel/disks/gpt.h"

void disks_map_early(void)
{
	nvme_map_early();
}

void disks_init(void)
{
	struct disk *disk;

	ahci_init();
	nvme_init();
	power_call_before_end(disks_stop);
	for (u32 i = 0; (disk = disk_get(i)); i++)
		gpt_scan(disk);
}
