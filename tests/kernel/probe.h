/* SPDX-License-Identifier: MIT */
/*
 * Single memory accesses, and the processor's answer.
 *
 * A probe makes one access, in ring 0 or in ring 3, with an interrupt descriptor table of its
 * own. A page fault ends the probe and is reported. Neither the page-fault handler nor the
 * exception table of the kernel is used, so the result is the hardware's answer to the current
 * page tables and TLB.
 *
 *   (1) Interrupts are off while a probe runs: between two of them nothing but the caller touches
 *       the TLB if the caller masks interrupts too.
 *   (2) Only from a task: the stack for the way back from ring 3 is that of the current one.
 */
#ifndef TESTS_KERNEL_PROBE_H
#define TESTS_KERNEL_PROBE_H

/* A vector that nothing else uses. The code of a probe ends with it. */
#define PROBE_VECTOR 0x81

/* Places in struct probe_order (probe.c). */
#define PROBE_ENTRY   0
#define PROBE_ADDRESS 4
#define PROBE_VALUE   8
#define PROBE_RING3   12
#define PROBE_FLAGS   16

#ifndef __ASSEMBLER__

#include "kernel/cpu/trap.h"
#include "kernel/harness/suite.h"

enum probe_access { PROBE_READ, PROBE_WRITE, PROBE_EXECUTE };

struct probe {
	bool faulted;
	u32 value;	/* read, if it did not fault */
	u32 error_code; /* if it did: ERROR_* */
	u32 address;	/* if it did: CR2 */
};

/*
 * One access of 4 bytes in ring 0, with access to ring 3's memory open (EFLAGS.AC). Write probes
 * write `value`.
 */
struct probe probe_read(u32 address);
struct probe probe_write(u32 address, u32 value);

/* The same with ring 3's memory closed, where the processor has SMAP. */
struct probe probe_read_closed(u32 address);
struct probe probe_write_closed(u32 address, u32 value);

/*
 * One access in ring 3, in the active address space. `code` is a page that ring 3 may read,
 * filled by probe_fill_code(). PROBE_EXECUTE jumps to `address`, which must hold such a page's
 * contents too.
 */
struct probe probe_ring3(u32 code, enum probe_access access, u32 address, u32 value);

/* The same jump to `address` in ring 0. */
struct probe probe_execute(u32 address);

/* Fills a page with the code of the probes; PROBE_EXECUTE runs its beginning. */
void probe_fill_code(void *page);

/* The byte can be read and written in ring 0 without a fault (its value is written back). */
bool probe_accessible(u32 address);

/* A read and a write both fault at `address`, because no page is present. */
void expect_unmapped(u32 address);

#endif /* __ASSEMBLER__ */
#endif
