/* SPDX-License-Identifier: MIT */
/*
 * A device for swap that is memory: it keeps pages compressed.
 *
 * A machine without a disk for swap can still hold more than its memory, because most pages of
 * programs are half empty or repeat themselves. And tests need a device that any machine has.
 *
 *   slot --> entry   empty          never written, or discarded
 *                    same           one word, repeated: the page of zeros, above all
 *                    packed --> object of a size class: the page, compressed (lib/lz.h)
 *
 * A page that does not become half as large, or for which there is no memory, is refused: it stays
 * where it is, and that is no failure of the device (swap.h (6)). So reclaim ends also if pages do
 * not compress; it then frees nothing by them.
 *
 *   (1) an entry has an object exactly if it is packed;
 *   (2) write allocates only with GFP_ATOMIC, so reclaim does not call itself (reclaim.h (4)), and
 *       one page at a time, so the frame of a page comes free soon after;
 *   (3) an object decompresses to a page; anything else is a broken invariant and panics.
 *
 * What a page costs beside its entry of 8 bytes, which each slot has, used or not:
 *
 *   page       memory            instructions to write, to read (lib/lz.h)
 *   zeros      none              about 4000, 3000: a comparison, a filling
 *   text       half a frame      80000, 53000
 *   random     stays             9000, once: PG_refused
 *
 * A disk's page costs no memory and some 100 us, the time of 300000 instructions.
 *
 * Classes are chosen so that 2, 3, 4, ... objects fill a frame.
 */
#ifndef MM_SWAP_SWAP_RAM_H
#define MM_SWAP_SWAP_RAM_H

#include "mm/swap/swap.h"

/* Sums over all such devices. */
struct swap_ram_counters {
	u32 same, packed;	/* slots now */
	u32 packed_bytes;	/* of the objects, after compression */
	u32 refused, no_memory; /* pages, since boot */
};

extern struct swap_ram_counters swap_ram_counters;

/*
 * Makes a device of so many slots, the unused slot 0 included (>= 2). NULL without memory. Its
 * release() frees it.
 */
struct swap_device *swap_ram_create(u32 pages);

#endif
