/* SPDX-License-Identifier: MIT */
/* Shared by the files of mm/swap, and used only by them. */
#ifndef MM_SWAP_SWAP_INTERNAL_H
#define MM_SWAP_SWAP_INTERNAL_H

#include "mm/swap/swap.h"

/* The area of an entry; panics if there is none, or the slot lies outside. */
struct swap_info *swap_area(swp_entry_t entry);

/* Takes a free slot of the best area, with no entry yet. value 0: all are full. */
swp_entry_t get_swap_page(void);

/* The slot has no entry and no cached frame left. */
void free_slot(struct swap_info *area, u32 slot);

/* A write failed: (6). */
void swap_area_failed(struct swap_info *area);

#endif
