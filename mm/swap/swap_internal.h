/* SPDX-License-Identifier: MIT */
/* Shared by the files of mm/swap, and used only by them. */
#ifndef MM_SWAP_SWAP_INTERNAL_H
#define MM_SWAP_SWAP_INTERNAL_H

#include "mm/swap/swap.h"

/* Takes a free slot of the best area, with no entry yet. NULL: all are full. */
struct swap_slot *get_swap_slot(swp_entry_t *entry);

/* The slot has no entry and no cached frame left. */
void free_slot(struct swap_info *area, u32 slot);

/* A write failed: (6). */
void swap_area_failed(struct swap_info *area);

#endif
