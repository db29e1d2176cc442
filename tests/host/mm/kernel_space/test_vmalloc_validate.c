/* SPDX-License-Identifier: MIT */
/*
 * vmalloc_validate() finds each planted fault and names the invariant of
 * mm/kernel_space/vmalloc.h.
 */
#include "mm/kernel_space/kernel_map.h"
#include "mm/kernel_space/vmalloc.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

static struct page *frame_of(vaddr_t address)
{
	return pfn_to_page(pte_pfn(*pte_lookup(kernel_pgd, address)));
}

static void planted(void)
{
	struct vm_struct *first, *second;
	vaddr_t a, b;
	pte_t *pte, saved;

	machine_boot();
	a = vmalloc_from(&vmalloc_space, 2 * PAGE_SIZE, GFP_KERNEL);
	b = vmalloc_from(&vmalloc_space, 2 * PAGE_SIZE, GFP_KERNEL);
	first = find_vm_area(&vmalloc_space, a);
	second = find_vm_area(&vmalloc_space, b);

#define PLANTED(plant, undo, violated)                                   \
	do {                                                             \
		plant;                                                   \
		EXPECT_TEXT(vmalloc_validate(&vmalloc_space), violated); \
		undo;                                                    \
		EXPECT_VALID(vmalloc_validate(&vmalloc_space));          \
	} while (0)

	pte = pte_lookup(kernel_pgd, a + PAGE_SIZE);
	saved = *pte;
	PLANTED(pte_clear(pte), set_pte(pte, saved), "(3) a page of an area is not mapped");
	PLANTED(set_pte(pte + 1, saved), pte_clear(pte + 1), "(2) a guard page is mapped");
	PLANTED(second->start = a, second->start = b,
		"(1) areas overlap, are not sorted, or lie outside");
	PLANTED(vmalloc_space.count++, vmalloc_space.count--,
		"(1) the sums are not those of the areas");
	PLANTED(vmalloc_space.pages--, vmalloc_space.pages++,
		"(1) the sums are not those of the areas");
	PLANTED(gap_set(&second->node, 1), gap_set(&second->node, 0), "(5) a gap is wrong");
	PLANTED(first->node.largest_gap++, first->node.largest_gap--,
		"gap tree (4): the largest gap of a subtree is wrong");
	PLANTED(frame_of(b)->count++, frame_of(b)->count--,
		"(3) a frame of an area is not owned by it");
	PLANTED(list_move(second->frames.next, &first->frames),
		list_move(first->frames.next, &second->frames),
		"(3) an area owns another number of frames than it has pages");
	vfree_to(&vmalloc_space, a);
	vfree_to(&vmalloc_space, b);
}

TAP_MAIN({ "planted violations are named", planted })
