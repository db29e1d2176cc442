/* SPDX-License-Identifier: MIT */
/*
 * The machine that mm/ runs on in a host test: 64 MiB of RAM in an array, full of junk at the
 * start, and the software MMU.
 *
 *   0      1 MiB    2 MiB                    max_low_pfn             64 MiB
 *   | first | kernel | usable, in the direct map   | high memory, if any |
 *
 * machine_boot() starts mm/ as the kernel does. It also arranges the checks at the end of the
 * case: no irq_save() is open, the census holds, the TLB has no stale entry, and as many frames
 * are free as after the start.
 */
#ifndef TESTS_HOST_MACHINE_H
#define TESTS_HOST_MACHINE_H

#include "mm/init.h"

#define MACHINE_RAM    MiB(64)
#define MACHINE_FRAMES (MACHINE_RAM / 4096)

/*
 * With PAE the machine may have as much RAM from here on too: machine_boot_above_4g(). Its mem_map
 * has a struct page for each frame up to there, 48 bytes for a host of 64 bits: what lies in the
 * direct map is then more than MACHINE_RAM.
 */
#define MACHINE_FAR_RAM	 GiB(4)
#define MACHINE_NEAR_RAM (sizeof(void *) == 4 ? MiB(48) : MiB(80))
#define MACHINE_RAM_MAX	 MiB(80)

/* Where the kernel's image lies; its first half is read-only. */
#define MACHINE_KERNEL_START MiB(1)
#define MACHINE_KERNEL_END   MiB(2)

/* The value of a byte of RAM that was never written. */
#define MACHINE_JUNK 0xa5

/* Starts mm/ with all of the RAM usable. A failure ends the case. */
void machine_boot(void);

/*
 * The same, with the last `bytes` kept out of the direct map (`highmem=`). An access to them by a
 * pointer into the direct map is killed: their contents lie elsewhere.
 */
void machine_boot_highmem(u32 bytes);

/*
 * The same, with MACHINE_NEAR_RAM in the direct map and 24 MiB from MACHINE_FAR_RAM on. Returns
 * false where page-table entries do not reach that.
 */
bool machine_boot_above_4g(void);

/*
 * Starts mm/ with this map of physical memory, which need not be sanitised but must lie within the
 * RAM where it is usable and below 4 GiB. Returns 0 or what mm_init_early() or mm_init_late()
 * returned. The layout is machine_layout(), or that with changes.
 */
int machine_boot_map(const struct mem_range *ranges, u32 count, struct boot_layout *layout);

/* What the last successful start logged. The console is empty after it. */
const char *machine_boot_log(void);
struct boot_layout machine_layout(void);

/* The place of the contents of a byte of RAM, as the MMU finds them. */
void *machine_ram(phys_addr_t address);

/* The census and the TLB hold now; a failed check names what does not. Returns whether they do. */
bool machine_check(void);

/* What was allocated so far stays: at the end the free frames are compared with those of now. */
void machine_settle(void);

/*
 * Allocates all free frames, the reserves too, and frees all of them. Returns how many. In between
 * the zones have no watermarks, so that each free frame can be allocated.
 */
u32 machine_exhaust(void);
void machine_relax(void);

/* Frees up to `frames` of those that machine_exhaust() allocated; false if there were fewer. */
bool machine_relax_by(u32 frames);

#endif
