/* SPDX-License-Identifier: MIT */
/*
 * The areas in order: a list always, and where they are many an AVL tree over the same structures, so that finding an area, entering
 * one and finding room are O(log n). The numbers are the invariants of mm/user_space/mm.h.
 *
 *        USER_MIN ..gap..|  a  |....gap....|  b  |..gap..|guard|  stack  |
 *
 *   An area's gap is what is free below it, down to the area before it or to USER_MIN; the guard that is kept below an area which grows
 *   is no part of it. The tree knows the largest gap of each subtree, so that "the next area that has so much room below it"
 *   is one way up and one way down. What lies behind the last area is nobody's gap.
 */
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/user_space/mm_internal.h"

static struct vm_area_struct *area_of(const struct avl_node *node)
{
	return avl_entry(node, struct vm_area_struct, node);
}

static u32 largest_gap(const struct avl_node *node)
{
	return node ? area_of(node)->largest_gap : 0;
}

void vma_tree_update(struct avl_node *node)
{
	struct vm_area_struct *vma = area_of(node);
	u32 left = largest_gap(node->left), right = largest_gap(node->right);

	vma->largest_gap = max(vma->gap, max(left, right));
}

u32 vma_gap(const struct vm_area_struct *vma)
{
	vaddr_t from = vma->vm_prev ? vma->vm_prev->vm_end : USER_MIN, to = vm_start_gap(vma);

	return to > from ? (to - from) >> PAGE_SHIFT : 0;
}

void vma_gap_changed(struct vm_area_struct *vma)
{
	vma->gap = vma_gap(vma);
	avl_changed(&vma->vm_mm->areas, &vma->node);
}

static void build_tree(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	for (vma = mm->mmap; vma; vma = vma->vm_next) {
		vma->gap = vma_gap(vma);
		avl_insert_after(&mm->areas, vma->vm_prev ? &vma->vm_prev->node : NULL, &vma->node);
	}
}

void vma_link(struct mm_struct *mm, struct vm_area_struct *prev, struct vm_area_struct *vma)
{
	struct vm_area_struct **link = prev ? &prev->vm_next : &mm->mmap, *next = *link;

	BUG_ON(prev && prev->vm_end > vma->vm_start);
	BUG_ON(next && next->vm_start < vma->vm_end);
	vma->vm_prev = prev;
	vma->vm_next = next;
	*link = vma;
	*(next ? &next->vm_prev : &mm->mmap_last) = vma;
	mm->mmap_cache = vma;
	mm->map_count++;
	if (mm->areas.root) {
		vma->gap = vma_gap(vma);
		if (prev)
			avl_insert_after(&mm->areas, &prev->node, &vma->node);
		else
			avl_insert_before(&mm->areas, &next->node, &vma->node);
		if (next)
			vma_gap_changed(next);
	} else if (mm->map_count > VMA_TREE_ABOVE) {
		build_tree(mm);
	}
}

void vma_unlink(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma->vm_prev, *next = vma->vm_next;

	BUG_ON(!mm->map_count || vma->vm_mm != mm);
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
	avl_erase(&mm->areas, &vma->node);
	if (next)
		vma_gap_changed(next);
}

static struct vm_area_struct *search_tree(const struct mm_struct *mm, vaddr_t address)
{
	struct avl_node *node = mm->areas.root;
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

/* The lowest area of a subtree that has so much room below it; the subtree has one. */
static struct vm_area_struct *lowest_gap(const struct avl_node *node, u32 pages)
{
	for (;;) {
		if (largest_gap(node->left) >= pages)
			node = node->left;
		else if (area_of(node)->gap >= pages)
			return area_of(node);
		else
			node = node->right;
		BUG_ON(!node);
	}
}

/* The next area behind this one that has so much room below it, or NULL. */
static struct vm_area_struct *next_gap(const struct mm_struct *mm, const struct vm_area_struct *vma,
				       u32 pages)
{
	const struct avl_node *node = &vma->node;

	if (!mm->areas.root) {
		vma = vma->vm_next;
		while (vma && vma_gap(vma) < pages)
			vma = vma->vm_next;
		return (struct vm_area_struct *)vma;
	}
	for (;;) {
		if (largest_gap(node->right) >= pages)
			return lowest_gap(node->right, pages);
		/* Up to the first node of which this is the left side: the next one in order. */
		while (node->parent && node->parent->right == node)
			node = node->parent;
		node = node->parent;
		if (!node)
			return NULL;
		if (area_of(node)->gap >= pages)
			return area_of(node);
	}
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

	BUG_ON(!IS_ALIGNED(length, PAGE_SIZE));
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
