/* SPDX-License-Identifier: MIT */
/*
 * Start-up of the memory manager, in two steps.
 *
 * The kernel starts on the loader's page directory, which lies in memory that it must not reuse
 * yet. So the first step builds the kernel's own; the second one frees the rest of memory.
 *
 *   memmap (sanitised)
 *      -> mm_init_early()                       early allocator, direct map
 *      -> the kernel makes kernel_pgd active
 *      -> mm_init_late()                        mem_map, zones, slabs, vmalloc, address spaces
 */
#ifndef MM_INIT_H
#define MM_INIT_H

#include "mm/frames/memmap.h"

/*
 * The least usable bytes in the direct map, without the struct pages of high memory: if these do
 * not fit, the end of high memory is not used.
 */
#define MIN_MEMORY MiB(16)

/* Physical addresses in bytes, half-open. */
struct boot_layout {
	struct mem_range kernel;    /* the image, bss included */
	struct mem_range read_only; /* its text and constants, page aligned */
	struct mem_range initramfs; /* empty: there is none */
	phys_addr_t high_bytes; /* the end of RAM is high memory, at least so much (`highmem=`) */
	u32 slab_debug;		/* checks for all caches (`slab_debug=`), enum slab_flags */
	u32 trace_bytes;	/* of the ring of trace records (`trace_buf_size=`); 0: none */
	bool page_owner;	/* record the caller that allocates each frame (`page_owner=on`) */
	bool debug_pagealloc;	/* unmap free frames (`debug_pagealloc=on`) */
};

/*
 * Builds the direct map. Needs the sanitised `memmap`. Allocates no memory of the loader: its page
 * directory is still active. May move the initramfs and then updates layout->initramfs. Returns 0,
 * or -ENOMEM after a log line with the reason.
 */
int mm_init_early(struct boot_layout *layout);

/*
 * Sets up the allocators. The loader's memory is free from here on, except the parts in `layout`.
 * Logs the lines `memory:` and `zone:`. Returns 0 or -ENOMEM as above.
 */
int mm_init_late(void);

/* Usable frames and their use: given = beyond + early + zones. */
struct memory_account {
	u32 given;  /* all usable frames */
	u32 beyond; /* unused: page-table entries do not reach them, or mem_map does not fit */
	u32 early;  /* kernel image, first megabyte, mem_map, page tables, initramfs */
	u32 zones;  /* in the zones */
};

extern struct memory_account memory_account;

#endif
