/* SPDX-License-Identifier: MIT */
/*
 * Swap: pages that are kept on a device, so that their frames can serve something else.
 *
 * An area is a run of slots of one page each. Slot 0 is the header and is never used. An entry,
 * swp_entry_t, names an area and a slot. It stands in the page-table entries of programs, or in
 * the tree of an object (mm/page_cache/filemap.h), in place of the frame.
 *
 *   pte: entry --+                        slot   0      1      2      3      4
 *   pte: entry --+--> area --> map[]             bad    2      0      1      0     entries
 *                              cached[]          0      frame  frame  0      0     swap cache
 *
 * Between memory and device stands the swap cache: a frame and its slot, each knowing the other.
 * A page that many share is so read once, and a page that was not changed since it was read need
 * not be written again.
 *
 *   (1) map[slot] is the number of entries that name the slot, in all page tables and objects;
 *   (2) a slot is free exactly if map is 0 and no frame is cached for it;
 *   (3) a cached frame has PG_swapcache, its index is the entry, `place` keeps what the index was;
 *       the cache holds one reference;
 *   (4) a page of a program in the swap cache is mapped read-only: a write removes it first. So
 *       without PG_dirty frame and slot have the same bytes;
 *   (5) PG_dirty: the slot was never written, or the write failed; the frame must not be dropped
 *       while entries name the slot;
 *   (6) when its device failed a write, an area gets no new pages; what is in it stays readable. A
 *       device that refuses one page (-ENOSPC, -ENOMEM) has not failed: the page stays dirty, in
 *       memory, and the area goes on. With -ENOSPC it has PG_refused until it leaves the slot,
 *       because the same contents would be refused again. Reclaim moves such pages to the next
 *       area that takes pages, if there is one.
 *
 * The kernel is not preempted and devices are polled, so no task sees a page in the middle of a
 * transfer, and no lock is needed. Transfers do not sleep and allocate nothing but the frames
 * that they read into. Not from interrupt handlers.
 *
 * Sources: Linux 2.4 mm/swapfile.c (slots, clusters), include/linux/swap.h (the header).
 */
#ifndef MM_SWAP_SWAP_H
#define MM_SWAP_SWAP_H

#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "mm/frames/page.h"
#include "paging/pgtable.h"

#define SWAP_CLUSTER 32u /* pages in one transfer, at most; slots of a cluster */
#define SWAP_MAP_BAD 0xffffu
#define SWAP_MAP_MAX 0x7fffu
#define SWAP_NAME    40

/*
 * Where an area is. The pages may be anywhere in RAM. Functions return 0, or -EIO after retries;
 * write also -ENOSPC or -ENOMEM: (6).
 */
struct swap_device {
	char name[SWAP_NAME]; /* as in /proc/swaps */
	bool is_file;	      /* /proc/swaps says "file", else "partition" */
	bool in_memory;	      /* it refuses pages that it cannot compress: (6) */
	bool single;	      /* transfers are of one page: it is not faster to have more */
	u32 pages;	      /* slots, the header included */
	int (*read)(struct swap_device *device, u32 slot, struct page *const *pages, u32 count);
	int (*write)(struct swap_device *device, u32 slot, struct page *const *pages, u32 count);
	/* The slot's contents are not needed any more. NULL: nothing to do. */
	void (*discard)(struct swap_device *device, u32 slot);
	/* The area is not used any more. NULL: nothing to do. */
	void (*release)(struct swap_device *device);
};

struct swap_info {
	struct swap_device *device; /* NULL: this type is not in use */
	s32 prio;		    /* areas of the highest priority are filled first */
	u32 slots;		    /* usable: without header and bad pages */
	u32 inuse;
	u32 next;     /* the search for free slots begins there */
	u32 singles;  /* slots to allocate singly before the next search for a cluster */
	bool leaving; /* swapoff: no new pages */
	bool failed;  /* (6) */
	u32 pages;    /* slots, the header and the bad ones included */
	struct swap_slot **chunks; /* of SWAP_CHUNK slots each */
};

/* 16 bytes for a page of swap: 0.4 % of the area's size, in the direct map. */
struct swap_slot {
	u32 map;
	u32 cached; /* the frame, or SWAP_SHADOW | eviction number, or 0 */
	u32 place;  /* (3) */
	u32 used;   /* in the first slot of a cluster: its slots in use, bad ones included */
};

#define SWAP_CHUNK 256u

static inline struct swap_slot *swap_slot(const struct swap_info *area, u32 slot)
{
	return &area->chunks[slot / SWAP_CHUNK][slot % SWAP_CHUNK];
}

#define SWAP_SHADOW 0x80000000u

extern struct swap_info swap_info[SWAP_TYPES];

/* Events since boot, in pages; the names are those of /proc/vmstat where it has them. */
struct swap_counters {
	u32 pswpin, pswpout;	/* transferred */
	u32 clean;		/* evicted without a write: the slot was still good */
	u32 readahead, ra_hits; /* read before they were wanted; of these, wanted later */
	u32 read_errors, write_errors;
	u32 refused;   /* (6): pages that a device did not take */
	u32 evictions; /* the clock of refault distances */
	u32 lazyfree;  /* given up by MADV_FREE, in memory */
};

