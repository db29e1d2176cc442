/* SPDX-License-Identifier: MIT */
/*
 * A model of an AHCI controller with 32 ports, for a test of kernel/disks/ahci.c. It works while
 * the driver polls or waits. Written from Serial ATA AHCI 1.3.1 and ATA8-ACS, not from the driver.
 */
#ifndef TESTS_HOST_KERNEL_DISKS_AHCI_MODEL_H
#define TESTS_HOST_KERNEL_DISKS_AHCI_MODEL_H

#include "lib/types.h"

#define AHCI_PORTS   32u
#define AHCI_SECTORS 1024u /* of 512 bytes, of each disk */
#define AHCI_DISK    0x00000101u
#define AHCI_ATAPI   0xeb140101u
#define AHCI_NOTHING 0xffffffffu /* no signature came */

/* Registers of a port, indices of 32 bits: 3.3. */
enum ahci_register {
	P_CLB,
	P_CLBU,
	P_FB,
	P_FBU,
	P_IS,
	P_IE,
	P_CMD,
	P_TFD = 8,
	P_SIG,
	P_SSTS,
	P_SCTL,
	P_SERR,
	P_SACT,
	P_CI,
};

struct ahci_model_port {
	/* What it is. */
	u32 signature; /* 0: there is no device */
	u16 identity[256];
	u8 data[AHCI_SECTORS * 512];
	/* What goes wrong. */
	bool runs_on;	   /* PxCMD.CR stays set */
	bool receives_on;  /* PxCMD.FR stays set */
	bool loses_link;   /* when the controller or the link is reset */
	bool stays_busy;   /* after that */
	u32 mute;	   /* so many commands do not end */
	u32 fail, fail_is; /* so many commands end with an error, and these bits of PxIS */
	bool fail_task;	   /* and the device says so too */
	u32 lose;	   /* so many bytes are not moved */
	bool keeps_memory; /* commands with data do nothing: frames may be anywhere */
	/* What happened. */
	u32 commands, resets, starts;
	u32 last_command, last_count, last_prds;
	u64 last_sector;
	u64 last_address[32];
};

extern struct ahci_model {
	u32 registers[(0x100 + AHCI_PORTS * 0x80) / 4];
	struct ahci_model_port port[AHCI_PORTS];
	bool forgets_ports; /* the reset clears PI */
	bool stays_in_reset;
	u32 resets;
	u32 limit;   /* of the last wait, milliseconds */
	u32 delayed; /* microseconds */
	u32 bus_off; /* bits of the PCI command register that were cleared */
	u32 bus_on;  /* bits that were set */
	u32 class;   /* of the PCI function that is found */
	bool out_of_reach;
} ahci_model;

/* A controller that the firmware has left running, with no device. */
void ahci_model_init(void);

/* Puts a disk of AHCI_SECTORS sectors to the port. */
void ahci_model_disk(u32 number);

u32 *ahci_registers(u32 number);

#endif
