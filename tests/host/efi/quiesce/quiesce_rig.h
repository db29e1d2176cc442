/* SPDX-License-Identifier: MIT */
/*
 * A machine for efi/quiesce/ to stop: PCI functions of bus 0, time that passes in
 * steps, and the loader's steps as letters. In place of efi/quiesce/clock.c, efi/handoff/steps.c
 * and processor_has() of efi/handoff/handoff.c.
 */
#ifndef TESTS_HOST_EFI_QUIESCE_QUIESCE_RIG_H
#define TESTS_HOST_EFI_QUIESCE_QUIESCE_RIG_H

#include "efi/quiesce/quiesce.h"
#include "lib/types.h"

/* Devices of the bus, each with one function. */
enum { BRIDGE, NETWORK = 2, DISPLAY, USB, NARROW };

extern u32 config[8][64]; /* the registers of a device; all ones: there is none */
extern bool no_pci;	  /* not even a bus */
void have_function(u32 device, u32 class, u32 command);

extern u32 features; /* of the processor */
extern u64 now;	     /* us */
extern void (*each_look)(void);
extern char order[40];

/* What the loader knows and counts; a page for the other processors. */
extern struct machine_parts parts;
extern struct boot_handover counts;
extern u8 *parking;

/* A machine with one processor and no PCI functions. */
void start_machine(void);

/* quiesce() */
void run(u32 skips);

#endif