extern struct swap_counters swap_counters;
extern u32 total_swap_pages; /* slots of all areas */
extern u32 nr_swap_pages;    /* of these, free */
extern u32 nr_swap_cached;   /* frames in the swap cache */
#define PAGE_CLUSTER_MAX 5
extern u32 page_cluster; /* read-ahead: 2^page_cluster slots; 0: none. Linux's vm.page-cluster */

/* --- Areas --- */

/*
 * Adds an area. bad[0 .. nr_bad) are slots that must not be used. prio < 0: below all others.
 * Returns the type; -EPERM: all types are in use; -EINVAL: no usable slot, or bad slots outside;
 * -ENOMEM. The device must stay until its release().
 */
int swap_area_add(struct swap_device *device, s32 prio, const u32 *bad, u32 nr_bad);

/* Removes an area in which no slot is in use; calls release(). */
void swap_area_remove(u32 type);

/* No new pages for the area; and the same undone. For swapoff. */
void swap_area_close(u32 type);
void swap_area_reopen(u32 type);

/* NULL, or the first violated one of (1) to (3) as far as it shows without page tables. */
const char *swap_validate(void);

/* --- Entries --- */

/* The area of an entry. An entry comes from a page table or an object of ours: it is right. */
static inline struct swap_info *swap_area(swp_entry_t entry)
{
	struct swap_info *area = &swap_info[swp_type(entry)];

	BUG_ON(swp_offset(entry) - 1 >= area->pages - 1);
	return area;
}

static inline struct swap_slot *swap_entry_slot(swp_entry_t entry)
{
	return swap_slot(swap_area(entry), swp_offset(entry));
}

/* One entry more. 0, or -ENOMEM: too many. */
static inline int swap_slot_duplicate(struct swap_slot *slot)
{
	if (slot->map >= SWAP_MAP_MAX)
		return -ENOMEM;
	slot->map++;
	return 0;
}

static inline int swap_duplicate(swp_entry_t entry)
{
	return swap_slot_duplicate(swap_entry_slot(entry));
}

/* Entries that name the slot. */
static inline u32 swap_count(swp_entry_t entry)
{
	return swap_entry_slot(entry)->map;
}

/* One entry less. The last one frees the slot, and the cached frame if nothing else uses it. */
void swap_free(swp_entry_t entry);

/* --- The swap cache --- */

/* The cached frame, or NULL. Takes no reference. */
static inline struct page *lookup_swap_cache(swp_entry_t entry)
{
	u32 cached = swap_entry_slot(entry)->cached;

	return cached && !(cached & SWAP_SHADOW) ? pfn_to_page(cached) : NULL;
}

static inline swp_entry_t page_swap_entry(const struct page *page)
{
	return (swp_entry_t){ page->index };
}

/* What the index of the page would be outside the swap cache. */
static inline u32 page_swap_place(const struct page *page)
{
	return swap_entry_slot(page_swap_entry(page))->place;
}

static inline void set_page_swap_place(const struct page *page, u32 place)
{
	swap_entry_slot(page_swap_entry(page))->place = place;
}

/*
 * Takes a free slot for a page of the swap cache whose own device failed or refused it: in any
 * area after a failure, else in one that is filled after its own, so that moving ends. Value 0:
 * there is none. swap_move() uses the slot.
 */
swp_entry_t swap_other_slot(const struct page *page);

/*
 * Moves a dirty page of the swap cache to that slot, with the count of its entries, which the
 * caller has changed.
 */
void swap_move(struct page *page, swp_entry_t to);

/* Allocates a slot and caches the page for it, dirty. 0, or -ENOSPC. */
int add_to_swap(struct page *page);

/* Removes the page from the cache and drops the reference. Frees the slot if no entry is left. */
void delete_from_swap_cache(struct page *page);

/* More than half of all slots are in use: those that only save a write are given up. */
bool vm_swap_full(void);

/* Frees slots and frames that only the cache holds. Returns the number of frames. */
u32 free_swap_cache(void);

/* Frees the slots of an area that no entry names any more, and are kept for their frames. */
void swap_area_forget(u32 type);

/* --- Transfers --- */

/*
 * Brings a page into the swap cache, with its neighbours. Returns 0 and the page in *page,
 * -ENOMEM, or -EIO. *distance: the evictions since it was evicted, or 0 if that is not known.
 */
int swap_read(swp_entry_t entry, struct page **page, u32 *distance);

/*
 * Writes pages of the swap cache, which no page table maps for writing, and clears PG_dirty of
 * those that are written. Returns their number. A failure leaves PG_dirty, and marks the area
 * unless the device only refused the page.
 */
u32 swap_write(struct page *const *pages, u32 count);

/* Drops a clean page of the swap cache that nothing else uses, and notes when. */
void swap_drop(struct page *page);

/* Initialises; after kmem_cache_init(). */
void swap_init(void);

#endif
