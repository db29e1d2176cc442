/* SPDX-License-Identifier: MIT */
/*
 * A model of an NVMe controller with up to ten namespaces, for a test of kernel/disks/nvme.c. It
 * works while the driver polls. Written from NVM Express 1.4, not from the driver: it has its own
 * heads, tails and phases, and refuses what the specification does not allow.
 */
#ifndef TESTS_HOST_KERNEL_DISKS_NVME_MODEL_H
#define TESTS_HOST_KERNEL_DISKS_NVME_MODEL_H

#include "lib/types.h"

#define NVME_SPACES	10u
#define NVME_SECTORS	512u /* of 4096 bytes at most, for each namespace */
#define NVME_ADMIN	0u
#define NVME_IO		1u
#define NVME_ANY_OPCODE 256u

struct nvme_queue {
	u64 commands, answers; /* addresses */
	u32 size, head, tail, phase;
	bool exists;
	u32 done; /* commands */
	u32 last; /* the last one's identifier */
};

extern struct nvme_model {
	u32 registers[0x1000 / 4 + 64];
	/* What it is. */
	u32 namespaces;
	u32 mdts;
	u32 cache;
	u32 shift[NVME_SPACES + 1]; /* by NSID; a sector has 2^this bytes */
	u32 metadata[NVME_SPACES + 1];
	u32 protect[NVME_SPACES + 1];
	u8 data[NVME_SPACES + 1][NVME_SECTORS * 512];
	/* What goes wrong. */
	u32 fail_queue, fail_opcode; /* commands that end with this status */
	u32 fail_status, fail_count;
	u32 mute;	   /* so many commands get no answer */
	u32 wrong;	   /* so many answers have another identifier */
	bool never_ready;  /* it stays not ready when it is enabled */
	bool never_stops;  /* it stays ready when it is disabled */
	bool keeps_memory; /* commands with data do nothing: frames may be anywhere */
	/* What happened. */
	struct nvme_queue queue[2];
	u32 enables, disables, shutdowns, flushes;
	u32 limit; /* of the last wait, milliseconds */
	u32 last_space;
	u64 last_sector;
	u32 last_sectors;
	u64 last_prp1, last_prp2;
	u32 bus_off; /* bits of the PCI command register that were cleared */
} nvme_model;

/* A good controller: queues of 1024 entries, 2 s to be ready, one namespace. */
void nvme_model_init(void);

#endif
