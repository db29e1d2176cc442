/* SPDX-License-Identifier: MIT */
/* See the header. */
#include "kernel/disks/ahci_handoff.h"
#include "kernel/disks/poll.h"

#define CAP2_HANDOFF  1u
#define BOHC_BIOS     1u
#define BOHC_OS	      2u
#define BOHC_BUSY     (1u << 4)
#define BIOS_OWNED_MS 25u
#define BIOS_BUSY_MS  2000u

void ahci_take_from_firmware(volatile u32 *hba)
{
	if (!(hba[HBA_CAP2] & CAP2_HANDOFF))
		return;
	hba[HBA_BOHC] |= BOHC_OS;
	if (!poll_bits(&hba[HBA_BOHC], BOHC_BIOS, 0, BIOS_OWNED_MS) && hba[HBA_BOHC] & BOHC_BUSY)
		poll_bits(&hba[HBA_BOHC], BOHC_BIOS, 0, BIOS_BUSY_MS);
}
