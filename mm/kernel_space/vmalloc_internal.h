/* SPDX-License-Identifier: MIT */
/* What the two files of vmalloc share. */
#ifndef MM_KERNEL_SPACE_VMALLOC_INTERNAL_H
#define MM_KERNEL_SPACE_VMALLOC_INTERNAL_H

#include "mm/kernel_space/vmalloc.h"

static inline vaddr_t vm_area_end(const struct vm_struct *area)
{
	return area->start + area->pages * PAGE_SIZE;
}

void vm_area_update(struct avl_node *node);

/* Gives the area, whose `pages` is set, the lowest addresses that have room for it and its guard. False: there are none. */
bool vm_area_insert(struct vmalloc_space *space, struct vm_struct *area);

/* Takes the area's addresses back. */
void vm_area_erase(struct vmalloc_space *space, struct vm_struct *area);

#endif
