/* SPDX-License-Identifier: MIT */
/*
 * The order in which the memory manager comes up.
 *
 *   memmap (sanitised) -> mm_init_early() -> the kernel makes kernel_pgd active -> mm_init_late()
 *        early allocator, direct map                            mem_map, zones, slabs, vmalloc, address spaces
 */
#ifndef MM_INIT_H
#define MM_INIT_H

#include "mm/frames/memmap.h"

/* The least memory to come up with: usable bytes that the direct map reaches, besides the struct pages of high memory. */
#define MIN_MEMORY MiB(16)

/* Physical addresses in bytes, half-open. */
struct boot_layout {
	struct mem_range kernel;    /* the image, bss included */
	struct mem_range read_only; /* its text and constants, page aligned */
	struct mem_range initramfs; /* empty: there is none */
	phys_addr_t
		high_bytes; /* so much at the end of RAM is kept out of the direct map (`highmem=`), at least */
	u32 slab_debug;	 /* checks for all caches (`slab_debug=`), enum slab_flags */
	bool page_owner; /* record who allocates each frame (`page_owner=on`) */
};

/*
 * Needs the sanitised `memmap`. The machine still runs on the loader's page directory, so nothing of the loader's is handed
 * out yet. The initramfs may be moved: layout->initramfs says where it is then. Returns 0, or -ENOMEM after a line that says what is missing.
 */
int mm_init_early(struct boot_layout *layout);

/*
 * The loader's memory, but for what `layout` names, is the kernel's from here on. Prints the lines `memory:` and `zone:`.
 * Returns 0 or -ENOMEM as above.
 */
int mm_init_late(void);

/* Frames of the memory that the firmware gave up, and what became of them: given = beyond + early + zones. */
struct memory_account {
	u32 given;  /* usable, wherever it lies */
	u32 beyond; /* above 4 GiB, where a two-level entry can't name it */
	u32 early;  /* kernel image, first megabyte, mem_map, page tables, initramfs */
	u32 zones;  /* given to the zones */
};

extern struct memory_account memory_account;

#endif
