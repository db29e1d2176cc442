/* SPDX-License-Identifier: MIT */
/*
 * The areas in order: a list always, and where they are many a gap tree (lib/gap_tree.h) over the same structures, so that finding an area, entering
 * one and finding room are O(log n). The numbers are the invariants of mm/user_space/mm.h.
 *
 *        USER_MIN ..gap..|  a  |....gap....|  b  |..gap..|guard|  stack  |
 *
 *   An area's gap is what is free below it, down to the area before it or to USER_MIN; the guard that is kept below an area which grows
 *   is no part of it. The tree knows the largest gap of each subtree, so that "the next area that has so much room below it"
 *   is one way up and one way down. What lies behind the last area is nobody's gap.
 */
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "mm/user_space/mm_internal.h"

static struct vm_area_struct *area_of(struct gap_node *node)
{
	return gap_entry(node, struct vm_area_struct, node);
}

u32 vma_gap(const struct vm_area_struct *vma)
{
	vaddr_t from = vma->vm_prev ? vma->vm_prev->vm_end : USER_MIN, to = vm_start_gap(vma);

	return to > from ? (to - from) >> PAGE_SHIFT : 0;
}

void vma_gap_changed(struct vm_area_struct *vma)
{
	gap_set(&vma->node, vma_gap(vma));
}

static void enter_tree(struct mm_struct *mm, struct vm_area_struct *vma)
{
	gap_insert_after(&mm->areas, vma->vm_prev ? &vma->vm_prev->node : NULL, &vma->node,
			 vma_gap(vma));
}

static void build_tree(struct mm_struct *mm)
{
	for (struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
		enter_tree(mm, vma);
}

void vma_link(struct mm_struct *mm, struct vm_area_struct *prev, struct vm_area_struct *vma)
{
	struct vm_area_struct **link = prev ? &prev->vm_next : &mm->mmap, *next = *link;

	vma->vm_prev = prev;
	vma->vm_next = next;
	*link = vma;
	*(next ? &next->vm_prev : &mm->mmap_last) = vma;
	mm->mmap_cache = vma;
	mm->map_count++;
	if (mm->areas.root) {
		enter_tree(mm, vma);
		if (next)
			vma_gap_changed(next);
	} else if (mm->map_count > VMA_TREE_ABOVE) {
		build_tree(mm);
	}
}

void vma_unlink(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma->vm_prev, *next = vma->vm_next;

	*(prev ? &prev->vm_next : &mm->mmap) = next;
	*(next ? &next->vm_prev : &mm->mmap_last) = prev;
	if (mm->mmap_cache == vma)
		mm->mmap_cache = next;
	mm->map_count--;
	if (!mm->areas.root)
		return;
	if (mm->map_count < VMA_TREE_BELOW) {
		mm->areas.root = NULL;
		return;
	}
	gap_erase(&mm->areas, &vma->node);
	if (next)
		vma_gap_changed(next);
}

static struct vm_area_struct *search_tree(const struct mm_struct *mm, vaddr_t address)
{
	struct gap_node *node = mm->areas.root;
	struct vm_area_struct *found = NULL;

	while (node) {
		struct vm_area_struct *vma = area_of(node);

		if (vma->vm_end <= address) {
			node = node->right;
			continue;
		}
		found = vma;
		if (vma->vm_start <= address)
			break;
		node = node->left;
	}
	return found;
}

static struct vm_area_struct *search(const struct mm_struct *mm, vaddr_t address)
{
	struct vm_area_struct *vma = mm->mmap;

	if (mm->areas.root)
		return search_tree(mm, address);
	while (vma && vma->vm_end <= address)
		vma = vma->vm_next;
	return vma;
}

struct vm_area_struct *vma_search(struct mm_struct *mm, vaddr_t address)
{
	struct vm_area_struct *vma = search(mm, address);

	if (vma)
		mm->mmap_cache = vma;
	return vma;
}

/* The next area behind this one that has so much room below it, or NULL. */
static struct vm_area_struct *next_gap(const struct mm_struct *mm, struct vm_area_struct *vma,
				       u32 pages)
{
	if (mm->areas.root) {
		struct gap_node *node = gap_search(&mm->areas, &vma->node, pages);

		return node ? area_of(node) : NULL;
	}
	vma = vma->vm_next;
	while (vma && vma_gap(vma) < pages)
		vma = vma->vm_next;
	return vma;
}

/* The lowest free interval at or above `from`, or -ENOMEM. */
static vaddr_t search_up(struct mm_struct *mm, vaddr_t from, u32 length)
{
	struct vm_area_struct *vma = find_vma(mm, from);
	vaddr_t end = vma ? vm_start_gap(vma) : TASK_SIZE;

	if (end > from && end - from >= length)
		return from;
	if (!vma)
		return (vaddr_t)-ENOMEM;
	vma = next_gap(mm, vma, length >> PAGE_SHIFT);
	if (vma) {
		mm->mmap_cache = vma;
		return vma->vm_prev->vm_end;
	}
	from = mm->mmap_last->vm_end;
	return TASK_SIZE - from >= length ? from : (vaddr_t)-ENOMEM;
}

/* The interval is not taken, keeps away from a stack above it, and lies where user memory may. */
static bool interval_free(struct mm_struct *mm, vaddr_t start, u32 length)
{
	struct vm_area_struct *vma;

	if (start < USER_MIN || length > TASK_SIZE || start > TASK_SIZE - length)
		return false;
	vma = find_vma(mm, start);
	return !vma || start + length <= vm_start_gap(vma);
}

vaddr_t get_unmapped_area(struct mm_struct *mm, vaddr_t hint, u32 length)
{
	vaddr_t found;

	if (length > TASK_SIZE - USER_MIN)
		return (vaddr_t)-ENOMEM;
	if (hint) {
		/* As on Linux a hint below the minimum asks for the minimum. */
		hint = max(ALIGN_DOWN(hint, PAGE_SIZE), (vaddr_t)USER_MIN);
		if (interval_free(mm, hint, length))
			return hint;
	}
	found = search_up(mm, MMAP_BASE, length);
	return IS_ERR_VALUE(found) ? search_up(mm, USER_MIN, length) : found;
}
