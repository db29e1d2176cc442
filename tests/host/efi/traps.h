/* SPDX-License-Identifier: MIT */
/*
 * A machine for code of ring 0 that runs as a host test: an instruction that only ring 0 may
 * execute is a fault here, and its handler does what the machine would do. Registers of devices in
 * memory are pages without rights: each access is a fault, runs alone, and is seen by the device.
 *
 * Instructions: IN, OUT, RDMSR, WRMSR, MOV from a control register, CLI, HLT, WBINVD. CPUID and
 * RDTSC are the host's.
 */
#ifndef TESTS_HOST_EFI_TRAPS_H
#define TESTS_HOST_EFI_TRAPS_H

#include "lib/types.h"

/* What the machine does; NULL: reads are all ones (of an MSR: 0), the rest has no effect. */
extern struct traps {
	u32 (*in)(u16 port, u32 bytes);
	void (*out)(u16 port, u32 bytes, u32 value);
	u64 (*rdmsr)(u32 index);
	void (*wrmsr)(u32 index, u64 value);
	void (*halt)(void); /* must not return if the code loops on HLT */
	u64 control[9];	    /* CR0 to CR8 */
	u32 clis, wbinvds;  /* how many there were */
} traps;

void traps_start(void);

/* The registers of a device: a page at `address`, read and written in units of 32 bits. */
struct trapped_device {
	u64 address;
	u32 (*read)(u32 offset);
	void (*write)(u32 offset, u32 value);
};
void traps_device(const struct trapped_device *device);

#endif
